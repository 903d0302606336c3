using System;
using Azs.Registration.Native;
using Azs.Registration.Rows;
using Xunit;

namespace Azs.Registration.Tests;

public sealed class RowCombinerTests
{
    private static readonly TenantTarget Nothing = new();

    [Fact]
    public void A_rows_own_values_are_taken()
    {
        TenantTarget row = new() { CustomerSubscriptionId = "c", TenantId = "t", ResourceId = "r", SubscriptionId = "s" };

        TenantTarget target = RowCombiner.Combine(Nothing, Nothing, row, 3);

        Assert.Equal(("c", "t", "r", "s", 3L), (target.CustomerSubscriptionId, target.TenantId, target.ResourceId, target.SubscriptionId, target.Row));
    }

    [Fact]
    public void What_a_script_block_bound_goes_before_the_rows_own()
    {
        TenantTarget target = RowCombiner.Combine(
            Nothing, new TenantTarget { TenantId = "bound" }, new TenantTarget { TenantId = "column", CustomerSubscriptionId = "c" }, 1);

        Assert.Equal(("bound", "c"), (target.TenantId, target.CustomerSubscriptionId));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData(" AZURESTACK-1 ")]
    public void The_command_line_goes_with_a_row_that_says_nothing_or_the_same(string? column)
    {
        TenantTarget given = new() { RegistrationName = "azurestack-1" };

        TenantTarget target = RowCombiner.Combine(given, given, new TenantTarget { RegistrationName = column, ResourceId = "id" }, 1);

        // The id goes along: the library refuses the row where it names another registration.
        Assert.Equal(("azurestack-1", "id"), (target.RegistrationName, target.ResourceId));
    }

    [Theory]
    [InlineData("ResourceId")]
    [InlineData("RegistrationSubscriptionId")]
    [InlineData("ResourceGroupName")]
    [InlineData("RegistrationName")]
    [InlineData("CustomerSubscriptionId")]
    [InlineData("TenantId")]
    public void A_row_that_contradicts_the_command_line_is_refused_with_row_and_column(string column)
    {
        TenantTarget given = Target(column, "one");

        ErrorInfo error = Assert.Throws<RefusedException>(() => RowCombiner.Combine(given, given, Target(column, "other"), 7)).Error;

        Assert.Equal(("RowContradictsParameter", column, 7L), (error.Code, error.Column, error.Row));
        Assert.StartsWith($"Row 7: {column} is 'other', but the command line says -{column} 'one'.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_what_the_command_line_did_not_give_counts_as_bound_by_the_row()
    {
        TenantTarget given = new() { RegistrationName = "one" };

        Assert.False(RowCombiner.BindsAnything(given, given));
        Assert.True(RowCombiner.BindsAnything(given, new TenantTarget { RegistrationName = "one", TenantId = "t" }));
    }

    [Fact]
    public void A_row_without_columns_is_told_what_was_found_and_what_was_expected()
    {
        ErrorInfo error = RowCombiner.NotUnderstood("'CustomerSubscriptionId;TenantId'", true, 2);

        Assert.Contains("Row 2: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("'CustomerSubscriptionId;TenantId'", error.Message, StringComparison.Ordinal);
        Assert.Contains("CustomerSubscriptionId, TenantId, ResourceId", error.Message, StringComparison.Ordinal);
        Assert.Contains("-Delimiter", error.RecommendedAction, StringComparison.Ordinal);
    }

    private static TenantTarget Target(string column, string value)
    {
        TenantTarget target = new();
        typeof(TenantTarget).GetProperty(column)!.SetValue(target, value);
        return target;
    }
}
