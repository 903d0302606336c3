using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using Azs.Registration.Native;

namespace Azs.Registration.Rows;

/// <summary>Reads the columns of an object from the pipeline. What they mean, and which rows are refused, is the library's.</summary>
/// <remarks>
/// From the object itself, beside what PowerShell binds: a parameter that the command line sets hides the row's own
/// value, and a row that contradicts it has to be refused, not overruled.
/// </remarks>
internal sealed class RowReader
{
    private readonly RowRules rules;
    private readonly RowKind kind;

    /// <summary>A reader of rows about mappings, or about registrations.</summary>
    public RowReader(RowRules rules, RowKind kind)
    {
        this.rules = rules;
        this.kind = kind;
    }

    /// <summary>What a row is about.</summary>
    /// <param name="row">The object; null where $null came through the pipeline.</param>
    /// <param name="number">The number of the row, counted from 1.</param>
    /// <param name="commandLine">The parameters as they were before the first row.</param>
    /// <param name="bound">The parameters as they are for this row: bound by property name, or by script block.</param>
    /// <exception cref="RefusedException">The row is refused.</exception>
    public TenantTarget Read(PSObject? row, long number, TenantTarget commandLine, TenantTarget bound)
    {
        List<RowCell> cells = row is null ? new List<RowCell>() : Cells(row, number);
        string? type = row?.BaseObject.GetType().FullName;
        try
        {
            return rules.Read(kind, cells, type, number, commandLine, bound);
        }
        catch (RefusedException refused) when (row is not null && refused.Error.Code == "RowNotUnderstood")
        {
            // The message says what was found. Asking an object for all of its names is slow: it is done for this alone.
            return rules.Read(kind, WithAllNames(row, cells), type, number, commandLine, bound);
        }
    }

    private List<RowCell> Cells(PSObject row, long number)
    {
        List<RowCell> cells = new();
        try
        {
            foreach (string column in rules.Columns)
            {
                if (Value(row, column, out object? value))
                {
                    cells.Add(new RowCell(column, Text(value)));
                }
            }
        }
        catch (Exception failure) when (failure is GetValueException or PSInvalidCastException)
        {
            throw new RefusedException(new ErrorInfo(ErrorKind.Input, "RowNotReadable", $"Row {number}: {failure.Message}") { Row = number });
        }

        return cells;
    }

    private static List<RowCell> WithAllNames(PSObject row, List<RowCell> cells)
    {
        IEnumerable<string> names = row.BaseObject is IDictionary dictionary
            ? dictionary.Keys.Cast<object>().Select(key => key.ToString())
            : row.Properties.Select(property => property.Name);
        // In the order of the object.
        List<RowCell> all = names.Select(name => new RowCell(name, cells.Find(cell => IsNamed(cell.Name, name)).Value)).ToList();
        all.AddRange(cells.Where(cell => cell.Name.Contains(".")));
        return all;
    }

    // Resources as the generic cmdlets and the REST interface give them have the tenant one level down.
    private static bool Value(PSObject row, string column, out object? value)
    {
        int stop = column.IndexOf('.');
        if (stop < 0)
        {
            return Member(row, column, out value);
        }

        if (Member(row, column.Substring(0, stop), out object? inner) && inner is not null)
        {
            return Value(PSObject.AsPSObject(inner), column.Substring(stop + 1), out value);
        }

        value = null;
        return false;
    }

    private static bool Member(PSObject row, string name, out object? value)
    {
        value = null;
        if (row.BaseObject is IDictionary dictionary)
        {
            foreach (DictionaryEntry entry in dictionary)
            {
                if (IsNamed(entry.Key.ToString(), name))
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

    private static bool IsNamed(string? one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    // The cells that a short line of a file leaves out hold $null, and so does a property that Select-Object made up: they
    // are gaps as an empty cell is, and none of them is a column that is not there.
    private static string Text(object? value) =>
        value is null ? string.Empty : LanguagePrimitives.ConvertTo<string>(value) ?? string.Empty;
}
