//! Adding a mapping, or changing one: PUT overwrites without a word, so what it would replace is known before.

use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use serde_json::json;
use uuid::Uuid;

use super::doubtful::What;
use super::get::{differs, mismatch};
use super::in_flight::{Deed, Held, Touch, Whose};
use super::session::{Overwritten, RegistrationSession};
use super::turns::Turn;
use super::view::{AskedBy, View};
use super::{Finished, Intended, Mapping, Old, Outcome, RequestTurn, Session, Target, Tenants};
use crate::engine::{Fresh, Run, WriteEnd, Written};
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

/// What is asked for.
struct Asked<'a> {
    target: &'a Target,
    expectation: &'a Expectation,
    preserve_case: bool,
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

/// What is decided about a row.
enum Decision {
    Ends(Box<Finished>),
    Change {
        outlook: Box<Outlook>,
        /// The spelling of the subscription that the service has, or lower case.
        spelling: String,
        fresh: Fresh,
        /// Whether what would be replaced is read once more.
        look_again: bool,
    },
}

/// What is known about a change before it is sent.
#[derive(Debug)]
pub(super) struct Outlook {
    /// The tenant, as far as it is known.
    pub(super) tenant: Option<Uuid>,
    /// Whether the service says so, not the row alone.
    pub(super) sure: bool,
    /// The tenant that the subscription is mapped to, where it is mapped; the inner `None`: nobody says which.
    pub(super) before: Option<Option<Uuid>>,
    /// Other subscriptions that the tenant is mapped to.
    pub(super) others: Vec<Uuid>,
    /// Whether mappings are listed whose tenant nobody says: it may be this one's, and may be learned later.
    pub(super) unsaid: bool,
    /// What would be replaced.
    pub(super) old: Option<Old>,
    /// The subscription's own mapping to another tenant, which is replaced in any case.
    pub(super) own: Option<Old>,
    /// What would be replaced besides: the subscription's mapping to another tenant.
    pub(super) also: Option<Old>,
}

/// A change that is decided on.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) registration: Arc<RegistrationId>,
    pub(super) customer: Guid,
    /// The spelling that goes out.
    pub(super) spelling: String,
    /// The tenant that the row names.
    pub(super) named: Option<Guid>,
    /// The etag of what is overwritten, where the service gives one.
    pub(super) if_match: Option<String>,
    pub(super) outlook: Box<Outlook>,
    /// Whose mappings were overwritten by other changes of the same operation.
    pub(super) overwritten: Arc<Overwritten>,
}

impl Change {
    /// The mapping that it is to make.
    pub(super) fn wanted(&self) -> Mapping {
        reached(&self.registration, self.spelling.clone(), self.outlook.tenant)
    }

    fn intended(&self) -> Intended {
        let Outlook { old, also, .. } = &*self.outlook;
        Intended { wanted: self.wanted(), before: old.clone(), also: also.clone() }
    }

    /// Its end where somebody else changed the same meanwhile.
    pub(super) fn changed_by_another(&self, found: Mapping) -> Finished {
        let now = found.customer_subscription.unwrap_or_default();
        let message = match &found.tenant {
            Some(tenant) => {
                format!("Somebody else mapped tenant {tenant} to customer subscription {now} meanwhile.")
            }
            None => format!("Somebody else removed the mapping of customer subscription {now} meanwhile."),
        };
        let error =
            Error::new(Category::Conflict, "ChangedByAnother", format!("{message} It was left as found."));
        let old = Old { customer_subscription: now, tenant: found.tenant };
        Finished::with_error(Outcome::ChangedByAnother, self.wanted(), error).meeting(Some(old))
    }
}

/// What is known about the tenant of a row's subscription.
struct About {
    tenant: Option<Uuid>,
    /// Whether the service says so, not the row alone: it may look the tenant up itself, and the row may be wrong.
    is_certain: bool,
    /// What the challenge said, where it was asked for.
    challenged: Option<Option<Uuid>>,
}

impl Tenants {
    /// Maps the tenant of a customer subscription to it, if the expectation holds.
    pub async fn add(
        &self,
        session: &Session,
        turn: RequestTurn,
        run: &Run,
        target: &Target,
        expectation: &Expectation,
        preserve_case: bool,
    ) -> Finished {
        let shared = session.of(&target.registration);
        self.shared.join(&target.registration.key(), &shared);
        let run = &run.for_item();
        let asked = Asked { target, expectation, preserve_case };
        let mut intended = None;
        let mut finished = match self.try_add(&shared, &turn.0, run, &asked, &mut intended).await {
            Ok(finished) => {
                shared.note(target, &finished);
                finished
            }
            Err(error) => before_sending(error, target),
        };
        finished.intended = intended;
        if let (Some(customer), true) = (&target.customer, finished.outcome != Outcome::WouldReplace) {
            self.forget_challenge(customer);
        }
        self.finish(&shared, run, target, finished)
    }

    async fn try_add(
        &self,
        shared: &RegistrationSession,
        turn: &Turn,
        run: &Run,
        asked: &Asked<'_>,
        intended: &mut Option<Box<Intended>>,
    ) -> Result<Finished> {
        let Asked { target, expectation, preserve_case } = *asked;
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
        run.unless_stopped(turn.begin()).await?;
        shared.view.wait_for_first(run, turn).await?;
        for _ in 0..MOST_SURVEYS {
            if let Some(refusal) = shared.refusal(target) {
                return Ok(refusal);
            }
            run.may_change()?;
            // Who waits for something else keeps nobody from going out.
            run.account.settle();
            if !self.know(shared, run, registration, None, began, AskedBy::Decision).await? {
                continue;
            }
            let about = match self.learn_about(shared, run, target, customer).await? {
                Ok(about) => about,
                Err(mismatch) => return Ok(*mismatch),
            };
            // From here on no earlier row of the same tenant is under way, and what they did is known.
            let certain = about.tenant.filter(|_| about.is_certain || !self.discovery);
            run.unless_stopped(turn.is_about_tenant(certain)).await?;
            // Asking, and waiting for one's turn, can take longer than what was known may be acted on.
            if !shared.view.is_current(self.engine.clock.now(), None) {
                continue;
            }
            let version = shared.view.version();
            let decided = shared.view.with(|view| {
                let survey = survey(target, customer, &about, view)?;
                Some(match survey {
                    Survey::Ends(finished) => Decision::Ends(finished),
                    Survey::Change(outlook) => {
                        let refused = outlook
                            .tenant
                            .and_then(|tenant| shared.contradicts(target, tenant))
                            .map(|error| Finished::with_error(Outcome::Failed, target.mapping(), error))
                            .or_else(|| {
                                let refused = refuse(expectation, expected.as_ref(), &outlook, target, view)?;
                                Some(refused.meeting(outlook.old.clone()))
                            });
                        match refused {
                            // What a caller expects exactly, it learned some time ago, and somebody may have thought
                            // about it since.
                            None => Decision::Change {
                                spelling: view.spelling(customer),
                                fresh: view.fresh(),
                                look_again: expected.is_some() && view.read_at() < began,
                                outlook: Box::new(outlook),
                            },
                            Some(refused) => Decision::Ends(Box::new(refused)),
                        }
                    }
                })
            });
            // What was known is not known any more, or leaves open what has to be asked for.
            let Some(Some(decision)) = decided else { continue };
            let (outlook, stored, fresh, look_again) = match decision {
                Decision::Ends(finished) => return Ok(*finished),
                Decision::Change { outlook, spelling, fresh, look_again } => {
                    (outlook, spelling, fresh, look_again)
                }
            };
            let key = registration.key();
            let tenant = outlook.tenant.filter(|_| outlook.sure || !self.discovery);
            let whose = tenant.map_or(Whose::Anybodys, Whose::Of);
            let former = outlook.before.flatten().filter(|former| Some(*former) != tenant);
            let replaced = outlook.others.iter().copied().chain(former).collect();
            let touch = Touch { registration: &key, customer: customer.value(), whose, replaced };
            let deed = Deed::Put(customer.value(), target.tenant.as_ref().map(Guid::value));
            let (mut held, waited) = self.in_flight.hold(&self.engine, run, touch, deed).await?;
            if waited {
                shared.view.forget();
                continue;
            }
            if shared.view.version() != version {
                // Somebody's change was noted between the decision and here.
                continue;
            }
            run.open_account().await?;
            if let (true, Some(old)) = (look_again, &outlook.old)
                && self
                    .look_at(run, registration, &old.customer_subscription, old.tenant_id())
                    .await?
                    .is_none()
            {
                shared.view.forget();
                continue;
            }
            let mut if_match = None;
            if let Some(before) = outlook.before {
                // It is overwritten only as it was found.
                let Some(found) = self.look_at(run, registration, &stored, before).await? else {
                    shared.view.forget();
                    continue;
                };
                if_match = found.etag;
            }
            let spelling = if preserve_case { customer.to_string() } else { stored };
            if spelling != customer.spelling() {
                run.verbose(|| format!("Customer subscription {customer} goes out as {spelling}."));
            }
            let change = Arc::new(Change {
                registration: registration.clone(),
                customer: customer.clone(),
                spelling,
                named: target.tenant.clone(),
                if_match,
                outlook,
                overwritten: shared.overwritten.clone(),
            });
            *intended = Some(Box::new(change.intended()));
            let ended = self.put(shared, &mut held, run, &change, fresh, target.row).await;
            if ended
                .as_ref()
                .is_none_or(|it| matches!(it.outcome, Outcome::Unknown | Outcome::ChangedByAnother))
            {
                // What the view says about the registration is, or may be, wrong from now on.
                shared.view.forget();
            }
            if let Some(finished) = ended {
                return Ok(finished);
            }
            run.verbose(|| "What the registration holds was read too long ago; reading it anew.".to_owned());
        }
        Err(Error::new(
            Category::Throttled,
            "TooManyRequests",
            "What the registration holds changed again and again, or the service asked to wait; nothing was sent.",
        ))
    }

    /// Learns which tenant a row is about. The inner error ends the row: it names another tenant than the service.
    async fn learn_about(
        &self,
        shared: &RegistrationSession,
        run: &Run,
        target: &Target,
        customer: &Guid,
    ) -> Result<std::result::Result<About, Box<Finished>>> {
        let named = target.tenant.as_ref();
        let listed = shared.view.with(|view| {
            let settled = view.is_ambiguous(customer.value()) || is_as_wanted(view, customer, named);
            (settled, view.tenant_of(customer.value()).flatten())
        });
        let before = listed.and_then(|(_, before)| before);
        // It is as wanted, or refused, or read anew: nobody has to be asked.
        if listed.is_none_or(|(settled, _)| settled) {
            let tenant = before.or(named.map(Guid::value));
            return Ok(Ok(About { tenant, is_certain: before.is_some(), challenged: None }));
        }
        let mut challenged = self.challenged_tenant(run, customer).await?;
        if challenged.is_some() && named.is_some_and(|named| Some(named.value()) != challenged) {
            // A subscription can be moved to another directory: not refused for what was so once.
            self.forget_challenge(customer);
            challenged = self.challenged_tenant(run, customer).await?;
        }
        let found = challenged.map(|tenant| tenant.to_string());
        if differs(named, found.as_deref()) {
            let error = mismatch(named, found.as_deref(), "Nothing was sent.");
            let finished = Finished::with_error(Outcome::TenantMismatch, target.mapping(), error);
            return Ok(Err(Box::new(finished)));
        }
        // What only the list says is better than nothing: the service maps whatever it finds itself.
        let tenant = named.map(Guid::value).or(challenged).or(before);
        Ok(Ok(About { tenant, is_certain: challenged.is_some(), challenged: Some(challenged) }))
    }

    /// Reads a mapping, and gives it where it is as it was when it was listed.
    async fn look_at(
        &self,
        run: &Run,
        registration: &Arc<RegistrationId>,
        spelling: &str,
        tenant: Option<Uuid>,
    ) -> Result<Option<Mapping>> {
        let found = self.read_one(run, registration, spelling).await?;
        let of = |found: &Mapping| found.tenant_guid().map(|tenant| tenant.value());
        // A list may leave out what a read says.
        Ok(found.filter(|found| of(found) == tenant || of(found).is_none() || tenant.is_none()))
    }

    /// Sends the change. `None`: what it was decided from is too old by now, or was changed by somebody.
    async fn put(
        &self,
        shared: &RegistrationSession,
        held: &mut Held,
        run: &Run,
        change: &Arc<Change>,
        fresh: Fresh,
        row: u64,
    ) -> Option<Finished> {
        let mut call = self.call_one(Method::PUT, &change.registration, &change.spelling);
        let body = match &change.named {
            Some(named) => json!({ "properties": { "tenantId": named.spelling() } }),
            None => json!({}),
        };
        call.body = Some(Bytes::from(body.to_string()));
        call.if_match = change.if_match.clone();
        call.fresh = Some(fresh);
        call.pointless = Some(shared.pointless.clone());
        let failed = |outcome, error| {
            Finished::with_error(outcome, change.wanted(), error).meeting(change.outlook.old.clone())
        };
        let look = |run: Run| async move { self.look_for(shared, &run, change).await };
        held.in_doubt_until(Some(self.engine.settled_from_now()));
        let Written { end, settled_at, doubt } = self.engine.write(run, &call, look).await;
        held.in_doubt_until(settled_at);
        Some(match end {
            WriteEnd::Done(answer) => {
                let answered = answer.object().map(MappingItem::read);
                self.after_put(shared, run, change, answered.and_then(|item| item.tenant), false).await
            }
            WriteEnd::Confirmed(found) => self.after_put(shared, run, change, found.tenant, true).await,
            // Somebody changed it after it was looked at (RPC, "ETags for Resources"): decided anew.
            WriteEnd::Failed(error)
                if change.if_match.is_some() && error.parts().http_status == Some(412) =>
            {
                shared.view.forget();
                return None;
            }
            WriteEnd::Failed(error) => failed(Outcome::Failed, error),
            WriteEnd::NotStarted(error) => failed(Outcome::NotStarted, error),
            WriteEnd::Unknown(error) => self.end_unknown(What::Add(change.clone()), row, doubt, error),
            WriteEnd::ChangedByAnother(found) => change.changed_by_another(found),
            WriteEnd::Stale => return None,
        })
    }

    /// The mapping is made: what did it come to?
    pub(super) async fn after_put(
        &self,
        shared: &RegistrationSession,
        run: &Run,
        change: &Change,
        answered: Option<String>,
        confirmed_by_lookup: bool,
    ) -> Finished {
        let outlook = &change.outlook;
        let guid = |text: Option<String>| text.as_deref().and_then(Guid::parse).map(|tenant| tenant.value());
        let answered = guid(answered);
        let mut tenant = answered.or(outlook.tenant);
        // A row can be wrong, and a service that looks the tenant up itself need not say so.
        let mut replacement_unsaid = false;
        if answered.is_none() && !outlook.sure {
            // Also after a cancellation: the bill has moved, or not.
            let why = match self.read_one(&run.for_look(), &change.registration, &change.spelling).await {
                Ok(found) => {
                    let found = guid(found.and_then(|found| found.tenant));
                    // What only the list said is no more than a guess now.
                    tenant = found.or(change.named.as_ref().map(Guid::value));
                    found.is_none().then(|| "the service does not say it.".to_owned())
                }
                Err(error) => Some(error.to_string()),
            };
            if let Some(why) = why {
                replacement_unsaid = true;
                run.warning(|| {
                    format!(
                        "The mapping of {} was made, but which tenant it belongs to, and whether it replaced another one, \
                         could not be read: {why}",
                        change.spelling
                    )
                });
            }
        }
        // What was known before the write, or what only the answer brought to light.
        let found_after = || {
            let other = shared.view.with(|view| {
                let other = *view.others_of(tenant?, change.customer.value()).first()?;
                Some(Old {
                    customer_subscription: view.spelling_of(other),
                    tenant: Some(tenant?.to_string()),
                })
            });
            other.flatten().or_else(|| outlook.own.clone())
        };
        let as_foreseen = tenant == outlook.tenant;
        let old = if as_foreseen { outlook.old.clone() } else { found_after() };
        let also = if as_foreseen { outlook.also.clone() } else { None };
        let replaced_unasked = !as_foreseen && old.is_some();
        if let Some(also) = &also {
            run.warning(|| {
                format!(
                    "Customer subscription {} was mapped to tenant {} too; that mapping is replaced as well.",
                    also.customer_subscription,
                    also.tenant.as_deref().unwrap_or("(unknown)")
                )
            });
        }
        self.note_effect(shared, change, tenant, old.as_ref());

        let mapping = reached(&change.registration, change.spelling.clone(), tenant);
        let shown = tenant.map(|tenant| tenant.to_string());
        let mut finished = match (differs(change.named.as_ref(), shown.as_deref()), &old) {
            (true, _) => {
                let error = mismatch(
                    change.named.as_ref(),
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
        finished.replacement_unsaid = replacement_unsaid;
        finished.took_effect = true;
        finished.also = also;
        finished.meeting(old)
    }

    /// Notes what a change made of the mappings, for all operations of the client.
    fn note_effect(
        &self,
        shared: &RegistrationSession,
        change: &Change,
        tenant: Option<Uuid>,
        old: Option<&Old>,
    ) {
        let key = change.registration.key();
        if let Some(gone) = old.and_then(|old| Guid::parse(&old.customer_subscription))
            && gone.value() != change.customer.value()
        {
            // Another row may have mapped it anew meanwhile.
            let as_before = shared.view.with(|view| view.tenant_of(gone.value()) == Some(tenant));
            if as_before == Some(true) {
                self.shared.removed(&key, gone.value());
            }
            change.overwritten.note(gone.value());
        }
        match (Guid::parse(&change.spelling), tenant) {
            (Some(stored), Some(_)) => self.shared.put(&key, &stored, tenant),
            // It may have replaced any of them.
            _ => self.shared.forget(&key),
        }
    }
}

/// What adding the target would come to now. `None`: the challenge has to be asked first.
fn survey(target: &Target, customer: &Guid, about: &About, view: &View) -> Option<Survey> {
    let ends = |finished| Some(Survey::Ends(Box::new(finished)));
    let registration = &target.registration;
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
    if is_as_wanted(view, customer, target.tenant.as_ref()) {
        let mapping = reached(registration, view.spelling(customer), before.flatten());
        return ends(Finished::new(Outcome::Unchanged, mapping));
    }
    let (tenant, sure) = (about.tenant, about.challenged?.is_some());
    let others = tenant.map(|tenant| view.others_of(tenant, customer.value())).unwrap_or_default();
    let charged = others.first().map(|other| Old {
        customer_subscription: view.spelling_of(*other),
        tenant: tenant.map(|tenant| tenant.to_string()),
    });
    // The same subscription, mapped to another tenant, or to one that nobody says.
    let own = before.filter(|mapped| mapped.is_none() || *mapped != tenant).map(|mapped| Old {
        customer_subscription: view.spelling(customer),
        tenant: mapped.map(|tenant| tenant.to_string()),
    });
    let (old, also) = if charged.is_some() { (charged, own.clone()) } else { (own.clone(), None) };
    let unsaid = view.unsaid() > 0;
    Some(Survey::Change(Outlook { tenant, sure, before, others, unsaid, old, own, also }))
}

/// Whether a subscription is mapped to what a row wants. Where its tenant is listed with another subscription too, nobody
/// can tell which one is charged.
fn is_as_wanted(view: &View, customer: &Guid, named: Option<&Guid>) -> bool {
    match view.tenant_of(customer.value()) {
        None => false,
        Some(None) => named.is_none(),
        Some(Some(tenant)) => {
            named.is_none_or(|named| named.value() == tenant)
                && view.others_of(tenant, customer.value()).is_empty()
        }
    }
}

/// The end of a change that was never sent.
pub(super) fn before_sending(error: Error, target: &Target) -> Finished {
    let outcome = if error.starts_nothing() { Outcome::NotStarted } else { Outcome::Failed };
    Finished::with_error(outcome, target.mapping(), error)
}

pub(super) fn reached(registration: &Arc<RegistrationId>, spelling: String, tenant: Option<Uuid>) -> Mapping {
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
