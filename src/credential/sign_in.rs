//! How a client signs in.

use std::path::PathBuf;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::{
    AzureCliCredential, ClientCertificate, Credential, Directory, EntraCredential, Environment,
    ManagedIdentityCredential, Proof, RefreshingToken, TokenSource,
};
use crate::clock::{Clock, Random};
use crate::cloud::Cloud;
use crate::error::{Error, Result};
use crate::transport::Transport;

/// How a client signs in.
pub enum SignIn {
    /// With the tokens of this source.
    Tokens(Arc<dyn TokenSource>),
    /// As an application.
    Application {
        /// Where it is known.
        directory: Directory,
        /// Its id.
        client: String,
        /// What shows that it is the application.
        proof: Proof,
    },
    /// With the identity that Azure gives to this machine or service.
    ManagedIdentity {
        /// The client id of a user-assigned identity; `None`: the system-assigned one.
        client: Option<String>,
        /// What says where its tokens come from.
        environment: Environment,
    },
    /// As whoever has signed in to the Azure CLI.
    AzureCli {
        /// Which directory; `None`: the Azure CLI's own default.
        directory: Option<Directory>,
    },
}

/// The kinds of sign-in that need no person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInKind {
    /// An application with a secret.
    Secret,
    /// An application with a certificate.
    Certificate,
    /// An application with the token of another identity provider.
    FederatedToken,
    /// The identity that Azure gives to this machine or service.
    ManagedIdentity,
    /// Whoever has signed in to the Azure CLI.
    AzureCli,
}

/// What a caller says about a sign-in. Each kind needs some of it, and refuses what it has no use for.
#[derive(Default)]
pub struct SignInInput {
    /// The directory, by its id or a domain name.
    pub directory: Option<String>,
    /// The subscription whose directory it is, where none is named.
    pub registration_subscription_id: Option<String>,
    /// The application's id, or the client id of a user-assigned managed identity.
    pub application: Option<String>,
    /// The application's secret.
    pub secret: Option<Zeroizing<String>>,
    /// A file with the certificate and its private key.
    pub certificate_path: Option<PathBuf>,
    /// The password of that file.
    pub certificate_password: Option<Zeroizing<String>>,
    /// A file with a token of another identity provider.
    pub federated_token_file: Option<PathBuf>,
    /// Where the managed identity of a virtual machine is asked for.
    pub managed_identity_endpoint: Option<String>,
}

impl SignInInput {
    /// Refuses what has no use, so that nobody believes to sign in with it.
    fn refuse_rest(self, kind: SignInKind) -> Result<()> {
        let rest = [
            ("ApplicationId", self.application.is_some()),
            ("ClientSecret", self.secret.is_some()),
            ("CertificatePath", self.certificate_path.is_some()),
            ("CertificatePassword", self.certificate_password.is_some()),
            ("FederatedTokenFile", self.federated_token_file.is_some()),
            ("ManagedIdentityEndpoint", self.managed_identity_endpoint.is_some()),
        ];
        match rest.into_iter().find(|(_, given)| *given) {
            None => Ok(()),
            Some((column, _)) => {
                let message = format!("{column} has no use for signing in with {}.", kind.words());
                Err(Error::input("SignInAmbiguous", column, "", message))
            }
        }
    }

    fn directory(&mut self) -> Option<Directory> {
        let named = self.directory.take().map(Directory::Named);
        named.or_else(|| self.registration_subscription_id.take().map(Directory::OfSubscription))
    }
}

impl SignInKind {
    fn words(self) -> &'static str {
        match self {
            SignInKind::Secret => "a secret",
            SignInKind::Certificate => "a certificate",
            SignInKind::FederatedToken => "a federated token",
            SignInKind::ManagedIdentity => "a managed identity",
            SignInKind::AzureCli => "the Azure CLI",
        }
    }

    fn missing(self, column: &'static str) -> Error {
        let message = format!("{column} is missing: signing in with {} needs it.", self.words());
        Error::input("SignInIncomplete", column, "", message)
    }
}

impl SignIn {
    /// The sign-in that a caller asked for, checked as far as that can be done here. A certificate is read now.
    pub fn from_input(kind: SignInKind, mut input: SignInInput) -> Result<SignIn> {
        let directory = input.directory();
        let sign_in = match kind {
            SignInKind::AzureCli => SignIn::AzureCli { directory },
            SignInKind::ManagedIdentity => SignIn::ManagedIdentity {
                client: input.application.take(),
                environment: Environment {
                    virtual_machine_endpoint: input.managed_identity_endpoint.take(),
                    ..Environment::of_process()
                },
            },
            SignInKind::Secret | SignInKind::Certificate | SignInKind::FederatedToken => {
                let client = input.application.take().ok_or_else(|| kind.missing("ApplicationId"))?;
                let proof = match kind {
                    SignInKind::Secret => {
                        let secret = input.secret.take().filter(|secret| !secret.trim().is_empty());
                        Proof::Secret(secret.ok_or_else(|| kind.missing("ClientSecret"))?)
                    }
                    SignInKind::Certificate => {
                        let path =
                            input.certificate_path.take().ok_or_else(|| kind.missing("CertificatePath"))?;
                        let password = input.certificate_password.take();
                        Proof::Certificate(Box::new(ClientCertificate::read(
                            &path,
                            password.as_ref().map(|it| it.as_str()),
                        )?))
                    }
                    _ => {
                        let path = input.federated_token_file.take();
                        Proof::FederatedTokenFile(path.ok_or_else(|| kind.missing("FederatedTokenFile"))?)
                    }
                };
                let directory = directory.ok_or_else(|| kind.missing("SignInTenantId"))?;
                SignIn::Application { directory, client, proof }
            }
        };
        input.refuse_rest(kind)?;
        Ok(sign_in)
    }

    /// The source of the tokens. `nearby` makes a transport for what is on this machine or next to it.
    pub(crate) fn into_source(
        self,
        cloud: &Cloud,
        transport: &Arc<dyn Transport>,
        nearby: impl FnOnce() -> Result<Arc<dyn Transport>>,
        clock: &Arc<dyn Clock>,
        random: &Arc<dyn Random>,
    ) -> Result<Arc<dyn TokenSource>> {
        let credential: Arc<dyn Credential> = match self {
            SignIn::Tokens(source) => return Ok(source),
            SignIn::Application { directory, client, proof } => {
                Arc::new(EntraCredential::new(cloud, &directory, &client, proof, transport.clone())?)
            }
            SignIn::ManagedIdentity { client, environment } => {
                let client = client.as_deref();
                Arc::new(ManagedIdentityCredential::new(cloud, &environment, client, nearby()?)?)
            }
            SignIn::AzureCli { directory } => {
                Arc::new(AzureCliCredential::new(cloud, directory.as_ref(), transport)?)
            }
        };
        Ok(RefreshingToken::new(credential, clock.clone(), random.clone()))
    }
}
