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

/// What adding a target would come to.
enum Survey {
    /// Nothing is sent.
    Ends(Box<Finished>),
    /// A mapping is made.
    Change {
        /// The tenant, as far as it is known.
        tenant: Option<Uuid>,
        /// What would be replaced, as far as it is known.
        old: Option<Old>,
    },
}

/// A change that is decided on.
struct Change<'a> {
    registration: &'a Arc<RegistrationId>,
    customer: &'a Guid,
    /// The spelling that goes out.
    spelling: String,
    /// The tenant that the row names.
    named: Option<&'a Guid>,
    /// The tenant, as far as it is known before the write.
    tenant: Option<Uuid>,
    /// What is replaced, as far as it is known before the write.
    old: Option<Old>,
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
        let run = &run.counting_anew();
        let finished = match self.try_add(session, run, target, expectation, preserve_case).await {
            Ok(finished) => finished,
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
        let mut views = session.views.lock().await;
        let mut view = self.view(&mut views, run, registration).await?;
        let mut change = match self.survey(session, run, target, customer, view).await? {
            Survey::Ends(finished) => return Ok(*finished),
            Survey::Change { tenant, old } => (tenant, old),
        };
        // What a caller expects exactly, it learned some time ago, and somebody may have thought about the question since.
        if let (Some(_), Some(old)) = (&expected, &change.1)
            && !self.is_still(run, registration, old).await?
        {
            views.remove(&registration.key());
            view = self.view(&mut views, run, registration).await?;
            change = match self.survey(session, run, target, customer, view).await? {
                Survey::Ends(finished) => return Ok(*finished),
                Survey::Change { tenant, old } => (tenant, old),
            };
        }
        let (tenant, old) = change;
        if let Some(refused) = unexpected(expectation, expected.as_ref(), old.as_ref(), target) {
            return Ok(refused.meeting(old));
        }

        let spelling = if preserve_case { customer.to_string() } else { view.spelling(customer) };
        if spelling != customer.spelling() {
            run.verbose(|| format!("Customer subscription {customer} goes out as {spelling}."));
        }
        let named = target.tenant.as_ref();
        let change = Change { registration, customer, spelling, named, tenant, old };
        let finished = self.put(run, &change, view).await;
        if finished.outcome == Outcome::Unknown {
            // What the view says about the registration may be wrong from now on.
            views.remove(&registration.key());
        }
        Ok(finished)
    }

    /// What adding the target would come to now.
    async fn survey(
        &self,
        session: &Session,
        run: &Run,
        target: &Target,
        customer: &Guid,
        view: &View,
    ) -> Result<Survey> {
        let registration = &target.registration;
        let named = target.tenant.as_ref();
        let mut listed = view.tenant_of(customer.value());
        if listed == Some(None) {
            // The list did not say the tenant; the mapping itself may.
            let read = self.read_one(run, registration, &view.spelling(customer)).await?;
            listed = read.map(|mapping| mapping.tenant_guid().map(|tenant| tenant.value()));
        }
        let as_wanted =
            matches!(listed, Some(Some(tenant)) if named.is_none_or(|named| named.value() == tenant));
        let tenant = match listed.flatten().filter(|_| as_wanted) {
            Some(tenant) => Some(tenant),
            None => {
                let challenged = self.challenged_tenant(session, run, customer).await;
                let found = challenged.map(|tenant| tenant.to_string());
                if differs(named, found.as_deref()) {
                    let error = mismatch(named, found.as_deref(), "Nothing was sent.");
                    let finished = Finished::with_error(Outcome::TenantMismatch, target.mapping(), error);
                    return Ok(Survey::Ends(Box::new(finished)));
                }
                named.map(Guid::value).or(challenged)
            }
        };

        let other = tenant.and_then(|tenant| view.other_of(tenant, customer.value()));
        let old = match (other, listed) {
            (Some(other), _) => Some(Old {
                customer_subscription: view.spelling_of(other),
                tenant: tenant.map(|tenant| tenant.to_string()),
            }),
            (None, Some(_)) if as_wanted => {
                let mapping = reached(registration, view.spelling(customer), tenant);
                return Ok(Survey::Ends(Box::new(Finished::new(Outcome::Unchanged, mapping))));
            }
            // The same subscription, mapped to another tenant.
            (None, Some(Some(mapped))) => {
                Some(Old { customer_subscription: view.spelling(customer), tenant: Some(mapped.to_string()) })
            }
            (None, _) => None,
        };
        Ok(Survey::Change { tenant, old })
    }

    /// Whether a mapping is as it was when it was listed.
    async fn is_still(&self, run: &Run, registration: &Arc<RegistrationId>, old: &Old) -> Result<bool> {
        let found = self.read_one(run, registration, &old.customer_subscription).await?;
        let tenant = |text: Option<&str>| text.and_then(Guid::parse).map(|tenant| tenant.value());
        Ok(found.is_some_and(|found| tenant(found.tenant.as_deref()) == tenant(old.tenant.as_deref())))
    }

    async fn put(&self, run: &Run, change: &Change<'_>, view: &mut View) -> Finished {
        let mut call = self.call_one(Method::PUT, change.registration, &change.spelling);
        let body = match change.named {
            Some(named) => json!({ "properties": { "tenantId": named.spelling() } }),
            None => json!({}),
        };
        call.body = Some(Bytes::from(body.to_string()));
        let before = view.tenant_of(change.customer.value());
        let look = || async move {
            let found = self.read_one(run, change.registration, &change.spelling).await?;
            Ok(match found {
                None => Seen::Old,
                Some(found) => match (found.tenant_guid().map(|tenant| tenant.value()), change.tenant) {
                    (Some(seen), Some(wanted)) if seen == wanted => Seen::Wanted(found),
                    (seen, _) if before == Some(seen) => Seen::Old,
                    (Some(_), Some(_)) => Seen::Other(found),
                    _ => Seen::Wanted(found),
                },
            })
        };
        let wanted = || reached(change.registration, change.spelling.clone(), change.tenant);
        let failed =
            |outcome, error| Finished::with_error(outcome, wanted(), error).meeting(change.old.clone());
        match self.engine.write(run, &call, look).await {
            WriteEnd::Done(answer) => {
                let answered = answer.object().map(MappingItem::read);
                self.after_put(run, change, view, answered.and_then(|item| item.tenant), false).await
            }
            WriteEnd::Confirmed(found) => self.after_put(run, change, view, found.tenant, true).await,
            WriteEnd::Failed(error) => failed(Outcome::Failed, error),
            WriteEnd::NotStarted(error) => failed(Outcome::NotStarted, error),
            WriteEnd::Unknown(error) => failed(Outcome::Unknown, error),
            WriteEnd::ChangedByAnother(found) => {
                let now = found.tenant.clone().unwrap_or_default();
                let message = format!(
                    "Somebody else mapped customer subscription {} to tenant {now} meanwhile. It was left as found.",
                    change.spelling
                );
                let error = Error::new(Category::Conflict, "ChangedByAnother", message);
                let old = Old { customer_subscription: change.spelling.clone(), tenant: found.tenant };
                failed(Outcome::ChangedByAnother, error).meeting(Some(old))
            }
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
        let mut tenant =
            answered.as_deref().and_then(Guid::parse).map(|tenant| tenant.value()).or(change.tenant);
        if tenant.is_none() {
            match self.read_one(run, change.registration, &change.spelling).await {
                Ok(found) => tenant = found.and_then(|found| found.tenant_guid()).map(|tenant| tenant.value()),
                Err(error) => run.warning(|| {
                    format!("The mapping of {} was made, but which tenant it belongs to could not be read: {error}", change.spelling)
                }),
            }
        }
        // What was known before the write, or what only the answer brought to light.
        let found_after = || {
            let other = view.other_of(tenant?, change.customer.value())?;
            Some(Old { customer_subscription: view.spelling_of(other), tenant: Some(tenant?.to_string()) })
        };
        let unasked = if tenant == change.tenant { None } else { found_after() };
        let replaced_unasked = unasked.is_some();
        let old = unasked.or_else(|| change.old.clone());

        if let Some(replaced) = old.as_ref().and_then(|old| Guid::parse(&old.customer_subscription)) {
            view.remove(replaced.value());
        }
        if let Some(stored) = Guid::parse(&change.spelling) {
            view.remove(stored.value());
            view.put(&stored, tenant);
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

/// The end of a change whose expectation does not hold.
fn unexpected(
    expectation: &Expectation,
    expected: Option<&Guid>,
    old: Option<&Old>,
    target: &Target,
) -> Option<Finished> {
    let old_id = old.and_then(|old| Guid::parse(&old.customer_subscription));
    let holds = match expectation {
        Expectation::Anything => true,
        Expectation::NothingReplaced => old.is_none(),
        Expectation::Exactly(_) => {
            old_id.as_ref().map(Guid::value) == expected.map(Guid::value) && old_id.is_some()
        }
    };
    if holds {
        return None;
    }
    let customer = target.customer.as_ref().map(Guid::to_string).unwrap_or_default();
    let registration = target.registration.name();
    let message = match (old, expected) {
        (Some(old), None) => format!(
            "In registration '{registration}' the usage of tenant {} is charged to subscription {}; it would move to {customer}. \
             Nothing was sent.",
            old.tenant.as_deref().unwrap_or("(unknown)"),
            old.customer_subscription,
        ),
        (Some(old), Some(expected)) => format!(
            "In registration '{registration}' the usage of tenant {} is charged to subscription {}, not to {expected} as \
             expected. Nothing was sent.",
            old.tenant.as_deref().unwrap_or("(unknown)"),
            old.customer_subscription,
        ),
        (None, Some(expected)) => format!(
            "In registration '{registration}' the mapping to subscription {expected}, which was to be replaced by {customer}, \
             is not there any more. Nothing was sent."
        ),
        (None, None) => String::new(),
    };
    let error = Error::new(Category::Conflict, "WouldReplace", message);
    Some(Finished::with_error(Outcome::WouldReplace, target.mapping(), error))
}
