using System.Management.Automation;
using Azs.Registration.Sessions;

namespace Azs.Registration.Commands;

/// <summary>Forgets the credential and the default registration of this runspace.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "AzsRegistrationAccount")]
public sealed class DisconnectAzsRegistrationAccountCommand : AzsRegistrationCommand
{
    /// <summary>Ends the session. Without one there is nothing to do, and that is no error.</summary>
    protected override void EndProcessing()
    {
        if (SessionStore.Current is null)
        {
            WriteVerbose("This runspace is not connected.");
            return;
        }

        SessionStore.Replace(null);
        WriteVerbose("The credential and the default registration of this runspace are forgotten.");
    }
}
