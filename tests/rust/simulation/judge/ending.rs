//! The state after everything has landed is what the reports add up to, where nobody else and nothing unknown was at it.

use std::collections::{BTreeMap, BTreeSet};

use azs_registration::tenants::Outcome;
use http::Method;
use uuid::Uuid;

use super::{Case, Judgement, challenged, guid, would_map};
use crate::simulation::schedule::{Kind, Planned};
use crate::simulation::truth::{Cause, Effect, Moment};

/// An item of which a write is in doubt.
struct Doubt {
    item: (usize, usize),
    /// Whether the tenant of that write could be known.
    known: bool,
}

impl Judgement<'_> {
    pub(super) fn final_state(&mut self) {
        let history = self.history;
        let mut cases = self.cases();
        cases.sort_by_key(|case| case.end);
        let stays = history.schedule.behaviour.overwritten_stays;
        let mut implied = history.truth.initial.clone();
        let mut open: BTreeSet<Uuid> = self.touched_by_others();
        for case in &cases {
            let reported = guid(case.finished.mapping.customer_subscription.as_deref());
            let customer = case.planned.customer.or(reported);
            match (case.finished.outcome, customer) {
                (Outcome::Added | Outcome::Replaced, Some(customer)) => {
                    let tenant = case.maps_tenant().or(guid(case.finished.mapping.tenant.as_deref()));
                    if let Some(tenant) = tenant {
                        implied.put(customer, &customer.to_string(), tenant, stays);
                    }
                }
                (Outcome::TenantMismatch, Some(customer)) if made(case) => {
                    if let Some(tenant) = guid(case.finished.mapping.tenant.as_deref()).or(case.maps_tenant())
                    {
                        implied.put(customer, &customer.to_string(), tenant, stays);
                    }
                }
                (Outcome::Removed, Some(customer)) => {
                    implied.delete(customer);
                }
                _ => {}
            }
            if case.is_open() {
                open.extend(customer);
                open.extend(case.planned.tenant);
                open.extend(case.maps_tenant());
                open.extend(guid(case.finished.mapping.tenant.as_deref()));
                for effect in self.with_writes(*case).effects() {
                    open.extend(touched(effect));
                }
            }
        }
        open.extend(self.unknown_turns(&cases));
        let last = history.truth.last_state();
        let customers: BTreeSet<Uuid> = [&history.truth.initial, &implied, last]
            .into_iter()
            .flat_map(|store| store.entries().iter().map(|entry| entry.customer))
            .collect();
        for customer in customers {
            let states = [
                history.truth.initial.tenant_of(customer),
                implied.tenant_of(customer),
                last.tenant_of(customer),
            ];
            if open.contains(&customer) || states.iter().flatten().any(|tenant| open.contains(tenant)) {
                continue;
            }
            if states[1] != states[2] {
                let what =
                    format!("{customer} is mapped to {:?}, and the reports say {:?}", states[2], states[1]);
                self.breaks("the reports add up to what is there", None, what);
            }
        }
    }

    /// Tenants of writes in doubt that a later write overtook, where nobody could know that both are about the same
    /// tenant: such writes cannot wait for their turn.
    fn unknown_turns(&self, cases: &[Case<'_>]) -> BTreeSet<Uuid> {
        let truth = &self.history.truth;
        let is_known = |planned: &Planned, customer: Uuid, tenant: Uuid, before: Moment| {
            planned.tenant == Some(tenant) || challenged(self.history, customer, before).is_some()
        };
        let mut doubtful: BTreeMap<Uuid, Vec<Doubt>> = BTreeMap::new();
        for (number, sent) in truth.sent.iter().enumerate().filter(|(_, sent)| sent.in_doubt()) {
            let (Some(customer), Some(item)) = (sent.writes(), self.attribution.item_of(number)) else {
                continue;
            };
            let planned = &self.history.operations[item.0].items[item.1].planned;
            let mapped = would_map(self.history, planned).filter(|_| sent.method == Method::PUT);
            if let Some(tenant) = mapped.or(truth.state_at(sent.at).tenant_of(customer)) {
                let known = sent.method != Method::PUT || is_known(planned, customer, tenant, sent.at);
                doubtful.entry(tenant).or_default().push(Doubt { item, known });
            }
        }
        let mut open = BTreeSet::new();
        for case in cases.iter().filter(|case| case.planned.kind == Kind::Add) {
            for effect in self.with_writes(*case).effects() {
                let Some(tenant) = effect.tenant else { continue };
                let known = is_known(case.planned, effect.customer, tenant, effect.at);
                let mut others = doubtful.get(&tenant).into_iter().flatten();
                if others.any(|other| other.item != case.id && !(known && other.known)) {
                    open.extend(touched(effect));
                }
            }
        }
        open
    }

    /// Subscriptions and tenants that others changed too: other writers, and operations that ran at the same time.
    fn touched_by_others(&self) -> BTreeSet<Uuid> {
        let truth = &self.history.truth;
        let mut open = BTreeSet::new();
        let mut by_operation = vec![BTreeSet::new(); self.history.operations.len()];
        for effect in &truth.effects {
            let operation = match effect.cause {
                Cause::Another => None,
                Cause::Request(number) => {
                    let id = truth.sent[number].correlation;
                    self.history.operations.iter().position(|operation| operation.correlation == id)
                }
            };
            match operation {
                Some(operation) => by_operation[operation].extend(touched(effect)),
                None => open.extend(touched(effect)),
            }
        }
        if self.history.schedule.at_once {
            for (at, one) in by_operation.iter().enumerate() {
                for other in &by_operation[at + 1..] {
                    open.extend(one.intersection(other).copied());
                }
            }
        }
        open
    }
}

fn made(case: &Case<'_>) -> bool {
    case.finished.error.as_ref().is_some_and(|error| error.parts().message.contains("was made"))
}

/// The subscription and the tenants of an effect.
fn touched(effect: &Effect) -> Vec<Uuid> {
    let mut touched = vec![effect.customer];
    touched.extend(effect.tenant);
    touched.extend(effect.before.tenant_of(effect.customer));
    touched
}
