using System;
using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Text;
using System.Threading;
using Azs.Registration.Native;

namespace Azs.Registration.Interaction;

/// <summary>Shows how far a command has come, once it takes longer than a moment.</summary>
internal sealed class ProgressReporter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static int lastActivityId;

    private readonly PSCmdlet cmdlet;
    private readonly string activity;
    // Get and Remove of one pipeline show a bar each.
    private readonly int activityId = Interlocked.Increment(ref lastActivityId);
    private readonly Stopwatch running = Stopwatch.StartNew();
    private TimeSpan lastShown = TimeSpan.MinValue;
    private bool isShown;

    public ProgressReporter(PSCmdlet cmdlet, string activity)
    {
        this.cmdlet = cmdlet;
        this.activity = activity;
    }

    /// <summary>All rows are submitted: from now on what is outstanding is all that is left.</summary>
    public bool InputEnded { get; set; }

    public void Show(ProgressMade progress)
    {
        TimeSpan now = running.Elapsed;
        if (now < Patience || (isShown && now - lastShown < Interval))
        {
            return;
        }

        double rate = progress.Finished / now.TotalSeconds;
        ProgressRecord record = new(activityId, activity, Status(progress, rate));
        if (InputEnded && progress.Finished + progress.Outstanding > 1)
        {
            record.PercentComplete = (int)(100 * progress.Finished / (progress.Finished + progress.Outstanding));
            if (rate > 0)
            {
                record.SecondsRemaining = (int)Math.Min(progress.Outstanding / rate, int.MaxValue);
            }
        }

        cmdlet.WriteProgress(record);
        lastShown = now;
        isShown = true;
    }

    /// <summary>Takes the bar away: at the end, and before a question.</summary>
    public void Close()
    {
        if (isShown)
        {
            isShown = false;
            cmdlet.WriteProgress(new ProgressRecord(activityId, activity, "Done") { RecordType = ProgressRecordType.Completed });
        }
    }

    /// <summary>The line under the bar.</summary>
    public static string Status(ProgressMade progress, double rate)
    {
        StringBuilder status = new();
        void Add(string format, params object[] values) =>
            status.Append(status.Length == 0 ? string.Empty : ", ").AppendFormat(CultureInfo.CurrentCulture, format, values);

        if (progress.Listed > 0)
        {
            Add("{0:N0} listed", progress.Listed);
        }

        Add("{0:N0} done", progress.Finished);
        if (progress.Failed > 0)
        {
            Add("{0:N0} of them failed", progress.Failed);
        }

        Add("{0:N0} under way", progress.Outstanding);
        if (progress.Finished > 0)
        {
            Add("{0:N1} a second", rate);
        }

        string? reason = progress.Wait switch
        {
            Wait.Retry => "waiting before sending again",
            Wait.Throttled => "waiting because the service asked for it",
            Wait.Credential => "waiting for a credential",
            Wait.Listing => "waiting for the end of the listing",
            Wait.Pacing => "keeping to the service's limit of requests",
            Wait.Outage => "the service cannot be reached; trying again",
            Wait.Settling => "waiting until a change in doubt can take effect no more",
            _ => null,
        };
        if (reason is not null)
        {
            Add(progress.WaitTime > TimeSpan.Zero ? "{0} ({1:N0} s)" : "{0}", reason, Math.Ceiling(progress.WaitTime.TotalSeconds));
        }

        return status.ToString();
    }
}
