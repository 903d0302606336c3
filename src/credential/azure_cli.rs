//! The sign-in of the Azure CLI on this machine.
//!
//! azure_identity starts it from a thread of its own. Its other way, over tokio's processes, would put a handler for
//! SIGCHLD into the host, which .NET has one for already.

use std::sync::Arc;

use azure_core::credentials::TokenCredential;
use azure_identity::{AzureCliCredential as Azure, AzureCliCredentialOptions};

use super::directory::{Directory, Found};
use super::{AccessToken, Credential};
use crate::clock::{BoxFuture, Clock};
use crate::cloud::Cloud;
use crate::error::{Category, Error, Result};
use crate::transport::Transport;

/// Asks the Azure CLI for a token, as whoever has run `az login`.
pub struct AzureCliCredential {
    directory: Option<Found>,
    scope: String,
}

impl AzureCliCredential {
    /// A credential for a directory; `None`: the one that the Azure CLI uses by default. `transport` is for finding the
    /// directory of a subscription.
    pub fn new(
        cloud: &Cloud,
        directory: Option<&Directory>,
        transport: &Arc<dyn Transport>,
    ) -> Result<AzureCliCredential> {
        let directory = directory.map(|directory| Found::new(directory, cloud, transport)).transpose()?;
        Ok(AzureCliCredential { directory, scope: cloud.scope() })
    }
}

impl Credential for AzureCliCredential {
    fn get<'a>(&'a self, _clock: &'a dyn Clock) -> BoxFuture<'a, Result<AccessToken>> {
        Box::pin(async move {
            let tenant_id = match &self.directory {
                Some(directory) => Some(directory.get().await?.to_owned()),
                None => None,
            };
            let options = AzureCliCredentialOptions { tenant_id, ..Default::default() };
            let asked = async { Azure::new(Some(options))?.get_token(&[&self.scope], None).await };
            let token = asked.await.map_err(|error| failed(&error))?;
            let expires_on = u64::try_from(token.expires_on.unix_timestamp()).unwrap_or_default();
            AccessToken::new(token.token.secret().to_owned(), expires_on).ok_or_else(|| {
                Error::new(Category::Authentication, "AzureCliFailed", "The Azure CLI gave no token.")
            })
        })
    }
}

fn failed(error: &azure_core::error::Error) -> Error {
    let said =
        std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |error| error.source())
            .last()
            .map(ToString::to_string)
            .unwrap_or_default();
    let message = format!("The Azure CLI gave no token: {}.", said.trim().trim_end_matches('.'));
    Error::new(Category::Authentication, "AzureCliFailed", message)
}
