//! The directory that is signed in to.

use std::sync::{Arc, OnceLock};

use http::{HeaderMap, Method};
use url::Url;

use crate::cloud::Cloud;
use crate::error::{Category, Error, Result};
use crate::guid::Guid;
use crate::transport::{HttpRequest, Transport};
use crate::wire::challenge;

/// What its request is called in messages.
const REQUEST: &str = "the request for the directory of a subscription";

/// Which directory is signed in to.
#[derive(Debug, Clone)]
pub enum Directory {
    /// The one with this id or domain name.
    Named(String),
    /// The one that a subscription belongs to, by its id or that of a resource in it: Azure Resource Manager says it to anybody who asks.
    OfSubscription(String),
}

/// A directory that is found when it is needed, and then known.
pub(super) struct Found {
    place: Place,
    found: OnceLock<String>,
}

enum Place {
    Named,
    OfSubscription { url: Url, subscription: String, transport: Arc<dyn Transport> },
}

impl Found {
    /// Checks what was given. Nothing is sent yet.
    pub(super) fn new(directory: &Directory, cloud: &Cloud, transport: &Arc<dyn Transport>) -> Result<Found> {
        match directory {
            Directory::Named(given) => {
                Ok(Found { place: Place::Named, found: OnceLock::from(named(given)?) })
            }
            Directory::OfSubscription(given) => {
                let given = given.trim();
                let subscription = Guid::parse(given).or_else(|| subscription_of(given)).ok_or_else(|| {
                    let message = format!(
                        "RegistrationSubscriptionId '{given}' is neither a GUID nor the id of a resource in a subscription."
                    );
                    Error::input("SubscriptionIdNotValid", "RegistrationSubscriptionId", given, message)
                })?;
                let subscription = subscription.lower();
                let mut url = cloud.arm_endpoint().clone();
                url.set_path(&format!("/subscriptions/{subscription}"));
                url.set_query(Some(challenge::QUERY));
                let place = Place::OfSubscription { url, subscription, transport: transport.clone() };
                Ok(Found { place, found: OnceLock::new() })
            }
        }
    }

    /// Its id or domain name.
    pub(super) async fn get(&self) -> Result<&str> {
        if let Some(found) = self.found.get() {
            return Ok(found);
        }
        let Place::OfSubscription { url, subscription, transport } = &self.place else {
            unreachable!("a directory that is named is known")
        };
        let request =
            HttpRequest { method: Method::GET, url: url.clone(), headers: HeaderMap::new(), body: None };
        let answer =
            transport.send(request).await.map_err(|lost| lost.to_error(url.authority(), &REQUEST))?;
        let tenant = challenge::tenant(answer.status, &answer.headers).ok_or_else(|| {
            let status = answer.status.as_u16();
            let category =
                if answer.status.is_server_error() { Category::Service } else { Category::Authentication };
            let message = format!(
                "{} did not say which directory subscription {subscription} belongs to (status {status}).",
                url.authority()
            );
            Error::new(category, "SignInTenantNotSaid", message)
        })?;
        Ok(self.found.get_or_init(|| tenant.to_string()))
    }
}

/// The subscription that a resource is in.
fn subscription_of(resource: &str) -> Option<Guid> {
    let mut segments = resource.trim_start_matches('/').split('/');
    segments.next().filter(|first| first.eq_ignore_ascii_case("subscriptions"))?;
    Guid::parse(segments.next()?)
}

/// A directory by its id or a domain name, as it goes into a URL.
fn named(given: &str) -> Result<String> {
    let given = given.trim();
    let plausible = !given.is_empty()
        && !given.starts_with(['.', '-'])
        && given.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    if !plausible {
        let message = format!("SignInTenantId '{given}' is neither a GUID nor a domain name.");
        return Err(Error::input("SignInTenantIdNotValid", "SignInTenantId", given, message));
    }
    Ok(given.to_owned())
}
