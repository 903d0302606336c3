namespace Azs.Registration.Native;

/// <summary>A copy of an azs_mapping: a tenant and the subscription that its usage is charged to.</summary>
internal sealed class Mapping
{
    public string? ResourceId { get; init; }

    public string? RegistrationSubscriptionId { get; init; }

    public string? ResourceGroupName { get; init; }

    public string? RegistrationName { get; init; }

    public string? CustomerSubscriptionId { get; init; }

    public string? TenantId { get; init; }

    public string? Name { get; init; }

    public string? Etag { get; init; }

    public static Mapping From(in AzsMapping mapping) => new()
    {
        ResourceId = NativeText.Out(mapping.ResourceId),
        RegistrationSubscriptionId = NativeText.Out(mapping.RegistrationSubscriptionId),
        ResourceGroupName = NativeText.Out(mapping.ResourceGroupName),
        RegistrationName = NativeText.Out(mapping.RegistrationName),
        CustomerSubscriptionId = NativeText.Out(mapping.CustomerSubscriptionId),
        TenantId = NativeText.Out(mapping.TenantId),
        Name = NativeText.Out(mapping.Name),
        Etag = NativeText.Out(mapping.Etag),
    };
}
