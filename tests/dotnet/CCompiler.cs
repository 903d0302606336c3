using System;
using System.ComponentModel;
using System.IO;
using Xunit;

namespace Azs.Registration.Tests;

/// <summary>The C compiler of this machine.</summary>
internal static class CCompiler
{
    private static readonly Lazy<string?> Found = new(Find);

    public static string? Name => Found.Value;

    /// <summary>Compiles a source with the repository's header at hand.</summary>
    public static void Compile(string source, string output, params string[] options)
    {
        string file = output + ".c";
        File.WriteAllText(file, source);
        (int exitCode, _, string error) = Repository.Run(
            Name!, [.. options, "-I", Path.Combine(Repository.Root, "include"), "-o", output, file]);
        Assert.True(exitCode == 0, error);
    }

    private static string? Find()
    {
        foreach (string? name in new[] { Environment.GetEnvironmentVariable("CC"), "cc", "clang", "gcc" })
        {
            try
            {
                if (!string.IsNullOrEmpty(name) && Repository.Run(name, "--version").ExitCode == 0)
                {
                    return name;
                }
            }
            catch (Win32Exception)
            {
                // Not on this machine.
            }
        }

        return null;
    }
}

/// <summary>A test that needs a C compiler; without one it is reported as skipped, never as passed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CCompilerFactAttribute : FactAttribute
{
    public CCompilerFactAttribute()
    {
        if (CCompiler.Name is null)
        {
            Skip = "No C compiler (CC, cc, clang, gcc) on this machine.";
        }
        else if (OperatingSystem.IsWindows())
        {
            Skip = "The compiler's options are those of Unix.";
        }
    }
}
