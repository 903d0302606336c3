using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace Azs.Registration.Tests;

/// <summary>Reads the manifest as far as it is written: names with a text, or with an array of texts.</summary>
internal static partial class ModuleManifest
{
    public static string Text { get; } = Repository.Read("powershell", "Azs.Registration.psd1");

    public static string Value(string key) =>
        Regex.Match(Text, $@"^\s*{key} = '([^']*)'", RegexOptions.Multiline).Groups[1].Value;

    public static IReadOnlyList<string> Values(string key)
    {
        Match array = Regex.Match(Text, $@"^\s*{key} = @\(([^)]*)\)", RegexOptions.Multiline);
        return array.Success ? [.. Quoted().Matches(array.Groups[1].Value).Select(one => one.Groups[1].Value)] : null!;
    }

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex Quoted();
}
