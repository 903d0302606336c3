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

    // What is submitted and has not ended, by tag.
    private readonly Dictionary<ulong, Request> pending = new();
    private readonly FollowUps followUps = new();
    private readonly SaidCauses causes = new();

    private Operation? operation;
    private ProgressReporter? progress;
    private Messages? messages;
    private ulong lastTag;
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

    /// <summary>Whether there are requests at all: they need a connection.</summary>
    private protected virtual bool HasRequests => true;

    /// <summary>The file that gets a line for each change that was attempted; null: none.</summary>
    private protected virtual string? AuditLogFile() => null;

    /// <summary>What became of each item; null where nothing is changed.</summary>
    private protected CommandReport? Report { get; private set; }

    /// <summary>Under -ErrorAction Stop something failed: nothing more is submitted.</summary>
    private protected bool IsFailing => messages!.IsFailing;

    /// <summary>Frees the operation. What is in flight ends as the library promises, and the report has it.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Finds the session and makes the operation.</summary>
    protected override void BeginProcessing()
    {
        progress = new ProgressReporter(this, Activity);
        messages = new Messages(this, Preferences, Changes);
        if (!HasRequests)
        {
            return;
        }

        Session? session = SessionProvider.Find();
        if (session is null)
        {
            EndWith(SessionProvider.NotConnected);
            return;
        }

        try
        {
            Volatile.Write(ref operation, session.Client.NewOperation(new OperationOptions
            {
                DefaultRegistration = session.DefaultRegistration,
                // After a message that ends the command, what was submitted is still done: no more than can be on its way.
                MaxOutstanding = messages.MayHold ? (uint)ThrottleLimit : null,
                ThrottleLimit = (uint)ThrottleLimit,
                ItemTimeout = TimeoutSec is int seconds ? TimeSpan.FromSeconds(seconds) : null,
                AuditLog = AuditLogFile(),
            }));
            // -WhatIf changes nothing, and leaves the report of what was changed before.
            if (Changes && !Preferences.IsWhatIf)
            {
                Report = SessionStore.BeginReport(new CommandReport(
                    MyInvocation.MyCommand.Name, session.Account.ArmEndpoint, Operation.NewReport()));
            }
        }
        catch (RefusedException refused)
        {
            EndWith(refused.Error);
        }
    }

    /// <summary>Pulls what is left, asks what is to be asked, and says what was held back.</summary>
    protected override void EndProcessing()
    {
        progress!.InputEnded = true;
        if (HasRequests)
        {
            PullToTheEnd();
        }

        WriteNeverEnded();
        ReleaseMessages();
        progress.Close();
    }

    /// <summary>Ctrl+C: cancels, and returns at once.</summary>
    protected override void StopProcessing() => Volatile.Read(ref operation)?.Cancel();

    /// <summary>Frees the operation, and closes the report.</summary>
    /// <param name="disposing">True when called by code, not by the garbage collector.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !disposed)
        {
            disposed = true;
            operation?.Dispose();
            NoteUnfinished();
            Report?.Close(pending.Keys);
        }
    }

    /// <summary>Notes the items that were begun, and of which neither the library nor the command has an end.</summary>
    private protected abstract void NoteUnfinished();

    /// <summary>What an item is told as where the library told no end of it.</summary>
    private protected abstract object ResultOf(object item, AzsRegistrationTenantOutcome outcome);

    private protected abstract void OnFinished(object item, RequestFinished finished);

    private protected virtual void OnMapping(object item, Mapping mapping)
    {
    }

    /// <summary>Submits a request, pulling events while there is no room for it.</summary>
    /// <param name="item">What it is about.</param>
    /// <param name="send">Submits it with a tag.</param>
    /// <param name="isList">Whether its items are counted.</param>
    /// <param name="mayAsk">Whether its end may call for a question: later questions wait for it.</param>
    /// <returns>Whether it was accepted. If not, the command is ending, and it has been told where it can be.</returns>
    private protected bool Submit(object item, Func<Operation, ulong, Submission> send, bool isList = false, bool mayAsk = false)
    {
        ulong tag = NextPlace();
        while (!Stopping)
        {
            if (IsFailing)
            {
                TellNotStarted(item, "an earlier item failed");
                return false;
            }

            if (messages!.IsHolding)
            {
                Drain();
                messages.Release();
                continue;
            }

            switch (send(Operation, tag))
            {
                case Submission.Accepted:
                    pending.Add(tag, new Request(item, isList));
                    if (mayAsk)
                    {
                        followUps.Expect(tag);
                    }

                    return true;
                case Submission.Full:
                    PullOne(Slice);
                    break;
                default:
                    TellNotStarted(item, "the command was cancelled");
                    return false;
            }
        }

        return false;
    }

    /// <summary>A place in the order of the input, for what is not submitted at once.</summary>
    private protected ulong NextPlace() => ++lastTag;

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

    /// <summary>Handles events until nothing is outstanding, and all that they call for.</summary>
    private protected void PullToTheEnd()
    {
        while (!Stopping)
        {
            bool isOver = PullOne(Slice) is not (Status.Event or Status.Timeout);
            if (!RunFollowUps() && isOver)
            {
                break;
            }
        }
    }

    /// <summary>Puts off what must not happen inside of a pull, or before its turn.</summary>
    private protected void Later(ulong place, Action followUp) => followUps.Add(place, followUp);

    /// <summary>Takes the progress bar away before a question.</summary>
    private protected void CloseProgress() => progress?.Close();

    private protected void Warn(string text) => messages!.Warn(text);

    /// <summary>Tells that an item failed, at once or, where that may end the command, when nothing is in flight any more.</summary>
    private protected void WriteFailure(ErrorInfo error, object? target)
    {
        ErrorRecord record = RecordOf(error, target);
        if (causes.ShortFor(error, target) is string shortly)
        {
            record.ErrorDetails = new ErrorDetails(shortly);
        }

        messages!.Fail(record);
    }

    /// <summary>Says what was held back: nothing is submitted before that.</summary>
    private protected void ReleaseMessages()
    {
        if (messages!.IsHolding && !Stopping)
        {
            PullToTheEnd();
            WriteNeverEnded();
            progress!.Close();
            messages.Release();
        }
    }

    /// <summary>Tells that an item was not submitted.</summary>
    private protected abstract void TellNotStarted(object item, string why);

    private bool RunFollowUps()
    {
        bool any = false;
        while (!Stopping && followUps.TryTake(out Action? followUp))
        {
            any = true;
            followUp!();
        }

        return any;
    }

    /// <summary>Handles events until nothing is outstanding, and leaves what they call for.</summary>
    private void Drain()
    {
        while (!Stopping && PullOne(Slice) is Status.Event or Status.Timeout)
        {
        }
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
                OnEnded(request, finished);
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

    private void OnEnded(Request request, RequestFinished finished)
    {
        try
        {
            if (request.IsList && finished.Outcome == Outcome.Read && finished.ItemCount != request.Read)
            {
                WriteFailure(Incomplete(finished.ItemCount, request.Read), ResultOf(request.Item, AzsRegistrationTenantOutcome.Failed));
            }
            else
            {
                OnFinished(request.Item, finished);
            }
        }
        finally
        {
            followUps.Decided(finished.Tag);
        }
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
        if (level == LogLevel.Warning)
        {
            Warn(line);
        }
        else
        {
            WriteVerbose(line);
        }
    }

    // The library promises an end for each. Should it break that, no item is to vanish without a word.
    private void WriteNeverEnded()
    {
        while (!Stopping && pending.Count > 0)
        {
            List<KeyValuePair<ulong, Request>> rest = new(pending);
            pending.Clear();
            foreach (KeyValuePair<ulong, Request> request in rest)
            {
                WriteFailure(
                    new ErrorInfo(ErrorKind.Internal, "NeverEnded", "The library did not tell what became of this item. It may have taken effect."),
                    ResultOf(request.Value.Item, AzsRegistrationTenantOutcome.Unknown));
                followUps.Decided(request.Key);
            }

            // Questions that waited for them are asked now, and what they submit is to end as well.
            PullToTheEnd();
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
