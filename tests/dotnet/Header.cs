using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

namespace Azs.Registration.Tests;

/// <summary>What include/azs_registration.h declares, as far as the managed half mirrors it.</summary>
internal static partial class Header
{
    private static readonly string Text = System.IO.File.ReadAllText(Repository.Header);

    /// <summary>Macros with a number.</summary>
    public static IReadOnlyDictionary<string, long> Constants { get; } = DefineLine().Matches(Text)
        .ToDictionary(match => match.Groups[1].Value, match => long.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));

    /// <summary>Names of all macros, but that which guards the file.</summary>
    public static IReadOnlyList<string> Macros { get; } =
        MacroName().Matches(Text).Select(match => match.Groups[1].Value).Where(name => name != "AZS_REGISTRATION_H").ToArray();

    /// <summary>Structs with their members, in order.</summary>
    public static IReadOnlyDictionary<string, string[]> Structs { get; } = StructBody().Matches(Text)
        .ToDictionary(match => match.Groups[1].Value, match => MemberLine().Matches(match.Groups[2].Value).Select(member => member.Groups[1].Value).ToArray());

    /// <summary>Functions.</summary>
    public static IReadOnlyList<string> Functions { get; } = FunctionName().Matches(Text).Select(match => match.Groups[1].Value).ToArray();

    /// <summary>azs_client_config is AzsClientConfig, can_supply_credential is CanSupplyCredential.</summary>
    public static string PascalCase(string name) =>
        string.Concat(name.Split('_').Select(part => char.ToUpperInvariant(part[0]) + part[1..]));

    /// <summary>WouldReplace is WOULD_REPLACE.</summary>
    public static string UpperCase(string name)
    {
        StringBuilder upper = new();
        foreach (char letter in name)
        {
            if (char.IsUpper(letter) && upper.Length > 0)
            {
                upper.Append('_');
            }

            upper.Append(char.ToUpperInvariant(letter));
        }

        return upper.ToString();
    }

    [GeneratedRegex(@"^#define (AZS_\w+) (-?\d+)\s*$", RegexOptions.Multiline)]
    private static partial Regex DefineLine();

    [GeneratedRegex(@"^#define (\w+)", RegexOptions.Multiline)]
    private static partial Regex MacroName();

    [GeneratedRegex(@"^typedef struct (azs_\w+) \{(.*?)^\} \1;", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex StructBody();

    [GeneratedRegex(@"^  [\w ]+?[ *](\w+);", RegexOptions.Multiline)]
    private static partial Regex MemberLine();

    [GeneratedRegex(@"^[\w ]+?[ *](azs_\w+)\(", RegexOptions.Multiline)]
    private static partial Regex FunctionName();
}
