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

        // One list after the other: their items stay together, in the order of the rows.
        PullToTheEnd();
        if (!IsFailing)
        {
            Submit(target, (operation, tag) => operation.List(tag, target));
            PullToTheEnd();
        }
    }

    private protected override void OnMapping(object item, Mapping mapping) => WriteObject(new AzsRegistrationTenant(mapping));

    private protected override void OnFinished(object item, RequestFinished finished)
    {
        if (finished.Outcome != Outcome.Read)
        {
            WriteFailure(finished);
        }
    }
}
