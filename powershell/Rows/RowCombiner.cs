using System;
using System.Globalization;
using Azs.Registration.Native;

namespace Azs.Registration.Rows;

/// <summary>Combines what the command line says with what a row says.</summary>
internal static class RowCombiner
{
    /// <summary>The target of one row.</summary>
    /// <param name="commandLine">The parameters as they were before the first row.</param>
    /// <param name="bound">The parameters as they are for this row: bound by property name, or by script block.</param>
    /// <param name="columns">The row's own columns; null where it has none of the expected ones.</param>
    /// <param name="row">The number of the row, counted from 1.</param>
    /// <exception cref="RefusedException">The row contradicts the command line.</exception>
    public static TenantTarget Combine(TenantTarget commandLine, TenantTarget bound, TenantTarget? columns, long row)
    {
        columns ??= new TenantTarget();
        string? Value(string name, string? given, string? boundNow, string? column)
        {
            if (given is null)
            {
                return boundNow ?? column;
            }

            // A blank cell says nothing; a value that only repeats the parameter does no harm.
            return string.IsNullOrWhiteSpace(column) || string.Equals(column!.Trim(), given.Trim(), StringComparison.OrdinalIgnoreCase)
                ? given
                : throw new RefusedException(Contradiction(name, given, column, row));
        }

        return new TenantTarget
        {
            ResourceId = Value("ResourceId", commandLine.ResourceId, bound.ResourceId, columns.ResourceId),
            RegistrationSubscriptionId = Value(
                "RegistrationSubscriptionId", commandLine.RegistrationSubscriptionId, bound.RegistrationSubscriptionId, columns.RegistrationSubscriptionId),
            ResourceGroupName = Value("ResourceGroupName", commandLine.ResourceGroupName, bound.ResourceGroupName, columns.ResourceGroupName),
            RegistrationName = Value("RegistrationName", commandLine.RegistrationName, bound.RegistrationName, columns.RegistrationName),
            CustomerSubscriptionId = Value(
                "CustomerSubscriptionId", commandLine.CustomerSubscriptionId, bound.CustomerSubscriptionId, columns.CustomerSubscriptionId),
            TenantId = Value("TenantId", commandLine.TenantId, bound.TenantId, columns.TenantId),
            // What else says whose it is, is the library's to judge.
            SubscriptionId = columns.SubscriptionId,
            Row = row,
        };
    }

    /// <summary>Refuses an empty resource id: all mappings of the registration, for a gap in the file, would be a surprise.</summary>
    /// <exception cref="RefusedException">It is empty, and no customer subscription is named beside it.</exception>
    public static void RefuseGap(TenantTarget target)
    {
        if (target.ResourceId is not null && string.IsNullOrWhiteSpace(target.ResourceId) && target.CustomerSubscriptionId is null)
        {
            throw new RefusedException(NoResource(target.Row));
        }
    }

    /// <summary>What a row says of its registration; blanks as if they were not there.</summary>
    public static TenantTarget RegistrationOnly(TenantTarget columns)
    {
        static string? Filled(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
        return new TenantTarget
        {
            ResourceId = Filled(columns.ResourceId),
            RegistrationSubscriptionId = Filled(columns.RegistrationSubscriptionId),
            ResourceGroupName = Filled(columns.ResourceGroupName),
            RegistrationName = Filled(columns.RegistrationName),
            SubscriptionId = Filled(columns.SubscriptionId),
        };
    }

    /// <summary>Whether any column of the row has a value.</summary>
    public static bool SaysAnything(TenantTarget? columns) => columns is not null && !(
        string.IsNullOrWhiteSpace(columns.ResourceId) &&
        string.IsNullOrWhiteSpace(columns.RegistrationSubscriptionId) &&
        string.IsNullOrWhiteSpace(columns.ResourceGroupName) &&
        string.IsNullOrWhiteSpace(columns.RegistrationName) &&
        string.IsNullOrWhiteSpace(columns.CustomerSubscriptionId) &&
        string.IsNullOrWhiteSpace(columns.TenantId) &&
        string.IsNullOrWhiteSpace(columns.SubscriptionId));

    /// <summary>Whether a script block or a property gave a value that the command line did not.</summary>
    public static bool BindsAnything(TenantTarget commandLine, TenantTarget bound) =>
        (commandLine.ResourceId is null && !string.IsNullOrWhiteSpace(bound.ResourceId)) ||
        (commandLine.RegistrationSubscriptionId is null && !string.IsNullOrWhiteSpace(bound.RegistrationSubscriptionId)) ||
        (commandLine.ResourceGroupName is null && !string.IsNullOrWhiteSpace(bound.ResourceGroupName)) ||
        (commandLine.RegistrationName is null && !string.IsNullOrWhiteSpace(bound.RegistrationName)) ||
        (commandLine.CustomerSubscriptionId is null && !string.IsNullOrWhiteSpace(bound.CustomerSubscriptionId)) ||
        (commandLine.TenantId is null && !string.IsNullOrWhiteSpace(bound.TenantId));

    /// <summary>The refusal of a row whose expected columns are all empty: a gap in the file is no wish for everything.</summary>
    public static ErrorInfo Blank(string found, long row) => new(
        ErrorKind.Input,
        "RowNotUnderstood",
        $"{RowPrefix(row)}none of the expected columns has a value. Found: {found}. Expected a value in at least one of: {RowReader.Expected}.")
    {
        Row = row,
        RecommendedAction = "Fill the cells, or take the row out.",
    };

    /// <summary>The refusal of a row that has nothing to work with.</summary>
    public static ErrorInfo NotUnderstood(string found, bool looksLikeAnotherDelimiter, long row) => new(
        ErrorKind.Input,
        "RowNotUnderstood",
        $"{RowPrefix(row)}none of the expected columns was found. Found: {found}. Expected at least one of: {RowReader.Expected}.")
    {
        Row = row,
        RecommendedAction = looksLikeAnotherDelimiter
            ? "The file seems to have another delimiter than the comma. Read it with Import-Csv -Delimiter."
            : "Name the columns as expected, or say which property to take, as in -CustomerSubscriptionId { $_.Subscription }.",
    };

    private static ErrorInfo NoResource(long row) => new(
        ErrorKind.Input, "ValueMissing", $"{RowPrefix(row)}ResourceId is empty, and nothing else names the customer subscription.")
    {
        Row = row,
        Column = "ResourceId",
        RecommendedAction = "Fill the cell, or take the row out. To work on all tenants of a registration, leave the column out.",
    };

    private static ErrorInfo Contradiction(string name, string given, string column, long row) => new(
        ErrorKind.Input,
        "RowContradictsParameter",
        $"{RowPrefix(row)}{name} is '{column.Trim()}', but the command line says -{name} '{given.Trim()}'.")
    {
        Row = row,
        Column = name,
        Target = column,
        RecommendedAction =
            $"Leave -{name} out to take the row's own, or pass only what is wanted of the row, as in Select-Object CustomerSubscriptionId, TenantId.",
    };

    private static string RowPrefix(long row) =>
        row > 0 ? "Row " + row.ToString(CultureInfo.InvariantCulture) + ": " : string.Empty;
}
