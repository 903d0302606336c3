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
        Assert.Contains(registration, Wording.MoveQuestion(Wanted, "old", null, "tenant"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_move_says_what_the_library_says_is_charged_now()
    {
        string question = Wording.MoveQuestion(
            Wanted, "old", "Row 2: The usage of tenant t is charged to subscription old or other. Nothing was sent.", "tenant", 2);

        Assert.StartsWith("The usage of tenant t is charged to subscription old or other. It is registration", question, StringComparison.Ordinal);
        Assert.EndsWith("Charge the usage to subscription new instead?", question, StringComparison.Ordinal);
        Assert.DoesNotContain("Nothing was sent", question, StringComparison.Ordinal);
    }

    [Fact]
    public void A_subscription_that_changes_its_tenant_says_the_new_one() =>
        Assert.EndsWith(
            "Charge subscription new for tenant tenant instead?",
            Wording.MoveQuestion(Wanted, "NEW", "x", "other"),
            StringComparison.Ordinal);

    [Fact]
    public void What_was_moved_is_not_said_to_be_restored()
    {
        string warning = Wording.Moved(Wanted, "old", "tenant");

        Assert.Contains("the usage of tenant tenant was listed with subscription old and is charged to new from now on.", warning, StringComparison.Ordinal);
        Assert.Contains("To charge it to old again: New-AzsRegistrationTenant", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("restore", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tenant_that_nobody_said_before_is_not_called_the_new_one()
    {
        foreach (string text in new[]
        {
            Wording.Moved(Wanted, "NEW", null),
            Wording.Moved(Wanted, "NEW", null, inDoubt: true),
            Wording.MoveQuestion(Wanted, "NEW", null, null),
            Wording.MoveAction(Wanted, "NEW", null),
        })
        {
            Assert.Contains("a tenant that nobody says", text, StringComparison.Ordinal);
            Assert.Equal(2, text.Split("tenant tenant").Length);
            // Nobody knows what would restore it.
            Assert.DoesNotContain("New-AzsRegistrationTenant", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_move_of_a_bill_is_one_for_the_same_tenant()
    {
        string warning = Wording.Moved(Wanted, "old", null);

        Assert.Contains("the usage of tenant tenant was listed with subscription old", warning, StringComparison.Ordinal);
        Assert.Contains("To charge it to old again: New-AzsRegistrationTenant", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_move_in_doubt_is_not_said_to_have_happened()
    {
        string warning = Wording.Moved(Wanted, "old", "tenant", inDoubt: true);

        Assert.Contains("and may be charged to new from now on: what became of the change is not known.", warning, StringComparison.Ordinal);
        Assert.Contains("To charge it to old again: New-AzsRegistrationTenant", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_removal_says_where_the_usage_goes() =>
        Assert.EndsWith(
            "From then on the tenant's usage is charged to the registration's own subscription sub.",
            Wording.RemoveQuestion(Wanted),
            StringComparison.Ordinal);
}
