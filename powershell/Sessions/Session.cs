using System;
using Azs.Registration.Native;

namespace Azs.Registration.Sessions;

/// <summary>A sign-in of one runspace: the client, and the registration for commands that name none.</summary>
/// <remarks>The credential is the client's alone: nothing here could show it.</remarks>
internal sealed class Session : IDisposable
{
    public Session(Client client, TenantTarget? defaultRegistration, AzsRegistrationAccount account)
    {
        Client = client;
        DefaultRegistration = defaultRegistration;
        Account = account;
    }

    public Client Client { get; }

    public TenantTarget? DefaultRegistration { get; }

    public AzsRegistrationAccount Account { get; }

    /// <summary>Commands that are under way with it end as they would have.</summary>
    public void Dispose() => Client.Dispose();
}
