namespace Azs.Registration.Native;

/// <summary>What the library takes where nothing is given. To be shown only: it is never sent from here.</summary>
internal static class LibraryDefaults
{
    public const string ArmEndpoint = "https://management.azure.com/";
    public const string AuthorityHost = "https://login.microsoftonline.com/";
    public const string ApiVersion = "2017-06-01";
}
