using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using Azs.Registration.Commands;

namespace Azs.Registration.Tests;

/// <summary>The cmdlets as the metadata has them.</summary>
/// <remarks>Never by instances of the attributes: those of the reference assembly keep nothing that they are given.</remarks>
internal static class CmdletMetadata
{
    public static Assembly Assembly { get; } = typeof(AzsRegistrationCommand).Assembly;

    public static IReadOnlyList<Type> Cmdlets { get; } =
        [.. Assembly.GetExportedTypes().Where(type => Attributes(type, typeof(CmdletAttribute)).Any())];

    public static string NameOf(Type cmdlet)
    {
        CustomAttributeData attribute = Attributes(cmdlet, typeof(CmdletAttribute)).Single();
        return attribute.ConstructorArguments[0].Value + "-" + attribute.ConstructorArguments[1].Value;
    }

    public static IEnumerable<PropertyInfo> Parameters(Type cmdlet) =>
        cmdlet.GetProperties().Where(property => Attributes(property, typeof(ParameterAttribute)).Any());

    /// <summary>A parameter's name and aliases.</summary>
    public static IEnumerable<string> NamesOf(PropertyInfo parameter) =>
        Attributes(parameter, typeof(AliasAttribute)).SelectMany(Items).Select(item => (string)item!).Prepend(parameter.Name);

    public static bool BindsFromPipeline(PropertyInfo parameter) =>
        Attributes(parameter, typeof(ParameterAttribute)).Any(attribute =>
            Named(attribute, "ValueFromPipeline") is true || Named(attribute, "ValueFromPipelineByPropertyName") is true);

    public static bool BindsByPropertyName(PropertyInfo parameter) =>
        Attributes(parameter, typeof(ParameterAttribute)).Any(attribute => Named(attribute, "ValueFromPipelineByPropertyName") is true);

    public static IEnumerable<Type> OutputTypes(Type cmdlet) =>
        Attributes(cmdlet, typeof(OutputTypeAttribute)).SelectMany(Items).Select(item => (Type)item!);

    public static IEnumerable<CustomAttributeData> Attributes(MemberInfo member, Type kind) =>
        member.GetCustomAttributesData().Where(data => kind.IsAssignableFrom(data.AttributeType));

    /// <summary>A named argument; null where it is not there.</summary>
    public static object? Named(CustomAttributeData attribute, string name) =>
        attribute.NamedArguments.Where(argument => argument.MemberName == name).Select(argument => argument.TypedValue.Value).SingleOrDefault();

    private static IEnumerable<object?> Items(CustomAttributeData attribute) =>
        ((IEnumerable<CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!).Select(item => item.Value);
}
