using System;
using System.Linq;
using Azs.Registration.Native;
using Xunit;

namespace Azs.Registration.Tests;

/// <summary>What rows come to, over the built library. How objects of the pipeline become cells is tested in PowerShell.</summary>
public sealed class RowRulesTests
{
    private static readonly TenantTarget Nothing = new();

    private static readonly Lazy<RowRules> Rules = new(() => new RowRules(new NativeLibraryLoader(
        AppContext.BaseDirectory, NativeLibraryFactAttribute.Library, RuntimePlatform.Current, DynamicLinker.ForThisSystem).Load()));

    [NativeLibraryFact]
    public void The_library_names_the_columns()
    {
        Assert.Contains("CustomerSubscriptionId", Rules.Value.Columns);
        Assert.Contains("Properties.tenantId", Rules.Value.Columns);
        Assert.Equal(Rules.Value.Columns.Count, Rules.Value.Columns.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [NativeLibraryFact]
    public void A_rows_own_values_are_taken_and_a_cell_that_says_nothing_is_a_gap()
    {
        RowCell[] cells = [new("CUSTOMERSUBSCRIPTIONID", "ä"), new("TenantId", null), new("Remark", "x"), new("SubscriptionId", "s")];

        TenantTarget target = Read(cells, 3, Nothing, Nothing);

        Assert.Equal(("ä", string.Empty, "s", 3L), (target.CustomerSubscriptionId, target.TenantId, target.SubscriptionId, target.Row));
        Assert.Null(target.ResourceId);
    }

    [NativeLibraryFact]
    public void What_a_script_block_bound_goes_before_the_rows_own()
    {
        RowCell[] cells = [new("TenantId", "column"), new("CustomerSubscriptionId", "c")];

        TenantTarget target = Read(cells, 1, Nothing, new TenantTarget { TenantId = "bound" });

        Assert.Equal(("bound", "c"), (target.TenantId, target.CustomerSubscriptionId));
        Assert.Equal("bound", Read([], 1, Nothing, new TenantTarget { TenantId = "bound" }).TenantId);
    }

    [NativeLibraryFact]
    public void What_PowerShell_bound_from_an_empty_column_leaves_the_value_to_another_one()
    {
        RowCell[] cells = [new("CustomerSubscriptionId", " "), new("CustomerSubscriptionName", "c")];

        Assert.Equal("c", Read(cells, 1, Nothing, new TenantTarget { CustomerSubscriptionId = " " }).CustomerSubscriptionId);
    }

    [NativeLibraryFact]
    public void A_row_may_repeat_the_command_line_and_is_refused_where_it_contradicts()
    {
        string[] columns = ["ResourceId", "RegistrationSubscriptionId", "ResourceGroupName", "RegistrationName", "CustomerSubscriptionId", "TenantId"];
        foreach (string column in columns)
        {
            TenantTarget given = Target(column, "one");

            ErrorInfo error = Refused([new(column, "other")], 7, given, given);

            Assert.Equal(("RowContradictsParameter", column, 7L), (error.Code, error.Column, error.Row));
            Assert.Equal($"Row 7: {column} is 'other', but the command line says 'one'.", error.Message);
            Assert.NotNull(error.RecommendedAction);
            foreach (string? harmless in new[] { null, " ", " ONE " })
            {
                TenantTarget target = Read([new(column, harmless), new("SubscriptionId", "s")], 7, given, given);
                Assert.Equal("one", typeof(TenantTarget).GetProperty(column)!.GetValue(target));
            }
        }
    }

    [NativeLibraryFact]
    public void Only_what_the_command_line_did_not_give_counts_as_said_by_the_row()
    {
        TenantTarget given = new() { RegistrationName = "one" };

        Assert.Equal("RowNotUnderstood", Refused([], 1, given, given).Code);
        Assert.Equal("t", Read([], 1, given, new TenantTarget { RegistrationName = "one", TenantId = "t" }).TenantId);
    }

    [NativeLibraryFact]
    public void A_row_without_columns_is_told_what_was_found_and_what_was_expected()
    {
        ErrorInfo error = Refused([new("CustomerSubscriptionId;TenantId", null)], 2, Nothing, Nothing);

        Assert.StartsWith("Row 2: none of the expected columns was found. Found: 'CustomerSubscriptionId;TenantId' (Some.Type).", error.Message, StringComparison.Ordinal);
        Assert.Contains("CustomerSubscriptionId, TenantId, ResourceId", error.Message, StringComparison.Ordinal);
        Assert.Contains("-Delimiter", error.RecommendedAction, StringComparison.Ordinal);

        error = Refused([new("Id", "7"), new("Kunde", null)], 3, Nothing, Nothing);
        Assert.Contains("none of the expected columns was found. Found: 'Id', 'Kunde' (Some.Type).", error.Message, StringComparison.Ordinal);

        error = Refused([new("Remark", null), new("TenantId", " ")], 4, Nothing, Nothing);
        Assert.Contains("none of the expected columns has a value. Found: 'Remark', 'TenantId' (Some.Type).", error.Message, StringComparison.Ordinal);
        Assert.Equal("Fill the cells, or take the row out.", error.RecommendedAction);
    }

    [NativeLibraryFact]
    public void Of_a_mapping_the_registration_is_taken_where_that_is_asked_for()
    {
        RowCell[] cells = [new("RegistrationName", "hub"), new("CustomerSubscriptionId", "c"), new("ResourceGroupName", " ")];

        TenantTarget target = Rules.Value.Read(RowKind.Registration, cells, "Some.Type", 1, Nothing, Nothing);

        Assert.Equal(("hub", null, null), (target.RegistrationName, target.CustomerSubscriptionId, target.ResourceGroupName));
    }

    private static TenantTarget Read(RowCell[] cells, long number, TenantTarget commandLine, TenantTarget bound) =>
        Rules.Value.Read(RowKind.Mapping, cells, "Some.Type", number, commandLine, bound);

    private static ErrorInfo Refused(RowCell[] cells, long number, TenantTarget commandLine, TenantTarget bound) =>
        Assert.Throws<RefusedException>(() => Read(cells, number, commandLine, bound)).Error;

    private static TenantTarget Target(string column, string value)
    {
        TenantTarget target = new();
        typeof(TenantTarget).GetProperty(column)!.SetValue(target, value);
        return target;
    }
}
