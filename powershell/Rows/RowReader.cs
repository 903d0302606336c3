using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using Azs.Registration.Native;

namespace Azs.Registration.Rows;

/// <summary>Reads the columns of an object from the pipeline.</summary>
/// <remarks>
/// From the object itself, beside what PowerShell binds: a parameter that the command line sets hides the row's own
/// value, and a row that contradicts it has to be refused, not overruled.
/// </remarks>
internal static class RowReader
{
    /// <summary>The names of columns, for messages.</summary>
    public const string Expected =
        "CustomerSubscriptionId, TenantId, ResourceId, RegistrationName, ResourceGroupName, RegistrationSubscriptionId";

    /// <summary>The values of a row. A column that is there and says nothing is an empty string, also where it holds $null.</summary>
    /// <remarks>
    /// The cells that a short line of a file leaves out hold $null, and so does a property that Select-Object made up: they
    /// are gaps as an empty cell is, and none of them is a column that is not there.
    /// </remarks>
    /// <returns>Null where it has none of the expected columns.</returns>
    public static TenantTarget? Read(PSObject row)
    {
        string? tenant = Column(row, "TenantId");
        string? id = Column(row, "ResourceId");
        string? customer = Column(row, "CustomerSubscriptionId");
        TenantTarget target = new()
        {
            ResourceId = IsBlank(id) ? IdOf(row) ?? id : id,
            RegistrationSubscriptionId = Column(row, "RegistrationSubscriptionId"),
            ResourceGroupName = Column(row, "ResourceGroupName"),
            RegistrationName = Column(row, "RegistrationName"),
            CustomerSubscriptionId = IsBlank(customer) ? Filled(Column(row, "CustomerSubscriptionName"), customer) : customer,
            TenantId = IsBlank(tenant) ? Filled(TenantOfProperties(row), tenant) : tenant,
            SubscriptionId = Column(row, "SubscriptionId"),
        };
        return (target.ResourceId ?? target.RegistrationSubscriptionId ?? target.ResourceGroupName ?? target.RegistrationName ??
            target.CustomerSubscriptionId ?? target.TenantId ?? target.SubscriptionId) is null ? null : target;
    }

    /// <summary>Whether the row has that column itself, and nothing in it.</summary>
    public static bool HasGap(PSObject row, string name) => Column(row, name) is string text && IsBlank(text);

    /// <summary>The columns that a row has, for messages.</summary>
    public static IReadOnlyList<string> Columns(PSObject row) =>
        row.BaseObject is IDictionary dictionary
            ? dictionary.Keys.Cast<object>().Select(key => key.ToString()).ToList()
            : row.Properties.Select(property => property.Name).ToList();

    private static bool IsBlank(string? text) => string.IsNullOrWhiteSpace(text);

    private static string? Filled(string? other, string? blank) => IsBlank(other) ? blank ?? other : other;

    private static string? Column(PSObject row, string name) => Value(row, name, out object? value) ? Text(value) : null;

    // Any table may have a column Id. It is taken for a resource id only where it looks like one, as in what the
    // REST interface gives.
    private static string? IdOf(PSObject row) => Column(row, "Id") is string id && id.Contains("/") ? id : null;

    // Resources as the generic cmdlets and the REST interface give them have the tenant one level down.
    private static string? TenantOfProperties(PSObject row) =>
        Value(row, "Properties", out object? properties) && properties is not null
            ? Column(PSObject.AsPSObject(properties), "tenantId")
            : null;

    private static bool Value(PSObject row, string name, out object? value)
    {
        value = null;
        if (row.BaseObject is IDictionary dictionary)
        {
            foreach (DictionaryEntry entry in dictionary)
            {
                if (name.Equals(entry.Key.ToString(), StringComparison.OrdinalIgnoreCase))
                {
                    value = entry.Value;
                    return true;
                }
            }

            return false;
        }

        PSPropertyInfo? property = row.Properties[name];
        value = property?.Value;
        return property is not null;
    }

    private static string Text(object? value) =>
        value is null ? string.Empty : LanguagePrimitives.ConvertTo<string>(value) ?? string.Empty;
}
