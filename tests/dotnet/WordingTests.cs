using System;
using Azs.Registration.Interaction;
using Azs.Registration.Native;
using Xunit;

namespace Azs.Registration.Tests;

public sealed class WordingTests
{
    private static readonly Mapping Wanted = new()
    {
        RegistrationSubscriptionId = "sub",
        ResourceGroupName = "group",
        RegistrationName = "azurestack-1",
        CustomerSubscriptionId = "new",
        TenantId = "tenant",
    };

    [Fact]
    public void Each_question_names_the_registration()
    {
        const string registration = "registration 'azurestack-1' (resource group 'group', subscription sub)";
        Assert.Contains(registration, Wording.Target(Wanted), StringComparison.Ordinal);
        Assert.Contains(registration, Wording.RemoveQuestion(Wanted), StringComparison.Ordinal);
        Assert.Contains(registration, Wording.MoveQuestion(Wanted, "old", "tenant"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_move_says_tenant_old_and_new() =>
        Assert.EndsWith(
            "the usage of tenant tenant is charged to subscription old now. Charge it to subscription new instead?",
            Wording.MoveQuestion(Wanted, "old", "tenant"),
            StringComparison.Ordinal);

    [Fact]
    public void A_subscription_that_changes_its_tenant_says_both_tenants() =>
        Assert.EndsWith(
            "subscription NEW is charged for the usage of tenant other now. Charge it for tenant tenant instead?",
            Wording.MoveQuestion(Wanted, "NEW", "other"),
            StringComparison.Ordinal);

    [Fact]
    public void A_removal_says_where_the_usage_goes() =>
        Assert.EndsWith(
            "From then on the tenant's usage is charged to the registration's own subscription sub.",
            Wording.RemoveQuestion(Wanted),
            StringComparison.Ordinal);
}
