//! The tenant of a subscription, learned without a sign-in.
//!
//! Azure Resource Manager answers an unauthenticated GET of a subscription with 401 and
//! `WWW-Authenticate: Bearer authorization_uri="https://login.windows.net/{tenant}"`. Microsoft's own SDKs use it; it
//! is not documented as a contract, so whatever else comes means "not known".

use http::{Method, StatusCode};
use url::Url;
use uuid::Uuid;

use super::{Session, Tenants};
use crate::engine::{Attempt, Call, Run};
use crate::guid::Guid;
use crate::wire::header;

/// An api-version of the subscriptions resource that every cloud has.
const SUBSCRIPTIONS_API_VERSION: &str = "2016-06-01";

impl Tenants {
    /// The tenant that the subscription belongs to, where the service says it. Asked once for each subscription.
    pub(super) async fn challenged_tenant(
        &self,
        session: &Session,
        run: &Run,
        customer: &Guid,
    ) -> Option<Uuid> {
        let mut known = session.challenged.lock().await;
        if let Some(tenant) = known.get(&customer.value()) {
            return *tenant;
        }
        let segments = ["subscriptions", &customer.lower()];
        let mut call = Call::new(&self.engine, Method::GET, &segments, format!("/subscriptions/{customer}"));
        call.url.set_query(Some(&format!("api-version={SUBSCRIPTIONS_API_VERSION}")));
        call.authenticated = false;
        let tenant = match self.engine.attempt(run, &call).await {
            Attempt::Answered(answer) if answer.status == StatusCode::UNAUTHORIZED => {
                header(&answer.headers, "www-authenticate").as_deref().and_then(tenant_of_challenge)
            }
            // Not asked again either: a service that does not answer this would cost each row its time-out.
            _ => None,
        };
        if tenant.is_none() {
            run.verbose(|| {
                format!(
                    "The tenant of subscription {customer} could not be learned from its sign-in challenge."
                )
            });
        }
        known.insert(customer.value(), tenant);
        tenant
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
