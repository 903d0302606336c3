//! The tenant of a subscription, learned without a sign-in.
//!
//! Azure Resource Manager answers an unauthenticated GET of a subscription with 401 and
//! `WWW-Authenticate: Bearer authorization_uri="https://login.windows.net/{tenant}"`. Microsoft's own SDKs use it; it
//! is not documented as a contract, so whatever else comes means "not known".

use http::header::WWW_AUTHENTICATE;
use http::{Method, StatusCode};
use url::Url;
use uuid::Uuid;

use super::session::lock;
use super::{Mapping, Tenants};
use crate::engine::{Call, Run};
use crate::error::{Category, Result};
use crate::guid::Guid;

/// An api-version of the subscriptions resource that every cloud has.
const SUBSCRIPTIONS_API_VERSION: &str = "2016-06-01";

/// How many answers are kept.
const MOST_KEPT: usize = 10_000;

impl Tenants {
    /// The tenant that the subscription belongs to, where the service says it. Asked once for each subscription.
    pub(crate) async fn challenged_tenant(&self, run: &Run, customer: &Guid) -> Result<Option<Uuid>> {
        if !self.discovery {
            return Ok(None);
        }
        if let Some(tenant) = lock(&self.challenged).get(&customer.value()) {
            return Ok(*tenant);
        }
        let segments = ["subscriptions", &customer.lower()];
        let mut call = Call::new(&self.engine, Method::GET, &segments, format!("/subscriptions/{customer}"));
        call.url.set_query(Some(&format!("api-version={SUBSCRIPTIONS_API_VERSION}")));
        call.authenticated = false;
        let answer = match self.engine.read(run, &call).await {
            Ok(answer) => answer,
            Err(error) if error.category() == Category::Cancelled => return Err(error),
            // Nothing was learned, and the next one who needs it may ask again.
            Err(error) => {
                run.verbose(|| {
                    format!("The tenant of subscription {customer} could not be asked for: {error}")
                });
                return Ok(None);
            }
        };
        let challenges =
            answer.headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
        let tenant = (answer.status == StatusCode::UNAUTHORIZED)
            .then(|| challenges.map(tenant_of_challenge).find(Option::is_some).flatten())
            .flatten();
        if tenant.is_none() {
            run.verbose(|| {
                format!(
                    "The tenant of subscription {customer} could not be learned from its sign-in challenge."
                )
            });
        }
        if answer.status.is_client_error() && answer.status != StatusCode::TOO_MANY_REQUESTS {
            let mut challenged = lock(&self.challenged);
            // Most are asked for once; a session of days keeps no more than it can use.
            if challenged.len() >= MOST_KEPT {
                challenged.clear();
            }
            challenged.insert(customer.value(), tenant);
        }
        Ok(tenant)
    }

    /// Forgets what a challenge said: when it is of no more use, or may have changed.
    pub(super) fn forget_challenge(&self, customer: &Guid) {
        lock(&self.challenged).remove(&customer.value());
    }

    /// Fills in the tenant of a mapping that a list gave without: the mapping itself may say it, else the challenge.
    pub(crate) async fn learn_tenant(&self, run: &Run, mapping: &mut Mapping) {
        let (None, Some(registration), Some(customer)) =
            (&mapping.tenant, &mapping.registration, mapping.customer())
        else {
            return;
        };
        // Where the mapping cannot be read, its subscription's own tenant would be a guess: it need not be the mapped one.
        let Ok(read) = self.read_one(run, registration, customer.spelling()).await else { return };
        mapping.tenant = match read.and_then(|read| read.tenant) {
            Some(tenant) => Some(tenant),
            None => {
                let challenged = self.challenged_tenant(run, &customer).await.ok().flatten();
                challenged.map(|tenant| tenant.to_string())
            }
        };
    }
}

fn tenant_of_challenge(challenge: &str) -> Option<Uuid> {
    let lower = challenge.to_ascii_lowercase();
    let start = lower.find("authorization_uri=")? + "authorization_uri=".len();
    let value = challenge.get(start..)?.trim_start_matches('"');
    let uri = value.split(['"', ',', ' ']).next()?;
    let url = Url::parse(uri).ok()?;
    let tenant = url.path_segments()?.find_map(Guid::parse)?;
    Some(tenant.value())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tenant_is_read_from_the_challenge() {
        let tenant = "dbab3982-796f-4d03-9908-044c08aef8a2";
        for challenge in [
            format!(
                "Bearer authorization_uri=\"https://login.windows.net/{tenant}\", error=\"invalid_token\""
            ),
            format!(
                "Bearer error=\"x\", Authorization_Uri=https://login.microsoftonline.us/{tenant}/oauth2/authorize"
            ),
        ] {
            assert_eq!(tenant_of_challenge(&challenge).unwrap().to_string(), tenant, "{challenge}");
        }
        for challenge in [
            "",
            "Bearer",
            "Bearer authorization_uri=\"https://login.windows.net/common\"",
            "Bearer authorization_uri=x",
        ] {
            assert_eq!(tenant_of_challenge(challenge), None, "{challenge}");
        }
    }
}
