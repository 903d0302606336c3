//! Sign-in of an application with Microsoft Entra ID.
//!
//! The protocol is azure_identity's; the requests go out over this library's own transport, so that its certificates,
//! proxies, time-outs and evidence hold for them too. A credential of azure_identity keeps the tokens that it gets and
//! gives them again, also after the service has refused them: so each sign-in makes a new one.

mod assertion;
mod certificate;
mod over_transport;

use std::path::PathBuf;
use std::sync::Arc;

use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::{Secret, TokenCredential};
use azure_core::http::{ClientOptions, RetryOptions, Transport as AzureTransport};
use azure_identity::{
    ClientAssertionCredential, ClientAssertionCredentialOptions, ClientSecretCredential,
    ClientSecretCredentialOptions,
};
use zeroize::Zeroizing;

pub use certificate::ClientCertificate;

use super::directory::{Directory, Found};
use super::{AccessToken, Credential};
use crate::clock::{BoxFuture, Clock};
use crate::cloud::Cloud;
use crate::error::{Error, Result};
use crate::guid::Guid;
use crate::transport::Transport;
use assertion::{FileAssertion, SignedAssertion};
use over_transport::{OverTransport, error_of};

/// How an application proves who it is.
pub enum Proof {
    /// With a secret. The copy that is kept here is wiped; those of azure_identity are not in our power.
    Secret(Zeroizing<String>),
    /// With a certificate whose key signs an assertion.
    Certificate(Box<ClientCertificate>),
    /// With a token of another identity provider that Microsoft Entra ID trusts: its file is read for each sign-in, for
    /// whoever writes it renews it.
    FederatedTokenFile(PathBuf),
}

/// Signs an application in.
pub struct EntraCredential {
    directory: Found,
    client: String,
    proof: Proof,
    authority_host: String,
    scope: String,
    transport: Arc<dyn Transport>,
}

impl EntraCredential {
    /// A credential for an application of a directory, by the application's id. Nothing is sent yet.
    pub fn new(
        cloud: &Cloud,
        directory: &Directory,
        client: &str,
        proof: Proof,
        transport: Arc<dyn Transport>,
    ) -> Result<EntraCredential> {
        let client = client.trim();
        if Guid::parse(client).is_none() {
            let message = format!("ApplicationId '{client}' is not a GUID.");
            return Err(Error::input("ApplicationIdNotValid", "ApplicationId", client, message));
        }
        Ok(EntraCredential {
            directory: Found::new(directory, cloud, &transport)?,
            client: client.to_owned(),
            proof,
            authority_host: cloud.authority_host().to_string(),
            scope: cloud.scope(),
            transport,
        })
    }

    fn options(&self) -> ClientOptions {
        let mut custom = CustomConfiguration::default();
        custom.authority_host.clone_from(&self.authority_host);
        ClientOptions {
            transport: Some(AzureTransport::new(Arc::new(OverTransport(self.transport.clone())))),
            // Its own tries last for more than a minute where nothing listens.
            retry: RetryOptions::none(),
            cloud: Some(Arc::new(CloudConfiguration::Custom(custom))),
            ..ClientOptions::default()
        }
    }

    async fn sign_in(
        &self,
        tenant: &str,
        clock: &dyn Clock,
    ) -> azure_core::Result<azure_core::credentials::AccessToken> {
        let scopes = [self.scope.as_str()];
        let (tenant, client) = (tenant.to_owned(), self.client.clone());
        let with_assertion = || ClientAssertionCredentialOptions { client_options: self.options() };
        match &self.proof {
            Proof::Secret(secret) => {
                let options = ClientSecretCredentialOptions { client_options: self.options() };
                let secret = Secret::new(secret.to_string());
                ClientSecretCredential::new(&tenant, client, secret, Some(options))?
                    .get_token(&scopes, None)
                    .await
            }
            Proof::Certificate(certificate) => {
                let audience = format!("{}{tenant}/oauth2/v2.0/token", self.authority_host);
                let assertion = SignedAssertion::new(certificate, &audience, &client, clock.unix_time())?;
                ClientAssertionCredential::new(tenant, client, assertion, Some(with_assertion()))?
                    .get_token(&scopes, None)
                    .await
            }
            Proof::FederatedTokenFile(path) => {
                let assertion = FileAssertion::new(path);
                ClientAssertionCredential::new(tenant, client, assertion, Some(with_assertion()))?
                    .get_token(&scopes, None)
                    .await
            }
        }
    }
}

impl Credential for EntraCredential {
    fn get<'a>(&'a self, clock: &'a dyn Clock) -> BoxFuture<'a, Result<AccessToken>> {
        Box::pin(async move {
            let tenant = self.directory.get().await?;
            let token = self.sign_in(tenant, clock).await.map_err(|error| error_of(&error))?;
            let expires_on = u64::try_from(token.expires_on.unix_timestamp()).unwrap_or_default();
            AccessToken::new(token.token.secret().to_owned(), expires_on)
                .ok_or_else(|| super::refreshing::unusable("The sign-in service gave no token."))
        })
    }
}
