using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using System.Security;
using Azs.Registration.Native;
using Azs.Registration.Rows;
using Azs.Registration.Sessions;

namespace Azs.Registration.Commands;

/// <summary>Chooses the credential, the cloud and the default registration for this runspace.</summary>
/// <remarks>
/// Nothing is sent. The connection before is forgotten first: where this fails, what follows in a script must not work on
/// the registration before it. So parameters are checked here, not by PowerShell, which would refuse them before this runs.
/// </remarks>
[Cmdlet(VerbsCommunications.Connect, "AzsRegistrationAccount", DefaultParameterSetName = WithToken)]
[OutputType(typeof(AzsRegistrationAccount))]
public sealed class ConnectAzsRegistrationAccountCommand : AzsRegistrationCommand
{
    private const string WithToken = "AccessToken";
    private const string WithSecret = "ClientSecret";
    private const string WithCertificate = "Certificate";
    private const string WithFederatedToken = "FederatedToken";
    private const string WithManagedIdentity = "ManagedIdentity";
    private const string WithAzureCli = "AzureCli";

    private readonly List<TenantTarget> registrations = new();
    private TenantTarget commandLine = new();
    private RowReader? reader;
    private long rows;
    private bool hasForgotten;

    /// <summary>An access token for Azure Resource Manager.</summary>
    [Parameter(Mandatory = true, ParameterSetName = WithToken)]
    [AllowNull]
    public SecureString? AccessToken { get; set; }

    /// <summary>When the access token expires.</summary>
    [Parameter(ParameterSetName = WithToken)]
    public DateTimeOffset? ExpiresOn { get; set; }

    /// <summary>The application that signs in; for a managed identity the client id of a user-assigned one.</summary>
    [Parameter(Mandatory = true, ParameterSetName = WithSecret)]
    [Parameter(Mandatory = true, ParameterSetName = WithCertificate)]
    [Parameter(Mandatory = true, ParameterSetName = WithFederatedToken)]
    [Parameter(ParameterSetName = WithManagedIdentity)]
    [AllowNull]
    [AllowEmptyString]
    [Alias("ClientId")]
    public string? ApplicationId { get; set; }

    /// <summary>The secret of the application.</summary>
    [Parameter(Mandatory = true, ParameterSetName = WithSecret)]
    [AllowNull]
    public SecureString? ClientSecret { get; set; }

    /// <summary>A PFX or PEM file with the certificate of the application and its private key.</summary>
    [Parameter(Mandatory = true, ParameterSetName = WithCertificate)]
    [AllowNull]
    [AllowEmptyString]
    public string? CertificatePath { get; set; }

    /// <summary>The password of that file.</summary>
    [Parameter(ParameterSetName = WithCertificate)]
    public SecureString? CertificatePassword { get; set; }

    /// <summary>A file with a token of another identity provider that Microsoft Entra ID trusts. It is read for each sign-in.</summary>
    [Parameter(Mandatory = true, ParameterSetName = WithFederatedToken)]
    [AllowNull]
    [AllowEmptyString]
    public string? FederatedTokenFile { get; set; }

    /// <summary>Signs in with the identity that Azure gives to this machine or service.</summary>
    [Parameter(Mandatory = true, ParameterSetName = WithManagedIdentity)]
    [Alias("ManagedIdentity")]
    public SwitchParameter Identity { get; set; }

    /// <summary>Where a virtual machine's managed identity is asked for, where that is not the usual place.</summary>
    [Parameter(ParameterSetName = WithManagedIdentity, DontShow = true)]
    public string? ManagedIdentityEndpoint { get; set; }

    /// <summary>Signs in as whoever has run az login.</summary>
    [Parameter(Mandatory = true, ParameterSetName = WithAzureCli)]
    public SwitchParameter AzureCli { get; set; }

    /// <summary>
    /// The directory to sign in to, by its id or a domain name. By default that of the registration's subscription, which
    /// Azure Resource Manager says.
    /// </summary>
    [Parameter(ParameterSetName = WithSecret)]
    [Parameter(ParameterSetName = WithCertificate)]
    [Parameter(ParameterSetName = WithFederatedToken)]
    [Parameter(ParameterSetName = WithAzureCli)]
    public string? SignInTenantId { get; set; }

    /// <summary>The cloud: AzureCloud, AzureUSGovernment or AzureChinaCloud. By default the public one.</summary>
    [Parameter]
    [Alias("Cloud", "EnvironmentName")]
    public string? Environment { get; set; }

    /// <summary>The endpoint of Azure Resource Manager. By default that of the cloud.</summary>
    [Parameter]
    public string? ArmEndpoint { get; set; }

    /// <summary>The sign-in endpoint. By default that of the cloud.</summary>
    [Parameter]
    public string? AuthorityHost { get; set; }

    /// <summary>A file with certificates (PEM) that are trusted beside those of the system.</summary>
    [Parameter]
    public string? CaCertificatePath { get; set; }

    /// <summary>The api-version to send. By default 2017-06-01.</summary>
    [Parameter]
    public string? ApiVersion { get; set; }

    /// <summary>The resource id of the registration to take where a command names none.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? ResourceId { get; set; }

    /// <summary>The name of the registration to take where a command names none, usually azurestack-CloudID.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? RegistrationName { get; set; }

    /// <summary>The resource group of that registration.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? ResourceGroupName { get; set; }

    /// <summary>The subscription of that registration.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? RegistrationSubscriptionId { get; set; }

    /// <summary>The same as RegistrationSubscriptionId, on the command line only.</summary>
    [Parameter]
    public string? SubscriptionId { get; set; }

    /// <summary>An object that names the registration: one of Get-AzResource, of a file, or of this module.</summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>Forgets the connection before, and checks what the command line says.</summary>
    protected override void BeginProcessing()
    {
        hasForgotten = SessionStore.Current is not null;
        SessionStore.Replace(null);
        RefuseBlanks(
            nameof(AccessToken),
            nameof(ApplicationId),
            nameof(ClientSecret),
            nameof(CertificatePath),
            nameof(CertificatePassword),
            nameof(FederatedTokenFile),
            nameof(ManagedIdentityEndpoint),
            nameof(SignInTenantId),
            nameof(Environment),
            nameof(ArmEndpoint),
            nameof(AuthorityHost),
            nameof(CaCertificatePath),
            nameof(ApiVersion),
            nameof(ResourceId),
            nameof(RegistrationName),
            nameof(ResourceGroupName),
            nameof(RegistrationSubscriptionId),
            nameof(SubscriptionId),
            nameof(InputObject));
        TenantTarget given = BoundNow();
        commandLine = new TenantTarget
        {
            ResourceId = given.ResourceId,
            RegistrationSubscriptionId = SubscriptionOfRegistration(given.RegistrationSubscriptionId, SubscriptionId),
            ResourceGroupName = given.ResourceGroupName,
            RegistrationName = given.RegistrationName,
        };
    }

    /// <summary>Takes the registration of one object, or of the command line.</summary>
    protected override void ProcessRecord()
    {
        if (!MyInvocation.ExpectingInput && InputObject is null)
        {
            registrations.Add(commandLine);
            return;
        }

        try
        {
            // Of a mapping, the registration that it is in.
            reader ??= new RowReader(new RowRules(LoadLibrary()), RowKind.Registration);
            registrations.Add(reader.Read(InputObject, ++rows, commandLine, BoundNow()));
        }
        catch (RefusedException refused)
        {
            EndWith(refused.Error, InputObject);
        }
    }

    /// <summary>Connects: when all input is read, for one registration alone can be the default.</summary>
    protected override void EndProcessing()
    {
        if (registrations.Count != 1)
        {
            EndWith(new ErrorInfo(
                ErrorKind.Input,
                "OneRegistrationExpected",
                $"{registrations.Count} registrations came from the pipeline, and one can be the default."));
        }

        NativeApi library = LoadLibrary();
        Client? client = null;
        try
        {
            client = new Client(library, new ClientOptions
            {
                ArmEndpoint = ArmEndpoint,
                AuthorityHost = AuthorityHost,
                CaCertificatePath = CertificateFile(),
                ApiVersion = ApiVersion,
                Caller = Caller(),
                Cloud = Environment,
                SignIn = SignIn(),
            });
            if (ParameterSetName == WithToken)
            {
                client.SetAccessToken(AccessToken!, ExpiresOn);
            }

            Session session = NewSession(client, rows > 0 ? RegistrationIn(client, registrations[0]) : registrations[0]);
            WriteVerbose($"Azs.Registration library {client.LibraryVersion}, ABI {library.AbiVersion >> 16}.{library.AbiVersion & 0xFFFF}.");
            SessionStore.Replace(session);
            client = null;
            WriteObject(session.Account);
        }
        catch (RefusedException refused)
        {
            EndWith(refused.Error);
        }
        finally
        {
            client?.Dispose();
        }
    }

    private protected override void EndWith(ErrorInfo error, object? target = null, Exception? inner = null) => base.EndWith(
        hasForgotten ? error.And("This runspace is not connected any more.") : error, target, inner);

    private TenantTarget BoundNow() => new()
    {
        ResourceId = ResourceId,
        RegistrationSubscriptionId = RegistrationSubscriptionId,
        ResourceGroupName = ResourceGroupName,
        RegistrationName = RegistrationName,
    };

    // An object of the pipeline may be a mapping: then it is the registration that the mapping is in.
    private static TenantTarget RegistrationIn(Client client, TenantTarget piped)
    {
        using Operation check = client.NewOperation(new OperationOptions());
        return RegistrationOf(check.Resolve(Purpose.List, piped));
    }

    private static TenantTarget RegistrationOf(Mapping mapping) => new()
    {
        RegistrationSubscriptionId = mapping.RegistrationSubscriptionId,
        ResourceGroupName = mapping.ResourceGroupName,
        RegistrationName = mapping.RegistrationName,
    };

    private Session NewSession(Client client, TenantTarget registration)
    {
        Mapping? chosen = null;
        // The operation checks the registration as every later one will.
        using (Operation check = client.NewOperation(new OperationOptions { DefaultRegistration = registration }))
        {
            if (registration.NamesRegistration)
            {
                chosen = check.Resolve(Purpose.List, new TenantTarget());
            }
        }

        Cloud cloud = client.Cloud;
        return new Session(client, chosen is null ? null : RegistrationOf(chosen), new AzsRegistrationAccount
        {
            SignIn = ParameterSetName,
            ApplicationId = ApplicationId?.Trim(),
            SignInTenantId = SignInTenantId?.Trim(),
            RegistrationName = chosen?.RegistrationName,
            ResourceGroupName = chosen?.ResourceGroupName,
            RegistrationSubscriptionId = chosen?.RegistrationSubscriptionId,
            ArmEndpoint = cloud.ArmEndpoint,
            AuthorityHost = cloud.AuthorityHost,
            ApiVersion = ApiVersion ?? LibraryDefaults.ApiVersion,
            ExpiresOn = ExpiresOn,
        });
    }

    /// <summary>How the library signs in by itself; null where it is given a token.</summary>
    private SignInOptions? SignIn()
    {
        SignInKind? kind = ParameterSetName switch
        {
            WithSecret => SignInKind.Secret,
            WithCertificate => SignInKind.Certificate,
            WithFederatedToken => SignInKind.FederatedToken,
            WithManagedIdentity => SignInKind.ManagedIdentity,
            WithAzureCli => SignInKind.AzureCli,
            _ => null,
        };
        return kind is not SignInKind given ? null : new SignInOptions(given)
        {
            TenantId = SignInTenantId,
            RegistrationSubscriptionId = registrations[0].RegistrationSubscriptionId ?? registrations[0].ResourceId,
            ApplicationId = ApplicationId,
            Secret = ClientSecret,
            CertificatePath = FileSystemPath(CertificatePath),
            CertificatePassword = CertificatePassword,
            FederatedTokenFile = FileSystemPath(FederatedTokenFile),
            ManagedIdentityEndpoint = ManagedIdentityEndpoint,
        };
    }

    private string? FileSystemPath(string? path) => path is null ? null : GetUnresolvedProviderPathFromPSPath(path);

    private string? CertificateFile()
    {
        if (CaCertificatePath is null)
        {
            return null;
        }

        string path = GetUnresolvedProviderPathFromPSPath(CaCertificatePath);
        return File.Exists(path) ? path : throw new RefusedException(new ErrorInfo(
            ErrorKind.Input, "CaCertificateNotFound", $"CaCertificatePath: there is no file '{path}'.")
        {
            Column = nameof(CaCertificatePath),
            Target = path,
        });
    }

    /// <summary>The program that the requests come from, for the service's logs.</summary>
    private string Caller()
    {
        object? version = (SessionState.PSVariable.GetValue("PSVersionTable") as IDictionary)?["PSVersion"];
        return version is null ? "PowerShell" : "PowerShell/" + version;
    }
}
