using System.Management.Automation;
using Azs.Registration.Native;

namespace Azs.Registration.Commands;

/// <summary>Lists the tenants of a registration, or gets one.</summary>
[Cmdlet(VerbsCommon.Get, "AzsRegistrationTenant")]
[OutputType(typeof(AzsRegistrationTenant))]
public sealed class GetAzsRegistrationTenantCommand : TenantCommand
{
    private protected override string Activity => "Reading the tenants of the registration";

    private protected override void ProcessTarget(TenantTarget target)
    {
        if (Resolve(Purpose.List, target) is not Mapping resolved)
        {
            return;
        }

        if (resolved.CustomerSubscriptionId is not null)
        {
            Submit(target, (operation, tag) => operation.Get(tag, target));
            return;
        }

        if (target.TenantId is string tenant && string.IsNullOrWhiteSpace(tenant))
        {
            WriteFailure(BlankTenant(target.Row), Result(AzsRegistrationTenantOutcome.Failed, resolved, null, target.Row));
            return;
        }

        // One list after the other: their items stay together, in the order of the rows.
        PullToTheEnd();
        if (!IsFailing)
        {
            Submit(target, (operation, tag) => operation.List(tag, target), isList: true);
            PullToTheEnd();
        }
    }

    // An empty cell is a gap in the file. All tenants for it would be a surprise, and on the way to Remove the end of all.
    private static ErrorInfo BlankTenant(long row) => new(
        ErrorKind.Input, "ValueMissing", $"Row {row}: TenantId is empty. Expected the id of a tenant, or no such column to list all tenants.")
    {
        Row = row,
        Column = nameof(TenantId),
        RecommendedAction = "Fill the cell, or take the row out.",
    };

    private protected override void OnMapping(object item, Mapping mapping) => WriteObject(new AzsRegistrationTenant(mapping));

    private protected override void OnFinished(object item, RequestFinished finished)
    {
        if (finished.Outcome != Outcome.Read)
        {
            WriteFailure(finished);
        }
    }
}
