//! Removing a mapping: from then on the tenant's usage is charged to the subscription of the registration.

use std::sync::Arc;

use http::Method;

use super::add::before_sending;
use super::get::{differs, mismatch};
use super::{Finished, Mapping, Old, Outcome, Session, Target, Tenants};
use crate::engine::{Run, Seen, Wait, WriteEnd, cancelled};
use crate::error::{Category, Error, Result};
use crate::guid::Guid;
use crate::resource_id::RegistrationId;

impl Tenants {
    /// Removes the mapping of a customer subscription, of a tenant, or of both where they belong together.
    pub async fn remove(&self, session: &Session, run: &Run, target: &Target) -> Finished {
        if let Some(refusal) = session.refusal(target) {
            return refusal;
        }
        let run = &run.counting_anew();
        let finished = match self.try_remove(session, run, target).await {
            Ok(finished) => finished,
            Err(error) => before_sending(error, target),
        };
        self.finish(session, run, target, finished)
    }

    async fn try_remove(&self, session: &Session, run: &Run, target: &Target) -> Result<Finished> {
        let registration = &target.registration;
        self.await_listings(run, registration).await?;
        let found = match (&target.customer, &target.tenant) {
            (Some(customer), _) => self.find(run, registration, customer).await?,
            (None, Some(tenant)) => self.find_by_tenant(run, registration, tenant).await?,
            (None, None) => {
                return Err(Error::new(
                    Category::Input,
                    "ValueMissing",
                    "CustomerSubscriptionId and TenantId are missing.",
                ));
            }
        };
        let Some(found) = found else {
            return Ok(Finished::new(Outcome::NotFound, target.mapping()));
        };
        if differs(target.tenant.as_ref(), found.tenant.as_deref()) {
            let error = mismatch(target.tenant.as_ref(), found.tenant.as_deref(), "Nothing was removed.");
            return Ok(Finished::with_error(Outcome::TenantMismatch, found, error));
        }
        let finished = self.delete(run, registration, &found).await;
        let mut views = session.views.lock().await;
        match (finished.outcome, found.customer(), views.get_mut(&registration.key())) {
            (Outcome::Removed, Some(customer), Some(view)) => view.remove(customer.value()),
            (Outcome::Unknown, _, Some(_)) => {
                views.remove(&registration.key());
            }
            _ => {}
        }
        Ok(finished)
    }

    /// With a page token that counts items, removing during a listing makes the service skip some.
    async fn await_listings(&self, run: &Run, registration: &RegistrationId) -> Result<()> {
        while let Some(end) = self.listings.end_of(&registration.key()) {
            let _wait = run.waiting(Wait::Listing, None);
            tokio::select! {
                biased;
                () = run.stop.cancelled() => return Err(cancelled()),
                () = end => {}
            }
        }
        Ok(())
    }

    async fn find_by_tenant(
        &self,
        run: &Run,
        registration: &Arc<RegistrationId>,
        tenant: &Guid,
    ) -> Result<Option<Mapping>> {
        let mut found: Option<Mapping> = None;
        let mut pages = self.pages(registration);
        while let Some(page) = pages.next(run).await? {
            for mapping in page {
                if mapping.tenant_guid().is_none_or(|of| of.value() != tenant.value()) {
                    continue;
                }
                if let Some(first) = &found {
                    let message = format!(
                        "Tenant {tenant} has more than one mapping in registration '{}': {} and {}. Name the \
                         CustomerSubscriptionId of the one to remove. Nothing was removed.",
                        registration.name(),
                        first.customer_subscription.as_deref().unwrap_or_default(),
                        mapping.customer_subscription.as_deref().unwrap_or_default(),
                    );
                    return Err(Error::new(Category::Conflict, "TenantAmbiguous", message));
                }
                found = Some(mapping);
            }
        }
        Ok(found)
    }

    async fn delete(&self, run: &Run, registration: &Arc<RegistrationId>, found: &Mapping) -> Finished {
        let spelling = found.customer_subscription.clone().unwrap_or_default();
        let mut call = self.call_one(Method::DELETE, registration, &spelling);
        call.if_match = found.etag.clone();
        let spelling = &spelling;
        let look = || async move {
            Ok(match self.read_one(run, registration, spelling).await? {
                None => Seen::Wanted(found.clone()),
                Some(seen) if seen.tenant == found.tenant && seen.etag == found.etag => Seen::Old,
                Some(seen) => Seen::Other(seen),
            })
        };
        match self.engine.write(run, &call, look).await {
            WriteEnd::Done(_) => Finished::new(Outcome::Removed, found.clone()),
            WriteEnd::Confirmed(gone) => {
                Finished { confirmed_by_lookup: true, ..Finished::new(Outcome::Removed, gone) }
            }
            // The etag is that of the read before: somebody changed it since (RPC, "ETags for Resources").
            WriteEnd::Failed(error) if error.parts().http_status == Some(412) => {
                let error = error.preceded_by(
                    "Somebody else changed the mapping after it was read. It was left as found.",
                );
                Finished::with_error(Outcome::ChangedByAnother, found.clone(), error)
            }
            WriteEnd::Failed(error) => Finished::with_error(Outcome::Failed, found.clone(), error),
            WriteEnd::NotStarted(error) => Finished::with_error(Outcome::NotStarted, found.clone(), error),
            WriteEnd::Unknown(error) => Finished::with_error(Outcome::Unknown, found.clone(), error),
            WriteEnd::ChangedByAnother(seen) => {
                let message = format!(
                    "Somebody else mapped customer subscription {spelling} to tenant {} meanwhile. It was left as found.",
                    seen.tenant.as_deref().unwrap_or("(unknown)")
                );
                let old = Old { customer_subscription: spelling.clone(), tenant: seen.tenant };
                let error = Error::new(Category::Conflict, "ChangedByAnother", message);
                Finished::with_error(Outcome::ChangedByAnother, found.clone(), error).meeting(Some(old))
            }
        }
    }
}
