using System;
using System.Security;

namespace Azs.Registration.Native;

/// <summary>How a client reaches Azure Resource Manager; null takes the library's default.</summary>
internal sealed class ClientOptions
{
    public string? ArmEndpoint { get; init; }

    public string? AuthorityHost { get; init; }

    public string? CaCertificatePath { get; init; }

    public string? ApiVersion { get; init; }

    /// <summary>For the User-Agent header.</summary>
    public string? Caller { get; init; }

    /// <summary>A cloud by its name.</summary>
    public string? Cloud { get; init; }

    /// <summary>How the client signs in by itself; null: it is given tokens.</summary>
    public SignInOptions? SignIn { get; init; }
}

/// <summary>A client of the library: connections, token and pacing of one sign-in.</summary>
internal sealed unsafe class Client : IDisposable
{
    private readonly NativeApi api;
    private readonly ClientHandle handle;

    public Client(NativeApi api, ClientOptions options)
    {
        this.api = api;
        using NativeText texts = new();
        using NativeSecret secret = new(options.SignIn?.Secret);
        using NativeSecret password = new(options.SignIn?.CertificatePassword);
        AzsSignIn signIn = options.SignIn is SignInOptions given ? SignInOf(given, texts, secret, password) : default;
        AzsClientConfig config = new()
        {
            Size = (uint)sizeof(AzsClientConfig),
            // An access token that was handed in cannot be renewed from here.
            CanSupplyCredential = 0,
            ArmEndpoint = texts.In(options.ArmEndpoint),
            AuthorityHost = texts.In(options.AuthorityHost),
            CaCertificatePath = texts.In(options.CaCertificatePath),
            ApiVersion = texts.In(options.ApiVersion),
            Caller = texts.In(options.Caller),
            AdviceWords = (int)Words.Powershell,
            Cloud = texts.In(options.Cloud),
            SignIn = options.SignIn is null ? IntPtr.Zero : (IntPtr)(&signIn),
        };
        Status status = api.ClientNew(&config, out IntPtr client, out IntPtr error);
        handle = new ClientHandle(api, client);
        Failures.ThrowUnlessOk(api, status, error, "azs_client_new");
    }

    /// <summary>The product's version as the library has it.</summary>
    public string LibraryVersion => NativeText.Out(api.Version()) ?? string.Empty;

    /// <summary>Which Azure it talks to.</summary>
    public Cloud Cloud
    {
        get
        {
            AzsCloud cloud = new() { Size = (uint)sizeof(AzsCloud) };
            Failures.ThrowUnlessOk(api, api.ClientCloud(handle, &cloud), IntPtr.Zero, "azs_client_cloud");
            return new Cloud
            {
                ArmEndpoint = NativeText.Out(cloud.ArmEndpoint),
                AuthorityHost = NativeText.Out(cloud.AuthorityHost),
                Audience = NativeText.Out(cloud.Audience),
            };
        }
    }

    private static AzsSignIn SignInOf(SignInOptions given, NativeText texts, NativeSecret secret, NativeSecret password) => new()
    {
        Size = (uint)sizeof(AzsSignIn),
        Kind = (int)given.Kind,
        TenantId = texts.In(given.TenantId),
        RegistrationSubscriptionId = texts.In(given.RegistrationSubscriptionId),
        ApplicationId = texts.In(given.ApplicationId),
        Secret = secret.Text,
        CertificatePath = texts.In(given.CertificatePath),
        CertificatePassword = password.Text,
        FederatedTokenFile = texts.In(given.FederatedTokenFile),
        ManagedIdentityEndpoint = texts.In(given.ManagedIdentityEndpoint),
    };

    public void SetAccessToken(SecureString token, DateTimeOffset? expiresOn)
    {
        using NativeSecret secret = new(token);
        Status status = api.ClientSetCredential(
            handle, CredentialKind.Token, secret.Text, ExpirySeconds(expiresOn));
        if (status is Status.EValue or Status.EUtf8)
        {
            throw new RefusedException(new ErrorInfo(ErrorKind.Input, "InvalidAccessToken", "AccessToken is empty or holds what no token holds, such as blanks.")
            {
                Column = "AccessToken",
            });
        }

        Failures.ThrowUnlessOk(api, status, IntPtr.Zero, "azs_client_set_credential");
    }

    // 0 is "not known"; a time before 1970 has passed in any case.
    private static long ExpirySeconds(DateTimeOffset? expiresOn) =>
        expiresOn is DateTimeOffset known ? Math.Max(1, known.ToUnixTimeSeconds()) : 0;

    public Operation NewOperation(OperationOptions options) => new(api, handle, options);

    /// <summary>Operations made from the client stay usable.</summary>
    public void Dispose() => handle.Dispose();
}
