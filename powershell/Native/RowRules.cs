using System;
using System.Collections.Generic;

namespace Azs.Registration.Native;

/// <summary>A cell of a row.</summary>
internal readonly struct RowCell
{
    public RowCell(string name, string? value)
    {
        Name = name;
        Value = value;
    }

    /// <summary>The column. One that <see cref="RowRules.Columns"/> does not have is for messages alone.</summary>
    public string Name { get; }

    /// <summary>What it holds; null and an empty text say nothing.</summary>
    public string? Value { get; }
}

/// <summary>What the library says about rows: which columns there are, and what they come to.</summary>
internal sealed unsafe class RowRules
{
    private readonly NativeApi api;

    // The library's own texts, which are never freed: they go back without a copy.
    private readonly Dictionary<string, AzsStr> names = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> columns = new();

    public RowRules(NativeApi api)
    {
        this.api = api;
        for (uint index = 0; NativeText.Out(api.RowColumn(index)) is string name; index++)
        {
            columns.Add(name);
            names.Add(name, api.RowColumn(index));
        }
    }

    /// <summary>The names of the columns that rows are read from. A full stop stands between an object and its member.</summary>
    public IReadOnlyList<string> Columns => columns;

    /// <summary>What a row is about. Whether its values are ids is not checked yet.</summary>
    /// <param name="kind">What it is read for.</param>
    /// <param name="cells">Its cells.</param>
    /// <param name="type">The type of the object that they are properties of; null where there is no object.</param>
    /// <param name="number">Its number, counted from 1.</param>
    /// <param name="commandLine">Said for all rows.</param>
    /// <param name="bound">Said for this row by other means than its columns.</param>
    /// <exception cref="RefusedException">The row is refused.</exception>
    public TenantTarget Read(
        RowKind kind, IReadOnlyList<RowCell> cells, string? type, long number, TenantTarget commandLine, TenantTarget bound)
    {
        using NativeText texts = new();
        // One more, for an address is needed of no cells too.
        AzsRowCell[] given = new AzsRowCell[cells.Count + 1];
        for (int at = 0; at < cells.Count; at++)
        {
            RowCell cell = cells[at];
            given[at] = new AzsRowCell
            {
                Name = names.TryGetValue(cell.Name, out AzsStr name) ? name : texts.In(cell.Name),
                Value = texts.In(cell.Value),
            };
        }

        fixed (AzsRowCell* first = given)
        {
            AzsRow row = new()
            {
                Size = (uint)sizeof(AzsRow),
                Kind = (int)kind,
                Cells = first,
                CellCount = (nuint)cells.Count,
                Object = texts.In(type),
                Row = (ulong)number,
                CommandLine = commandLine.ToNative(texts),
                Bound = bound.ToNative(texts),
                AdviceWords = (int)Words.Powershell,
            };
            Status status = api.RowRead(&row, out IntPtr target, out IntPtr error);
            using RowTargetHandle handle = new(api, target);
            Failures.ThrowUnlessOk(api, status, error, "azs_row_read");
            return TenantTarget.From(*api.RowTargetGet(handle));
        }
    }
}
