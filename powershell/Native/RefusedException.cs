using System;

namespace Azs.Registration.Native;

/// <summary>The library refused a configuration or a target, and said why.</summary>
#pragma warning disable CA1032, CA1064 // Made in one place, and never seen outside of this assembly.
internal sealed class RefusedException : Exception
{
    public RefusedException(ErrorInfo error)
        : base(error.Message)
    {
        Error = error;
    }

    public ErrorInfo Error { get; }
}
