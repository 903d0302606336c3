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
    private readonly Dictionary<ulong, Request> pending = new();

    // What an event calls for beyond writing, such as a question: done when no other call is under way.
    private readonly Queue<Action> followUps = new();

    private Operation? operation;
    private ProgressReporter? progress;
    private ulong lastTag;
    private ErrorRecord? firstFailure;
    private readonly List<ErrorRecord> laterFailures = new();
    private readonly List<string> heldWarnings = new();
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

    /// <summary>
    /// How many requests may be on their way at once. It is a limit: how many there are depends on what the service bears.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = LibraryDefaults.ThrottleLimit;

    /// <summary>What the command is doing, for the progress bar.</summary>
    private protected abstract string Activity { get; }

    private protected Operation Operation => operation ?? throw new ObjectDisposedException(nameof(Operation));

    /// <summary>Whether the requests change anything.</summary>
    private protected virtual bool Changes => false;

    /// <summary>The file that gets a line for each change that was attempted; null: none.</summary>
    private protected virtual string? AuditLogFile() => null;

    // A neighbour further down can end the pipeline inside of each WriteObject, and a preference inside of a warning. What
    // is in flight then takes effect, and nobody is told: so nothing is in flight.
    private bool IsOneAtATime =>
        Changes && (MyInvocation.PipelinePosition < MyInvocation.PipelineLength || Preferences.MessagesMayEnd);

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
                MaxOutstanding = IsOneAtATime ? 1 : Preferences.StopsOnError ? OutstandingUnderStop : null,
                ThrottleLimit = (uint)ThrottleLimit,
                ItemTimeout = TimeoutSec is int seconds ? TimeSpan.FromSeconds(seconds) : null,
                AuditLog = AuditLogFile(),
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
        WriteHeldWarnings();
        WriteNeverEnded();
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

    /// <summary>What an item is told as where the library told no end of it.</summary>
    private protected abstract object? ResultOf(object item, AzsRegistrationTenantOutcome outcome);

    private protected abstract void OnFinished(object item, RequestFinished finished);

    private protected virtual void OnMapping(object item, Mapping mapping)
    {
    }

    /// <summary>Submits a request, pulling events while there is no room for it.</summary>
    private protected void Submit(object item, Func<Operation, ulong, Submission> send, bool isList = false)
    {
        ulong tag = ++lastTag;
        pending.Add(tag, new Request(item, isList));
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
                    pending.Remove(tag);
                    WriteFailure(
                        new ErrorInfo(ErrorKind.Cancelled, "NotStarted", "Not started, because the command was cancelled."),
                        ResultOf(item, AzsRegistrationTenantOutcome.NotStarted));
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
            laterFailures.Add(record);
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
        WriteHeldWarnings();
        WriteNeverEnded();
        progress!.Close();
        int notStarted = 0;
        foreach (ErrorRecord later in laterFailures)
        {
            if (later.TargetObject is AzsRegistrationTenantResult { Outcome: AzsRegistrationTenantOutcome.NotStarted })
            {
                notStarted++;
            }
            else
            {
                // Something may have happened to it, and only one error can be raised.
                string item = later.TargetObject is AzsRegistrationTenantResult result ? result.ToString() : string.Empty;
                WriteWarning(item.Length == 0 ? later.Exception.Message : $"{later.Exception.Message} ({item})");
            }
        }

        laterFailures.Clear();
        if (notStarted > 0)
        {
            WriteWarning(string.Format(
                CultureInfo.CurrentCulture,
                "{0:N0} more items were not started. Run the same input again to go on: what is done stays done.",
                notStarted));
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
            case MappingRead read when pending.TryGetValue(read.Tag, out Request? request):
                request.Read++;
                OnMapping(request.Item, read.Mapping);
                break;
            case RequestFinished finished when pending.TryGetValue(finished.Tag, out Request? request):
                pending.Remove(finished.Tag);
                if (request.IsList && finished.Outcome == Outcome.Read && finished.ItemCount != request.Read)
                {
                    WriteFailure(Incomplete(finished.ItemCount, request.Read), ResultOf(request.Item, AzsRegistrationTenantOutcome.Failed));
                }
                else
                {
                    OnFinished(request.Item, finished);
                }

                if (pending.Count == 0)
                {
                    WriteHeldWarnings();
                }

                break;
            case ProgressMade made:
                progress!.Show(made);
                break;
            case LogWritten log:
                WriteLog(log);
                break;
        }

        return status;
    }

    private void WriteLog(LogWritten log)
    {
        foreach (string line in log.Lines)
        {
            WriteLine(log.Level, line);
        }

        if (log.Dropped > 0)
        {
            WriteLine(log.Level, string.Format(CultureInfo.CurrentCulture, "{0:N0} lines were left out.", log.Dropped));
        }
    }

    private void WriteLine(LogLevel level, string line)
    {
        if (level != LogLevel.Warning)
        {
            WriteVerbose(line);
        }
        else if (Changes && Preferences.WarningsMayEnd && pending.Count > 0)
        {
            // It would end the command with a write in flight.
            heldWarnings.Add(line);
        }
        else
        {
            WriteWarning(line);
        }
    }

    private void WriteHeldWarnings()
    {
        while (heldWarnings.Count > 0 && !Stopping)
        {
            string line = heldWarnings[0];
            heldWarnings.RemoveAt(0);
            WriteWarning(line);
        }
    }

    // The library promises an end for each. Should it break that, no item is to vanish without a word.
    private void WriteNeverEnded()
    {
        if (Stopping)
        {
            return;
        }

        List<Request> rest = new(pending.Values);
        pending.Clear();
        foreach (Request request in rest)
        {
            WriteFailure(
                new ErrorInfo(ErrorKind.Internal, "NeverEnded", "The library did not tell what became of this item. It may have taken effect.")
                {
                    RecommendedAction = "Look with Get-AzsRegistrationTenant, then run the same input again: what is done stays done.",
                },
                ResultOf(request.Item, AzsRegistrationTenantOutcome.Unknown));
        }
    }

    private static ErrorInfo Incomplete(ulong handedOut, ulong read) => new(
        ErrorKind.Internal, "ListIncomplete", $"The library handed out {handedOut} mappings of the registration, and {read} arrived.");

    /// <summary>What was submitted.</summary>
    private sealed class Request
    {
        public Request(object item, bool isList)
        {
            Item = item;
            IsList = isList;
        }

        public object Item { get; }

        public bool IsList { get; }

        /// <summary>How many mappings came for it.</summary>
        public ulong Read { get; set; }
    }
}
