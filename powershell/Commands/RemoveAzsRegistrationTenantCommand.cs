using System.Collections.Generic;
using System.Management.Automation;
using Azs.Registration.Interaction;
using Azs.Registration.Native;

namespace Azs.Registration.Commands;

/// <summary>Removes the mapping of a tenant: from then on its usage is charged to the registration's own subscription.</summary>
[Cmdlet(VerbsCommon.Remove, "AzsRegistrationTenant", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(AzsRegistrationTenantResult))]
public sealed class RemoveAzsRegistrationTenantCommand : TenantChangeCommand
{
    /// <summary>Writes what was removed, and what was not there.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override string Activity => "Removing tenants from the registration";

    private protected override void ProcessTarget(TenantTarget target)
    {
        if (Resolve(Purpose.Remove, target) is not Mapping resolved || !MayProcess(resolved, "Remove tenant mapping", target.Row))
        {
            return;
        }

        if (Gate.NobodyToAsk)
        {
            WriteNobodyToAsk(target, resolved);
        }
        else if (Gate.IsOpen || resolved.CustomerSubscriptionId is not null)
        {
            AskAndRemove(target, resolved);
        }
        else
        {
            // The tenant alone is named: whoever is asked is to see which mapping that is.
            Search search = new(target, resolved);
            Submit(search, (operation, tag) => operation.List(tag, target), isList: true);
        }
    }

    private protected override void OnMapping(object item, Mapping mapping)
    {
        if (item is Search search)
        {
            search.Found.Add(mapping);
        }
    }

    private protected override void OnFinished(object item, RequestFinished finished)
    {
        switch (finished.Outcome)
        {
            case Outcome.Read when item is Search search:
                Later(() => AskAboutFound(search));
                break;
            case Outcome.Removed:
                WriteVerbose(Wording.Removed(finished.Mapping));
                WriteReached(ResultOf(finished));
                break;
            case Outcome.NotFound:
                WriteNotFound(finished.Mapping, finished.Row);
                break;
            default:
                WriteFailure(finished);
                break;
        }
    }

    private void AskAboutFound(Search search)
    {
        if (IsFailing)
        {
            WriteFailure(
                new ErrorInfo(ErrorKind.Cancelled, "NotStarted", "Not started, because an earlier item failed.") { Row = search.Target.Row },
                Result(AzsRegistrationTenantOutcome.NotStarted, search.Resolved, null, search.Target.Row));
            return;
        }

        switch (search.Found.Count)
        {
            case 0:
                WriteNotFound(search.Resolved, search.Target.Row);
                break;
            case 1:
                Mapping found = search.Found[0];
                // Id and tenant together: the library removes it only if they still belong together.
                AskAndRemove(
                    new TenantTarget { ResourceId = found.ResourceId, TenantId = found.TenantId, Row = search.Target.Row },
                    found);
                break;
            default:
                // The library refuses it and says why.
                Remove(search.Target);
                break;
        }
    }

    private void AskAndRemove(TenantTarget target, Mapping mapping)
    {
        switch (Gate.Ask(Wording.RemoveQuestion(mapping), "Remove a tenant mapping"))
        {
            case Consent.Given:
            case Consent.GivenForAll:
                Remove(target);
                break;
            case Consent.Refused:
                WriteVerbose($"Not removed: {Wording.Target(mapping)}.");
                break;
            default:
                WriteNobodyToAsk(target, mapping);
                break;
        }
    }

    private void Remove(TenantTarget target) => Submit(target, (operation, tag) => operation.Remove(tag, target));

    private void WriteNobodyToAsk(TenantTarget target, Mapping mapping) => WriteFailure(
        NobodyToAsk(
            $"{Wording.RemoveQuestion(mapping)} Nobody can be asked here.",
            "If the mapping is to go, run the command with -Force.",
            target.Row),
        Result(AzsRegistrationTenantOutcome.NotStarted, mapping, null, target.Row));

    private void WriteNotFound(Mapping mapping, long row)
    {
        WriteVerbose($"Nothing to remove: {Wording.Target(mapping)}.");
        WriteReached(Result(AzsRegistrationTenantOutcome.NotFound, mapping, null, row));
    }

    private void WriteReached(AzsRegistrationTenantResult result)
    {
        if (PassThru.IsPresent)
        {
            WriteObject(result);
        }
    }

    /// <summary>A listing that finds out which mapping a tenant has.</summary>
    private sealed class Search : ITargeted
    {
        public Search(TenantTarget target, Mapping resolved)
        {
            Target = target;
            Resolved = resolved;
        }

        public TenantTarget Target { get; }

        public Mapping Resolved { get; }

        public List<Mapping> Found { get; } = new();
    }
}
