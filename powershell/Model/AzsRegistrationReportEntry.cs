using System;
using Azs.Registration.Native;

namespace Azs.Registration;

/// <summary>What became of one item of the last run: what Get-AzsRegistrationReport writes.</summary>
/// <remarks>Its first properties have the names of the cmdlets' parameters, so that what failed can be piped on once more.</remarks>
public sealed class AzsRegistrationReportEntry : AzsRegistrationTenantMapping
{
    private readonly ErrorInfo? error;

    internal AzsRegistrationReportEntry(string command, DateTimeOffset startedAt, RequestFinished finished, ErrorInfo? error)
        : base(finished.Mapping)
    {
        Command = command;
        StartedAt = startedAt;
        Row = finished.Row;
        Outcome = (AzsRegistrationTenantOutcome)finished.Outcome;
        OldCustomerSubscriptionId = finished.OldCustomerSubscriptionId;
        OldTenantId = finished.OldTenantId;
        TookEffect = finished.TookEffect;
        Resolved = finished.Resolved;
        AuditMissing = finished.AuditMissing;
        Number = finished.Entry;
        Tag = finished.Tag;
        Mapping = finished.Mapping;
        this.error = WithAudit(error, finished.AuditError);
    }

    internal AzsRegistrationReportEntry(
        string command, DateTimeOffset startedAt, AzsRegistrationTenantOutcome outcome, Mapping mapping, long row, ErrorInfo? error)
        : base(mapping)
    {
        Command = command;
        StartedAt = startedAt;
        Row = row;
        Outcome = outcome;
        Mapping = mapping;
        this.error = error;
    }

    /// <summary>The row of the input, counted from 1; 0 where it came from no row.</summary>
    public long Row { get; }

    /// <summary>What became of it; Pending where that is not known yet.</summary>
    public AzsRegistrationTenantOutcome Outcome { get; }

    /// <summary>The subscription that was found where it was replaced, would have been, or was changed by somebody else.</summary>
    public string? OldCustomerSubscriptionId { get; }

    /// <summary>The tenant of that mapping; null where nobody said it.</summary>
    public string? OldTenantId { get; }

    /// <summary>Whether a write took effect, whatever the outcome says besides.</summary>
    public bool TookEffect { get; }

    /// <summary>Whether it had ended as Unknown, and a later look showed what became of it.</summary>
    public bool Resolved { get; }

    /// <summary>Whether it was attempted, and the audit log that was asked for has no line of it.</summary>
    public bool AuditMissing { get; }

    /// <summary>The command that it was an item of.</summary>
    public string Command { get; }

    /// <summary>When that command began.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>Azure Resource Manager's code, or one of the module's own; null where nothing is to be said.</summary>
    public string? ErrorCode => error?.Code;

    /// <summary>What happened.</summary>
    public string? Message => error?.Message;

    /// <summary>What to do about it.</summary>
    public string? RecommendedAction => error?.RecommendedAction;

    /// <summary>The HTTP status of the answer; null where there was none.</summary>
    public int? HttpStatus => error is null || error.HttpStatus == 0 ? null : error.HttpStatus;

    /// <summary>The service's id of the request, for its support.</summary>
    public string? RequestId => error?.RequestId;

    /// <summary>The id that all requests of one command share.</summary>
    public string? CorrelationId => error?.CorrelationId;

    /// <summary>Its number in the library's report; 0 where the library has none.</summary>
    internal ulong Number { get; }

    /// <summary>The tag that its command gave the request; 0 where there was none.</summary>
    internal ulong Tag { get; }

    internal Mapping Mapping { get; }

    private static ErrorInfo? WithAudit(ErrorInfo? error, ErrorInfo? audit) =>
        audit is null ? error : error?.And("The audit log has no line of it.") ?? Advice.Complete(audit);

    /// <summary>Whether a bill moved, or may have.</summary>
    internal bool Moved => OldCustomerSubscriptionId is not null && (
        Outcome is AzsRegistrationTenantOutcome.Replaced or AzsRegistrationTenantOutcome.Unknown ||
        (Outcome == AzsRegistrationTenantOutcome.TenantMismatch && TookEffect));
}
