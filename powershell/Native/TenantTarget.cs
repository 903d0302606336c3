namespace Azs.Registration.Native;

/// <summary>What a request is about, as the operator gave it. The library checks and combines it.</summary>
internal sealed class TenantTarget
{
    public string? ResourceId { get; init; }

    public string? RegistrationSubscriptionId { get; init; }

    public string? ResourceGroupName { get; init; }

    public string? RegistrationName { get; init; }

    public string? CustomerSubscriptionId { get; init; }

    public string? TenantId { get; init; }

    /// <summary>A column of that name: it can mean two things, and the library decides.</summary>
    public string? SubscriptionId { get; init; }

    /// <summary>The row, counted from 1; 0 where the values come from no row.</summary>
    public long Row { get; init; }

    /// <summary>Whether anything names a registration.</summary>
    public bool NamesRegistration =>
        (ResourceId ?? RegistrationSubscriptionId ?? ResourceGroupName ?? RegistrationName ?? SubscriptionId) is not null;

    public static TenantTarget From(in AzsTenantTarget target) => new()
    {
        ResourceId = NativeText.Out(target.ResourceId),
        RegistrationSubscriptionId = NativeText.Out(target.RegistrationSubscriptionId),
        ResourceGroupName = NativeText.Out(target.ResourceGroupName),
        RegistrationName = NativeText.Out(target.RegistrationName),
        CustomerSubscriptionId = NativeText.Out(target.CustomerSubscriptionId),
        TenantId = NativeText.Out(target.TenantId),
        SubscriptionId = NativeText.Out(target.SubscriptionId),
        Row = checked((long)target.Row),
    };

    public AzsTenantTarget ToNative(NativeText texts) => new()
    {
        ResourceId = texts.In(ResourceId),
        RegistrationSubscriptionId = texts.In(RegistrationSubscriptionId),
        ResourceGroupName = texts.In(ResourceGroupName),
        RegistrationName = texts.In(RegistrationName),
        CustomerSubscriptionId = texts.In(CustomerSubscriptionId),
        TenantId = texts.In(TenantId),
        SubscriptionId = texts.In(SubscriptionId),
        Row = (ulong)Row,
    };
}
