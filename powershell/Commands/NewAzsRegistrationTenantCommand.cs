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
    /// <summary>Sends the customer subscription's id in the given spelling, not in lower case.</summary>
    [Parameter]
    public SwitchParameter PreserveCase { get; set; }

    private protected override string Activity => "Adding tenants to the registration";

    private protected override void ProcessTarget(TenantTarget target)
    {
        if (Resolve(Purpose.Add, target) is not Mapping resolved || !MayProcess(resolved, "Add tenant mapping", target.Row))
        {
            return;
        }

        // A fresh mapping never asks. What it would replace is known only when the library has looked.
        Submit(new Change(target, Gate.IsOpen ? Expectation.Anything : Expectation.NothingReplaced, null));
    }

    private protected override void OnFinished(object item, RequestFinished finished)
    {
        Change change = (Change)item;
        // Before the result: a neighbour that has seen enough ends the pipeline inside of WriteObject.
        if (finished.ReplacedUnasked || (finished.Outcome == Outcome.Replaced && !change.Shown))
        {
            WriteWarning(Wording.Moved(finished.Mapping, finished.OldCustomerSubscriptionId, finished.OldTenantId));
        }

        switch (finished.Outcome)
        {
            case Outcome.Added:
            case Outcome.Unchanged:
            case Outcome.Replaced:
                WriteObject(ResultOf(finished));
                break;
            case Outcome.WouldReplace when !IsFailing:
                Later(() => AskToMove(change, finished));
                break;
            default:
                WriteFailure(finished);
                break;
        }
    }

    private void AskToMove(Change change, RequestFinished finished)
    {
        if (IsFailing)
        {
            WriteFailure(finished);
            return;
        }

        if (finished.OldCustomerSubscriptionId is not string old)
        {
            // What was agreed to replace has gone meanwhile: it is a fresh mapping now.
            Submit(new Change(change.Target, Expectation.NothingReplaced, null));
            return;
        }

        string question = Wording.MoveQuestion(finished.Mapping, old, finished.Error?.Message, finished.OldTenantId, finished.Row);
        Consent consent = Gate.Ask(question, "Move a tenant's bill");
        switch (consent)
        {
            case Consent.Given:
            case Consent.GivenForAll:
                Submit(new Change(change.Target, Expectation.Exactly, old) { Shown = consent == Consent.Given });
                break;
            case Consent.Refused:
                WriteFailure(finished);
                break;
            default:
                WriteFailure(
                    NobodyToAsk(
                        $"{question} Nobody can be asked here.",
                        "Look at the old and the new subscription. If the bill is to move, run the command with -Force.",
                        finished.Row),
                    ResultOf(finished));
                break;
        }
    }

    private void Submit(Change change) => Submit(
        change,
        (operation, tag) => operation.Add(tag, change.Target, change.Expectation, change.Expected, PreserveCase.IsPresent));

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
