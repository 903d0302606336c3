//! How azsreg signs in: by the options, and by the variables that Azure's own tools read.

use std::path::PathBuf;

use azs_registration::credential::{SignIn, SignInInput, SignInKind, SuppliedToken};
use clap::{Args, ValueEnum};
use zeroize::Zeroizing;

use crate::arguments::{ConnectionArguments, RegistrationArguments, not_blank};
use crate::environment::variable;
use crate::failure::Result;

/// How to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Auth {
    /// With an access token from a file
    AccessToken,
    /// As an application, with AZURE_CLIENT_SECRET or --client-secret-file
    ClientSecret,
    /// As an application, with a certificate
    ClientCertificate,
    /// As an application, with the token of another identity provider
    WorkloadIdentity,
    /// With the identity that Azure gives to this machine or service
    ManagedIdentity,
    /// As whoever has run az login
    AzureCli,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Sign-in")]
pub(crate) struct SignInArguments {
    /// How to sign in [env: AZSREG_AUTH] [default: access-token]
    #[arg(long, value_enum, value_name = "METHOD")]
    pub(crate) auth: Option<Auth>,
    /// File that holds the access token; - reads it from standard input [env: AZSREG_ACCESS_TOKEN_FILE]
    #[arg(long, value_name = "FILE", value_parser = not_blank)]
    pub(crate) access_token_file: Option<String>,
    /// The directory to sign in to; by default that of the registration's subscription [env: AZURE_TENANT_ID]
    #[arg(long, value_name = "GUID|DOMAIN", value_parser = not_blank)]
    pub(crate) sign_in_tenant_id: Option<String>,
    /// The application, or the client id of a user-assigned managed identity [env: AZURE_CLIENT_ID]
    #[arg(long, value_name = "GUID", value_parser = not_blank)]
    pub(crate) client_id: Option<String>,
    /// File that holds the application's secret; AZURE_CLIENT_SECRET holds the secret itself
    #[arg(long, value_name = "FILE", value_parser = not_blank)]
    pub(crate) client_secret_file: Option<String>,
    /// The application's certificate with its private key, PFX or PEM; its password is read from
    /// AZURE_CLIENT_CERTIFICATE_PASSWORD [env: AZURE_CLIENT_CERTIFICATE_PATH]
    #[arg(long, value_name = "FILE", value_parser = not_blank)]
    pub(crate) client_certificate: Option<String>,
    /// A token of another identity provider [env: AZURE_FEDERATED_TOKEN_FILE]
    #[arg(long, value_name = "FILE", value_parser = not_blank)]
    pub(crate) federated_token_file: Option<String>,
    /// Where a virtual machine's managed identity is asked for
    #[arg(long, value_name = "URL", value_parser = not_blank, hide = true)]
    pub(crate) managed_identity_endpoint: Option<String>,
}

impl SignInArguments {
    /// What was chosen.
    pub(crate) fn auth(&self) -> Result<Auth> {
        if let Some(auth) = self.auth {
            return Ok(auth);
        }
        let Some(named) = variable("AZSREG_AUTH")? else { return Ok(Auth::AccessToken) };
        Auth::from_str(named.trim(), true).map_err(|_| {
            let all: Vec<_> = Auth::value_variants()
                .iter()
                .filter_map(|it| Some(it.to_possible_value()?.get_name().to_owned()))
                .collect();
            crate::failure::Failure::Usage(format!(
                "AZSREG_AUTH '{named}' is no way to sign in. Expected {}.",
                all.join(", ")
            ))
        })
    }
}

/// How the library signs in. A token is read later, when nothing else can be refused any more.
pub(crate) fn sign_in(
    connection: &ConnectionArguments,
    registration: &RegistrationArguments,
) -> Result<SignIn> {
    let arguments = &connection.sign_in;
    let or_variable =
        |option: &Option<String>, name| option.clone().map_or_else(|| variable(name), |it| Ok(Some(it)));
    let kind = match arguments.auth()? {
        Auth::AccessToken => return Ok(SignIn::Tokens(SuppliedToken::new(false))),
        Auth::ClientSecret => SignInKind::Secret,
        Auth::ClientCertificate => SignInKind::Certificate,
        Auth::WorkloadIdentity => SignInKind::FederatedToken,
        Auth::ManagedIdentity => SignInKind::ManagedIdentity,
        Auth::AzureCli => SignInKind::AzureCli,
    };
    let mut input = SignInInput {
        directory: or_variable(&arguments.sign_in_tenant_id, "AZURE_TENANT_ID")?,
        registration_subscription_id: registration_subscription(registration)?,
        ..SignInInput::default()
    };
    // What a variable says for another way to sign in is not meant here.
    if kind != SignInKind::AzureCli {
        input.application = or_variable(&arguments.client_id, "AZURE_CLIENT_ID")?;
    }
    match kind {
        SignInKind::Secret => {
            input.secret = match &arguments.client_secret_file {
                Some(file) => Some(crate::token::read_secret(file)?),
                None => variable("AZURE_CLIENT_SECRET")?.map(Zeroizing::new),
            };
        }
        SignInKind::Certificate => {
            let path = or_variable(&arguments.client_certificate, "AZURE_CLIENT_CERTIFICATE_PATH")?;
            input.certificate_path = path.map(PathBuf::from);
            input.certificate_password = variable("AZURE_CLIENT_CERTIFICATE_PASSWORD")?.map(Zeroizing::new);
        }
        SignInKind::FederatedToken => {
            let path = or_variable(&arguments.federated_token_file, "AZURE_FEDERATED_TOKEN_FILE")?;
            input.federated_token_file = path.map(PathBuf::from);
        }
        SignInKind::ManagedIdentity => {
            input.managed_identity_endpoint = arguments.managed_identity_endpoint.clone();
        }
        SignInKind::AzureCli => {}
    }
    Ok(SignIn::from_input(kind, input)?)
}

/// The subscription whose directory is signed in to where none is named.
fn registration_subscription(registration: &RegistrationArguments) -> Result<Option<String>> {
    let given =
        registration.registration_subscription_id.clone().or_else(|| registration.registration_id.clone());
    given.map_or_else(|| variable("AZSREG_SUBSCRIPTION"), |it| Ok(Some(it)))
}
