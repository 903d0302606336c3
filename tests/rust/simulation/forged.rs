//! The judge alone: histories that keep every promise, and the same with a forged report.

use azs_registration::tenants::{Finished, Old, Outcome};
use uuid::Uuid;

use super::drive::run;
use super::history::History;
use super::judge::judge;
use super::schedule::{Expected, Kind, Planned, Schedule, customer, tenant};

fn planned(kind: Kind, customer: Uuid) -> Planned {
    Planned {
        kind,
        customer: Some(customer),
        tenant: None,
        expected: Expected::Nothing,
        upper_case: false,
        preserve_case: false,
    }
}

fn add(number: u64) -> Planned {
    planned(Kind::Add, customer(number))
}

fn remove(number: u64) -> Planned {
    planned(Kind::Remove, customer(number))
}

/// What happens when these are asked for and nothing goes wrong. There are nine subscriptions, of which each third one
/// belongs to the same tenant; the first and the ninth are mapped at the beginning.
fn history(requests: Vec<Planned>) -> History {
    let mut schedule = Schedule::calm(requests);
    for number in [1, 9] {
        let tenant = schedule.behaviour.directory[&customer(number)].0;
        schedule.initial.put(customer(number), &customer(number).to_string(), tenant, false);
    }
    run(schedule)
}

fn outcomes(history: &History) -> Vec<Outcome> {
    history.operations[0].items.iter().map(|item| item.ends[0].1.outcome).collect()
}

/// The rules that a forged end of the first request breaks.
fn broken_by(requests: Vec<Planned>, forge: impl FnOnce(&mut Finished)) -> Vec<&'static str> {
    let mut history = history(requests);
    assert_eq!(judge(&history), []);
    forge(&mut history.operations[0].items[0].ends[0].1);
    judge(&history).into_iter().map(|broken| broken.rule).collect()
}

#[test]
fn what_nothing_disturbs_breaks_nothing() {
    let asked = Planned { expected: Expected::Anything, ..add(7) };
    let history = history(vec![add(1), add(2), add(4), asked, remove(2), remove(3), remove(9)]);
    assert_eq!(
        outcomes(&history),
        [
            Outcome::Unchanged,
            Outcome::Added,
            // The first row of the input has the tenant.
            Outcome::Failed,
            Outcome::Failed,
            Outcome::Removed,
            Outcome::NotFound,
            Outcome::Removed
        ]
    );
    assert_eq!(judge(&history), []);
}

#[test]
fn an_effect_that_is_denied_is_found() {
    for outcome in [Outcome::Failed, Outcome::NotStarted] {
        for request in [add(2), remove(1)] {
            let broken = broken_by(vec![request], |end| end.outcome = outcome);
            assert!(broken.contains(&"failed and not started took no effect"), "{broken:?}");
            assert!(broken.contains(&"the reports add up to what is there"), "{broken:?}");
        }
    }
    let broken = broken_by(vec![add(2)], |end| end.outcome = Outcome::WouldReplace);
    assert!(broken.contains(&"nothing was sent where it says so"), "{broken:?}");
}

#[test]
fn an_effect_that_never_was_is_found() {
    let broken = broken_by(vec![add(1)], |end| end.outcome = Outcome::Added);
    assert_eq!(broken, ["done took effect"]);
    let broken = broken_by(vec![add(4)], |end| end.outcome = Outcome::Replaced);
    assert!(broken.contains(&"done took effect"), "{broken:?}");
    let broken = broken_by(vec![remove(2)], |end| end.outcome = Outcome::Removed);
    assert_eq!(broken, ["removed took effect"]);
}

#[test]
fn what_was_never_so_is_found() {
    let broken = broken_by(vec![add(4)], |end| end.outcome = Outcome::Unchanged);
    assert_eq!(broken, ["unchanged was so"]);
    let broken = broken_by(vec![remove(1)], |end| end.outcome = Outcome::NotFound);
    assert!(broken.contains(&"not found removes nothing"), "{broken:?}");
    let never = Old { customer_subscription: customer(8).to_string(), tenant: None };
    let broken = broken_by(vec![add(4)], |end| end.old = Some(never));
    assert_eq!(broken, ["would replace only what was there"]);
}

#[test]
fn a_doubt_without_reason_is_found() {
    let broken = broken_by(vec![add(2)], |end| end.outcome = Outcome::Unknown);
    assert_eq!(broken, ["unknown only in doubt"]);
    let broken = broken_by(vec![add(2)], |end| end.outcome = Outcome::ChangedByAnother);
    assert_eq!(broken, ["changed by another only where another did"]);
}

#[test]
fn a_replacement_that_is_not_told_is_found() {
    let moving = || vec![Planned { expected: Expected::Anything, ..add(4) }];
    assert_eq!(outcomes(&history(moving())), [Outcome::Replaced]);
    let broken = broken_by(moving(), |end| end.outcome = Outcome::Added);
    assert_eq!(broken, ["nothing is replaced silently"]);
    let other = Old { customer_subscription: customer(9).to_string(), tenant: None };
    let broken = broken_by(moving(), |end| end.old = Some(other));
    assert_eq!(broken, ["replaced names what it replaced"]);
    let broken = broken_by(moving(), |end| end.mapping.tenant = Some(tenant(9).to_string()));
    assert_eq!(broken, ["done says the tenant"]);
}

#[test]
fn an_expectation_that_is_passed_over_is_found() {
    let mut history = history(vec![Planned { expected: Expected::Anything, ..add(4) }]);
    history.operations[0].items[0].planned.expected = Expected::Nothing;
    let broken: Vec<_> = judge(&history).into_iter().map(|broken| broken.rule).collect();
    assert_eq!(broken, ["expectations hold"]);
}

#[test]
fn ends_that_are_missing_or_too_many_are_found() {
    let mut history = history(vec![add(2), add(1)]);
    let end = history.operations[0].items[0].ends[0].clone();
    history.operations[0].items[0].ends.push(end);
    history.operations[0].items[1].ends.clear();
    history.operations[0].ended = None;
    let broken: Vec<_> = judge(&history).into_iter().map(|broken| broken.rule).collect();
    assert_eq!(broken, ["an operation ends", "a request ends exactly once", "a request ends exactly once"]);
}

#[test]
fn a_write_that_nobody_asked_for_is_found() {
    let mut history = history(vec![add(2), add(1)]);
    history.operations[0].items.remove(0);
    let broken: Vec<_> = judge(&history).into_iter().map(|broken| broken.rule).collect();
    assert_eq!(broken[0], "nothing is written unasked");
}

#[test]
fn writes_after_a_cancellation_are_found() {
    let mut history = history(vec![add(2)]);
    history.operations[0].cancelled = history.operations[0].began;
    let broken: Vec<_> = judge(&history).into_iter().map(|broken| broken.rule).collect();
    assert_eq!(broken, ["nothing is written after a cancellation"]);
}

#[test]
fn too_many_at_once_are_found() {
    let mut history = history(vec![add(2)]);
    history.schedule.throttle_limit = 0;
    let broken: Vec<_> = judge(&history).into_iter().map(|broken| broken.rule).collect();
    assert_eq!(broken, ["no more requests at once than allowed"]);
}
