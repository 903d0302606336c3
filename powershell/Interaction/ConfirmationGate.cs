using System;
using System.Management.Automation;
using System.Management.Automation.Host;

namespace Azs.Registration.Interaction;

/// <summary>What became of a question.</summary>
internal enum Consent
{
    /// <summary>Somebody agreed to this, or nobody has to.</summary>
    Given,

    /// <summary>Somebody agreed to all of it before, without having seen this.</summary>
    GivenForAll,

    Refused,

    /// <summary>Nobody is there to ask.</summary>
    NobodyToAsk,
}

/// <summary>The one gate before a change that somebody has to agree to.</summary>
/// <remarks>
/// ShouldProcess comes first and is not enough: with the usual preferences it asks only for what all would call
/// dangerous, and its default answer is Yes. ShouldContinue with hasSecurityImpact takes Enter as No.
/// </remarks>
internal sealed class ConfirmationGate
{
    private readonly PSCmdlet cmdlet;
    private readonly Action beforeAsking;
    private bool yesToAll;
    private bool noToAll;

    public ConfirmationGate(PSCmdlet cmdlet, bool isOpen, Action beforeAsking)
    {
        this.cmdlet = cmdlet;
        this.beforeAsking = beforeAsking;
        IsOpen = isOpen;
    }

    /// <summary>-Force or a preference has agreed to everything: nobody is asked.</summary>
    public bool IsOpen { get; }

    /// <summary>Whether a question would find nobody.</summary>
    public bool NobodyToAsk => !IsOpen && Attendance.IsUnattended(cmdlet.Host);

    /// <summary>Asks, unless the gate is open or somebody answered for all.</summary>
    public Consent Ask(string question, string caption)
    {
        if (IsOpen)
        {
            return Consent.Given;
        }

        if (NobodyToAsk)
        {
            return Consent.NobodyToAsk;
        }

        bool answeredBefore = yesToAll;
        beforeAsking();
        try
        {
            return !cmdlet.ShouldContinue(question, caption, hasSecurityImpact: true, ref yesToAll, ref noToAll) ? Consent.Refused
                : answeredBefore ? Consent.GivenForAll
                : Consent.Given;
        }
        catch (Exception failure) when (failure is HostException or InvalidOperationException or NotImplementedException or NullReferenceException)
        {
            // Each of them was seen from a host that cannot ask; a host without prompts throws NotImplementedException.
            return Consent.NobodyToAsk;
        }
    }
}
