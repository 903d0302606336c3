using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using System.Security;
using Azs.Registration.Native;
using Azs.Registration.Sessions;

namespace Azs.Registration.Commands;

/// <summary>Chooses the credential, the cloud and the default registration for this runspace.</summary>
/// <remarks>Nothing is sent. Where it fails, the connection before stays as it was.</remarks>
[Cmdlet(VerbsCommunications.Connect, "AzsRegistrationAccount")]
[OutputType(typeof(AzsRegistrationAccount))]
public sealed class ConnectAzsRegistrationAccountCommand : AzsRegistrationCommand
{
    private readonly List<TenantTarget> registrations = new();
    private string? subscription;

    /// <summary>An access token for Azure Resource Manager.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNull]
    public SecureString? AccessToken { get; set; }

    /// <summary>When the access token expires.</summary>
    [Parameter]
    public DateTimeOffset? ExpiresOn { get; set; }

    /// <summary>The endpoint of Azure Resource Manager. By default that of the public cloud.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ArmEndpoint { get; set; }

    /// <summary>The sign-in endpoint. By default that of the public cloud.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? AuthorityHost { get; set; }

    /// <summary>A file with certificates (PEM) that are trusted beside those of the system.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CaCertificatePath { get; set; }

    /// <summary>The api-version to send. By default 2017-06-01.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
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

    /// <summary>Checks what the command line says.</summary>
    protected override void BeginProcessing()
    {
        RefuseBlanks(nameof(ResourceId), nameof(RegistrationName), nameof(ResourceGroupName), nameof(RegistrationSubscriptionId), nameof(SubscriptionId));
        subscription = SubscriptionOfRegistration(RegistrationSubscriptionId, SubscriptionId);
    }

    /// <summary>Takes the registration of one object, or of the command line.</summary>
    protected override void ProcessRecord() => registrations.Add(new TenantTarget
    {
        ResourceId = ResourceId,
        RegistrationSubscriptionId = subscription ?? RegistrationSubscriptionId,
        ResourceGroupName = ResourceGroupName,
        RegistrationName = RegistrationName,
    });

    /// <summary>Connects: when all input is read, for one registration alone can be the default.</summary>
    protected override void EndProcessing()
    {
        if (registrations.Count != 1)
        {
            EndWith(new ErrorInfo(
                ErrorKind.Input,
                "OneRegistrationExpected",
                $"{registrations.Count} registrations came from the pipeline, and one can be the default.")
            {
                RecommendedAction = "Pipe in the registration that commands are to take where they name none.",
            });
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
            });
            client.SetAccessToken(AccessToken!, ExpiresOn);
            Session session = NewSession(client, registrations[0]);
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

        TenantTarget? defaultRegistration = chosen is null ? null : new TenantTarget
        {
            RegistrationSubscriptionId = chosen.RegistrationSubscriptionId,
            ResourceGroupName = chosen.ResourceGroupName,
            RegistrationName = chosen.RegistrationName,
        };
        return new Session(client, defaultRegistration, new AzsRegistrationAccount
        {
            RegistrationName = chosen?.RegistrationName,
            ResourceGroupName = chosen?.ResourceGroupName,
            RegistrationSubscriptionId = chosen?.RegistrationSubscriptionId,
            ArmEndpoint = ArmEndpoint ?? LibraryDefaults.ArmEndpoint,
            AuthorityHost = AuthorityHost ?? LibraryDefaults.AuthorityHost,
            ApiVersion = ApiVersion ?? LibraryDefaults.ApiVersion,
            ExpiresOn = ExpiresOn,
        });
    }

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
            RecommendedAction = "Give the path of a PEM file with the certificate of the authority to trust.",
        });
    }

    /// <summary>The program that the requests come from, for the service's logs.</summary>
    private string Caller()
    {
        object? version = (SessionState.PSVariable.GetValue("PSVersionTable") as IDictionary)?["PSVersion"];
        return version is null ? "PowerShell" : "PowerShell/" + version;
    }
}
