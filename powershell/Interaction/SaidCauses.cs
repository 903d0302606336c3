using System;
using System.Collections.Generic;
using System.Globalization;
using Azs.Registration.Native;

namespace Azs.Registration.Interaction;

/// <summary>The causes of failure that were said in full: a thousand rows that fail for one reason say it once.</summary>
/// <remarks>Each of them is an error record all the same, whose exception has everything.</remarks>
internal sealed class SaidCauses
{
    // More than anybody reads.
    private const int Most = 1000;

    private readonly Dictionary<string, string> firsts = new(StringComparer.Ordinal);

    /// <summary>What to show instead of the whole message.</summary>
    /// <param name="error">The error.</param>
    /// <param name="target">What it is about.</param>
    /// <returns>Null where all of it is to be said: the cause is new, or the item may have taken effect.</returns>
    public string? ShortFor(ErrorInfo error, object? target)
    {
        AzsRegistrationTenantMapping? item = target as AzsRegistrationTenantMapping;
        string name = NameOf(error, item);
        if (name.Length == 0 || target is AzsRegistrationTenantResult { Outcome: AzsRegistrationTenantOutcome.Unknown } or AzsRegistrationReportEntry)
        {
            return null;
        }

        string cause = $"{error.Code}\n{error.HttpStatus}\n{WithoutOwn(error, item)}";
        if (firsts.TryGetValue(cause, out string first))
        {
            return $"{error.Code}: {name}: the same as {first}.";
        }

        if (firsts.Count < Most)
        {
            firsts.Add(cause, error.Row > 0 ? RowOf(error.Row) : name);
        }

        return null;
    }

    private static string NameOf(ErrorInfo error, AzsRegistrationTenantMapping? item)
    {
        string id = item?.CustomerSubscriptionId is string customer ? $"customer subscription {customer}"
            : item?.TenantId is string tenant ? $"tenant {tenant}"
            : string.Empty;
        return error.Row <= 0 ? id
            : id.Length == 0 ? RowOf(error.Row)
            : $"{RowOf(error.Row)}, {id}";
    }

    private static string RowOf(long row) => "row " + row.ToString(CultureInfo.InvariantCulture);

    // Ids of others stay: two moves of bills are never the same.
    private static string WithoutOwn(ErrorInfo error, AzsRegistrationTenantMapping? item)
    {
        string prefix = error.Row > 0 ? $"Row {error.Row.ToString(CultureInfo.InvariantCulture)}: " : string.Empty;
        string message = prefix.Length > 0 && error.Message.StartsWith(prefix, StringComparison.Ordinal)
            ? error.Message.Substring(prefix.Length)
            : error.Message;
        // Of a wrong value the value is the cause, and stands where an id would.
        return error.Kind == ErrorKind.Input ? message : Without(Without(message, item?.CustomerSubscriptionId), item?.TenantId);
    }

    private static string Without(string message, string? id)
    {
        if (string.IsNullOrEmpty(id))
        {
            return message;
        }

        for (int at = message.IndexOf(id, StringComparison.OrdinalIgnoreCase); at >= 0; at = message.IndexOf(id, at, StringComparison.OrdinalIgnoreCase))
        {
            message = message.Remove(at, id!.Length);
        }

        return message;
    }
}
