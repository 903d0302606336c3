using System;
using System.Collections.Generic;
using System.Linq;
using Azs.Registration.Native;

namespace Azs.Registration.Sessions;

/// <summary>What became of each item of one command that changes something.</summary>
/// <remarks>
/// The library has the end of each request, also of those that end in the background when the command is gone. What a
/// command refuses by itself, or never hands over, is noted here. When the command is over no item is missing, and none is
/// there twice; who reads before that sees items that go from one to the other meanwhile.
/// </remarks>
internal sealed class CommandReport
{
    private readonly Report requests;
    private readonly List<AzsRegistrationReportEntry> noted = new();
    private readonly HashSet<ulong> superseded = new();
    // What became of these requests has been told to nobody.
    private readonly HashSet<ulong> untold = new();
    // By whom it is kept; on the pipeline's thread and, where a runspace is closed, on another.
    private int holders = 1;

    public CommandReport(string command, string? armEndpoint, Report requests)
    {
        Command = command;
        ArmEndpoint = armEndpoint;
        this.requests = requests;
    }

    /// <summary>The name of the command.</summary>
    public string Command { get; }

    /// <summary>Where its requests went: what became of them can be seen there alone.</summary>
    public string? ArmEndpoint { get; }

    /// <summary>When the command began.</summary>
    public DateTimeOffset StartedAt { get; } = DateTimeOffset.Now;

    /// <summary>Whether the command is still running.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>Whether there is no item, so that nothing can have been changed.</summary>
    public bool IsEmpty
    {
        get
        {
            try
            {
                return !Read(null).Any();
            }
            catch (RefusedException)
            {
                return false;
            }
        }
    }

    /// <summary>
    /// The requests that somebody has to be told about still: they ended too late for the command to do so, or have not ended,
    /// and they took effect, or may have.
    /// </summary>
    public IReadOnlyCollection<ulong> Due()
    {
        if (untold.Count == 0)
        {
            return untold;
        }

        try
        {
            return Read(untold)
                .Where(entry => entry.TookEffect || entry.Outcome is AzsRegistrationTenantOutcome.Unknown or AzsRegistrationTenantOutcome.Pending)
                .Select(entry => entry.Tag)
                .ToList();
        }
        catch (RefusedException)
        {
            // Whoever reads the report is told that it cannot be read.
            return untold.ToList();
        }
    }

    /// <summary>Whether nobody has been told what became of an item.</summary>
    public bool IsUntold(AzsRegistrationReportEntry entry) => untold.Contains(entry.Tag);

    /// <summary>Somebody is told what became of an item.</summary>
    public void Tell(AzsRegistrationReportEntry entry) => untold.Remove(entry.Tag);

    /// <summary>Notes an item that the library has no end of.</summary>
    public void Note(AzsRegistrationTenantOutcome outcome, Mapping mapping, long row, ErrorInfo? error) =>
        noted.Add(new AzsRegistrationReportEntry(Command, StartedAt, outcome, mapping, row, error));

    /// <summary>Notes the end of an item for another reason than the library's.</summary>
    public void Note(RequestFinished finished, ErrorInfo? error) =>
        noted.Add(new AzsRegistrationReportEntry(Command, StartedAt, finished, error));

    /// <summary>The end of a request is not that of its item: what became of it is noted, or another request has it.</summary>
    public void Supersede(ulong tag) => superseded.Add(tag);

    /// <summary>The command has ended, in whatever way.</summary>
    /// <param name="unseen">The requests whose ends it did not see.</param>
    public void Close(IEnumerable<ulong> unseen)
    {
        if (IsOpen)
        {
            IsOpen = false;
            untold.UnionWith(unseen);
        }
    }

    /// <summary>All items: those that the command refused, then those that ended, in the order of their ends, then the others.</summary>
    /// <param name="only">The requests to tell of and nothing else; null tells of all.</param>
    /// <exception cref="RefusedException">The report cannot be read.</exception>
    public IEnumerable<AzsRegistrationReportEntry> Read(IReadOnlyCollection<ulong>? only)
    {
        if (only is null)
        {
            // It may grow while a neighbour in the same pipeline looks at it.
            for (int at = 0; at < noted.Count; at++)
            {
                yield return noted[at];
            }
        }

        HashSet<ulong>? wanted = only is null ? null : new HashSet<ulong>(only);
        // Each reader has its own: one may look at it inside of another's pipeline.
        using Report reading = requests.Clone();
        while (reading.Next() is RequestFinished entry)
        {
            if (!superseded.Contains(entry.Tag) && (wanted is null || wanted.Contains(entry.Tag)))
            {
                yield return new AzsRegistrationReportEntry(Command, StartedAt, entry, entry.Error);
            }
        }
    }

    /// <summary>Submits a request that looks up what became of an item of which that is not known.</summary>
    /// <remarks>What it finds out nobody has been told, whatever the command said of the item.</remarks>
    public Submission Resolve(Operation operation, ulong tag, AzsRegistrationReportEntry entry)
    {
        untold.Add(entry.Tag);
        return operation.Resolve(tag, requests, entry.Number);
    }

    /// <summary>Keeps it until <see cref="Release"/>.</summary>
    public void Hold() => System.Threading.Interlocked.Increment(ref holders);

    /// <summary>Lets go of it. Who does so last frees the library's report.</summary>
    public void Release()
    {
        if (System.Threading.Interlocked.Decrement(ref holders) == 0)
        {
            requests.Dispose();
        }
    }
}
