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
        ItemCount = finished.ItemCount;
        Row = checked((long)finished.Row);
        Mapping = Mapping.From(finished.Mapping);
        OldCustomerSubscriptionId = NativeText.Out(finished.OldCustomerSubscriptionId);
        OldTenantId = NativeText.Out(finished.OldTenantId);
    }

    public Outcome Outcome { get; }

    public ErrorInfo? Error { get; }

    public bool ConfirmedByLookup { get; }

    public bool ReplacedUnasked { get; }

    public ulong ItemCount { get; }

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
    }

    public ulong Finished { get; }

    public ulong Failed { get; }

    public ulong Outstanding { get; }

    public ulong Listed { get; }

    public Wait Wait { get; }

    public TimeSpan WaitTime { get; }
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
