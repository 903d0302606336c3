using Azs.Registration.Native;

namespace Azs.Registration.Sessions;

/// <summary>Where a command's session comes from: the one place to add another source.</summary>
internal static class SessionProvider
{
    /// <summary>The session to work with; null where there is none.</summary>
    public static Session? Find() => SessionStore.Current;

    /// <summary>What to say where there is none.</summary>
    public static ErrorInfo NotConnected => new(
        ErrorKind.Authentication, "NotConnected", "This runspace is not connected to Azure Resource Manager.");
}
