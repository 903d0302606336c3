using System;
using System.Collections.Generic;
using System.Linq;

namespace Azs.Registration.Sessions;

/// <summary>What the commands of one pipeline changed, as in New-… | Remove-….</summary>
internal sealed class Run
{
    private readonly List<Part> parts = new();

    /// <summary>Begins a run.</summary>
    /// <param name="former">
    /// The run before. Where it was interrupted, what became of some of it may have been told to nobody yet: the new run takes
    /// that over.
    /// </param>
    public Run(Run? former)
    {
        foreach (Part part in former?.parts ?? new List<Part>())
        {
            IReadOnlyCollection<ulong> due = part.Report.Due();
            if (due.Count > 0)
            {
                part.Report.Hold();
                parts.Add(new Part(part.Report, due));
            }
        }
    }

    /// <summary>Whether a command of it is still running: one that begins now belongs to it.</summary>
    public bool IsOpen => parts.Any(part => part.Report.IsOpen);

    /// <summary>Whether its commands have ended and had no item, as where a filter let nothing through.</summary>
    public bool HadNothingToDo => !IsOpen && parts.All(part => part.Only is not null || part.Report.IsEmpty);

    /// <summary>Adds a command, which the run lets go of at its end.</summary>
    public void Add(CommandReport report) => parts.Add(new Part(report, null));

    /// <summary>The commands, kept for a reader until it has disposed of each.</summary>
    public IReadOnlyList<Part> Hold()
    {
        foreach (Part part in parts)
        {
            part.Report.Hold();
        }

        return parts.ToList();
    }

    /// <summary>Lets go of the commands.</summary>
    public void Release()
    {
        foreach (Part part in parts)
        {
            part.Report.Release();
        }
    }

    /// <summary>One command, or what a run took over of it.</summary>
    internal sealed class Part : IDisposable
    {
        public Part(CommandReport report, IReadOnlyCollection<ulong>? only)
        {
            Report = report;
            Only = only;
        }

        public CommandReport Report { get; }

        /// <summary>The requests that were taken over; null where it is all of them.</summary>
        public IReadOnlyCollection<ulong>? Only { get; }

        public IEnumerable<AzsRegistrationReportEntry> Read() => Report.Read(Only);

        public void Dispose() => Report.Release();
    }
}
