//! Nothing silent: what a write replaces was known, allowed and told, unless it came about in the last minute.

use azs_registration::tenants::Outcome;
use http::Method;
use uuid::Uuid;

use super::{Case, Judgement, challenged, guid};
use crate::simulation::schedule::{Expected, Kind};
use crate::simulation::truth::{Cause, Delivered, Effect, Moment, Sent};

impl Judgement<'_> {
    pub(super) fn replacements(&mut self) {
        for case in self.cases() {
            let found = match case.planned.kind {
                Kind::Add => replaced(&self.with_writes(case)),
                Kind::Remove => removed_of_another(&self.with_writes(case)),
                Kind::List | Kind::Get => Vec::new(),
            };
            for (rule, what) in found {
                self.breaks(rule, case.id, what);
            }
        }
    }
}

type Found = Vec<(&'static str, String)>;

fn write_of<'a>(case: &Case<'a>, effect: &Effect) -> Option<&'a Sent> {
    match effect.cause {
        Cause::Request(number) => case.history.truth.sent.get(number),
        Cause::Another => None,
    }
}

/// What a PUT replaces, and had been so before what the client knew was read.
fn replaced_knowingly(case: &Case<'_>, effect: &Effect, sent: &Sent) -> Vec<(Uuid, Uuid)> {
    let Some(tenant) = effect.tenant else { return Vec::new() };
    let in_force = effect.before.in_force(tenant).map(|entry| entry.customer);
    let other = in_force.filter(|other| *other != effect.customer).map(|other| (other, tenant));
    let own = effect.before.tenant_of(effect.customer).filter(|before| *before != tenant);
    // Where nobody says whose a mapping is, the client takes its subscription's own tenant for it.
    let behaviour = &case.history.schedule.behaviour;
    let said = behaviour.list_says_tenant || behaviour.get_says_tenant;
    let own = own.filter(|_| said).map(|before| (effect.customer, before));
    let other = other.filter(|_| said);
    let lag = case.history.schedule.behaviour.list_lag;
    let began = case.operation.began.unwrap_or(case.accepted).earlier(lag);
    let known_since = sent.at.earlier(case.view_age()).max(began);
    let is_old = |(customer, tenant): &(Uuid, Uuid)| {
        case.history
            .truth
            .in_force_since(*customer, *tenant, just_before(effect))
            .is_some_and(|since| since < known_since || since == Moment::BEGIN)
    };
    other.into_iter().chain(own).filter(is_old).collect()
}

/// The moment before an effect: nothing else happens between.
fn just_before(effect: &Effect) -> Moment {
    effect.at.previous()
}

fn replaced(case: &Case<'_>) -> Found {
    let mut found = Found::new();
    let behaviour = &case.history.schedule.behaviour;
    let named = [&case.finished.old, &case.finished.also];
    let old: Vec<Uuid> =
        named.into_iter().filter_map(|old| guid(Some(&old.as_ref()?.customer_subscription))).collect();
    for effect in case.effects() {
        let Some(sent) = write_of(case, effect) else { continue };
        let replaced = replaced_knowingly(case, effect, sent);
        if replaced.is_empty() || skipped_by_counting(case, effect) {
            continue;
        }
        let knowable = is_tenant_knowable(case, effect, sent);
        // Where nobody says the tenants of what is listed, whoever says that anything goes is not told more.
        let listed_without = !behaviour.list_says_tenant && case.planned.expected == Expected::Anything;
        if case.finished.outcome == Outcome::Added
            && !case.finished.replacement_unsaid
            // Who wrote what a look shows cannot be told where nobody says the tenant.
            && (knowable || !case.finished.confirmed_by_lookup)
            && !listed_without
            && (knowable || behaviour.get_says_tenant && !could_not_look(case, sent))
        {
            found.push(("nothing is replaced silently", format!("Added, and it replaced {replaced:?}")));
        }
        if case.finished.outcome == Outcome::Replaced
            && knowable
            && !behaviour.overwritten_stays
            && !replaced.iter().any(|(customer, _)| old.contains(customer))
        {
            let what = format!("it says {old:?}, and replaced {replaced:?}");
            found.push(("replaced names what it replaced", what));
        }
        let allowed = match case.planned.expected {
            Expected::Anything => true,
            Expected::Nothing => false,
            Expected::Exactly(expected) => replaced.iter().all(|(customer, tenant)| {
                // Where a tenant is listed twice, nobody can tell which mapping is charged.
                let listed = effect.before.tenant_of(expected) == Some(*tenant);
                *customer == expected || behaviour.overwritten_stays && listed
            }),
        };
        if !allowed && knowable {
            let what = format!("{:?} was expected, and it replaced {replaced:?}", case.planned.expected);
            found.push(("expectations hold", what));
        }
        if !allowed
            && !knowable
            && case.finished.outcome == Outcome::Replaced
            && !could_not_look(case, sent)
            && !case.finished.replaced_unasked
        {
            found.push(("what was not asked for is said to be so", format!("it replaced {replaced:?}")));
        }
    }
    found
}

/// Whether the client could know before which tenant a write maps.
fn is_tenant_knowable(case: &Case<'_>, effect: &Effect, sent: &Sent) -> bool {
    case.planned.tenant == effect.tenant || challenged(case.history, effect.customer, sent.at).is_some()
}

/// Whether a look after the write met a fault, or a cancellation.
fn could_not_look(case: &Case<'_>, sent: &Sent) -> bool {
    let looks = case.history.truth.sent.iter().filter(|other| {
        other.at > sent.at
            && other.at < case.end
            && other.method == Method::GET
            && other.subject == sent.subject
    });
    let answers: Vec<bool> = looks
        .map(|look| matches!(look.ended, Some((_, Delivered::Answer { status: 200, certain: true }))))
        .collect();
    !answers.contains(&true) && case.finished.confirmed_by_lookup | !answers.is_empty()
}

/// With tokens that count items, what goes while a list is read makes it miss what stays.
fn skipped_by_counting(case: &Case<'_>, effect: &Effect) -> bool {
    let behaviour = &case.history.schedule.behaviour;
    let from = effect.at.earlier(case.view_age() * 2);
    behaviour.offset_token
        && case.history.truth.effects_between(from, effect.at).any(|other| {
            other.before.entries().len() > behaviour.page_size
                && other.after.entries().len() <= other.before.entries().len()
                && other.at < effect.at
        })
}

/// A removal that names a tenant does not remove another's mapping that had been there for longer than a minute.
fn removed_of_another(case: &Case<'_>) -> Found {
    let Some(tenant) = case.planned.tenant else { return Found::new() };
    let mut found = Found::new();
    for effect in case.effects() {
        let Some(sent) = write_of(case, effect) else { continue };
        let Some(before) = effect.before.tenant_of(effect.customer).filter(|before| *before != tenant) else {
            continue;
        };
        let since = case.history.truth.in_force_since(effect.customer, before, just_before(effect));
        if since.is_some_and(|since| since < sent.at.earlier(case.view_age())) {
            let what = format!("{} of {before}, not of {tenant}", effect.customer);
            found.push(("a removal removes what it names", what));
        }
    }
    found
}
