using Azs.Registration.Native;

namespace Azs.Registration;

/// <summary>
/// What became of a change: what New-AzsRegistrationTenant writes and, with -PassThru, Remove-AzsRegistrationTenant.
/// One that did not come to the wanted end is the TargetObject of an error.
/// </summary>
public sealed class AzsRegistrationTenantResult : AzsRegistrationTenantMapping
{
    internal AzsRegistrationTenantResult(AzsRegistrationTenantOutcome outcome, Mapping mapping, string? oldCustomerSubscriptionId, long row)
        : base(mapping)
    {
        Outcome = outcome;
        OldCustomerSubscriptionId = oldCustomerSubscriptionId;
        Row = row;
    }

    /// <summary>What became of it.</summary>
    public AzsRegistrationTenantOutcome Outcome { get; }

    /// <summary>The subscription that the tenant's usage was charged to before; null where there was none.</summary>
    public string? OldCustomerSubscriptionId { get; }

    /// <summary>The row of the input, counted from 1; 0 where it came from no row.</summary>
    public long Row { get; }
}
