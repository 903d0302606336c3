//! Moves of a bill: nothing is replaced unseen.

use azs_emulator::{Overwritten, PutAnswer};
use azs_registration::engine::LogLevel;
use azs_registration::operation::Request;
use azs_registration::tenants::{Expectation, Outcome, TargetInput};
use http::Method;

use crate::doubts::{B, S, T, T2};
use crate::emulated::{World, add, adding, code, customer, customer_of, id};
use crate::scripted::answer;
use crate::small::{Small, run};

/// Two subscriptions of one tenant, the first of them mapped.
fn world_with_two(put_answer: PutAnswer) -> World {
    let world = World::with(|switches| switches.put_answer = put_answer);
    for number in [1, 2] {
        world.emulator.set_tenant_of(&id(number), Some(&id(90)));
    }
    assert_eq!(world.add(&id(1)).outcome, Outcome::Added);
    world
}

#[test]
fn what_would_be_replaced_is_said_and_nothing_is_sent() {
    // Whether the row names the tenant or the challenge tells it.
    for target in [customer(&id(2)), customer_of(&id(2), &id(90))] {
        let world = world_with_two(PutAnswer::CreatedEmpty);
        let finished = world.run(adding(target, Expectation::NothingReplaced)).finished;
        assert_eq!((finished.outcome, code(&finished)), (Outcome::WouldReplace, "WouldReplace"));
        let old = finished.old.unwrap();
        assert_eq!((old.customer_subscription, old.tenant), (id(1), Some(id(90))));
        assert_eq!((world.received("PUT"), world.stored()), (1, vec![(id(1), id(90))]));
    }
}

#[test]
fn exactly_the_expected_mapping_is_replaced() {
    let world = world_with_two(PutAnswer::CreatedEmpty);
    let finished = world.run(adding(customer(&id(2)), Expectation::Exactly(id(1).to_uppercase()))).finished;
    assert_eq!(finished.outcome, Outcome::Replaced, "{:?}", finished.error);
    assert_eq!(finished.old.unwrap().customer_subscription, id(1));
    assert!(!finished.replaced_unasked);
    assert_eq!(world.stored(), [(id(2), id(90))]);
}

#[test]
fn another_mapping_than_the_expected_one_is_left_alone() {
    let world = world_with_two(PutAnswer::CreatedEmpty);
    for (target, found) in [(id(2), Some(id(1))), (id(3), None)] {
        let finished = world.run(adding(customer(&target), Expectation::Exactly(id(5)))).finished;
        assert_eq!(finished.outcome, Outcome::WouldReplace);
        assert_eq!(finished.old.map(|old| old.customer_subscription), found);
        assert!(finished.error.unwrap().parts().message.contains(&id(5)));
    }
    assert_eq!(world.received("PUT"), 1);
}

#[test]
fn anything_is_replaced_by_force_and_what_it_was_is_said() {
    let world = world_with_two(PutAnswer::CreatedEmpty);
    let finished = world.run(adding(customer(&id(2)), Expectation::Anything)).finished;
    assert_eq!(finished.outcome, Outcome::Replaced);
    assert_eq!(finished.old.unwrap().customer_subscription, id(1));
}

#[test]
fn a_replacement_that_only_the_answer_shows_is_reported_as_such() {
    for answer in [PutAnswer::OkBody, PutAnswer::CreatedEmpty] {
        let world = world_with_two(answer);
        world.emulator.add_fault(
            azs_emulator::Fault::status(404)
                .method("GET")
                .path_contains(format!("/subscriptions/{}", id(2)))
                .first(1),
        );
        let finished = world.run(add(&id(2))).finished;
        assert_eq!(finished.outcome, Outcome::Replaced, "{answer:?}: {:?}", finished.error);
        assert!(finished.replaced_unasked, "{answer:?}");
        assert_eq!(finished.old.unwrap().customer_subscription, id(1));
    }
}

#[test]
fn an_overwritten_entry_that_stays_in_the_list_does_not_hide_a_move_back() {
    let world = world_with_two(PutAnswer::CreatedEmpty);
    world.emulator.switches(|switches| switches.overwritten = Overwritten::Stays);
    assert_eq!(
        world.run(adding(customer(&id(2)), Expectation::Anything)).finished.outcome,
        Outcome::Replaced
    );
    assert_eq!(world.stored().len(), 2);
    // Both are listed, and nobody can tell which one is charged: not "unchanged".
    assert_eq!(world.add(&id(1)).outcome, Outcome::WouldReplace);
}

#[test]
fn a_subscription_that_is_mapped_to_another_tenant_is_a_replacement_too() {
    let world = World::new();
    assert_eq!(world.add(&id(1)).outcome, Outcome::Added);
    let was = world.stored()[0].1.clone();
    world.emulator.set_tenant_of(&id(1), Some(&id(90)));
    let finished = world.run(adding(customer_of(&id(1), &id(90)), Expectation::NothingReplaced)).finished;
    assert_eq!(finished.outcome, Outcome::WouldReplace);
    assert_eq!(finished.old.unwrap().tenant, Some(was));
    let exactly = Expectation::Exactly(id(1));
    assert_eq!(world.run(adding(customer_of(&id(1), &id(90)), exactly)).finished.outcome, Outcome::Replaced);
    assert_eq!(world.stored(), [(id(1), id(90))]);
}

#[test]
fn two_spellings_of_one_id_are_reported() {
    let upper = "E09A4E93-29A7-4EBA-A6D4-76202383F07F";
    let world = World::with(|switches| switches.case_sensitive = true);
    for (spelling, tenant) in [(upper.to_owned(), id(80)), (upper.to_lowercase(), id(81))] {
        world.emulator.set_tenant_of(&spelling, Some(&tenant));
        assert!(world.emulator.seed(
            world.emulator.registration(),
            [azs_emulator::MappingSeed::with_tenant(&spelling, &tenant)]
        ));
    }
    let target = TargetInput { tenant_id: None, ..customer(&id(1)) };
    let ended =
        world.run(Request::Add { target, expectation: Expectation::NothingReplaced, preserve_case: false });
    let warned =
        ended.log.iter().any(|log| log.level == LogLevel::Warning && log.text.contains("two spellings"));
    assert!(warned, "{:?}", ended.log);
}

#[test]
fn a_change_by_somebody_else_after_the_question_is_seen() {
    let world = world_with_two(PutAnswer::CreatedEmpty);
    world.emulator.set_tenant_of(&id(3), Some(&id(90)));
    let operation = world.operation();
    let asked = crate::emulated::run(&operation, add(&id(2))).finished;
    assert_eq!(asked.outcome, Outcome::WouldReplace);
    // While somebody thinks about it, another operator moves the tenant.
    let moved = azs_emulator::MappingSeed::with_tenant(id(3), id(90));
    assert!(world.emulator.seed(world.emulator.registration(), [moved]));
    let confirmed = adding(customer(&id(2)), Expectation::Exactly(id(1)));
    let finished = crate::emulated::run(&operation, confirmed).finished;
    assert_eq!(finished.outcome, Outcome::WouldReplace, "{finished:?}");
    assert_eq!(finished.old.unwrap().customer_subscription, id(3));
    assert_eq!((world.received("PUT"), world.stored()), (1, vec![(id(3), id(90))]));
}

#[test]
fn rows_of_one_input_that_contradict_each_other_are_refused() {
    let world = World::new();
    for number in [1, 2] {
        world.emulator.set_tenant_of(&id(number), Some(&id(90)));
    }
    let operation = world.operation();
    let row = |row, number| adding(TargetInput { row, ..customer(&id(number)) }, Expectation::Anything);
    assert_eq!(crate::emulated::run(&operation, row(1, 1)).finished.outcome, Outcome::Added);
    let finished = crate::emulated::run(&operation, row(2, 2)).finished;
    assert_eq!((finished.outcome, code(&finished)), (Outcome::Failed, "RowsContradict"));
    assert!(finished.error.unwrap().parts().message.contains("row 1"));
    assert_eq!(world.stored(), [(id(1), id(90))]);
    // Another run may move it.
    assert_eq!(world.run(row(1, 2)).finished.outcome, Outcome::Replaced);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_of_zeros_is_one_that_nobody_says() {
    let nil = uuid::Uuid::nil().to_string();
    let small = Small::new(&[(B, Some(&nil))], |_, _| None);
    let operation = small.operation(|_| {});
    let (ends, _) = run(&operation, [add(S)]).await;
    assert_eq!(code(&ends[0]), "TenantNotSaid");
    let said = ends[0].error.as_ref().unwrap().to_string();
    assert!(said.contains("lists 1 mapping(s) whose tenant nobody says"), "{said}");
    // What is listed is counted in the same way when it is taken away.
    let named = customer_of(B, T2);
    let (ends, _) = run(&operation, [adding(named, Expectation::Exactly(B.to_owned()))]).await;
    assert_eq!(ends[0].outcome, Outcome::Replaced, "{:?}", ends[0].error);
    assert_eq!(ends[0].old.as_ref().unwrap().tenant, None);
    let (ends, _) = run(&operation, [add(S)]).await;
    assert_eq!((ends[0].outcome, ends[0].mapping.tenant.as_deref()), (Outcome::Added, Some(T)));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_says_no_tenant_after_the_change_leaves_a_warning() {
    let small = Small::new(&[], |stored, request| {
        (request.method == Method::PUT).then(|| {
            stored.lock().unwrap().push((B.to_owned(), None));
            answer(201, "")
        })
    });
    let (ends, warnings) = run(&small.operation(|_| {}), [add(B)]).await;
    assert_eq!((ends[0].outcome, ends[0].replacement_unsaid), (Outcome::Added, true), "{:?}", ends[0].error);
    let [warning] = &warnings[..] else { panic!("{warnings:?}") };
    assert!(warning.contains(B) && warning.contains("whether it replaced another one"), "{warning}");
}
