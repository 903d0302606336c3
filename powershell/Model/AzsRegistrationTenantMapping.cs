using System.Management.Automation;
using Azs.Registration.Native;

namespace Azs.Registration;

/// <summary>A tenant of a registration, and the Azure subscription that its usage is charged to.</summary>
/// <remarks>
/// The first properties have the names of the cmdlets' parameters, so that an object can be piped on. The rest is what
/// scripts written for the generic resource cmdlets read.
/// </remarks>
public abstract class AzsRegistrationTenantMapping
{
    private protected AzsRegistrationTenantMapping(Mapping mapping)
    {
        CustomerSubscriptionId = mapping.CustomerSubscriptionId;
        TenantId = mapping.TenantId;
        RegistrationName = mapping.RegistrationName;
        RegistrationSubscriptionId = mapping.RegistrationSubscriptionId;
        ResourceGroupName = mapping.ResourceGroupName;
        ResourceId = mapping.ResourceId;
        Name = string.IsNullOrEmpty(mapping.Name) && mapping.CustomerSubscriptionId is not null
            ? $"{mapping.RegistrationName}/{mapping.CustomerSubscriptionId}"
            : mapping.Name;
    }

    /// <summary>The Azure subscription that the tenant's usage is charged to, in the service's spelling.</summary>
    public string? CustomerSubscriptionId { get; }

    /// <summary>The tenant; null where the service did not say.</summary>
    public string? TenantId { get; }

    /// <summary>The name of the registration.</summary>
    public string? RegistrationName { get; }

    /// <summary>The subscription of the registration.</summary>
    public string? RegistrationSubscriptionId { get; }

    /// <summary>The resource group of the registration.</summary>
    public string? ResourceGroupName { get; }

    /// <summary>The whole resource id of the mapping.</summary>
    public string? ResourceId { get; }

    /// <summary>The same as <see cref="ResourceId"/>.</summary>
    public string? Id => ResourceId;

    /// <summary>The service's name of the mapping: the registration, a slash and the customer subscription.</summary>
    public string? Name { get; }

    /// <summary>The same as <see cref="Name"/>.</summary>
    public string? ResourceName => Name;

    /// <summary>The resource type.</summary>
    public string ResourceType { get; } = "Microsoft.AzureStack/registrations/customerSubscriptions";

    /// <summary>The same as <see cref="ResourceType"/>.</summary>
    public string Type => ResourceType;

    /// <summary>The same as <see cref="RegistrationSubscriptionId"/>: the subscription that the resource id begins with.</summary>
    public string? SubscriptionId => RegistrationSubscriptionId;

    /// <summary>The properties of the resource: <c>tenantId</c>.</summary>
    public PSObject Properties
    {
        get
        {
            PSObject properties = new();
            properties.Properties.Add(new PSNoteProperty("tenantId", TenantId));
            return properties;
        }
    }

    /// <summary>The resource id.</summary>
    public override string ToString() => ResourceId ?? CustomerSubscriptionId ?? TenantId ?? RegistrationName ?? string.Empty;
}
