using System;

namespace Azs.Registration;

/// <summary>What Connect-AzsRegistrationAccount chose for this runspace. Never holds the credential.</summary>
public sealed class AzsRegistrationAccount
{
    internal AzsRegistrationAccount()
    {
    }

    /// <summary>How it signs in: AccessToken, ClientSecret, Certificate, FederatedToken, ManagedIdentity or AzureCli.</summary>
    public string? SignIn { get; internal init; }

    /// <summary>The application that signs in, or the client id of a user-assigned managed identity; null where it is neither.</summary>
    public string? ApplicationId { get; internal init; }

    /// <summary>The directory that was named; null where it is learned from the subscription, or decided elsewhere.</summary>
    public string? SignInTenantId { get; internal init; }

    /// <summary>The name of the default registration; null where none was given.</summary>
    public string? RegistrationName { get; internal init; }

    /// <summary>The resource group of the default registration.</summary>
    public string? ResourceGroupName { get; internal init; }

    /// <summary>The subscription of the default registration.</summary>
    public string? RegistrationSubscriptionId { get; internal init; }

    /// <summary>The endpoint of Azure Resource Manager.</summary>
    public string? ArmEndpoint { get; internal init; }

    /// <summary>The sign-in endpoint.</summary>
    public string? AuthorityHost { get; internal init; }

    /// <summary>The api-version that is sent.</summary>
    public string? ApiVersion { get; internal init; }

    /// <summary>When the access token expires; null where that was not said.</summary>
    public DateTimeOffset? ExpiresOn { get; internal init; }
}
