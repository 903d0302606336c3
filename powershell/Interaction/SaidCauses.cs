using System;
using System.Collections.Generic;
using System.Globalization;
using Azs.Registration.Native;

namespace Azs.Registration.Interaction;

/// <summary>The causes of failure that were said in full: a thousand rows that fail for one reason say it once.</summary>
internal sealed class SaidCauses
{
    // More than one operator reads. Whoever has so many different causes has other worries than their repetition.
    private const int Most = 1000;

    private readonly Dictionary<string, string> firsts = new(StringComparer.Ordinal);

    /// <summary>What to show instead of the whole message.</summary>
    /// <param name="error">The error.</param>
    /// <param name="item">The item that it is about, in words.</param>
    /// <returns>Null where the cause is new.</returns>
    public string? ShortFor(ErrorInfo error, string item)
    {
        string prefix = RowPrefix(error.Row);
        string message = prefix.Length > 0 && error.Message.StartsWith(prefix, StringComparison.Ordinal)
            ? error.Message.Substring(prefix.Length)
            : error.Message;
        string cause = $"{error.Code}\n{error.HttpStatus}\n{message}";
        string here = error.Row > 0 ? string.Format(CultureInfo.InvariantCulture, "row {0}", error.Row) : item;
        if (firsts.TryGetValue(cause, out string first))
        {
            return $"{error.Code}: {char.ToUpperInvariant(here[0])}{here.Substring(1)}: the same as {first}.";
        }

        if (firsts.Count < Most && here.Length > 0)
        {
            firsts.Add(cause, here);
        }

        return null;
    }

    private static string RowPrefix(long row) =>
        row > 0 ? string.Format(CultureInfo.InvariantCulture, "Row {0}: ", row) : string.Empty;
}
