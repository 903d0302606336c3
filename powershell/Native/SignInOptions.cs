using System.Security;

namespace Azs.Registration.Native;

/// <summary>How a client signs in by itself. The library checks what each kind needs.</summary>
internal sealed class SignInOptions
{
    public SignInOptions(SignInKind kind) => Kind = kind;

    public SignInKind Kind { get; }

    /// <summary>The directory; null: that of the subscription.</summary>
    public string? TenantId { get; init; }

    public string? RegistrationSubscriptionId { get; init; }

    public string? ApplicationId { get; init; }

    public SecureString? Secret { get; init; }

    public string? CertificatePath { get; init; }

    public SecureString? CertificatePassword { get; init; }

    public string? FederatedTokenFile { get; init; }

    public string? ManagedIdentityEndpoint { get; init; }
}
