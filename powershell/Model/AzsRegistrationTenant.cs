using Azs.Registration.Native;

namespace Azs.Registration;

/// <summary>A mapping as it stands: what Get-AzsRegistrationTenant writes.</summary>
public sealed class AzsRegistrationTenant : AzsRegistrationTenantMapping
{
    internal AzsRegistrationTenant(Mapping mapping)
        : base(mapping)
    {
    }
}
