using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Azs.Registration.Native;

/// <summary>The system's own functions to load a library; .NET Standard 2.0 has no NativeLibrary.</summary>
internal interface IDynamicLinker
{
    /// <summary>Loads the library at a full path.</summary>
    /// <returns>Its handle, or zero with the system's reason.</returns>
    IntPtr Load(string path, out string reason);

    /// <summary>The address of an exported function, or zero.</summary>
    IntPtr FindExport(IntPtr library, string name);
}

internal static class DynamicLinker
{
    public static IDynamicLinker ForThisSystem() => RuntimePlatform.IsWindows ? new WindowsLinker() : UnixLinker.Find();
}

internal sealed class WindowsLinker : IDynamicLinker
{
    // The folder of the library and System32; neither the current folder nor PATH.
    private const uint SearchLibraryFolderAndSystem = 0x100 | 0x800;

    public IntPtr Load(string path, out string reason)
    {
        IntPtr library = LoadLibraryExW(path, IntPtr.Zero, SearchLibraryFolderAndSystem);
        reason = library == IntPtr.Zero ? new Win32Exception(Marshal.GetLastWin32Error()).Message : string.Empty;
        return library;
    }

    public IntPtr FindExport(IntPtr library, string name) => GetProcAddress(library, name);

    [DllImport("kernel32", CharSet = CharSet.Unicode, ExactSpelling = true, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern IntPtr LoadLibraryExW(string path, IntPtr reserved, uint flags);

    // The one function of Windows whose text is ANSI in every version; names of exports are ASCII.
    [DllImport("kernel32", CharSet = CharSet.Ansi, ExactSpelling = true, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern IntPtr GetProcAddress(IntPtr library, string name);
}

internal sealed class UnixLinker : IDynamicLinker
{
    // Everything is bound now: a library that lacks something fails here and not later inside a call.
    private const int BindNow = 2;

    private readonly Func<byte[], int, IntPtr> open;
    private readonly Func<IntPtr, byte[], IntPtr> symbol;
    private readonly Func<IntPtr> error;

    private UnixLinker(Func<byte[], int, IntPtr> open, Func<IntPtr, byte[], IntPtr> symbol, Func<IntPtr> error)
    {
        this.open = open;
        this.symbol = symbol;
        this.error = error;
    }

    /// <summary>dlopen lives in another library on each system, and an import names one: take the first that is there.</summary>
    public static UnixLinker Find()
    {
        List<string> reasons = new();
        UnixLinker[] candidates =
        {
            new(Dl2.dlopen, Dl2.dlsym, Dl2.dlerror),
            new(Glibc.dlopen, Glibc.dlsym, Glibc.dlerror),
            new(Libc.dlopen, Libc.dlsym, Libc.dlerror),
            new(LibSystem.dlopen, LibSystem.dlsym, LibSystem.dlerror),
        };
        foreach (UnixLinker candidate in candidates)
        {
            try
            {
                // Clears what an earlier call may have left, and shows that the function is there.
                candidate.error();
                return candidate;
            }
            catch (DllNotFoundException missing)
            {
                reasons.Add(missing.Message);
            }
            catch (EntryPointNotFoundException missing)
            {
                reasons.Add(missing.Message);
            }
        }

        throw new NativeLibraryException("dlopen was found in no library of this system: " + string.Join("; ", reasons), null);
    }

    public IntPtr Load(string path, out string reason)
    {
        IntPtr library = open(Terminated(path), BindNow);
        reason = library == IntPtr.Zero ? LastError() : string.Empty;
        return library;
    }

    public IntPtr FindExport(IntPtr library, string name) => symbol(library, Terminated(name));

    private static byte[] Terminated(string text) => System.Text.Encoding.UTF8.GetBytes(text + "\0");

    private string LastError()
    {
        IntPtr text = error();
        return (text == IntPtr.Zero ? null : Marshal.PtrToStringAnsi(text)) ?? "dlopen failed without a reason";
    }

#pragma warning disable CA5392 // These names are resolved by the system's linker alone, which knows no such search paths.
#pragma warning disable IDE1006, SA1300 // The functions are called what the system calls them.
    private static class Dl2
    {
        private const string Library = "libdl.so.2";

        [DllImport(Library)]
        public static extern IntPtr dlopen(byte[] path, int flags);

        [DllImport(Library)]
        public static extern IntPtr dlsym(IntPtr library, byte[] name);

        [DllImport(Library)]
        public static extern IntPtr dlerror();
    }

    private static class Glibc
    {
        private const string Library = "libc.so.6";

        [DllImport(Library)]
        public static extern IntPtr dlopen(byte[] path, int flags);

        [DllImport(Library)]
        public static extern IntPtr dlsym(IntPtr library, byte[] name);

        [DllImport(Library)]
        public static extern IntPtr dlerror();
    }

    /// <summary>musl: the runtime finds it under this name.</summary>
    private static class Libc
    {
        private const string Library = "libc";

        [DllImport(Library)]
        public static extern IntPtr dlopen(byte[] path, int flags);

        [DllImport(Library)]
        public static extern IntPtr dlsym(IntPtr library, byte[] name);

        [DllImport(Library)]
        public static extern IntPtr dlerror();
    }

    private static class LibSystem
    {
        private const string Library = "/usr/lib/libSystem.B.dylib";

        [DllImport(Library)]
        public static extern IntPtr dlopen(byte[] path, int flags);

        [DllImport(Library)]
        public static extern IntPtr dlsym(IntPtr library, byte[] name);

        [DllImport(Library)]
        public static extern IntPtr dlerror();
    }
#pragma warning restore IDE1006, SA1300, CA5392
}
