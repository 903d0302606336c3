//! The identity that Azure gives to a machine or a service: a token without a secret, from an endpoint next to it.
//!
//! azure_identity's own credential tries for 100 seconds where nothing answers, has a fixed address, and sends the token
//! in clear through a proxy that `http_proxy` names.
//!
//! Sources: "How to use managed identities … to acquire an access token" (virtual machines), "How to use managed identities
//! for App Service and Azure Functions", "Using a system-assigned managed identity for an Azure Automation account",
//! "Authenticate against Azure resources with Azure Arc-enabled servers".

mod arc;
mod environment;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde::Deserialize;
use url::Url;

pub use environment::{Endpoint, Environment};

use super::{AccessToken, Credential};
use crate::clock::{BoxFuture, Clock};
use crate::cloud::Cloud;
use crate::error::{Category, Error, Result};
use crate::guid::Guid;
use crate::transport::{HttpRequest, HttpResponse, Transport};

/// What its requests are called in messages.
const REQUEST: &str = "the request for a token";

/// Asks for a token of a managed identity.
pub struct ManagedIdentityCredential {
    endpoint: Endpoint,
    /// The client id of a user-assigned identity; `None`: the system-assigned one.
    client: Option<String>,
    resource: String,
    transport: Arc<dyn Transport>,
}

impl ManagedIdentityCredential {
    /// A credential for the endpoint that the environment names. `transport` must use no proxy.
    pub fn new(
        cloud: &Cloud,
        environment: &Environment,
        client: Option<&str>,
        transport: Arc<dyn Transport>,
    ) -> Result<ManagedIdentityCredential> {
        let client = client.map(str::trim);
        if let Some(client) = client.filter(|client| Guid::parse(client).is_none()) {
            let message = format!(
                "ApplicationId '{client}' is not a GUID. A user-assigned identity is named by its client id."
            );
            return Err(Error::input("ApplicationIdNotValid", "ApplicationId", client, message));
        }
        let endpoint = environment.endpoint()?;
        if matches!(endpoint, Endpoint::Arc { .. }) && client.is_some() {
            let message =
                "Azure Arc gives a server its system-assigned identity only. Leave ApplicationId out.";
            return Err(Error::input(
                "ApplicationIdNotValid",
                "ApplicationId",
                client.unwrap_or_default(),
                message,
            ));
        }
        Ok(ManagedIdentityCredential {
            endpoint,
            client: client.map(str::to_owned),
            resource: cloud.audience().to_owned(),
            transport,
        })
    }

    async fn ask(&self) -> Result<AccessToken> {
        let answer = self.send(self.request(None)?).await?;
        let answer = match (&self.endpoint, answer.status) {
            // It shows a file that only an administrator of the machine can read.
            (Endpoint::Arc { key_folder, .. }, StatusCode::UNAUTHORIZED) => {
                let proof = arc::proof(&answer.headers, key_folder.as_deref())?;
                self.send(self.request(Some(proof))?).await?
            }
            _ => answer,
        };
        token_of(&answer).unwrap_or_else(|| Err(self.refused(&answer)))
    }

    fn request(&self, proof: Option<HeaderValue>) -> Result<HttpRequest> {
        let mut headers = HeaderMap::new();
        headers.insert("metadata", HeaderValue::from_static("true"));
        let (url, version) = match &self.endpoint {
            Endpoint::VirtualMachine(url) => (url, Some("2018-02-01")),
            Endpoint::Arc { url, .. } => (url, Some("2020-06-01")),
            Endpoint::AppService { url, header } => {
                headers.insert(HeaderName::from_static("x-identity-header"), header.clone());
                (url, Some("2019-08-01"))
            }
            Endpoint::Automation { url, header } => {
                headers.insert(HeaderName::from_static("x-identity-header"), header.clone());
                (url, None)
            }
        };
        if let Some(proof) = proof {
            headers.insert(http::header::AUTHORIZATION, proof);
        }
        let mut url: Url = url.clone();
        let mut query = url.query_pairs_mut();
        if let Some(version) = version {
            query.append_pair("api-version", version);
        }
        query.append_pair("resource", &self.resource);
        if let Some(client) = &self.client {
            query.append_pair("client_id", client);
        }
        drop(query);
        Ok(HttpRequest { method: Method::GET, url, headers, body: None })
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse> {
        let host = request.url.authority().to_owned();
        self.transport.send(request).await.map_err(|lost| {
            let error = lost.to_error(&host, &REQUEST);
            let here = "No managed identity answers on this machine.";
            if lost.found_no_connection() { error.preceded_by(here) } else { error }
        })
    }

    fn refused(&self, answer: &HttpResponse) -> Error {
        let status = answer.status.as_u16();
        let said = said_of(&answer.body);
        let category = match status {
            429 => Category::Throttled,
            // The endpoint of a virtual machine answers 410 while it is being updated.
            410 | 500.. => Category::Service,
            _ => Category::Authentication,
        };
        let mut parts = Error::new(
            category,
            "ManagedIdentityRefused",
            format!("The managed identity endpoint answered {REQUEST} with {status}{said}."),
        )
        .parts()
        .clone();
        parts.http_status = Some(status);
        Error::from_parts(parts)
    }
}

impl Credential for ManagedIdentityCredential {
    fn get<'a>(&'a self, _clock: &'a dyn Clock) -> BoxFuture<'a, Result<AccessToken>> {
        Box::pin(self.ask())
    }
}

/// The answer with a token. Numbers come as numbers or as texts.
#[derive(Deserialize)]
struct Issued {
    access_token: String,
    #[serde(default)]
    expires_on: serde_json::Value,
}

fn token_of(answer: &HttpResponse) -> Option<Result<AccessToken>> {
    if answer.status != StatusCode::OK {
        return None;
    }
    let issued: Issued = serde_json::from_slice(&answer.body).ok()?;
    let expires_on = match &issued.expires_on {
        serde_json::Value::Number(number) => number.as_u64(),
        serde_json::Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    Some(
        AccessToken::new(issued.access_token, expires_on.unwrap_or_default())
            .ok_or_else(|| super::refreshing::unusable("The managed identity endpoint gave no token.")),
    )
}

/// What the endpoint says, in the two forms that there are.
fn said_of(body: &Bytes) -> String {
    let value: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let text = ["error_description", "message", "Message"]
        .iter()
        .find_map(|name| value.get(name)?.as_str())
        .or_else(|| value.get("error")?.get("message")?.as_str())
        .or_else(|| value.get("error")?.as_str());
    text.map_or_else(String::new, |text| format!(": {}", text.trim().trim_end_matches('.')))
}
