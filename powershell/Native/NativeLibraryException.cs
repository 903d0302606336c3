using System;
using System.Globalization;

namespace Azs.Registration.Native;

/// <summary>The native library of the module could not be loaded. The message names every path tried, and why it failed.</summary>
#pragma warning disable CA1032, CA1064 // Made in one place, with all that it has to say.
internal sealed class NativeLibraryException : Exception
{
    public NativeLibraryException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}

/// <summary>A library was loaded, but it lacks a function.</summary>
internal sealed class MissingExportException : Exception
{
    public MissingExportException(string export)
        : base($"it does not export {export}: it is not the library of this module, or an older one")
    {
        Export = export;
    }

    public string Export { get; }
}

/// <summary>A library was loaded, but its ABI is another one.</summary>
internal sealed class WrongAbiException : Exception
{
    public WrongAbiException(uint found)
        : base(string.Format(
            CultureInfo.InvariantCulture,
            "it has version {0}.{1} of the ABI, and this module needs {2}.{3}: it belongs to another version of the module",
            found >> 16,
            found & 0xFFFF,
            AbiVersion.Major,
            AbiVersion.Minor))
    {
    }
}
