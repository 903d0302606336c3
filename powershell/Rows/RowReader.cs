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

    /// <summary>The values of a row.</summary>
    /// <returns>Null where it has none of the expected columns.</returns>
    public static TenantTarget? Read(PSObject row)
    {
        int found = 0;
        string? Column(string name, string? otherName = null)
        {
            if (Value(row, name, out object? value) || (otherName is not null && Value(row, otherName, out value)))
            {
                found++;
                return Text(value);
            }

            return null;
        }

        TenantTarget target = new()
        {
            ResourceId = Column("ResourceId") ?? IdOf(row, ref found),
            RegistrationSubscriptionId = Column("RegistrationSubscriptionId"),
            ResourceGroupName = Column("ResourceGroupName"),
            RegistrationName = Column("RegistrationName"),
            CustomerSubscriptionId = Column("CustomerSubscriptionId", "CustomerSubscriptionName"),
            TenantId = Column("TenantId") ?? TenantOfProperties(row, ref found),
            SubscriptionId = Column("SubscriptionId"),
        };
        return found > 0 ? target : null;
    }

    /// <summary>The columns that a row has, for messages.</summary>
    public static IReadOnlyList<string> Columns(PSObject row) =>
        row.BaseObject is IDictionary dictionary
            ? dictionary.Keys.Cast<object>().Select(key => key.ToString()).ToList()
            : row.Properties.Select(property => property.Name).ToList();

    // Any table may have a column Id. It is taken for a resource id only where it looks like one, as in what the
    // REST interface gives.
    private static string? IdOf(PSObject row, ref int found)
    {
        if (Value(row, "Id", out object? value) && Text(value) is string id && id.Contains("/"))
        {
            found++;
            return id;
        }

        return null;
    }

    // Resources as the generic cmdlets and the REST interface give them have the tenant one level down.
    private static string? TenantOfProperties(PSObject row, ref int found)
    {
        if (!Value(row, "TenantId", out _) && Value(row, "Properties", out object? properties) && properties is not null &&
            Value(PSObject.AsPSObject(properties), "tenantId", out object? tenant))
        {
            found++;
            return Text(tenant);
        }

        return null;
    }

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

    private static string? Text(object? value) =>
        value is null ? null : LanguagePrimitives.ConvertTo<string>(value);
}
