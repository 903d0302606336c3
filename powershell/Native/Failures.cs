using System;

namespace Azs.Registration.Native;

/// <summary>Turns what a function returned into an exception where it is no success.</summary>
internal static unsafe class Failures
{
    /// <summary>For functions that hand out an error beside their status.</summary>
    public static void ThrowUnlessOk(NativeApi api, Status status, IntPtr error, string function)
    {
        if (error != IntPtr.Zero)
        {
            using ErrorHandle handle = new(api, error);
            AzsError* told = api.ErrorGet(handle);
            if (told != null)
            {
                throw new RefusedException(ErrorInfo.From(*told));
            }
        }

        if (status != Status.Ok)
        {
            throw new RefusedException(Unexpected(function, status));
        }
    }

    /// <summary>A status that no caller of ours should see: a fault of this module or of the library.</summary>
    public static ErrorInfo Unexpected(string function, Status status) => new(
        ErrorKind.Internal,
        status == Status.EPanic ? "InternalError" : "UnexpectedStatus",
        $"{function} returned {(int)status} ({status}).");
}
