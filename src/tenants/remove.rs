//! Removing a mapping: from then on the tenant's usage is charged to the subscription of the registration.

use std::sync::Arc;

use http::Method;
use tokio::time::Instant;

use super::add::before_sending;
use super::doubtful::What;
use super::get::{differs, mismatch};
use super::in_flight::{Deed, Held, Touch, Whose};
use super::list::tenants_unsaid;
use super::session::RegistrationSession;
use super::turns::Turn;
use super::view::{AskedBy, RENEWED_AFTER};
use super::{Finished, Intended, Mapping, Old, Outcome, RequestTurn, Session, Target, Tenants};
use crate::engine::{Fresh, Run, Seen, Wait, WriteEnd, Written};
use crate::error::{Category, Error, Result};
use crate::guid::Guid;
use crate::resource_id::RegistrationId;

/// A removal that is decided on.
#[derive(Debug, Clone)]
pub(super) struct Removal {
    pub(super) registration: Arc<RegistrationId>,
    /// What is removed, as it was read.
    pub(super) found: Mapping,
    /// Its customer subscription, in the service's spelling.
    pub(super) stored: Guid,
}

impl Removal {
    /// Its end where somebody else changed the same meanwhile.
    pub(super) fn changed_by_another(&self, seen: Mapping) -> Finished {
        let spelling = self.stored.spelling();
        let message = format!(
            "Somebody else mapped customer subscription {spelling} to tenant {} meanwhile. It was left as found.",
            seen.tenant.as_deref().unwrap_or("(unknown)")
        );
        let old = Old { customer_subscription: spelling.to_owned(), tenant: seen.tenant };
        let error = Error::new(Category::Conflict, "ChangedByAnother", message);
        Finished::with_error(Outcome::ChangedByAnother, self.found.clone(), error).meeting(Some(old))
    }
}

/// How often a removal decides anew because somebody changed what it was about to remove.
const MOST_LOOKS: u32 = 20;

impl Tenants {
    /// Removes the mapping of a customer subscription, of a tenant, or of both where they belong together.
    pub async fn remove(&self, session: &Session, turn: RequestTurn, run: &Run, target: &Target) -> Finished {
        let shared = session.of(&target.registration);
        self.shared.join(&target.registration.key(), &shared);
        let run = &run.for_item();
        let mut intended = None;
        let mut finished = match self.try_remove(&shared, &turn.0, run, target, &mut intended).await {
            Ok(finished) => finished,
            // Another removal met what this one would meet.
            Err(error) if error.code() == CLOSED => {
                shared.refusal(target).unwrap_or_else(|| before_sending(error, target))
            }
            Err(error) => before_sending(error, target),
        };
        finished.intended = intended;
        self.finish(&shared, run, target, finished)
    }

    async fn try_remove(
        &self,
        shared: &RegistrationSession,
        turn: &Turn,
        run: &Run,
        target: &Target,
        intended: &mut Option<Box<Intended>>,
    ) -> Result<Finished> {
        let registration = &target.registration;
        let key = registration.key();
        let began = self.engine.clock.now();
        run.unless_stopped(turn.begin()).await?;
        if target.customer.is_none() {
            shared.view.wait_for_first(run, turn).await?;
        }
        let mut looks = 0;
        while looks < MOST_LOOKS {
            looks += 1;
            self.await_listings(run, registration).await?;
            if let Some(refusal) = shared.refusal(target) {
                return Ok(refusal);
            }
            run.may_change()?;
            // Who waits for something else keeps nobody from going out.
            run.account.settle();
            if self.listings.has_failed(&key) {
                let message = format!(
                    "A list of the mappings of registration '{}' failed before its end, and what is removed now may come \
                     from it. Nothing was removed.",
                    registration.name()
                );
                let error = Error::new(Category::Conflict, "ListingFailed", message);
                return Ok(Finished::with_error(Outcome::NotStarted, target.mapping(), error));
            }
            let looked_at = self.engine.clock.now();
            let found = match (&target.customer, &target.tenant) {
                (Some(customer), _) => self.find_mapped(shared, run, registration, customer, began).await?,
                (None, Some(tenant)) => self.find_by_tenant(shared, run, registration, tenant, began).await?,
                (None, None) => {
                    return Err(Error::new(
                        Category::Input,
                        "ValueMissing",
                        "CustomerSubscriptionId and TenantId are missing.",
                    ));
                }
            };
            let Some(mut found) = found else {
                return Ok(Finished::new(Outcome::NotFound, target.mapping()));
            };
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
            if target.customer.is_none() && run.unless_stopped(turn.is_about_customer(stored.value())).await?
            {
                // An earlier removal was about it too.
                looks -= 1;
                continue;
            }
            let tenant = found.tenant_guid().map(|tenant| tenant.value());
            let whose = tenant.map_or(Whose::NotAsked, Whose::Of);
            let touch = Touch { registration: &key, customer: stored.value(), whose, replaced: Vec::new() };
            let deed = Deed::Delete(stored.value());
            let (mut held, waited) = self.in_flight.hold(&self.engine, run, touch, deed).await?;
            if waited {
                looks -= 1;
                continue;
            }
            run.open_account().await?;
            // With a page token that counts items, removing during a listing makes the service skip some.
            let Some(_removal) = self.listings.begin_removal(&key) else {
                looks -= 1;
                continue;
            };
            let fresh = Fresh::since(looked_at, RENEWED_AFTER);
            *intended = Some(Box::new(Intended { wanted: found.clone(), before: None, also: None }));
            let removal = Removal { registration: registration.clone(), found, stored: stored.clone() };
            let deletion = self.delete(shared, run, &mut held, fresh, &removal, target.row);
            let Some(finished) = deletion.await else { continue };
            match finished.outcome {
                Outcome::Removed => {
                    self.note_gone(&removal);
                    shared.forget_row(stored.value());
                }
                Outcome::Unknown | Outcome::ChangedByAnother => shared.view.forget(),
                _ => {}
            }
            return Ok(finished);
        }
        let message =
            "What was to be removed changed again and again, or was being listed; nothing was removed.";
        Err(Error::new(Category::Conflict, "RegistrationBusy", message))
    }

    /// Waits until nothing lists the registration.
    async fn await_listings(&self, run: &Run, registration: &RegistrationId) -> Result<()> {
        while let Some(end) = self.listings.end_of(&registration.key()) {
            let _wait = run.waiting(Wait::Listing, None);
            run.unless_stopped(end).await?;
        }
        Ok(())
    }

    /// Looks one mapping up: by the given spelling, then by the one that the service has, which a list read after `began`
    /// says.
    async fn find_mapped(
        &self,
        shared: &RegistrationSession,
        run: &Run,
        registration: &Arc<RegistrationId>,
        customer: &Guid,
        began: Instant,
    ) -> Result<Option<Mapping>> {
        if let Some(found) = self.read_one(run, registration, customer.spelling()).await? {
            return Ok(Some(found));
        }
        loop {
            if !self.know(shared, run, registration, Some(began), began, AskedBy::Decision).await? {
                return Err(closed(registration));
            }
            let listed = shared
                .view
                .with(|view| view.tenant_of(customer.value()).is_some().then(|| view.spelling(customer)));
            match listed {
                None => continue,
                Some(None) => return Ok(None),
                Some(Some(spelling)) if spelling != customer.spelling() => {
                    if let Some(found) = self.read_one(run, registration, &spelling).await? {
                        return Ok(Some(found));
                    }
                }
                Some(Some(_)) => {}
            }
            // A list can lag behind what a read says.
            shared.view.remove(customer.value());
            return Ok(None);
        }
    }

    async fn find_by_tenant(
        &self,
        shared: &RegistrationSession,
        run: &Run,
        registration: &Arc<RegistrationId>,
        tenant: &Guid,
        began: Instant,
    ) -> Result<Option<Mapping>> {
        let mut since = began;
        for _ in 0..MOST_LOOKS {
            if !self.know(shared, run, registration, Some(since), since, AskedBy::Decision).await? {
                return Err(closed(registration));
            }
            let listed = shared.view.with(|view| {
                let of = view.customers_of(tenant.value());
                let spellings: Vec<String> =
                    of.into_iter().map(|customer| view.spelling_of(customer)).collect();
                (spellings, view.unsaid())
            });
            let Some((listed, unsaid)) = listed else { continue };
            if let [first, second, ..] = &listed[..] {
                let message = format!(
                    "Tenant {tenant} has more than one mapping in registration '{}': {first} and {second}. Name the \
                     CustomerSubscriptionId of the one to remove. Nothing was removed.",
                    registration.name(),
                );
                return Err(Error::new(Category::Conflict, "TenantAmbiguous", message));
            }
            if unsaid > 0 {
                return Err(tenants_unsaid(registration, unsaid).preceded_by("Nothing was removed."));
            }
            let Some(spelling) = listed.first() else { return Ok(None) };
            let found = self.read_one(run, registration, spelling).await?;
            // A list may say what a read leaves out.
            let found = found.map(|mut found| {
                found.tenant.get_or_insert_with(|| tenant.to_string());
                found
            });
            match found {
                Some(found) if !differs(Some(tenant), found.tenant.as_deref()) => return Ok(Some(found)),
                // Somebody changed it since: the list is read anew.
                _ => since = self.engine.clock.now(),
            }
        }
        let message = format!("The mapping of tenant {tenant} changed again and again; nothing was removed.");
        Err(Error::new(Category::Conflict, "RegistrationBusy", message))
    }

    /// Notes for all operations of the client that a mapping was removed.
    pub(super) fn note_gone(&self, removal: &Removal) {
        self.shared.removed(&removal.registration.key(), removal.stored.value());
    }

    /// Looks what became of a removal whose sending is in doubt.
    pub(super) async fn look_for_gone(&self, run: &Run, removal: &Removal) -> Result<Seen<Mapping>> {
        let found = &removal.found;
        let same = |seen: &Mapping| {
            let of = |mapping: &Mapping| mapping.tenant_guid().map(|tenant| tenant.value());
            // A list may leave out what a read says.
            let etags = seen.etag.is_none() || found.etag.is_none() || seen.etag == found.etag;
            etags && (of(seen) == of(found) || of(seen).is_none() || found.tenant.is_none())
        };
        Ok(match self.read_one(run, &removal.registration, removal.stored.spelling()).await? {
            None => Seen::Wanted(found.clone()),
            Some(seen) if same(&seen) => Seen::Old,
            Some(seen) => Seen::Other(seen),
        })
    }

    /// Sends the removal. `None`: it was found too long ago, or another removal has closed the registration.
    async fn delete(
        &self,
        shared: &RegistrationSession,
        run: &Run,
        held: &mut Held,
        fresh: Fresh,
        removal: &Removal,
        row: u64,
    ) -> Option<Finished> {
        let Removal { registration, found, stored } = removal;
        let spelling = stored.spelling();
        let mut call = self.call_one(Method::DELETE, registration, spelling);
        call.if_match = found.etag.clone();
        call.fresh = Some(fresh);
        call.pointless = Some(shared.pointless.clone());
        let look = |run: Run| async move { self.look_for_gone(&run, removal).await };
        held.in_doubt_until(Some(self.engine.settled_from_now()));
        let Written { end, settled_at, doubt } = self.engine.write(run, &call, look).await;
        held.in_doubt_until(settled_at);
        Some(match end {
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
                match self.read_one(&run.for_look(), registration, spelling).await {
                    Ok(None) => Finished::new(Outcome::NotFound, found.clone()),
                    Ok(Some(_)) | Err(_) => Finished::with_error(Outcome::Failed, found.clone(), error),
                }
            }
            WriteEnd::Failed(error) => Finished::with_error(Outcome::Failed, found.clone(), error),
            WriteEnd::NotStarted(error) => Finished::with_error(Outcome::NotStarted, found.clone(), error),
            WriteEnd::Unknown(error) => self.end_unknown(What::Removal(removal.clone()), row, doubt, error),
            WriteEnd::ChangedByAnother(seen) => removal.changed_by_another(seen),
            WriteEnd::Stale => return None,
        })
    }
}

/// The code of a removal that is not decided.
const CLOSED: &str = "RegistrationClosed";

/// A removal that is not decided because another change has shown that the registration cannot be used.
fn closed(registration: &RegistrationId) -> Error {
    let message = format!("Registration '{}' cannot be read any more.", registration.name());
    Error::new(Category::Conflict, CLOSED, message)
}
