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
    private const string RemoveAction = "Remove tenant mapping";

    /// <summary>Writes what was removed, and what was not there.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override string Activity => "Removing tenants from the registration";

    private protected override void ProcessTarget(TenantTarget target)
    {
        if (Resolve(Purpose.Remove, target) is not Mapping resolved || RefusesUnattended(target, resolved, RemoveAction))
        {
            return;
        }

        if (!Preferences.IsWhatIf && Gate.NobodyToAsk)
        {
            WriteNobodyToAsk(target, resolved);
        }
        else if (resolved.CustomerSubscriptionId is null && (ShowsBefore || !Gate.IsOpen))
        {
            // The tenant alone is named: whoever is asked is to see which mapping that is.
            Search search = new(target, resolved);
            Submit(search, (operation, tag) => operation.List(tag, target), isList: true, mayAsk: true);
        }
        else
        {
            Later(NextPlace(), () => AskAndRemove(new Removal(target, target), resolved));
        }
    }

    private protected override void OnMapping(object item, Mapping mapping)
    {
        if (item is Search search)
        {
            search.Found.Add(mapping);
        }
    }

    private protected override void OnAudited(object item, RequestFinished finished)
    {
        if (item is Search search)
        {
            OnSearched(search, finished);
            return;
        }

        switch (finished.Outcome)
        {
            case Outcome.Removed:
                WriteVerbose(Wording.Removed(finished.Mapping));
                WriteReached(ResultOf(finished));
                break;
            case Outcome.NotFound:
                WriteVerbose(Wording.NothingToRemove(finished.Mapping));
                WriteReached(ResultOf(finished));
                break;
            default:
                WriteFailure(finished);
                break;
        }
    }

    private void OnSearched(Search search, RequestFinished finished)
    {
        if (finished.Outcome == Outcome.Read)
        {
            Later(finished.Tag, () => AskAboutFound(search));
        }
        else
        {
            AzsRegistrationTenantResult result = ResultOf(finished);
            Note(search.Target, result.Outcome, search.Resolved, ErrorOf(finished));
            WriteFailure(ErrorOf(finished), result);
        }
    }

    private void AskAboutFound(Search search)
    {
        switch (search.Found.Count)
        {
            case 0 when !IsFailing:
                WriteVerbose(Wording.NothingToRemove(search.Resolved));
                Note(search.Target, AzsRegistrationTenantOutcome.NotFound, search.Resolved, null);
                WriteReached(Result(AzsRegistrationTenantOutcome.NotFound, search.Resolved, null, search.Target.Row));
                break;
            case 1:
                Mapping found = search.Found[0];
                // Id and tenant together: the library removes it only if they still belong together.
                TenantTarget exactly = new() { ResourceId = found.ResourceId, TenantId = found.TenantId, Row = search.Target.Row };
                AskAndRemove(new Removal(search.Target, exactly), found);
                break;
            default:
                // The library refuses it and says why.
                Remove(new Removal(search.Target, search.Target));
                break;
        }
    }

    private void AskAndRemove(Removal removal, Mapping mapping)
    {
        if (IsFailing)
        {
            TellNotStarted(removal, "an earlier item failed");
            return;
        }

        if (!MayProcess(removal.Target, mapping, RemoveAction))
        {
            return;
        }

        switch (Gate.Ask(Wording.RemoveQuestion(mapping), "Remove a tenant mapping"))
        {
            case Consent.Given:
            case Consent.GivenForAll:
                Remove(removal);
                break;
            case Consent.Refused:
                WriteVerbose($"Not removed: {Wording.Target(mapping)}.");
                NoteDeclined(removal.Target, mapping);
                break;
            default:
                WriteNobodyToAsk(removal.Target, mapping);
                break;
        }
    }

    private void Remove(Removal removal) => SubmitChange(removal, (operation, tag) => operation.Remove(tag, removal.Exactly));

    private void WriteNobodyToAsk(TenantTarget target, Mapping mapping) => Refuse(
        target,
        AzsRegistrationTenantOutcome.NotStarted,
        mapping,
        NobodyToAsk(
            $"{Wording.RemoveQuestion(mapping)} Nobody can be asked here.",
            "If the mapping is to go, run the command with -Force.",
            target.Row));

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

    private sealed class Removal : ITargeted
    {
        public Removal(TenantTarget target, TenantTarget exactly)
        {
            Target = target;
            Exactly = exactly;
        }

        public TenantTarget Target { get; }

        /// <summary>What is to be removed, by what was found.</summary>
        public TenantTarget Exactly { get; }
    }
}
