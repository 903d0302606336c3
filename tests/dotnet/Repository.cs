using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;

namespace Azs.Registration.Tests;

/// <summary>Files of the repository, and the C compiler where there is one.</summary>
internal static class Repository
{
    public static string Root { get; } = typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    public static string Header => Path.Combine(Root, "include", "azs_registration.h");

    public static string Read(params string[] path) => File.ReadAllText(Path.Combine([Root, .. path]));

    /// <summary>Runs a program.</summary>
    /// <returns>What it wrote, and its exit code.</returns>
    public static (int ExitCode, string Output, string Error) Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        System.Threading.Tasks.Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
