//! What each outcome says, against the truth.

use azs_registration::tenants::{Mapping, Outcome};
use azs_registration::transport::Reach;

use super::{Case, Judgement, guid};
use crate::simulation::arm::store::Store;
use crate::simulation::schedule::Kind;
use crate::simulation::truth::{Cause, Delivered, Effect};

impl Judgement<'_> {
    /// Every accepted request ends exactly once, and so does the operation.
    pub(super) fn ends(&mut self) {
        for (number, operation) in self.history.operations.iter().enumerate() {
            if operation.began.is_some() && operation.ended.is_none() {
                self.breaks(
                    "an operation ends",
                    None,
                    format!("[{number}] had not ended when all patience was over"),
                );
            }
            for strange in &operation.strange {
                self.breaks("events belong to requests", None, format!("[{number}]: {strange}"));
            }
            for (tag, item) in operation.items.iter().enumerate() {
                let expected = usize::from(item.accepted.is_some());
                if item.ends.len() != expected {
                    let what = format!("{} ends instead of {expected}", item.ends.len());
                    self.breaks("a request ends exactly once", (number, tag), what);
                }
            }
        }
        // What was refused outright did nothing; a removal by tenant may have turned to another mapping since.
        let did_something =
            |number: &usize| self.history.truth.sent[*number].in_doubt() || self.has_effect(*number);
        let nobodys: Vec<usize> = self.attribution.nobodys.iter().copied().filter(did_something).collect();
        for number in nobodys {
            self.breaks("nothing is written unasked", None, format!("#{number} belongs to no item"));
        }
    }

    pub(super) fn outcomes(&mut self) {
        for case in self.cases() {
            let found = outcome(&self.with_writes(case));
            for (rule, what) in found {
                self.breaks(rule, case.id, what);
            }
        }
    }
}

type Found = Vec<(&'static str, String)>;

fn outcome(case: &Case<'_>) -> Found {
    let mut found = Found::new();
    let code = case.finished.error.as_ref().map(|error| error.code()).unwrap_or_default();
    if code == "InternalFault" {
        found.push(("the library does not fail", "it panicked".to_owned()));
    }
    let fits = match case.finished.outcome {
        Outcome::Added | Outcome::Replaced | Outcome::Unchanged | Outcome::WouldReplace => {
            case.planned.kind == Kind::Add
        }
        Outcome::Removed | Outcome::NotFound => case.planned.kind == Kind::Remove,
        Outcome::Unknown | Outcome::NotStarted | Outcome::ChangedByAnother => case.is_change(),
        Outcome::Read | Outcome::Cancelled => !case.is_change(),
        Outcome::Failed | Outcome::TenantMismatch => true,
    };
    if !fits {
        found.push(("outcomes fit their requests", format!("{:?}", case.finished.outcome)));
        return found;
    }
    match case.finished.outcome {
        Outcome::Added | Outcome::Replaced => done(case, &mut found),
        Outcome::Removed => removed(case, &mut found),
        Outcome::Unchanged => unchanged(case, &mut found),
        Outcome::NotFound => not_found(case, &mut found),
        Outcome::Failed if case.planned.kind == Kind::Get && code == "CustomerSubscriptionNotFound" => {
            let customer = case.planned.customer.unwrap();
            if !case.history.truth.was_ever(
                case.accepted.earlier(case.history.schedule.behaviour.list_lag),
                case.end,
                |store| store.get(customer).is_none(),
            ) {
                found.push(("what is not there was not there", "it was mapped all the time".to_owned()));
            }
        }
        Outcome::Failed | Outcome::NotStarted => untouched(case, &mut found),
        Outcome::WouldReplace => would_replace(case, &mut found),
        Outcome::TenantMismatch => tenant_mismatch(case, &mut found),
        Outcome::Unknown => {
            let sent = &case.history.truth.sent;
            if !case.writes.iter().any(|write| sent[*write].in_doubt()) {
                found.push(("unknown only in doubt", "none of its writes is in doubt".to_owned()));
            }
        }
        Outcome::ChangedByAnother => changed_by_another(case, &mut found),
        Outcome::Read => read(case, &mut found),
        Outcome::Cancelled => {
            if case.operation.cancelled.is_none() {
                found.push(("cancelled only by a cancellation", "nobody cancelled".to_owned()));
            }
        }
    }
    found
}

/// Whether an effect changed something: to write the same again, or to remove what is not there, does not.
fn is_effective(effect: &Effect) -> bool {
    let charged = |store: &Store| {
        store
            .get(effect.customer)
            .map(|entry| (entry.tenant, store.in_force(entry.tenant).map(|it| it.customer)))
    };
    charged(&effect.before) != charged(&effect.after)
}

fn done(case: &Case<'_>, found: &mut Found) {
    let customer = case.planned.customer.unwrap();
    let reported = guid(case.finished.mapping.tenant.as_deref());
    let shown = |store: &Store| {
        store.tenant_of(customer).is_some_and(|tenant| reported.is_none_or(|reported| reported == tenant))
    };
    let mut effects = case.effects_in_time();
    let took_effect = effects.any(|effect| effect.tenant.is_some());
    let confirmed =
        case.finished.confirmed_by_lookup && case.history.truth.was_ever(case.accepted, case.end, shown);
    if !took_effect && !confirmed {
        found.push(("done took effect", "no write of it took effect".to_owned()));
    }
    // Where the service resolves the tenant itself, a row may name a wrong one and the service may not say it.
    let directory = case.history.schedule.behaviour.directory.get(&customer).map(|(tenant, _)| *tenant);
    let said = case.history.schedule.behaviour.tenant_honoured
        || case.planned.tenant.is_none_or(|tenant| Some(tenant) == directory);
    if took_effect
        && let Some(reported) = reported.filter(|_| said)
        && !case.effects_in_time().any(|effect| effect.tenant == Some(reported))
    {
        found.push(("done says the tenant", format!("it says {reported}, and mapped another")));
    }
    if case.finished.outcome == Outcome::Replaced {
        let old = case.finished.old.as_ref().and_then(|old| guid(Some(&old.customer_subscription)));
        let from = case.view_of_writes();
        let was = old
            .is_some_and(|old| case.history.truth.was_ever(from, case.end, |store| store.get(old).is_some()));
        if !was {
            found.push(("replaced names what was there", format!("it says {old:?}")));
        }
    }
}

fn removed(case: &Case<'_>, found: &mut Found) {
    let customer = guid(case.finished.mapping.customer_subscription.as_deref());
    let took_effect = case.effects_in_time().next().is_some();
    let confirmed = case.finished.confirmed_by_lookup
        && customer.is_some_and(|customer| {
            case.history.truth.was_ever(case.accepted, case.end, |store| store.get(customer).is_none())
        });
    if !took_effect && !confirmed {
        found.push(("removed took effect", "no write of it took effect".to_owned()));
    }
}

fn unchanged(case: &Case<'_>, found: &mut Found) {
    let customer = case.planned.customer.unwrap();
    let behaviour = &case.history.schedule.behaviour;
    let tenants_said = behaviour.list_says_tenant || behaviour.get_says_tenant;
    let so = |store: &Store| {
        store.get(customer).is_some_and(|entry| {
            case.planned.tenant.is_none_or(|tenant| !tenants_said || tenant == entry.tenant)
                // Where only a read says the tenants, one that fails leaves open which of two is charged; and what becomes
                // of an overwritten mapping that stays when the other one goes, nobody knows.
                && (!behaviour.list_says_tenant
                    || behaviour.overwritten_stays
                    || store.in_force(entry.tenant).is_some_and(|in_force| in_force.customer == customer))
        })
    };
    if !case.history.truth.was_ever(case.view_begin(), case.end, so) {
        found.push(("unchanged was so", "it was never so in the last minute".to_owned()));
    }
    nothing_sent(case, found);
}

fn not_found(case: &Case<'_>, found: &mut Found) {
    let behaviour = &case.history.schedule.behaviour;
    let truth = &case.history.truth;
    let from = case.accepted.earlier(behaviour.list_lag);
    let absent = |store: &Store| match (case.planned.customer, case.planned.tenant) {
        (Some(customer), _) => store.get(customer).is_none(),
        (None, Some(tenant)) => !store.entries().iter().any(|entry| entry.tenant == tenant),
        (None, None) => false,
    };
    // A list is not read at one moment: what moves meanwhile can be missed, and with counted tokens what stays, too.
    let touched = |effect: &Effect| {
        let tenant = case.planned.tenant.filter(|_| case.planned.customer.is_none());
        let of_tenant = tenant.is_some()
            && (effect.tenant == tenant || effect.before.tenant_of(effect.customer) == tenant);
        let skipped = behaviour.offset_token
            && effect.before.entries().len() > behaviour.page_size
            && effect.after.entries().len() <= effect.before.entries().len();
        of_tenant || tenant.is_some() && skipped
    };
    if !truth.was_ever(from, case.end, absent) && !truth.effects_between(from, case.end).any(touched) {
        found.push(("not found was absent", "it was mapped all the time".to_owned()));
    }
    if case.effects().any(is_effective) {
        found.push(("not found removes nothing", "a write of it took effect".to_owned()));
    }
}

fn untouched(case: &Case<'_>, found: &mut Found) {
    let truth = &case.history.truth;
    // What somebody else has undone before it was looked for shows in no look. Who wrote last is not promised then.
    let undone = |effect: &Effect| {
        truth.effects_between(effect.at, case.end).any(|other| {
            other.cause == Cause::Another
                && (other.customer == effect.customer
                    || effect.tenant.is_some() && other.tenant == effect.tenant
                    || other.tenant.is_some() && other.tenant == effect.before.tenant_of(effect.customer))
        })
    };
    if let Some(effect) = case.effects().find(|effect| is_effective(effect) && !undone(effect)) {
        let what =
            format!("{:?}, and a write of it took effect at {:?}", case.finished.outcome, effect.at.at);
        found.push(("failed and not started took no effect", what));
    }
}

fn nothing_sent(case: &Case<'_>, found: &mut Found) {
    let sent = &case.history.truth.sent;
    // What never left, or was refused, was as good as not sent.
    let mattered = |write: &&usize| {
        !matches!(
            sent[**write].ended,
            Some((
                _,
                Delivered::Lost(Reach::NeverWritten) | Delivered::Answer { status: 400.., certain: true }
            ))
        )
    };
    if let Some(write) = case.writes.iter().find(mattered) {
        found.push(("nothing was sent where it says so", format!("#{write} was sent")));
    }
}

fn would_replace(case: &Case<'_>, found: &mut Found) {
    nothing_sent(case, found);
    let Some(old) = &case.finished.old else { return };
    let old = guid(Some(&old.customer_subscription));
    let was = old.is_some_and(|old| {
        case.history.truth.was_ever(case.view_begin(), case.end, |store| store.get(old).is_some())
    });
    if !was {
        found.push((
            "would replace only what was there",
            format!("{old:?} was not mapped in the last minute"),
        ));
    }
}

fn tenant_mismatch(case: &Case<'_>, found: &mut Found) {
    let message = case.finished.error.as_ref().map(|error| error.parts().message.clone()).unwrap_or_default();
    if message.contains("Nothing was") {
        nothing_sent(case, found);
    } else if case.effects_in_time().next().is_none() && !case.finished.confirmed_by_lookup {
        found.push(("done took effect", "the mapping is said to be made, and is not".to_owned()));
    }
}

fn changed_by_another(case: &Case<'_>, found: &mut Found) {
    let truth = &case.history.truth;
    let reported = &case.finished.mapping;
    let mut customers = vec![case.planned.customer, guid(reported.customer_subscription.as_deref())];
    customers.retain(Option::is_some);
    let mut tenants = vec![case.planned.tenant, case.maps_tenant(), guid(reported.tenant.as_deref())];
    tenants.retain(Option::is_some);
    let own = case.operation.correlation;
    // What became of an unknown change of the same operation is another's as much, and so is any change of its own that
    // a list does not show yet.
    let lags = !case.history.schedule.behaviour.list_lag.is_zero();
    let open: Vec<_> = case
        .operation
        .items
        .iter()
        .filter(|item| item.ends.iter().any(|(_, end)| end.outcome == Outcome::Unknown))
        .map(|item| item.planned.customer)
        .collect();
    let touched = truth.effects_between(case.view_of_writes(), case.end).any(|effect| {
        let others = match effect.cause {
            Cause::Another => true,
            Cause::Request(number) => {
                lags || truth.sent[number].correlation != own || open.contains(&Some(effect.customer))
            }
        };
        let tenant_before = effect.before.tenant_of(effect.customer);
        others
            && (customers.contains(&Some(effect.customer))
                || tenants.contains(&effect.tenant)
                || tenant_before.is_some() && tenants.contains(&tenant_before))
    });
    if !touched {
        found.push(("changed by another only where another did", "nobody else touched it".to_owned()));
    }
}

fn read(case: &Case<'_>, found: &mut Found) {
    let truth = &case.history.truth;
    let behaviour = &case.history.schedule.behaviour;
    let from = case.accepted.earlier(behaviour.list_lag);
    let given = |mapping: &Mapping| guid(mapping.customer_subscription.as_deref());
    for mapping in &case.item.mappings {
        let was = given(mapping)
            .is_some_and(|customer| truth.was_ever(from, case.end, |store| store.get(customer).is_some()));
        if !was {
            found.push(("what is listed was there", format!("{mapping:?}")));
        }
    }
    let moved = truth.effects_between(from, case.end).next().is_some();
    let tenant = case.planned.tenant;
    if case.planned.kind != Kind::List || moved && behaviour.offset_token {
        return;
    }
    for entry in truth.state_at(case.end).entries() {
        let always =
            !truth.was_ever(from, case.end, |store| store.tenant_of(entry.customer) != Some(entry.tenant));
        let wanted = tenant.is_none_or(|tenant| tenant == entry.tenant);
        let listed = case.item.mappings.iter().any(|mapping| given(mapping) == Some(entry.customer));
        if always && wanted && !listed {
            found.push(("a list is whole", format!("{} is missing", entry.customer)));
        }
    }
}
