using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using Azs.Registration.Interaction;
using Azs.Registration.Native;
using Azs.Registration.Sessions;

namespace Azs.Registration.Commands;

/// <summary>Tells what became of each item of the last run that changed something, also where it was interrupted.</summary>
/// <remarks>
/// A run is a pipeline with New-AzsRegistrationTenant, Remove-AzsRegistrationTenant or both. Its report belongs to the runspace
/// and stays until the next one. Items that the command never got, because it was interrupted before, are not in it.
/// </remarks>
[Cmdlet(VerbsCommon.Get, "AzsRegistrationReport")]
[OutputType(typeof(AzsRegistrationReportEntry), typeof(AzsRegistrationReportSummary))]
public sealed class GetAzsRegistrationReportCommand : OperationCommand
{
    private IReadOnlyList<Run.Part>? parts;

    // Items that -Outcome asked for as they were, and that were looked up: they are shown as they are now.
    private readonly HashSet<(CommandReport Report, ulong Tag)> askedFor = new();

    /// <summary>Only items with one of these outcomes; what -Resolve has looked up, with one of them before.</summary>
    [Parameter]
    public AzsRegistrationTenantOutcome[]? Outcome { get; set; }

    /// <summary>Writes how many items there are with each outcome, and not the items.</summary>
    [Parameter]
    public SwitchParameter Summary { get; set; }

    /// <summary>
    /// First looks up what became of the items of which that is not known. A change that did not take effect is called failed
    /// when it cannot any more, 90 seconds after it was sent; that is waited for. Nothing is changed.
    /// </summary>
    [Parameter]
    public SwitchParameter Resolve { get; set; }

    private protected override string Activity => "Looking up what became of changes";

    private protected override bool HasRequests => Resolve.IsPresent && parts is not null;

    /// <summary>Takes hold of the report: a command further down in the pipeline may begin the next run.</summary>
    protected override void BeginProcessing()
    {
        parts = SessionStore.LastRun?.Hold();
        base.BeginProcessing();
    }

    /// <summary>Writes the report.</summary>
    protected override void EndProcessing()
    {
        if (parts is null)
        {
            WriteError(RecordOf(
                new ErrorInfo(ErrorKind.NotFound, "NoReport", "No command has changed anything in this runspace yet."),
                null));
            return;
        }

        try
        {
            if (Resolve.IsPresent)
            {
                LookUp(parts);
            }

            if (!Stopping)
            {
                Write(parts);
            }
        }
        catch (RefusedException refused)
        {
            EndWith(refused.Error);
        }

        // Errors about what could not be looked up may end the command: the report comes first.
        base.EndProcessing();
    }

    /// <summary>Lets go of the report.</summary>
    /// <param name="disposing">True when called by code, not by the garbage collector.</param>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            foreach (Run.Part part in parts ?? Array.Empty<Run.Part>())
            {
                part.Dispose();
            }

            parts = null;
        }
    }

    private protected override object ResultOf(object item, AzsRegistrationTenantOutcome outcome) => item;

    private protected override void TellNotStarted(object item, string why) => WriteFailure(
        new ErrorInfo(ErrorKind.Cancelled, "NotStarted", $"Not looked up, because {why}."), item);

    private protected override void NoteUnfinished()
    {
    }

    private protected override void OnFinished(object item, RequestFinished finished)
    {
        // What it came to is in the report now. Where it still is not known, the error says why.
        if (!finished.Resolved && finished.Error is ErrorInfo error &&
            finished.Outcome is Native.Outcome.Unknown or Native.Outcome.NotStarted or Native.Outcome.Cancelled)
        {
            WriteFailure(error, item);
        }
    }

    private static bool IsOpen(AzsRegistrationReportEntry entry) =>
        entry.Number != 0 && entry.Outcome is AzsRegistrationTenantOutcome.Unknown or AzsRegistrationTenantOutcome.Pending;

    private void LookUp(IReadOnlyList<Run.Part> run)
    {
        string? here = SessionProvider.Find()?.Account.ArmEndpoint;
        foreach (Run.Part part in run)
        {
            // All of them first: looking one up changes what is read.
            List<AzsRegistrationReportEntry> open = part.Read().Where(IsOpen).ToList();
            if (open.Count > 0 && !IsSameEndpoint(part.Report.ArmEndpoint, here))
            {
                WriteFailure(ElsewhereFrom(part.Report, here), null);
                continue;
            }

            foreach (AzsRegistrationReportEntry entry in open)
            {
                if (Outcome?.Contains(entry.Outcome) == true)
                {
                    askedFor.Add((part.Report, entry.Tag));
                }

                Submit(entry, (operation, tag) => part.Report.Resolve(operation, tag, entry));
            }
        }

        PullToTheEnd();
    }

    private static bool IsSameEndpoint(string? one, string? other) =>
        string.Equals(one?.Trim().TrimEnd('/'), other?.Trim().TrimEnd('/'), StringComparison.OrdinalIgnoreCase);

    private static ErrorInfo ElsewhereFrom(CommandReport report, string? here) => new(
        ErrorKind.Conflict,
        "ConnectedElsewhere",
        $"{report.Command} worked at {report.ArmEndpoint}, and this runspace is connected to {here} now: what became of its items cannot be seen there.");

    // Whatever is asked for: nobody has been warned of it.
    private void WarnOfMove(CommandReport report, AzsRegistrationReportEntry entry)
    {
        if (entry.Moved && report.IsUntold(entry))
        {
            WriteWarning(Wording.Moved(
                entry.Mapping, entry.OldCustomerSubscriptionId, entry.OldTenantId, entry.Outcome == AzsRegistrationTenantOutcome.Unknown));
            report.Tell(entry);
        }
    }

    private void WriteEntry(CommandReport report, AzsRegistrationReportEntry entry)
    {
        if (entry.Outcome != AzsRegistrationTenantOutcome.Pending)
        {
            // Before: a neighbour that has seen enough ends the pipeline inside of WriteObject.
            report.Tell(entry);
        }

        WriteObject(entry);
    }

    private void Write(IReadOnlyList<Run.Part> run)
    {
        AzsRegistrationReportSummary summary = new();
        long pending = 0;
        foreach ((CommandReport report, AzsRegistrationReportEntry entry) in
            run.SelectMany(part => part.Read().Select(entry => (part.Report, entry))))
        {
            if (Stopping)
            {
                return;
            }

            if (entry.Outcome == AzsRegistrationTenantOutcome.Pending)
            {
                pending++;
            }

            WarnOfMove(report, entry);
            if (Outcome is not null && !Outcome.Contains(entry.Outcome) && !askedFor.Contains((report, entry.Tag)))
            {
                continue;
            }

            summary.Count(entry);
            if (!Summary.IsPresent)
            {
                WriteEntry(report, entry);
            }
        }

        if (Summary.IsPresent)
        {
            WriteObject(summary);
        }

        if (pending > 0 && parts!.All(part => !part.Report.IsOpen))
        {
            WriteWarning(string.Format(
                CultureInfo.CurrentCulture,
                "{0:N0} items are still under way in the background. What becomes of them is known ten seconds after the command was interrupted at the latest: ask again.",
                pending));
        }
    }
}
