using System;
using System.Collections.Generic;

namespace Azs.Registration;

/// <summary>How many items the last run had, by outcome: what Get-AzsRegistrationReport -Summary writes.</summary>
public sealed class AzsRegistrationReportSummary
{
    private readonly Dictionary<AzsRegistrationTenantOutcome, long> counts = new();

    internal AzsRegistrationReportSummary()
    {
    }

    /// <summary>When the run began; null where it has no item.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    /// <summary>All items.</summary>
    public long Total { get; private set; }

    /// <summary>Items that have not ended.</summary>
    public long Pending => Of(AzsRegistrationTenantOutcome.Pending);

    /// <summary>Mappings that were made.</summary>
    public long Added => Of(AzsRegistrationTenantOutcome.Added);

    /// <summary>Bills that were moved.</summary>
    public long Replaced => Of(AzsRegistrationTenantOutcome.Replaced);

    /// <summary>Mappings that were there already.</summary>
    public long Unchanged => Of(AzsRegistrationTenantOutcome.Unchanged);

    /// <summary>Mappings that were removed.</summary>
    public long Removed => Of(AzsRegistrationTenantOutcome.Removed);

    /// <summary>Mappings that were not there to be removed.</summary>
    public long NotFound => Of(AzsRegistrationTenantOutcome.NotFound);

    /// <summary>Items that were refused or failed; nothing changed.</summary>
    public long Failed => Of(AzsRegistrationTenantOutcome.Failed);

    /// <summary>Items of which it cannot be told whether they took effect.</summary>
    public long Unknown => Of(AzsRegistrationTenantOutcome.Unknown);

    /// <summary>Items that were never sent.</summary>
    public long NotStarted => Of(AzsRegistrationTenantOutcome.NotStarted);

    /// <summary>Items that would have moved a bill, and nobody agreed.</summary>
    public long WouldReplace => Of(AzsRegistrationTenantOutcome.WouldReplace);

    /// <summary>Items whose mapping belongs to another tenant than was named.</summary>
    public long TenantMismatch => Of(AzsRegistrationTenantOutcome.TenantMismatch);

    /// <summary>Items that somebody else changed meanwhile.</summary>
    public long ChangedByAnother => Of(AzsRegistrationTenantOutcome.ChangedByAnother);

    internal void Count(AzsRegistrationReportEntry entry)
    {
        Total++;
        counts[entry.Outcome] = Of(entry.Outcome) + 1;
        if (StartedAt is null || entry.StartedAt < StartedAt)
        {
            StartedAt = entry.StartedAt;
        }
    }

    private long Of(AzsRegistrationTenantOutcome outcome) => counts.TryGetValue(outcome, out long count) ? count : 0;
}
