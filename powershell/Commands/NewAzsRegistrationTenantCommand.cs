using System;
using System.Management.Automation;
using Azs.Registration.Interaction;
using Azs.Registration.Native;

namespace Azs.Registration.Commands;

/// <summary>Maps a tenant to the Azure subscription that its usage is charged to, or moves its bill to another one.</summary>
[Cmdlet(VerbsCommon.New, "AzsRegistrationTenant", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(AzsRegistrationTenantResult))]
public sealed class NewAzsRegistrationTenantCommand : TenantChangeCommand
{
    private const string AddAction = "Add tenant mapping";

    /// <summary>Sends the customer subscription's id in the given spelling, not in lower case.</summary>
    [Parameter]
    public SwitchParameter PreserveCase { get; set; }

    private protected override string Activity => "Adding tenants to the registration";

    private protected override void ProcessTarget(TenantTarget target)
    {
        if (Resolve(Purpose.Add, target) is not Mapping resolved || RefusesUnattended(target, resolved, AddAction))
        {
            return;
        }

        if (ShowsBefore)
        {
            // Whether it moves a bill is to be seen before it is agreed to. The look changes nothing.
            Look look = new(target);
            Submit(
                look,
                (operation, tag) =>
                {
                    // Its end is never the item's: what becomes of that is noted, or another request has it.
                    Report?.Supersede(tag);
                    return operation.Look(tag, target, look.Impossible);
                },
                mayAsk: true);
        }
        else if (MayProcess(target, resolved, AddAction))
        {
            // A fresh mapping never asks. What it would replace is known only when the library has looked.
            Add(new Change(target, Gate.IsOpen ? Expectation.Anything : Expectation.NothingReplaced, null));
        }
    }

    private protected override void OnAudited(object item, RequestFinished finished)
    {
        if (item is Look look)
        {
            OnLooked(look, finished);
            return;
        }

        Change change = (Change)item;
        // Before the result: a neighbour that has seen enough ends the pipeline inside of WriteObject.
        bool inDoubt = finished.Outcome == Outcome.Unknown && finished.OldCustomerSubscriptionId is not null;
        if (finished.ReplacedUnasked || ((inDoubt || finished.Outcome == Outcome.Replaced) && !change.Shown))
        {
            Warn(Wording.Moved(finished.Mapping, finished.OldCustomerSubscriptionId, finished.OldTenantId, inDoubt));
        }

        switch (finished.Outcome)
        {
            case Outcome.Added:
            case Outcome.Unchanged:
            case Outcome.Replaced:
                WriteObject(ResultOf(finished));
                break;
            case Outcome.WouldReplace when !IsFailing:
                Later(finished.Tag, () => AskToMove(change.Target, finished, ErrorOf(finished)));
                break;
            default:
                WriteFailure(finished);
                break;
        }
    }

    private void OnLooked(Look look, RequestFinished finished)
    {
        switch (finished.Outcome)
        {
            case Outcome.WouldReplace:
                Later(finished.Tag, () => Confirm(look, finished));
                break;
            case Outcome.Unchanged when Preferences.IsWhatIf:
                Forget(look.Target);
                WriteVerbose($"It is there already: {Wording.Target(finished.Mapping)}.");
                break;
            case Outcome.Unchanged:
                Note(look.Target, finished, finished.Error);
                WriteObject(ResultOf(finished));
                break;
            case Outcome.Failed when Gate.IsOpen && finished.Error is { Kind: ErrorKind.Conflict, HttpStatus: 0 }:
                // What it would replace cannot be told, or is more than one mapping: a refusal that -Force overrules.
                Later(finished.Tag, () => Confirm(look, finished));
                break;
            default:
                Note(look.Target, finished, finished.Error);
                WriteFailure(finished);
                break;
        }
    }

    /// <summary>ShouldProcess, for an item that has been looked at.</summary>
    private void Confirm(Look look, RequestFinished finished)
    {
        if (IsFailing)
        {
            TellNotStarted(look, "an earlier item failed");
            return;
        }

        string? old = finished.OldCustomerSubscriptionId;
        string action = finished.Outcome == Outcome.Failed ? $"{AddAction}, whatever it replaces"
            : old is null ? AddAction
            : Wording.MoveAction(finished.Mapping, old, finished.OldTenantId);
        if (!MayProcess(look.Target, Wording.WithTenant(finished.Mapping, finished.OldTenantId, old), action))
        {
            return;
        }

        if (Gate.IsOpen)
        {
            Add(new Change(look.Target, Expectation.Anything, null));
        }
        else if (old is null)
        {
            Add(new Change(look.Target, Expectation.NothingReplaced, null));
        }
        else
        {
            AskToMove(look.Target, finished, ErrorOf(finished).Without($" Expected was the mapping to {look.Impossible}."));
        }
    }

    /// <summary>Asks whether a bill is to move, and moves it.</summary>
    /// <param name="target">What is to be mapped.</param>
    /// <param name="finished">What a look has found, or what a change was refused for.</param>
    /// <param name="error">What that says.</param>
    private void AskToMove(TenantTarget target, RequestFinished finished, ErrorInfo error)
    {
        if (IsFailing)
        {
            WriteNotMoved(target, finished, error);
            return;
        }

        if (finished.OldCustomerSubscriptionId is not string old)
        {
            // What was agreed to replace has gone meanwhile: it is a fresh mapping now.
            Add(new Change(target, Expectation.NothingReplaced, null), finished.Tag);
            return;
        }

        string question = Wording.MoveQuestion(finished.Mapping, old, error.Message, finished.OldTenantId, finished.Row);
        Consent consent = Gate.Ask(question, "Move a tenant's bill");
        switch (consent)
        {
            case Consent.Given:
            case Consent.GivenForAll:
                Add(new Change(target, Expectation.Exactly, old) { Shown = consent == Consent.Given }, finished.Tag);
                break;
            case Consent.Refused:
                WriteNotMoved(target, finished, error);
                break;
            default:
                WriteNotMoved(target, finished, NobodyToAsk(
                    $"{question} Nobody can be asked here.",
                    "Look at the old and the new subscription. If the bill is to move, run the command with -Force.",
                    target.Row));
                break;
        }
    }

    private void WriteNotMoved(TenantTarget target, RequestFinished finished, ErrorInfo error)
    {
        Report?.Supersede(finished.Tag);
        Note(target, finished, error);
        WriteFailure(error, ResultOf(finished));
    }

    private void Add(Change change, ulong instead = 0) => SubmitChange(
        change,
        (operation, tag) => operation.Add(tag, change.Target, change.Expectation, change.Expected, PreserveCase.IsPresent),
        mayAsk: change.Expectation == Expectation.NothingReplaced,
        instead);

    /// <summary>A request that finds out what adding would come to.</summary>
    private sealed class Look : ITargeted
    {
        public Look(TenantTarget target) => Target = target;

        public TenantTarget Target { get; }

        /// <summary>The subscription that it says it expects: there is none of that id.</summary>
        public string Impossible { get; } = Guid.NewGuid().ToString();
    }

    private sealed class Change : ITargeted
    {
        public Change(TenantTarget target, Expectation expectation, string? expected)
        {
            Target = target;
            Expectation = expectation;
            Expected = expected;
        }

        public TenantTarget Target { get; }

        public Expectation Expectation { get; }

        public string? Expected { get; }

        /// <summary>Somebody saw what is replaced, and agreed to it.</summary>
        public bool Shown { get; init; }
    }
}
