using System;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using Azs.Registration.Native;
using Xunit;

namespace Azs.Registration.Tests;

/// <summary>A library that cannot be used is refused with every path tried, the reason and the cure.</summary>
public sealed class NativeLibraryLoaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RuntimePlatform platform = RuntimePlatform.Current;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_missing_library_is_named_by_its_whole_path()
    {
        NativeLibraryException failure = Assert.Throws<NativeLibraryException>(() => Loader(null).Load());

        Assert.Contains(ModulePath + ": there is no such file", failure.Message, StringComparison.Ordinal);
        Assert.Contains("This process is " + platform.Rid, failure.Message, StringComparison.Ordinal);
        Assert.Contains(NativeLibraryLoader.OverrideVariable, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_override_that_fails_is_not_passed_over()
    {
        string elsewhere = Path.Combine(folder.Path, "elsewhere.so");
        NativeLibraryException failure = Assert.Throws<NativeLibraryException>(() => Loader(elsewhere).Load());

        Assert.Contains(elsewhere + ": there is no such file", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(ModulePath, failure.Message, StringComparison.Ordinal);
        Assert.Contains("clear it", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_override_must_be_a_full_path()
    {
        NativeLibraryException failure = Assert.Throws<NativeLibraryException>(() => Loader("libazs_registration.so").Load());

        Assert.Contains("libazs_registration.so: it is not a full path", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_library_is_refused_with_the_systems_reason()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(ModulePath)!);
        File.WriteAllText(ModulePath, "This is text.");
        NativeLibraryException failure = Assert.Throws<NativeLibraryException>(() => Loader(null).Load());

        Assert.Contains("Tried " + ModulePath + ": ", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("no such file", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("without a reason", failure.Message, StringComparison.Ordinal);
    }

    [CCompilerFact]
    public void Another_major_version_of_the_ABI_is_refused()
    {
        string library = Library("uint32_t azs_abi_version(void) { return (AZS_ABI_MAJOR + 1) << 16; }");
        NativeLibraryException failure = Assert.Throws<NativeLibraryException>(() => Loader(library).Load());

        Assert.IsType<WrongAbiException>(failure.InnerException);
        Assert.Contains($"{library}: it has version {AbiVersion.Major + 1}.0 of the ABI", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"needs {AbiVersion.Major}.{AbiVersion.Minor}", failure.Message, StringComparison.Ordinal);
    }

    [CCompilerFact]
    public void A_missing_function_is_named()
    {
        string library = Library("uint32_t azs_abi_version(void) { return AZS_ABI_MAJOR << 16 | AZS_ABI_MINOR; }");
        NativeLibraryException failure = Assert.Throws<NativeLibraryException>(() => Loader(library).Load());

        Assert.Contains("does not export azs_version", failure.Message, StringComparison.Ordinal);
    }

    [CCompilerFact]
    public void A_library_that_is_no_Azs_Registration_at_all_is_refused()
    {
        string library = Library("int unrelated(void) { return 1; }");
        NativeLibraryException failure = Assert.Throws<NativeLibraryException>(() => Loader(library).Load());

        Assert.Contains("does not export azs_abi_version", failure.Message, StringComparison.Ordinal);
    }

    [CCompilerFact]
    public void A_library_with_all_functions_is_loaded_from_the_modules_folder()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(ModulePath)!);
        string functions = string.Concat(Header.Functions
            .Where(name => name is not ("azs_abi_version" or "azs_version"))
            .Select(name => $"int32_t {name}() {{ return 0; }}\n"));
        File.Copy(Library(
            "#include <stdint.h>\n#include <stddef.h>\ntypedef struct { const uint8_t *data; size_t len; } text;\n" +
            "uint32_t azs_abi_version(void) { return 0x10000; }\n" +
            "text azs_version(void) { text t = { (const uint8_t *)\"1.2.3\\xc3\\xa4\", 7 }; return t; }\n" + functions, withHeader: false), ModulePath);

        NativeApi api = Loader(null).Load();

        // A struct by value, and UTF-8.
        Assert.Equal("1.2.3\u00e4", NativeText.Out(api.Version()));
    }

    [Theory]
    [InlineData("win", Architecture.X64, "win-x64", "azs_registration.dll")]
    [InlineData("win", Architecture.X86, "win-x86", "azs_registration.dll")]
    [InlineData("win", Architecture.Arm64, "win-arm64", "azs_registration.dll")]
    [InlineData("linux", Architecture.X64, "linux-x64", "libazs_registration.so")]
    [InlineData("linux", Architecture.Arm64, "linux-arm64", "libazs_registration.so")]
    [InlineData("osx", Architecture.X64, "osx-x64", "libazs_registration.dylib")]
    [InlineData("osx", Architecture.Arm64, "osx-arm64", "libazs_registration.dylib")]
    public void Each_platform_has_its_folder_and_file(string system, Architecture architecture, string rid, string file)
    {
        RuntimePlatform one = new(system, architecture);

        Assert.Equal(rid, one.Rid);
        Assert.Equal(file, one.FileName);
    }

    private string ModulePath => Path.Combine(folder.Path, "runtimes", platform.Rid, "native", platform.FileName);

    private NativeLibraryLoader Loader(string? overridePath) =>
        new(folder.Path, overridePath, platform, DynamicLinker.ForThisSystem);

    private string Library(string body, bool withHeader = true)
    {
        string path = Path.Combine(folder.Path, $"fake-{Guid.NewGuid():N}.so");
        CCompiler.Compile((withHeader ? "#include \"azs_registration.h\"\n" : string.Empty) + body, path, "-shared", "-fPIC", "-w");
        return path;
    }
}
