using System;
using System.Runtime.InteropServices;

namespace Azs.Registration.Native;

/// <summary>What the native library is looked for by: the system, and the architecture of this process.</summary>
/// <remarks>Of the process, not of the system: 32-bit Windows PowerShell runs on 64-bit Windows.</remarks>
internal sealed class RuntimePlatform
{
    public RuntimePlatform(string system, Architecture architecture)
    {
        Architecture = architecture;
        FileName = system switch
        {
            "win" => "azs_registration.dll",
            "osx" => "libazs_registration.dylib",
            _ => "libazs_registration.so",
        };
        string name = architecture switch
        {
            Architecture.X86 => "x86",
            Architecture.X64 => "x64",
            Architecture.Arm => "arm",
            Architecture.Arm64 => "arm64",
            _ => architecture.ToString().ToLowerInvariant(),
        };
        Rid = system + "-" + name;
    }

    /// <summary>The platform of this process.</summary>
    public static RuntimePlatform Current => new(CurrentSystem, RuntimeInformation.ProcessArchitecture);

    public static bool IsWindows => RuntimeInformation.IsOSPlatform(OSPlatform.Windows);

    public Architecture Architecture { get; }

    /// <summary>The runtime identifier, as in <c>runtimes/linux-x64/native</c>.</summary>
    public string Rid { get; }

    public string FileName { get; }

    private static string CurrentSystem =>
        IsWindows ? "win" : RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? "osx" : "linux";
}
