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

        ProgressRecord record = new(activityId, activity, Status(progress, InputEnded));
        if (InputEnded && progress.Finished + progress.Outstanding > 1)
        {
            record.PercentComplete = (int)(100 * progress.Finished / (progress.Finished + progress.Outstanding));
            if (progress.TimeLeft is TimeSpan left)
            {
                record.SecondsRemaining = (int)Math.Min(Math.Ceiling(left.TotalSeconds), int.MaxValue);
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
    /// <param name="progress">How far the operation has come.</param>
    /// <param name="isTotalKnown">Whether all that is to be done is submitted.</param>
    public static string Status(ProgressMade progress, bool isTotalKnown)
    {
        StringBuilder status = new();
        void Add(string format, params object[] values) =>
            status.Append(status.Length == 0 ? string.Empty : ", ").AppendFormat(CultureInfo.CurrentCulture, format, values);

        if (progress.Listed > 0)
        {
            Add("{0:N0} listed", progress.Listed);
            if (progress.ListingRate is double listed)
            {
                Add("{0:N1} a second", listed);
            }
        }
        else
        {
            ulong total = progress.Finished + progress.Outstanding;
            Add(isTotalKnown && total > 1 ? "{0:N0} of {1:N0} done" : "{0:N0} done", progress.Finished, total);
            if (progress.Failed > 0)
            {
                Add("{0:N0} of them failed", progress.Failed);
            }

            Add("{0:N0} in flight", progress.InFlight);
            if (progress.Rate is double rate)
            {
                Add("{0:N1} a second", rate);
            }
        }

        if (progress.WaitText is string wait)
        {
            status.Append("; ").Append(wait);
            if (progress.WaitLeft is TimeSpan left)
            {
                status.AppendFormat(CultureInfo.CurrentCulture, " ({0:N0} s)", Math.Ceiling(left.TotalSeconds));
            }
        }

        return status.ToString();
    }
}
