//! Rules about the writes themselves: turns, order, cancellations, how many at once.

use std::time::Duration;

use azs_registration::tenants::Outcome;
use http::Method;
use uuid::Uuid;

use super::{Case, Judgement, challenged, would_map};
use crate::simulation::truth::{Cause, Effect, Moment, Sent};

/// How long after a cancellation everything has ended: the grace of writes in flight, and a little.
const AFTER_CANCEL: Duration = Duration::from_secs(11);

impl Judgement<'_> {
    pub(super) fn writes(&mut self) {
        self.turns();
        self.order();
        self.cancellations();
        self.at_once();
    }

    /// No two writes of one subscription or one tenant are in flight at once.
    fn turns(&mut self) {
        let sent = &self.history.truth.sent;
        let writes: Vec<usize> = (0..sent.len()).filter(|number| sent[*number].writes().is_some()).collect();
        let mut found = Vec::new();
        for (at, first) in writes.iter().enumerate() {
            for second in &writes[at + 1..] {
                let (one, other) = (&sent[*first], &sent[*second]);
                if one.ended.is_some_and(|(ended, _)| ended < other.at) {
                    continue;
                }
                let tenants = (self.known_tenant(*first), self.known_tenant(*second));
                if one.writes() == other.writes() {
                    found.push(format!("#{first} and #{second} write the same subscription"));
                } else if tenants.0.is_some() && tenants.0 == tenants.1 {
                    found.push(format!("#{first} and #{second} write the same tenant"));
                }
            }
        }
        for what in found {
            self.breaks("one write at a time for a subscription and a tenant", None, what);
        }
    }

    /// The tenant of a write, where its client could know it.
    fn known_tenant(&self, number: usize) -> Option<Uuid> {
        let write = &self.history.truth.sent[number];
        let (operation, tag) = self.attribution.item_of(number)?;
        let planned = &self.history.operations[operation].items[tag].planned;
        let challenged = || challenged(self.history, write.writes()?, write.at);
        if write.method == Method::PUT {
            // A row may name a tenant that the service does not map.
            would_map(self.history, planned).filter(|maps| planned.tenant == Some(*maps)).or_else(challenged)
        } else {
            planned.tenant
        }
    }

    /// Items of one subscription or one named tenant take effect in the order of the input.
    fn order(&mut self) {
        let cases = self.cases();
        let mut found = Vec::new();
        for (at, first) in cases.iter().enumerate() {
            let last_effect = self.last_effect(first);
            if first.finished.outcome == Outcome::Unknown {
                continue;
            }
            let Some(last_effect) = last_effect else { continue };
            for second in cases[at + 1..].iter().filter(|second| second.id.0 == first.id.0) {
                let same_customer =
                    first.planned.customer.is_some() && first.planned.customer == second.planned.customer;
                let same_tenant =
                    first.planned.tenant.is_some() && first.planned.tenant == second.planned.tenant;
                if !same_customer && !same_tenant {
                    continue;
                }
                let second = self.with_writes(*second);
                // To write the same again changes nothing, whenever it is.
                let same = |effect: &&Effect| {
                    let last = self.last_effect_of(first);
                    last.is_some_and(|(customer, tenant, _)| {
                        (customer, tenant) == (effect.customer, effect.tenant)
                    })
                };
                if second.effects().any(|effect| effect.at < last_effect && !same(&effect)) {
                    found.push((first.id, format!("{:?} took effect before its last effect", second.id)));
                }
            }
        }
        for (item, what) in found {
            self.breaks("effects in the order of the input", item, what);
        }
    }

    /// Whether a write changed something.
    pub(super) fn has_effect(&self, number: usize) -> bool {
        self.history
            .truth
            .effects
            .iter()
            .any(|effect| matches!(effect.cause, Cause::Request(of) if of == number))
    }

    fn last_effect(&self, case: &Case<'_>) -> Option<Moment> {
        self.last_effect_of(case).map(|(_, _, at)| at)
    }

    fn last_effect_of(&self, case: &Case<'_>) -> Option<(Uuid, Option<Uuid>, Moment)> {
        self.with_writes(*case).effects().last().map(|effect| (effect.customer, effect.tenant, effect.at))
    }

    fn cancellations(&mut self) {
        let mut found = Vec::new();
        for (number, operation) in self.history.operations.iter().enumerate() {
            let Some(cancelled) = operation.cancelled else { continue };
            let is_own = |sent: &&Sent| sent.correlation == operation.correlation;
            for write in self.history.truth.sent.iter().filter(is_own) {
                if write.writes().is_some() && write.at > cancelled {
                    let what = format!("{} {:?} at {:?}", write.method, write.subject, write.at.at);
                    found.push(("nothing is written after a cancellation", None, what));
                }
            }
            for (tag, item) in operation.items.iter().enumerate() {
                if let Some((end, _)) = item.ends.first()
                    && end.at > cancelled.at + AFTER_CANCEL
                {
                    let what = format!("it ended {:?} later", end.at - cancelled.at);
                    found.push(("a cancellation ends everything in seconds", Some((number, tag)), what));
                }
            }
        }
        for (rule, item, what) in found {
            self.breaks(rule, item, what);
        }
    }

    /// No more requests are in flight than allowed.
    fn at_once(&mut self) {
        let limit = self.history.schedule.throttle_limit;
        let mut most = 0;
        for operation in &self.history.operations {
            let mut steps: Vec<(Moment, i32)> = Vec::new();
            for sent in
                self.history.truth.sent.iter().filter(|sent| sent.correlation == operation.correlation)
            {
                steps.push((sent.at, 1));
                steps.extend(sent.ended.map(|(at, _)| (at, -1)));
            }
            steps.sort();
            let mut now = 0;
            for (_, step) in steps {
                now += step;
                most = most.max(now);
            }
        }
        if most > i32::try_from(limit).unwrap() {
            self.breaks("no more requests at once than allowed", None, format!("{most} instead of {limit}"));
        }
    }
}
