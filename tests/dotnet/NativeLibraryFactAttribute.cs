using System;
using System.IO;
using Xunit;

namespace Azs.Registration.Tests;

/// <summary>A test over the built native library; without one it is reported as skipped, never as passed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NativeLibraryFactAttribute : FactAttribute
{
    /// <summary>The environment variable that names the library by its full path; the build sets it.</summary>
    public const string Variable = "AZS_REGISTRATION_LIBRARY_UNDER_TEST";

    public NativeLibraryFactAttribute()
    {
        if (!File.Exists(Library))
        {
            Skip = $"No native library: {Variable} names no file.";
        }
    }

    public static string? Library => Environment.GetEnvironmentVariable(Variable);
}
