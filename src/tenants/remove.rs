//! Removing a mapping: from then on the tenant's usage is charged to the subscription of the registration.

use std::sync::Arc;

use http::Method;

use super::add::before_sending;
use super::get::{differs, mismatch};
use super::list::tenants_unsaid;
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
        let run = &run.for_item();
        let finished = match self.try_remove(session, run, target).await {
            Ok(finished) => finished,
            Err(error) => before_sending(error, target),
        };
        self.finish(session, run, target, finished)
    }

    async fn try_remove(&self, session: &Session, run: &Run, target: &Target) -> Result<Finished> {
        let registration = &target.registration;
        self.await_listings(run, registration).await?;
        if self.listings.has_failed(&registration.key()) {
            let message = format!(
                "A list of the mappings of registration '{}' failed before its end, and what is removed now may come from \
                 it. Nothing was removed.",
                registration.name()
            );
            let error = Error::new(Category::Conflict, "ListingFailed", message);
            return Ok(Finished::with_error(Outcome::NotStarted, target.mapping(), error));
        }
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
        let mut found = found;
        if let Some(named) = &target.tenant {
            self.learn_tenant(run, &mut found).await;
            if differs(Some(named), found.tenant.as_deref()) {
                let error = mismatch(Some(named), found.tenant.as_deref(), "Nothing was removed.");
                return Ok(Finished::with_error(Outcome::TenantMismatch, found, error));
            }
            if found.tenant.is_none() {
                return Err(tenants_unsaid(registration, 1).preceded_by("Nothing was removed."));
            }
        }
        let Some(stored) = found.customer() else {
            let shown = found.customer_subscription.as_deref().unwrap_or_default();
            let message = format!(
                "The service lists the mapping as '{shown}', which is not a GUID. Nothing was removed."
            );
            return Err(Error::new(Category::InvalidAnswer, "AnswerNotUnderstood", message));
        };
        let finished = self.delete(run, registration, &found, stored.spelling()).await?;
        let mut views = session.views.lock().await;
        match (finished.outcome, views.get_mut(&registration.key())) {
            (Outcome::Removed, Some(view)) => view.remove(stored.value()),
            (Outcome::Unknown | Outcome::ChangedByAnother, Some(_)) => {
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
        let mut unsaid = 0;
        let mut pages = self.pages(registration);
        while let Some(page) = pages.next(run).await? {
            for mut mapping in page {
                self.learn_tenant(run, &mut mapping).await;
                unsaid += u64::from(mapping.tenant.is_none());
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
        if unsaid > 0 {
            return Err(tenants_unsaid(registration, unsaid).preceded_by("Nothing was removed."));
        }
        Ok(found)
    }

    async fn delete(
        &self,
        run: &Run,
        registration: &Arc<RegistrationId>,
        found: &Mapping,
        spelling: &str,
    ) -> Result<Finished> {
        let mut call = self.call_one(Method::DELETE, registration, spelling);
        call.if_match = found.etag.clone();
        let same = |seen: &Mapping| {
            let of = |mapping: &Mapping| mapping.tenant_guid().map(|tenant| tenant.value());
            // A list may leave out what a read says.
            let etags = seen.etag.is_none() || found.etag.is_none() || seen.etag == found.etag;
            etags && (of(seen) == of(found) || found.tenant.is_none())
        };
        let look = || async move {
            Ok(match self.read_one(run, registration, spelling).await? {
                None => Seen::Wanted(found.clone()),
                Some(seen) if same(&seen) => Seen::Old,
                Some(seen) => Seen::Other(seen),
            })
        };
        Ok(match self.engine.write(run, &call, look).await {
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
            // Somebody else removed it after the read before.
            WriteEnd::Failed(error) if error.says_absent() => {
                match self.read_one(run, registration, spelling).await? {
                    None => Finished::new(Outcome::NotFound, found.clone()),
                    Some(_) => Finished::with_error(Outcome::Failed, found.clone(), error),
                }
            }
            WriteEnd::Failed(error) => Finished::with_error(Outcome::Failed, found.clone(), error),
            WriteEnd::NotStarted(error) => Finished::with_error(Outcome::NotStarted, found.clone(), error),
            WriteEnd::Unknown(error) => Finished::with_error(Outcome::Unknown, found.clone(), error),
            WriteEnd::ChangedByAnother(seen) => {
                let message = format!(
                    "Somebody else mapped customer subscription {spelling} to tenant {} meanwhile. It was left as found.",
                    seen.tenant.as_deref().unwrap_or("(unknown)")
                );
                let old = Old { customer_subscription: spelling.to_owned(), tenant: seen.tenant };
                let error = Error::new(Category::Conflict, "ChangedByAnother", message);
                Finished::with_error(Outcome::ChangedByAnother, found.clone(), error).meeting(Some(old))
            }
            // A removal sets no limit.
            WriteEnd::Stale => Finished::with_error(Outcome::NotStarted, found.clone(), cancelled()),
        })
    }
}
