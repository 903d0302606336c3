using System;
using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;
using System.Threading;
using Azs.Registration.Interaction;
using Azs.Registration.Native;
using Azs.Registration.Sessions;

namespace Azs.Registration.Commands;

/// <summary>A command that submits requests to an operation of the library and pulls its events.</summary>
/// <remarks>
/// All of it happens on the pipeline's thread, for only that may write. Ctrl+C comes on another one and does nothing
/// but cancel, which wakes the pull. Select-Object -First and a neighbour that throws end a pipeline with neither
/// StopProcessing nor EndProcessing: Dispose is what always comes.
/// </remarks>
public abstract class OperationCommand : AzsRegistrationCommand, IDisposable
{
    // A cancellation wakes the pull; the slice is there for whatever else may go wrong.
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(500);

    // Under -ErrorAction Stop what is submitted is still done after the first error: let it not be much.
    private const uint OutstandingUnderStop = 32;

    // What is submitted and has not ended, by tag.
    private readonly Dictionary<ulong, object> pending = new();

    // What an event calls for beyond writing, such as a question: done when no other call is under way.
    private readonly Queue<Action> followUps = new();

    private Operation? operation;
    private ProgressReporter? progress;
    private ulong lastTag;
    private ErrorRecord? firstFailure;
    private int laterFailures;
    private bool disposed;

    private protected OperationCommand()
    {
    }

    /// <summary>
    /// How long one item may take for sending and trying again, in seconds. Waiting that the service asks for does not
    /// count. By default 120.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 86400)]
    public int? TimeoutSec { get; set; }

    /// <summary>What the command is doing, for the progress bar.</summary>
    private protected abstract string Activity { get; }

    private protected Operation Operation => operation ?? throw new ObjectDisposedException(nameof(Operation));

    /// <summary>Under -ErrorAction Stop something failed: nothing more is submitted.</summary>
    private protected bool IsFailing => firstFailure is not null;

    /// <summary>Frees the operation. What is in flight ends as the library promises.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Finds the session and makes the operation.</summary>
    protected override void BeginProcessing()
    {
        Session? session = SessionProvider.Find();
        if (session is null)
        {
            EndWith(SessionProvider.NotConnected);
            return;
        }

        progress = new ProgressReporter(this, Activity);
        try
        {
            Volatile.Write(ref operation, session.Client.NewOperation(new OperationOptions
            {
                DefaultRegistration = session.DefaultRegistration,
                MaxOutstanding = Preferences.StopsOnError ? OutstandingUnderStop : null,
                ItemTimeout = TimeoutSec is int seconds ? TimeSpan.FromSeconds(seconds) : null,
            }));
        }
        catch (RefusedException refused)
        {
            EndWith(refused.Error);
        }
    }

    /// <summary>Pulls what is left, asks what is to be asked, and raises what -ErrorAction Stop held back.</summary>
    protected override void EndProcessing()
    {
        progress!.InputEnded = true;
        PullToTheEnd();
        RaiseFirstFailure();
        progress.Close();
    }

    /// <summary>Ctrl+C: cancels, and returns at once.</summary>
    protected override void StopProcessing() => Volatile.Read(ref operation)?.Cancel();

    /// <summary>Frees the operation.</summary>
    /// <param name="disposing">True when called by code, not by the garbage collector.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !disposed)
        {
            disposed = true;
            operation?.Dispose();
        }
    }

    private protected abstract void OnFinished(object item, RequestFinished finished);

    private protected virtual void OnMapping(object item, Mapping mapping)
    {
    }

    /// <summary>Submits a request, pulling events while there is no room for it.</summary>
    private protected void Submit(object item, Func<Operation, ulong, Submission> send)
    {
        ulong tag = ++lastTag;
        pending.Add(tag, item);
        while (!Stopping)
        {
            switch (send(Operation, tag))
            {
                case Submission.Accepted:
                    return;
                case Submission.Full:
                    PullOne(Slice);
                    break;
                default:
                    // Cancelled meanwhile: never sent, and under -ErrorAction Stop counted with the rest.
                    pending.Remove(tag);
                    laterFailures++;
                    return;
            }
        }
    }

    /// <summary>Handles the events that are there already, and what they call for.</summary>
    private protected void PullReady()
    {
        do
        {
            while (!Stopping && PullOne(TimeSpan.Zero) == Status.Event)
            {
            }
        }
        while (RunFollowUps());
    }

    /// <summary>Handles events until nothing is outstanding.</summary>
    private protected void PullToTheEnd()
    {
        do
        {
            while (!Stopping && PullOne(Slice) is Status.Event or Status.Timeout)
            {
            }
        }
        while (RunFollowUps());
    }

    /// <summary>Puts off what must not happen inside of a pull.</summary>
    private protected void Later(Action followUp) => followUps.Enqueue(followUp);

    /// <summary>Takes the progress bar away before a question.</summary>
    private protected void CloseProgress() => progress?.Close();

    /// <summary>
    /// Tells that an item failed. Under -ErrorAction Stop, WriteError would end the pipeline with requests in flight:
    /// then the first error is kept, nothing more is submitted, and it is raised when what was in flight has ended.
    /// </summary>
    private protected void WriteFailure(ErrorInfo error, object? target)
    {
        ErrorRecord record = RecordOf(error, target);
        if (!Preferences.StopsOnError)
        {
            WriteError(record);
        }
        else if (firstFailure is null)
        {
            firstFailure = record;
        }
        else
        {
            laterFailures++;
        }
    }

    /// <summary>Under -ErrorAction Stop: writes what becomes of what is in flight, then raises the first error.</summary>
    private protected void RaiseFirstFailure()
    {
        if (firstFailure is null || Stopping)
        {
            return;
        }

        PullToTheEnd();
        progress!.Close();
        if (laterFailures > 0)
        {
            WriteWarning(string.Format(
                CultureInfo.CurrentCulture,
                "{0:N0} more items that were under way failed or were not started. Run the same input again to go on: what is done stays done.",
                laterFailures));
        }

        ErrorRecord record = firstFailure;
        firstFailure = null;
        WriteError(record);
    }

    private bool RunFollowUps()
    {
        bool any = false;
        while (followUps.Count > 0 && !Stopping)
        {
            any = true;
            followUps.Dequeue()();
        }

        return any;
    }

    private Status PullOne(TimeSpan timeout)
    {
        Status status;
        OperationEvent? next;
        try
        {
            status = Operation.Next(timeout, out next);
        }
        catch (RefusedException fault)
        {
            EndWith(fault.Error);
            throw;
        }

        switch (next)
        {
            case MappingRead read when pending.TryGetValue(read.Tag, out object? item):
                OnMapping(item, read.Mapping);
                break;
            case RequestFinished finished when pending.TryGetValue(finished.Tag, out object? item):
                pending.Remove(finished.Tag);
                OnFinished(item, finished);
                break;
            case ProgressMade made:
                progress!.Show(made);
                break;
            case LogWritten log:
                WriteLog(log);
                break;
            case CredentialNeeded:
                // A token that was handed in cannot be renewed from here. What waits for it would wait for ever.
                Operation.Cancel();
                WriteFailure(CredentialExpired, null);
                break;
        }

        return status;
    }

    private void WriteLog(LogWritten log)
    {
        foreach (string line in log.Lines)
        {
            if (log.Level == LogLevel.Warning)
            {
                WriteWarning(line);
            }
            else
            {
                WriteVerbose(line);
            }
        }

        if (log.Dropped > 0)
        {
            WriteVerbose(string.Format(CultureInfo.CurrentCulture, "{0:N0} lines were left out.", log.Dropped));
        }
    }

    private static ErrorInfo CredentialExpired => new(
        ErrorKind.Authentication, "TokenExpired", "The access token has expired or was rejected; what was not sent yet was not started.")
    {
        RecommendedAction = "Get a new access token, run Connect-AzsRegistrationAccount, then run the same input again: what is done stays done.",
    };
}
