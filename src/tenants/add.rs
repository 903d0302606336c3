//! Adding a mapping, or changing one: PUT overwrites without a word, so what it would replace is known before.

use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use serde_json::json;
use uuid::Uuid;

use super::get::{differs, mismatch};
use super::view::View;
use super::{Finished, Mapping, Old, Outcome, Session, Target, Tenants};
use crate::engine::{Run, Seen, WriteEnd};
use crate::error::{Category, Error, Result};
use crate::guid::Guid;
use crate::resource_id::RegistrationId;
use crate::wire::MappingItem;

/// What a write may replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// Nothing.
    NothingReplaced,
    /// Whatever is there.
    Anything,
    /// Exactly the mapping to this customer subscription.
    Exactly(String),
}

/// How often an add decides anew because what it knew became too old while it waited to be sent.
const MOST_SURVEYS: u32 = 60;

/// What adding a target would come to.
enum Survey {
    /// Nothing is sent.
    Ends(Box<Finished>),
    /// A mapping is made.
    Change(Outlook),
}

/// What is known about a change before it is sent.
struct Outlook {
    /// The tenant, as far as it is known.
    tenant: Option<Uuid>,
    /// Whether the service says so, not the row alone.
    sure: bool,
    /// The tenant that the subscription is mapped to, where it is mapped; the inner `None`: nobody says which.
    before: Option<Option<Uuid>>,
    /// Other subscriptions that the tenant is mapped to.
    others: Vec<Uuid>,
    /// What would be replaced.
    old: Option<Old>,
    /// What would be replaced besides: the subscription's mapping to another tenant.
    also: Option<Old>,
}

/// A change that is decided on.
struct Change<'a> {
    registration: &'a Arc<RegistrationId>,
    customer: &'a Guid,
    /// The spelling that goes out.
    spelling: String,
    /// The tenant that the row names.
    named: Option<&'a Guid>,
    outlook: Outlook,
}

impl Tenants {
    /// Maps the tenant of a customer subscription to it, if the expectation holds.
    pub async fn add(
        &self,
        session: &Session,
        run: &Run,
        target: &Target,
        expectation: &Expectation,
        preserve_case: bool,
    ) -> Finished {
        if let Some(refusal) = session.refusal(target) {
            return refusal;
        }
        let run = &run.for_item();
        let finished = match self.try_add(session, run, target, expectation, preserve_case).await {
            Ok(finished) => {
                session.note(target, &finished);
                finished
            }
            Err(error) => before_sending(error, target),
        };
        self.finish(session, run, target, finished)
    }

    async fn try_add(
        &self,
        session: &Session,
        run: &Run,
        target: &Target,
        expectation: &Expectation,
        preserve_case: bool,
    ) -> Result<Finished> {
        let registration = &target.registration;
        let Some(customer) = &target.customer else {
            return Err(Error::new(Category::Input, "ValueMissing", "CustomerSubscriptionId is missing."));
        };
        let expected = match expectation {
            Expectation::Exactly(id) => {
                Some(crate::resource_id::parse_guid("ExpectedCustomerSubscriptionId", id)?)
            }
            _ => None,
        };
        let began = self.engine.clock.now();
        let mut views = session.views.lock().await;
        for _ in 0..MOST_SURVEYS {
            let view = self.view(&mut views, run, registration).await?;
            let outlook = match self.survey(run, target, customer, view).await? {
                Survey::Ends(finished) => return Ok(*finished),
                Survey::Change(outlook) => outlook,
            };
            if let Some(error) = outlook.tenant.and_then(|tenant| session.contradicts(target, tenant)) {
                return Ok(Finished::with_error(Outcome::Failed, target.mapping(), error));
            }
            // What a caller expects exactly, it learned some time ago, and somebody may have thought about it since.
            if let (Some(_), Some(old)) = (&expected, &outlook.old)
                && view.read_at() < began
                && !self.is_still(run, registration, old).await?
            {
                views.remove(&registration.key());
                continue;
            }
            if let Some(refused) = refuse(expectation, expected.as_ref(), &outlook, target, view) {
                return Ok(refused.meeting(outlook.old));
            }
            let spelling = if preserve_case { customer.to_string() } else { view.spelling(customer) };
            if spelling != customer.spelling() {
                run.verbose(|| format!("Customer subscription {customer} goes out as {spelling}."));
            }
            let change = Change { registration, customer, spelling, named: target.tenant.as_ref(), outlook };
            let ended = self.put(run, &change, view).await;
            if ended
                .as_ref()
                .is_none_or(|it| matches!(it.outcome, Outcome::Unknown | Outcome::ChangedByAnother))
            {
                // What the view says about the registration is, or may be, wrong from now on.
                views.remove(&registration.key());
            }
            if let Some(finished) = ended {
                return Ok(finished);
            }
            run.verbose(|| "What the registration holds was read too long ago; reading it anew.".to_owned());
        }
        Err(Error::new(
            Category::Throttled,
            "TooManyRequests",
            "The service asked to wait again and again; nothing was sent.",
        ))
    }

    /// What adding the target would come to now.
    async fn survey(&self, run: &Run, target: &Target, customer: &Guid, view: &View) -> Result<Survey> {
        let ends = |finished| Ok(Survey::Ends(Box::new(finished)));
        let registration = &target.registration;
        let named = target.tenant.as_ref();
        if view.is_ambiguous(customer.value()) {
            let message = format!(
                "Registration '{}' lists customer subscription {customer} in two spellings, so it cannot be told which \
                 mapping counts. Remove one of them by its exact ResourceId first. Nothing was sent.",
                registration.name()
            );
            let error = Error::new(Category::Conflict, "SpellingAmbiguous", message);
            return ends(Finished::with_error(Outcome::Failed, target.mapping(), error));
        }
        let before = view.tenant_of(customer.value());
        let as_wanted = match before {
            Some(Some(tenant)) => named.is_none_or(|named| named.value() == tenant),
            Some(None) => named.is_none(),
            None => false,
        };
        let (tenant, sure) = if as_wanted {
            (before.flatten(), true)
        } else {
            let mut challenged = self.challenged_tenant(run, customer).await;
            if challenged.is_some() && named.is_some_and(|named| Some(named.value()) != challenged) {
                // A subscription can be moved to another directory: not refused for what was so once.
                self.challenged.lock().await.remove(&customer.value());
                challenged = self.challenged_tenant(run, customer).await;
            }
            let found = challenged.map(|tenant| tenant.to_string());
            if differs(named, found.as_deref()) {
                let error = mismatch(named, found.as_deref(), "Nothing was sent.");
                return ends(Finished::with_error(Outcome::TenantMismatch, target.mapping(), error));
            }
            (named.map(Guid::value).or(challenged), challenged.is_some())
        };

        let others = tenant.map(|tenant| view.others_of(tenant, customer.value())).unwrap_or_default();
        let charged = others.first().map(|other| Old {
            customer_subscription: view.spelling_of(*other),
            tenant: tenant.map(|tenant| tenant.to_string()),
        });
        // The same subscription, mapped to another tenant, or to one that nobody says.
        let own = before.filter(|_| !as_wanted).map(|mapped| Old {
            customer_subscription: view.spelling(customer),
            tenant: mapped.map(|tenant| tenant.to_string()),
        });
        if as_wanted && charged.is_none() {
            let mapping = reached(registration, view.spelling(customer), tenant);
            return ends(Finished::new(Outcome::Unchanged, mapping));
        }
        let (old, also) = if charged.is_some() { (charged, own) } else { (own, None) };
        Ok(Survey::Change(Outlook { tenant, sure, before, others, old, also }))
    }

    /// Whether a mapping is as it was when it was listed.
    async fn is_still(&self, run: &Run, registration: &Arc<RegistrationId>, old: &Old) -> Result<bool> {
        let found = self.read_one(run, registration, &old.customer_subscription).await?;
        let tenant = |text: Option<&str>| text.and_then(Guid::parse).map(|tenant| tenant.value());
        Ok(found.is_some_and(|found| tenant(found.tenant.as_deref()) == tenant(old.tenant.as_deref())))
    }

    /// Sends the change. `None`: what it was decided from is too old by now.
    async fn put(&self, run: &Run, change: &Change<'_>, view: &mut View) -> Option<Finished> {
        let mut call = self.call_one(Method::PUT, change.registration, &change.spelling);
        let body = match change.named {
            Some(named) => json!({ "properties": { "tenantId": named.spelling() } }),
            None => json!({}),
        };
        call.body = Some(Bytes::from(body.to_string()));
        call.not_after = Some(view.not_after());
        let wanted = || reached(change.registration, change.spelling.clone(), change.outlook.tenant);
        let failed = |outcome, error| {
            Finished::with_error(outcome, wanted(), error).meeting(change.outlook.old.clone())
        };
        Some(match self.engine.write(run, &call, || self.look_for(run, change)).await {
            WriteEnd::Done(answer) => {
                let answered = answer.object().map(MappingItem::read);
                self.after_put(run, change, view, answered.and_then(|item| item.tenant), false).await
            }
            WriteEnd::Confirmed(found) => self.after_put(run, change, view, found.tenant, true).await,
            WriteEnd::Failed(error) => failed(Outcome::Failed, error),
            WriteEnd::NotStarted(error) => failed(Outcome::NotStarted, error),
            WriteEnd::Unknown(error) => failed(Outcome::Unknown, error),
            WriteEnd::ChangedByAnother(found) => {
                let now = found.customer_subscription.clone().unwrap_or_default();
                let message = format!(
                    "Somebody else mapped tenant {} to customer subscription {now} meanwhile. It was left as found.",
                    found.tenant.as_deref().unwrap_or("(unknown)"),
                );
                let error = Error::new(Category::Conflict, "ChangedByAnother", message);
                let old = Old { customer_subscription: now, tenant: found.tenant };
                failed(Outcome::ChangedByAnother, error).meeting(Some(old))
            }
            WriteEnd::Stale => return None,
        })
    }

    /// What there is of a change whose sending is in doubt.
    async fn look_for(&self, run: &Run, change: &Change<'_>) -> Result<Seen<Mapping>> {
        let outlook = &change.outlook;
        let found = self.read_one(run, change.registration, &change.spelling).await?;
        if let Some(found) = found {
            let seen = found.tenant_guid().map(|tenant| tenant.value());
            match outlook.before {
                // There was none before, so this is the change, for whichever tenant the service says.
                None => return Ok(Seen::Wanted(found)),
                // It is as it was. Where that is what is wanted, it proves nothing about the sending.
                Some(before) if before == seen => {}
                _ if seen.is_none() || outlook.tenant.is_none() || seen == outlook.tenant => {
                    return Ok(Seen::Wanted(found));
                }
                _ => return Ok(Seen::Other(found)),
            }
        }
        // The tenant may have gone somewhere else meanwhile, and a repetition would move it back unseen.
        let Some(tenant) = outlook.tenant else { return Ok(Seen::Old) };
        let now = self.read_view(run, change.registration, self.engine.clock.now(), false).await?;
        let others = now.others_of(tenant, change.customer.value());
        match others.into_iter().find(|other| !outlook.others.contains(other)) {
            Some(other) => {
                Ok(Seen::Other(reached(change.registration, now.spelling_of(other), Some(tenant))))
            }
            None => Ok(Seen::Old),
        }
    }

    /// The mapping is made: what did it come to?
    async fn after_put(
        &self,
        run: &Run,
        change: &Change<'_>,
        view: &mut View,
        answered: Option<String>,
        confirmed_by_lookup: bool,
    ) -> Finished {
        let outlook = &change.outlook;
        let guid = |text: Option<String>| text.as_deref().and_then(Guid::parse).map(|tenant| tenant.value());
        let answered = guid(answered);
        let mut tenant = answered.or(outlook.tenant);
        // A row can be wrong, and a service that looks the tenant up itself need not say so.
        if answered.is_none() && !outlook.sure {
            match self.read_one(run, change.registration, &change.spelling).await {
                Ok(found) => tenant = guid(found.and_then(|found| found.tenant)).or(tenant),
                Err(error) => run.warning(|| {
                    format!(
                        "The mapping of {} was made, but which tenant it belongs to could not be read: {error}",
                        change.spelling
                    )
                }),
            }
        }
        // What was known before the write, or what only the answer brought to light.
        let found_after = || {
            let other = *view.others_of(tenant?, change.customer.value()).first()?;
            Some(Old { customer_subscription: view.spelling_of(other), tenant: Some(tenant?.to_string()) })
        };
        let as_foreseen = tenant == outlook.tenant;
        let old = if as_foreseen { outlook.old.clone() } else { found_after() };
        let replaced_unasked = !as_foreseen && old.is_some();
        if let (true, Some(also)) = (as_foreseen, &outlook.also) {
            run.warning(|| {
                format!(
                    "Customer subscription {} was mapped to tenant {} too; that mapping is replaced as well.",
                    also.customer_subscription,
                    also.tenant.as_deref().unwrap_or("(unknown)")
                )
            });
        }

        let stored = Guid::parse(&change.spelling);
        for gone in old.as_ref().and_then(|old| Guid::parse(&old.customer_subscription)).iter().chain(&stored)
        {
            view.remove(gone.value());
        }
        if let Some(stored) = &stored {
            view.put(stored, tenant);
        }

        let mapping = reached(change.registration, change.spelling.clone(), tenant);
        let shown = tenant.map(|tenant| tenant.to_string());
        let mut finished = match (differs(change.named, shown.as_deref()), &old) {
            (true, _) => {
                let error = mismatch(
                    change.named,
                    shown.as_deref(),
                    "The mapping was made, for the tenant that the service says.",
                );
                Finished::with_error(Outcome::TenantMismatch, mapping, error)
            }
            (false, Some(_)) => Finished::new(Outcome::Replaced, mapping),
            (false, None) => Finished::new(Outcome::Added, mapping),
        };
        finished.confirmed_by_lookup = confirmed_by_lookup;
        finished.replaced_unasked = replaced_unasked;
        finished.meeting(old)
    }
}

/// The end of a change that was never sent.
pub(super) fn before_sending(error: Error, target: &Target) -> Finished {
    let outcome = if error.category() == Category::Cancelled { Outcome::NotStarted } else { Outcome::Failed };
    Finished::with_error(outcome, target.mapping(), error)
}

fn reached(registration: &Arc<RegistrationId>, spelling: String, tenant: Option<Uuid>) -> Mapping {
    Mapping {
        registration: Some(registration.clone()),
        customer_subscription: Some(spelling),
        tenant: tenant.map(|tenant| tenant.to_string()),
        ..Mapping::default()
    }
}

/// The end of a change whose expectation does not hold, or of which it cannot be told.
fn refuse(
    expectation: &Expectation,
    expected: Option<&Guid>,
    outlook: &Outlook,
    target: &Target,
    view: &View,
) -> Option<Finished> {
    if *expectation == Expectation::Anything {
        return None;
    }
    let registration = target.registration.name();
    let customer = target.customer.as_ref().map(Guid::to_string).unwrap_or_default();
    let failed = |code: &str, message: String| {
        let error = Error::new(Category::Conflict, code, message);
        Some(Finished::with_error(Outcome::Failed, target.mapping(), error))
    };
    let tenant_of = |old: &Old| old.tenant.clone().unwrap_or_else(|| "(unknown)".to_owned());
    if let (Some(old), Some(also)) = (&outlook.old, &outlook.also) {
        return failed(
            "WouldReplaceTwo",
            format!(
                "In registration '{registration}' adding {customer} would replace two mappings: that of tenant {} to \
                 subscription {}, and that of tenant {} to {customer} itself. Nothing was sent.",
                tenant_of(old),
                old.customer_subscription,
                tenant_of(also),
            ),
        );
    }
    if outlook.old.is_none() && outlook.before.is_none() && view.unsaid() > 0 {
        return failed(
            "TenantNotSaid",
            format!(
                "Registration '{registration}' lists {} mapping(s) whose tenant nobody says, so it cannot be told whether \
                 adding {customer} would replace one of them. Nothing was sent.",
                view.unsaid()
            ),
        );
    }
    let old = outlook.old.as_ref();
    let old_id = old.and_then(|old| Guid::parse(&old.customer_subscription));
    let holds = match expected {
        None => old.is_none(),
        Some(expected) => old_id.is_some_and(|old| old.value() == expected.value()),
    };
    if holds {
        return None;
    }
    let mut message = match old {
        None => {
            let gone = expected.map(Guid::to_string).unwrap_or_default();
            format!(
                "In registration '{registration}' the mapping to subscription {gone}, which was to be replaced by {customer}, \
                 is not there any more."
            )
        }
        Some(old) if outlook.others.is_empty() => format!(
            "In registration '{registration}' subscription {} is mapped to tenant {}, and would be mapped to tenant {}.",
            old.customer_subscription,
            tenant_of(old),
            outlook.tenant.map_or_else(|| "(unknown)".to_owned(), |tenant| tenant.to_string()),
        ),
        Some(old) => {
            let listed: Vec<String> = outlook.others.iter().map(|other| view.spelling_of(*other)).collect();
            format!(
                "In registration '{registration}' the usage of tenant {} is charged to subscription {}; it would move to \
                 {customer}.",
                tenant_of(old),
                listed.join(" or "),
            )
        }
    };
    if let (Some(_), Some(expected)) = (old, expected) {
        message.push_str(&format!(" Expected was the mapping to {expected}."));
    }
    message.push_str(" Nothing was sent.");
    let error = Error::new(Category::Conflict, "WouldReplace", message);
    Some(Finished::with_error(Outcome::WouldReplace, target.mapping(), error))
}
