namespace Azs.Registration.Native;

/// <summary>What the library takes where nothing is given. To be shown, and a test compares it with the library's own.</summary>
internal static class LibraryDefaults
{
    public const string ApiVersion = "2017-06-01";
    public const int ThrottleLimit = 5;
}
