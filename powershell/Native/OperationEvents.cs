using System;

namespace Azs.Registration.Native;

/// <summary>A copy of an event: the library's own ends with the next pull.</summary>
internal abstract class OperationEvent
{
    /// <summary>The tag of the request; 0 for events of the whole operation.</summary>
    public ulong Tag { get; private set; }

    public static unsafe OperationEvent? From(AzsEvent* next)
    {
        OperationEvent? copy = (EventKind)next->Kind switch
        {
            EventKind.Mapping => new MappingRead(Mapping.From(((AzsMappingEvent*)next)->Mapping)),
            EventKind.Finished => new RequestFinished(*(AzsFinishedEvent*)next),
            EventKind.Progress => new ProgressMade(*(AzsProgressEvent*)next),
            EventKind.Log => new LogWritten(*(AzsLogEvent*)next),
            // A newer library with the same major version may have kinds that this assembly does not know.
            _ => null,
        };
        if (copy is not null)
        {
            copy.Tag = next->Tag;
        }

        return copy;
    }
}

/// <summary>An item of a list, or the answer to a get.</summary>
internal sealed class MappingRead : OperationEvent
{
    public MappingRead(Mapping mapping) => Mapping = mapping;

    public Mapping Mapping { get; }
}

/// <summary>The end of a request; each has exactly one.</summary>
internal sealed class RequestFinished : OperationEvent
{
    public RequestFinished(in AzsFinishedEvent finished)
    {
        Outcome = (Outcome)finished.Outcome;
        Error = finished.HasError == 0 ? null : ErrorInfo.From(finished.Error);
        ConfirmedByLookup = finished.ConfirmedByLookup != 0;
        ReplacedUnasked = finished.ReplacedUnasked != 0;
        TookEffect = finished.TookEffect != 0;
        ItemCount = finished.ItemCount;
        Entry = finished.Entry;
        Resolved = finished.Resolved != 0;
        AuditMissing = finished.AuditMissing != 0;
        Row = checked((long)finished.Row);
        Mapping = Mapping.From(finished.Mapping);
        OldCustomerSubscriptionId = NativeText.Out(finished.OldCustomerSubscriptionId);
        OldTenantId = NativeText.Out(finished.OldTenantId);
    }

    public Outcome Outcome { get; }

    public ErrorInfo? Error { get; }

    public bool ConfirmedByLookup { get; }

    public bool ReplacedUnasked { get; }

    /// <summary>A write of it took effect, whatever the outcome says besides.</summary>
    public bool TookEffect { get; }

    public ulong ItemCount { get; }

    /// <summary>For a change, its number in the report of its operation, by which Operation.Resolve knows it; else 0.</summary>
    public ulong Entry { get; }

    /// <summary>The change had ended as unknown, and a later look showed what became of it.</summary>
    public bool Resolved { get; }

    /// <summary>The change was attempted, and its line in the audit log could not be written.</summary>
    public bool AuditMissing { get; }

    /// <summary>What is to be said of the missing line; null where there is nothing to say.</summary>
    public ErrorInfo? AuditError => !AuditMissing ? null : new ErrorInfo(
        ErrorKind.Input,
        "AuditLogNotWritable",
        (Row > 0 ? $"Row {Row}: " : string.Empty) +
        (TookEffect ? "The change took effect" : $"The change was attempted ({Outcome})") +
        ", and the audit log has no line of it, for that could not be written.")
    {
        Row = Row,
    };

    public long Row { get; }

    public Mapping Mapping { get; }

    public string? OldCustomerSubscriptionId { get; }

    public string? OldTenantId { get; }
}

/// <summary>How far the operation has come.</summary>
internal sealed class ProgressMade : OperationEvent
{
    public ProgressMade(in AzsProgressEvent progress)
    {
        Finished = progress.Finished;
        Failed = progress.Failed;
        Outstanding = progress.Outstanding;
        Listed = progress.Listed;
        Wait = (Wait)progress.Wait;
        WaitTime = TimeSpan.FromMilliseconds(progress.WaitMs);
        InFlight = progress.InFlight;
        Rate = progress.Rate > 0 ? progress.Rate : null;
        ListingRate = progress.ListingRate > 0 ? progress.ListingRate : null;
        TimeLeft = Known(progress.TimeLeftMs);
        WaitLeft = Known(progress.WaitLeftMs);
        WaitText = NativeText.Out(progress.WaitText);
    }

    public ulong Finished { get; }

    public ulong Failed { get; }

    /// <summary>Accepted, and not ended.</summary>
    public ulong Outstanding { get; }

    /// <summary>Those of them that are being sent, or wait for their answer. The others wait.</summary>
    public ulong InFlight { get; }

    public ulong Listed { get; }

    /// <summary>Requests that end in a second, of late; null where that is not known.</summary>
    public double? Rate { get; }

    /// <summary>Items that lists give in a second, of late; null where that is not known.</summary>
    public double? ListingRate { get; }

    /// <summary>When what is outstanding will probably have ended; null where that cannot be told.</summary>
    public TimeSpan? TimeLeft { get; }

    public Wait Wait { get; }

    /// <summary>What is waited for, in words for an operator; null where nothing in particular is.</summary>
    public string? WaitText { get; }

    /// <summary>How long the wait was expected to last when it began; zero where that is not known.</summary>
    public TimeSpan WaitTime { get; }

    /// <summary>How long it is expected to last from now on; null where that is not known.</summary>
    public TimeSpan? WaitLeft { get; }

    // No time lasts longer than the longest TimeSpan: the service may ask for a pause of any length.
    private static TimeSpan? Known(ulong milliseconds) =>
        milliseconds == 0 ? null
        : milliseconds < (ulong)TimeSpan.MaxValue.TotalMilliseconds ? TimeSpan.FromMilliseconds(milliseconds)
        : TimeSpan.MaxValue;
}

/// <summary>Lines about the work.</summary>
internal sealed class LogWritten : OperationEvent
{
    public LogWritten(in AzsLogEvent log)
    {
        Level = (LogLevel)log.Level;
        Dropped = log.Dropped;
        Lines = (NativeText.Out(log.Text) ?? string.Empty).Split('\n');
    }

    public LogLevel Level { get; }

    public uint Dropped { get; }

    public string[] Lines { get; }
}
