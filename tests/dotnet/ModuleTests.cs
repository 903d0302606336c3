using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Azs.Registration.Commands;
using Xunit;
using static Azs.Registration.Tests.CmdletMetadata;

namespace Azs.Registration.Tests;

/// <summary>Manifest, views and cmdlets agree, and the cmdlets keep the module's rules for parameters.</summary>
public sealed class ModuleTests
{
    public static TheoryData<Type> AllCmdlets => [.. Cmdlets];

    [Fact]
    public void The_manifest_exports_exactly_the_cmdlets() =>
        Assert.Equal(Cmdlets.Select(NameOf).Order(StringComparer.Ordinal), ModuleManifest.Values("CmdletsToExport").Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("FunctionsToExport")]
    [InlineData("VariablesToExport")]
    [InlineData("AliasesToExport")]
    public void The_manifest_exports_nothing_else(string key) => Assert.Empty(ModuleManifest.Values(key));

    [Theory]
    [InlineData("RootModule", "Azs.Registration.dll")]
    [InlineData("ModuleVersion", "0.0.0")]
    [InlineData("PowerShellVersion", "5.1")]
    [InlineData("DotNetFrameworkVersion", "4.7.2")]
    public void The_manifest_says(string key, string value) => Assert.Equal(value, ModuleManifest.Value(key));

    [Theory]
    [InlineData("GUID")]
    [InlineData("Author")]
    [InlineData("CompanyName")]
    [InlineData("Copyright")]
    [InlineData("Description")]
    [InlineData("LicenseUri")]
    [InlineData("ProjectUri")]
    [InlineData("ReleaseNotes")]
    public void The_manifest_has_all_that_publishing_asks_for(string key) => Assert.NotEmpty(ModuleManifest.Value(key));

    [Fact]
    public void The_manifest_is_for_both_editions()
    {
        Assert.Equal(["Desktop", "Core"], ModuleManifest.Values("CompatiblePSEditions"));
        Assert.Superset(
            new HashSet<string> { "PSEdition_Core", "PSEdition_Desktop", "Windows", "Linux", "MacOS" },
            ModuleManifest.Values("Tags").ToHashSet());
        Assert.All(ModuleManifest.Values("Tags"), tag => Assert.DoesNotContain(' ', tag));
    }

    [Theory]
    [InlineData("Azs.Registration.psd1")]
    [InlineData("Azs.Registration.Format.ps1xml")]
    public void Files_that_PowerShell_reads_are_ASCII(string file) =>
        Assert.All(Repository.Read("powershell", file), letter => Assert.True(char.IsAscii(letter), $"'{letter}'"));

    [Fact]
    public void The_version_comes_from_Cargo()
    {
        string cargo = Regex.Match(Repository.Read("Cargo.toml"), "^version = \"([^\"-]+)", RegexOptions.Multiline).Groups[1].Value;
        Version version = CmdletMetadata.Assembly.GetName().Version!;

        Assert.Equal(cargo, version.ToString(3));
    }

    [Theory]
    [MemberData(nameof(AllCmdlets))]
    public void A_cmdlet_is_named_after_its_class_and_says_what_it_writes(Type cmdlet)
    {
        Assert.True(cmdlet.IsSealed);
        Assert.Equal(NameOf(cmdlet).Replace("-", string.Empty, StringComparison.Ordinal) + "Command", cmdlet.Name);
        bool writes = NameOf(cmdlet) != "Disconnect-AzsRegistrationAccount";
        Assert.Equal(writes, OutputTypes(cmdlet).Any());
    }

    [Theory]
    [MemberData(nameof(AllCmdlets))]
    public void Nothing_that_binds_from_the_pipeline_is_mandatory_or_validated(Type cmdlet)
    {
        foreach (PropertyInfo parameter in Parameters(cmdlet).Where(BindsFromPipeline))
        {
            Assert.All(Attributes(parameter, typeof(ParameterAttribute)), attribute => Assert.Null(Named(attribute, "Mandatory")));
            Assert.Empty(Attributes(parameter, typeof(ValidateArgumentsAttribute)));
            Assert.True(parameter.PropertyType == typeof(string) || parameter.Name == "InputObject", parameter.Name);
        }
    }

    [Fact]
    public void Rows_bind_to_the_commands_about_tenants()
    {
        // Guards the test above: without anything that binds from the pipeline it would prove nothing.
        foreach (Type cmdlet in Cmdlets.Where(type => type.IsSubclassOf(typeof(TenantCommand))))
        {
            Assert.Equal(
                ["CustomerSubscriptionId", "InputObject", "RegistrationName", "RegistrationSubscriptionId", "ResourceGroupName", "ResourceId", "TenantId"],
                Parameters(cmdlet).Where(BindsFromPipeline).Select(parameter => parameter.Name).Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(AllCmdlets))]
    public void SubscriptionId_never_binds_from_the_pipeline(Type cmdlet)
    {
        foreach (PropertyInfo parameter in Parameters(cmdlet).Where(parameter => NamesOf(parameter).Contains("SubscriptionId")))
        {
            Assert.Equal("SubscriptionId", parameter.Name);
            Assert.False(BindsFromPipeline(parameter));
        }
    }

    [Theory]
    [MemberData(nameof(AllCmdlets))]
    public void All_is_in_one_parameter_set_but_the_ways_to_sign_in_and_nothing_is_positional(Type cmdlet)
    {
        bool signsIn = cmdlet == typeof(ConnectAzsRegistrationAccountCommand);
        foreach (PropertyInfo parameter in Parameters(cmdlet))
        {
            foreach (CustomAttributeData attribute in Attributes(parameter, typeof(ParameterAttribute)))
            {
                // What binds from the pipeline binds whatever else is given.
                if (!signsIn || BindsFromPipeline(parameter))
                {
                    Assert.Null(Named(attribute, "ParameterSetName"));
                }

                Assert.Null(Named(attribute, "Position"));
            }
        }
    }

    [Theory]
    [MemberData(nameof(AllCmdlets))]
    public void No_two_parameters_share_a_name(Type cmdlet)
    {
        string[] names = [.. Parameters(cmdlet).SelectMany(NamesOf)];
        Assert.Equal(names.Length, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public void Changes_support_WhatIf_at_medium_impact()
    {
        foreach (Type cmdlet in Cmdlets.Where(type => type.IsSubclassOf(typeof(TenantChangeCommand))))
        {
            CustomAttributeData attribute = Attributes(cmdlet, typeof(CmdletAttribute)).Single();
            Assert.Equal(true, Named(attribute, "SupportsShouldProcess"));
            Assert.Equal((int)ConfirmImpact.Medium, Named(attribute, "ConfirmImpact"));
        }
    }

    [Fact]
    public void What_a_cmdlet_writes_can_be_piped_into_the_next()
    {
        string[] columns = [.. Parameters(typeof(RemoveAzsRegistrationTenantCommand)).Where(BindsByPropertyName).Select(parameter => parameter.Name)];
        Assert.NotEmpty(columns);
        Assert.Superset(columns.ToHashSet(), typeof(AzsRegistrationTenant).GetProperties().Select(property => property.Name).ToHashSet());
        Assert.Superset(columns.ToHashSet(), typeof(AzsRegistrationTenantResult).GetProperties().Select(property => property.Name).ToHashSet());
    }

    [Fact]
    public void What_is_written_has_what_old_scripts_read()
    {
        HashSet<string> read =
        [
            "Name", "ResourceId", "Id", "ResourceName", "ResourceType", "Type", "ResourceGroupName", "SubscriptionId", "Properties",
        ];
        Assert.Superset(read, typeof(AzsRegistrationTenant).GetProperties().Select(property => property.Name).ToHashSet());
        Assert.Superset(read, typeof(AzsRegistrationTenantResult).GetProperties().Select(property => property.Name).ToHashSet());
    }

    /// <summary>What a column without a width needs to show anything: they share what is left.</summary>
    private const int LeastOfSharedWidth = 8;

    [Fact]
    public void Each_type_that_is_written_has_a_view_with_its_own_properties_that_fits_120_columns()
    {
        XDocument views = XDocument.Load(Path.Combine(Repository.Root, "powershell", "Azs.Registration.Format.ps1xml"));
        string[] written = [.. Cmdlets.SelectMany(OutputTypes).Select(type => type.FullName!).Distinct()];
        Assert.Equal(
            written.Order(StringComparer.Ordinal),
            views.Descendants("TypeName").Select(name => name.Value).Distinct().Order(StringComparer.Ordinal));
        Assert.Empty(views.Descendants("ScriptBlock"));
        foreach (XElement view in views.Descendants("View"))
        {
            Type type = CmdletMetadata.Assembly.GetType(view.Descendants("TypeName").Single().Value, throwOnError: true)!;
            Assert.All(view.Descendants("PropertyName"), name => Assert.NotNull(type.GetProperty(name.Value)));
            int[] widths = [.. view.Descendants("TableColumnHeader").Select(column => (int?)column.Element("Width") ?? LeastOfSharedWidth)];
            Assert.Equal(view.Descendants("TableColumnItem").Count(), widths.Length);
            Assert.True(widths.Sum() + widths.Length - 1 <= 120, view.Element("Name")!.Value);
        }
    }
}
