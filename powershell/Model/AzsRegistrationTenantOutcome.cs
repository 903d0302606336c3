namespace Azs.Registration;

/// <summary>What became of a tenant's mapping. From 20 on it is not as wanted, and comes with an error.</summary>
public enum AzsRegistrationTenantOutcome
{
    /// <summary>It has not ended: it is under way, or waits.</summary>
    Pending = 0,

    /// <summary>The tenant had no mapping; it has the wanted one now.</summary>
    Added = 1,

    /// <summary>The tenant's usage went to another subscription; it goes to the wanted one now.</summary>
    Replaced = 2,

    /// <summary>The mapping was there already.</summary>
    Unchanged = 3,

    /// <summary>The mapping was removed.</summary>
    Removed = 4,

    /// <summary>There was no such mapping to remove.</summary>
    NotFound = 5,

    /// <summary>It was refused or failed; nothing changed.</summary>
    Failed = 20,

    /// <summary>It cannot be told whether the change took effect.</summary>
    Unknown = 21,

    /// <summary>It was never sent; nothing changed.</summary>
    NotStarted = 22,

    /// <summary>It would have moved the tenant's bill, and nobody agreed; nothing changed.</summary>
    WouldReplace = 23,

    /// <summary>The mapping belongs to another tenant than was named.</summary>
    TenantMismatch = 24,

    /// <summary>Somebody else changed the mapping meanwhile; it was left as found.</summary>
    ChangedByAnother = 25,
}
