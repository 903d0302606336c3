using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using Azs.Registration.Native;
using Xunit;

namespace Azs.Registration.Tests;

/// <summary>The managed mirrors of the ABI agree with the header, and with what the C compiler makes of it.</summary>
public sealed class AbiTests
{
    /// <summary>Each enumeration and the prefix of its macros. AZS_EVENT is a status as well as a prefix.</summary>
    private static readonly (Type Type, string Prefix)[] Enumerations =
    [
        (typeof(Status), "AZS_"),
        (typeof(CredentialKind), "AZS_CREDENTIAL_KIND_"),
        (typeof(CredentialReason), "AZS_CREDENTIAL_"),
        (typeof(SignInKind), "AZS_SIGN_IN_"),
        (typeof(ErrorKind), "AZS_ERROR_"),
        (typeof(Words), "AZS_WORDS_"),
        (typeof(EventKind), "AZS_EVENT_"),
        (typeof(Outcome), "AZS_OUTCOME_"),
        (typeof(DifferenceKind), "AZS_DIFFERENCE_"),
        (typeof(Wait), "AZS_WAIT_"),
        (typeof(LogLevel), "AZS_LOG_"),
        (typeof(Expectation), "AZS_EXPECT_"),
        (typeof(Purpose), "AZS_PURPOSE_"),
        (typeof(RowKind), "AZS_ROW_"),
    ];

    [Fact]
    public void Each_number_is_the_headers_and_none_is_missing()
    {
        Dictionary<string, long> mirrored = new()
        {
            ["AZS_ABI_MAJOR"] = AbiVersion.Major,
            ["AZS_ABI_MINOR"] = AbiVersion.Minor,
        };
        foreach ((Type type, string prefix) in Enumerations)
        {
            foreach (object value in Enum.GetValues(type))
            {
                mirrored.Add(prefix + Header.UpperCase(value.ToString()!), (int)value);
            }
        }

        Assert.True(Header.Constants.Count > 50, "The header was not understood.");
        Assert.Equal(Header.Constants.OrderBy(one => one.Key, StringComparer.Ordinal), mirrored.OrderBy(one => one.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void Each_macro_is_a_number_with_the_librarys_prefix() =>
        Assert.Equal(Header.Constants.Keys.Order(StringComparer.Ordinal), Header.Macros.Order(StringComparer.Ordinal));

    [CCompilerFact]
    public void Each_struct_has_the_size_and_offsets_of_the_C_compiler()
    {
        Assert.True(Header.Structs.Count > 15, "The header was not understood.");
        Assert.Equal(CLayout(), ManagedLayout());
    }

    [Fact]
    public void Each_struct_is_blittable()
    {
        foreach (string name in Header.Structs.Keys)
        {
            Array sample = Array.CreateInstance(ManagedType(name), 1);
            GCHandle.Alloc(sample, GCHandleType.Pinned).Free();
        }
    }

    [Fact]
    public void Each_function_is_bound()
    {
        List<string> asked = [];
        IntPtr Find(IntPtr library, string name)
        {
            asked.Add(name);
            return name == "azs_abi_version" ? Marshal.GetFunctionPointerForDelegate(AnswerVersion) : new IntPtr(1);
        }

        _ = new NativeApi(IntPtr.Zero, Find);

        Assert.Equal(Header.Functions.Order(StringComparer.Ordinal), asked.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Public_outcomes_are_those_of_the_library()
    {
        foreach (AzsRegistrationTenantOutcome outcome in Enum.GetValues<AzsRegistrationTenantOutcome>())
        {
            Assert.Equal(outcome.ToString(), ((Outcome)(int)outcome).ToString());
        }

        string[] ofReading = [nameof(Outcome.Read), nameof(Outcome.Cancelled)];
        Assert.Equal(
            Enum.GetNames<Outcome>().Except(ofReading).Order(StringComparer.Ordinal),
            Enum.GetNames<AzsRegistrationTenantOutcome>().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_is_shown_as_default_is_what_the_library_takes()
    {
        string header = Repository.Read("include", "azs_registration.h");
        Assert.Contains("NULL: " + LibraryDefaults.ApiVersion, header, StringComparison.Ordinal);
        Assert.Contains($"on their way at once; 0: {LibraryDefaults.ThrottleLimit}.", header, StringComparison.Ordinal);
        string cloud = Repository.Read("src", "cloud.rs");
        Assert.Contains($"\"{LibraryDefaults.ApiVersion}\"", cloud, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AbiVersion.Major, AbiVersion.Minor, true)]
    [InlineData(AbiVersion.Major, AbiVersion.Minor + 1, true)]
    [InlineData(AbiVersion.Major + 1, AbiVersion.Minor, false)]
    [InlineData(AbiVersion.Major - 1, 99, false)]
    public void The_major_version_must_match_and_the_minor_one_may_be_greater(int major, int minor, bool usable) =>
        Assert.Equal(usable, NativeApi.IsUsable((uint)((major << 16) | minor)));

    private static readonly NativeApi.VersionFunction AnswerVersion = () => (AbiVersion.Major << 16) | AbiVersion.Minor;

    private static Type ManagedType(string name) =>
        typeof(NativeApi).Assembly.GetType("Azs.Registration.Native." + Header.PascalCase(name), throwOnError: true)!;

    private static string[] ManagedLayout()
    {
        List<string> lines = [];
        foreach ((string name, string[] members) in Header.Structs)
        {
            Type type = ManagedType(name);
            lines.Add($"{name} {Marshal.SizeOf(type)}");
            lines.AddRange(members.Select(member => $"{name}.{member} {Marshal.OffsetOf(type, Header.PascalCase(member))}"));
            Assert.Equal(members.Select(Header.PascalCase), type.GetFields().Select(field => field.Name));
        }

        return [.. lines];
    }

    private static string[] CLayout()
    {
        StringBuilder source = new("#include <stdio.h>\n#include \"azs_registration.h\"\nint main(void) {\n");
        foreach ((string name, string[] members) in Header.Structs)
        {
            source.Append("printf(\"").Append(name).Append(" %zu\\n\", sizeof(struct ").Append(name).Append("));\n");
            foreach (string member in members)
            {
                source.Append("printf(\"").Append(name).Append('.').Append(member).Append(" %zu\\n\", offsetof(struct ")
                    .Append(name).Append(", ").Append(member).Append("));\n");
            }
        }

        source.Append("return 0;\n}\n");
        using TemporaryFolder folder = new();
        string program = Path.Combine(folder.Path, "layout");
        CCompiler.Compile(source.ToString(), program);
        return Repository.Run(program).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
