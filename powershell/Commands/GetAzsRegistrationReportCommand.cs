using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
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
public sealed class GetAzsRegistrationReportCommand : AzsRegistrationCommand, IDisposable
{
    private IReadOnlyList<Run.Part>? parts;

    /// <summary>Only items with one of these outcomes.</summary>
    [Parameter]
    public AzsRegistrationTenantOutcome[]? Outcome { get; set; }

    /// <summary>Writes how many items there are with each outcome, and not the items.</summary>
    [Parameter]
    public SwitchParameter Summary { get; set; }

    /// <summary>Lets go of the report.</summary>
    public void Dispose()
    {
        foreach (Run.Part part in parts ?? Array.Empty<Run.Part>())
        {
            part.Dispose();
        }

        parts = null;
    }

    /// <summary>Takes hold of the report: a command further down in the pipeline may begin the next run.</summary>
    protected override void BeginProcessing() => parts = SessionStore.LastRun?.Hold();

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
            Write(parts.SelectMany(part => part.Read()));
        }
        catch (RefusedException refused)
        {
            EndWith(refused.Error);
        }
    }

    private void Write(IEnumerable<AzsRegistrationReportEntry> entries)
    {
        AzsRegistrationReportSummary summary = new();
        long pending = 0;
        foreach (AzsRegistrationReportEntry entry in entries)
        {
            if (Stopping)
            {
                return;
            }

            if (entry.Outcome == AzsRegistrationTenantOutcome.Pending)
            {
                pending++;
            }

            if (Outcome is not null && !Outcome.Contains(entry.Outcome))
            {
                continue;
            }

            summary.Count(entry);
            if (!Summary.IsPresent)
            {
                WriteObject(entry);
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
