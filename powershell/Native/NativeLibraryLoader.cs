using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace Azs.Registration.Native;

/// <summary>Finds and loads the native library; once loaded it stays for the life of the process.</summary>
internal sealed class NativeLibraryLoader
{
    /// <summary>The environment variable that names another library by its full path.</summary>
    public const string OverrideVariable = "AZS_REGISTRATION_LIBRARY";

    private static readonly object Gate = new();
    private static NativeApi? loaded;

    private readonly string moduleFolder;
    private readonly string? overridePath;
    private readonly RuntimePlatform platform;
    private readonly Func<IDynamicLinker> linker;

    public NativeLibraryLoader(string moduleFolder, string? overridePath, RuntimePlatform platform, Func<IDynamicLinker> linker)
    {
        this.moduleFolder = moduleFolder;
        this.overridePath = overridePath;
        this.platform = platform;
        this.linker = linker;
    }

    /// <summary>
    /// The library of this process, loaded on first use: importing the module stays quick, and works where the library
    /// does not. A failure is not remembered, so that its cause can be mended in the same session.
    /// </summary>
    public static NativeApi Api
    {
        get
        {
            lock (Gate)
            {
                return loaded ??= new NativeLibraryLoader(
                    Path.GetDirectoryName(typeof(NativeLibraryLoader).Assembly.Location) ?? string.Empty,
                    Environment.GetEnvironmentVariable(OverrideVariable),
                    RuntimePlatform.Current,
                    DynamicLinker.ForThisSystem).Load();
            }
        }
    }

    /// <summary>Loads the library, or says of each path why it did not do.</summary>
    public NativeApi Load()
    {
        List<string> failures = new();
        Exception? cause = null;
        foreach (string path in Candidates())
        {
            try
            {
                if (TryLoad(path, out NativeApi? api, out string reason))
                {
                    return api!;
                }

                failures.Add($"{path}: {reason}");
            }
            catch (Exception failure) when (failure is MissingExportException or WrongAbiException)
            {
                failures.Add($"{path}: {failure.Message}");
                cause ??= failure;
            }
        }

        throw new NativeLibraryException(Describe(failures), cause);
    }

    // An override that is set is meant: nothing else is tried behind its back.
    private IEnumerable<string> Candidates()
    {
        yield return string.IsNullOrEmpty(overridePath)
            ? Path.Combine(moduleFolder, "runtimes", platform.Rid, "native", platform.FileName)
            : overridePath!;
    }

    private bool TryLoad(string path, out NativeApi? api, out string reason)
    {
        api = null;
        if (!Path.IsPathRooted(path))
        {
            reason = "it is not a full path";
            return false;
        }

        if (!File.Exists(path))
        {
            reason = "there is no such file";
            return false;
        }

        IDynamicLinker system = linker();
        IntPtr library = system.Load(path, out reason);
        if (library == IntPtr.Zero)
        {
            return false;
        }

        api = new NativeApi(library, system.FindExport);
        return true;
    }

    private string Describe(List<string> failures)
    {
        StringBuilder message = new("The native library of Azs.Registration could not be loaded.");
        foreach (string failure in failures)
        {
            message.Append(' ').Append("Tried ").Append(failure).Append('.');
        }

        message.Append(" This process is ").Append(platform.Rid).Append(". ");
        message.Append(string.IsNullOrEmpty(overridePath)
            ? "Install the module again as a whole; where it has no library for this platform, build one and name its full path in the environment variable " + OverrideVariable + "."
            : "The path comes from the environment variable " + OverrideVariable + ": correct it, or clear it to use the library of the module.");
        return message.ToString();
    }
}
