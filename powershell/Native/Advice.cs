namespace Azs.Registration.Native;

/// <summary>What to do about an error: the library's table has it, for the errors of the managed half too.</summary>
internal static unsafe class Advice
{
    /// <summary>The error with what to do about it, as far as that is known.</summary>
    public static ErrorInfo Complete(ErrorInfo error) =>
        error.RecommendedAction is null && Find(error.Code, error.Kind) is string action ? error.Advising(action) : error;

    private static string? Find(string code, ErrorKind kind)
    {
        NativeApi api;
        try
        {
            api = NativeLibraryLoader.Api;
        }
        catch (NativeLibraryException)
        {
            // That there is no library is an error of its own.
            return null;
        }

        using NativeText texts = new();
        Status status = api.RecommendedAction(texts.In(code), kind, Words.Powershell, out AzsStr action);
        return status == Status.Ok ? NativeText.Out(action) : null;
    }
}
