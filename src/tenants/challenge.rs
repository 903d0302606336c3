//! The tenant of a subscription, learned without a sign-in: from the [challenge](crate::wire::challenge) that Azure
//! Resource Manager gives.

use http::{Method, StatusCode};
use uuid::Uuid;

use super::session::lock;
use super::{Mapping, Tenants};
use crate::engine::{Call, Run};
use crate::error::{Category, Result};
use crate::guid::Guid;
use crate::wire::challenge;

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
        call.url.set_query(Some(challenge::QUERY));
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
        let tenant = challenge::tenant(answer.status, &answer.headers);
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
