//! Which item each write belongs to: by operation, customer subscription, tenant and turn.

use std::collections::BTreeMap;
use std::time::Duration;

use azs_registration::tenants::Outcome;
use http::Method;
use uuid::Uuid;

use super::guid;
use crate::simulation::history::{History, Item, Ran};
use crate::simulation::schedule::Kind;
use crate::simulation::truth::Sent;

/// The writes of each item, as numbers of requests.
pub(super) struct Attribution {
    items: BTreeMap<(usize, usize), Vec<usize>>,
    /// Writes that belong to no item.
    pub(super) nobodys: Vec<usize>,
}

impl Attribution {
    pub(super) fn of(history: &History) -> Attribution {
        let mut attribution = Attribution { items: BTreeMap::new(), nobodys: Vec::new() };
        for (number, sent) in history.truth.sent.iter().enumerate() {
            let Some(customer) = sent.writes() else { continue };
            let operation = history.operations.iter().position(|ran| ran.correlation == sent.correlation);
            let item = operation.and_then(|operation| {
                Some((operation, item_of(history, &history.operations[operation], sent, customer)?))
            });
            match item {
                Some(item) => attribution.items.entry(item).or_default().push(number),
                None => attribution.nobodys.push(number),
            }
        }
        attribution
    }

    pub(super) fn of_item(&self, item: (usize, usize)) -> &[usize] {
        self.items.get(&item).map_or(&[], Vec::as_slice)
    }

    /// Whose write it is.
    pub(super) fn item_of(&self, number: usize) -> Option<(usize, usize)> {
        self.items.iter().find(|(_, writes)| writes.contains(&number)).map(|(item, _)| *item)
    }
}

/// The first item in the order of the input that can have sent it: those of the same subscription or tenant take turns.
fn item_of(history: &History, operation: &Ran, sent: &Sent, customer: Uuid) -> Option<usize> {
    let kind = if sent.method == Method::PUT { Kind::Add } else { Kind::Remove };
    // The caller sees an end at most 10 ms late, and nothing is written, or found unreachable, so soon after it is sent.
    let at = sent.written.or(sent.ended.map(|(ended, _)| ended)).unwrap_or(sent.at);
    let under_way = |item: &Item| {
        item.accepted.is_some_and(|accepted| accepted <= sent.at)
            && item.ends.first().is_none_or(|(end, _)| *end >= at)
    };
    let candidates = || {
        operation.items.iter().enumerate().filter(|(_, item)| item.planned.kind == kind && under_way(item))
    };
    let named = |item: &Item| item.planned.customer == Some(customer);
    let by_tenant = |item: &Item| {
        let Some(tenant) = item.planned.tenant.filter(|_| item.planned.customer.is_none()) else {
            return false;
        };
        // Whatever it ends as, it says what it found.
        match item.ends.first() {
            Some((_, end)) => guid(end.mapping.customer_subscription.as_deref()) == Some(customer),
            None => history.truth.was_ever(operation.began.unwrap_or(sent.at), sent.at, |store| {
                store.tenant_of(customer) == Some(tenant)
            }),
        }
    };
    // An answer that says it all ends its item at once.
    let ends_with_it = |item: &Item| {
        let (Some((answered, _)), Some((end, _))) = (sent.ended, item.ends.first()) else { return false };
        !sent.in_doubt() && answered < *end && end.at <= answered.at + Duration::from_millis(10)
    };
    let could = |item: &Item| named(item) || by_tenant(item);
    let first = |is: &dyn Fn(&Item) -> bool| candidates().find(|(_, item)| is(item)).map(|(tag, _)| tag);
    let says_so = |item: &Item| {
        let outcome = item.ends.first().map(|(_, end)| end.outcome);
        !matches!(
            outcome,
            Some(Outcome::NotFound | Outcome::Unchanged | Outcome::WouldReplace | Outcome::NotStarted)
        )
    };
    let never_began =
        |item: &Item| item.ends.first().is_some_and(|(_, end)| end.outcome == Outcome::NotStarted);
    first(&|item| could(item) && ends_with_it(item) && says_so(item))
        .or_else(|| first(&|item| could(item) && ends_with_it(item) && !never_began(item)))
        .or_else(|| first(&|item| could(item) && says_so(item)))
        .or_else(|| first(&|item| could(item) && ends_with_it(item)))
        .or_else(|| first(&could))
}
