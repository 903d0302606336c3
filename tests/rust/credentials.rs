//! Tokens: missing, expired, refused, and asked for.

use std::time::Duration;

use azs_registration::Category;
use azs_registration::advice::Words;
use azs_registration::credential::{AccessToken, Reason};
use azs_registration::operation::{CredentialNeeded, Event, Next, Operation, Request};
use azs_registration::tenants::{Outcome, TargetInput};

use crate::emulated::{World, add, code, ends, id};

fn list() -> Request {
    Request::List { target: TargetInput::default() }
}

fn needed(operation: &Operation) -> Reason {
    match crate::emulated::next(operation) {
        Event::CredentialNeeded(CredentialNeeded { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_expired_token_ends_the_batch_with_the_services_own_code() {
    let world = World::new();
    world.emulator.expire_tokens();
    let operation = world.operation();
    for tag in 1..=3 {
        operation.submit(tag, add(&id(tag as u32)));
    }
    let ends = ends(&operation);
    let outcomes: Vec<_> = ends.iter().map(|(_, end)| end.outcome).collect();
    assert_eq!(outcomes, [Outcome::Failed, Outcome::NotStarted, Outcome::NotStarted]);
    assert_eq!(code(&ends[0].1), "ExpiredAuthenticationToken");
    let error = ends[0].1.error.as_ref().unwrap();
    assert_eq!((error.category(), error.parts().http_status), (Category::Authentication, Some(401)));
    assert!(error.recommended_action(Words::Neutral).is_some());
    assert_eq!(world.received("PUT"), 0);
}

#[test]
fn a_token_whose_expiry_has_passed_is_not_sent() {
    let world = World::new();
    world.client.set_token(AccessToken::new(world.emulator.token().to_owned(), 1).unwrap());
    let ended = world.run(list());
    assert_eq!((ended.finished.outcome, code(&ended.finished)), (Outcome::Failed, "TokenExpired"));
    assert_eq!(world.emulator.journal().len(), 0);
}

#[test]
fn a_credential_is_asked_for_until_it_comes_by_every_operation_that_waits() {
    let world = World::asking(true, |_| {});
    let (one, two) = (world.operation(), world.operation());
    one.submit(1, list());
    assert_eq!(needed(&one), Reason::Missing);
    assert_eq!(needed(&one), Reason::Missing);
    assert!(matches!(two.next(Some(Duration::ZERO)), Next::Idle));
    two.submit(1, list());
    assert_eq!(needed(&two), Reason::Missing);
    world.client.set_token(AccessToken::new(world.emulator.token().to_owned(), 0).unwrap());
    for operation in [&one, &two] {
        let ends = ends(operation);
        assert_eq!((ends.len(), ends[0].1.outcome), (1, Outcome::Read));
    }
}

#[test]
fn a_refused_token_is_asked_for_anew_and_the_request_sent_again() {
    let world = World::asking(true, |_| {});
    world.client.set_token(AccessToken::new("eyJ.not.known".to_owned(), 0).unwrap());
    let operation = world.operation();
    operation.submit(1, add(&id(1)));
    while !matches!(
        crate::emulated::next(&operation),
        Event::CredentialNeeded(CredentialNeeded { reason: Reason::Rejected { .. } })
    ) {}
    world.client.set_token(AccessToken::new(world.emulator.token().to_owned(), 0).unwrap());
    let ends = ends(&operation);
    assert_eq!(ends[0].1.outcome, Outcome::Added, "{:?}", ends[0].1.error);
}

#[test]
fn a_credential_that_never_comes_does_not_outlive_a_cancellation() {
    let world = World::asking(true, |_| {});
    let operation = world.operation();
    operation.submit(1, add(&id(1)));
    assert_eq!(needed(&operation), Reason::Missing);
    operation.cancel();
    assert_eq!(ends(&operation)[0].1.outcome, Outcome::NotStarted);
    assert_eq!(world.emulator.journal().len(), 0);
}

#[test]
fn a_cancellation_while_another_token_is_awaited_is_one() {
    let world = World::asking(true, |_| {});
    world.client.set_token(AccessToken::new("eyJ.not.known".to_owned(), 0).unwrap());
    let operation = world.operation();
    operation.submit(1, add(&id(1)));
    operation.submit(2, list());
    while !matches!(crate::emulated::next(&operation), Event::CredentialNeeded(_)) {}
    operation.cancel();
    let outcomes: Vec<_> = ends(&operation).into_iter().map(|(_, end)| end.outcome).collect();
    assert_eq!(outcomes, [Outcome::NotStarted, Outcome::Cancelled]);
}

#[test]
fn nobody_is_asked_for_a_credential_after_a_cancellation() {
    let world = World::asking(true, |_| {});
    let operation = world.operation();
    operation.submit(1, list());
    assert_eq!(needed(&operation), Reason::Missing);
    operation.cancel();
    loop {
        match operation.next(None) {
            Next::Event(Event::CredentialNeeded(_)) => panic!("asked after the cancellation"),
            Next::Drained => break,
            _ => {}
        }
    }
}

#[test]
fn what_can_be_no_token_is_refused_and_never_shown() {
    for text in ["", "with blank", "line\nbreak", "snow\u{2603}"] {
        assert!(AccessToken::new(text.to_owned(), 0).is_none(), "{text:?}");
    }
    let token = AccessToken::new("top-secret".to_owned(), 5).unwrap();
    assert!(!format!("{token:?}").contains("top-secret"));
}

/// One thread pulls both, as a PowerShell pipeline does: the removal waits for the listing, and the listing for a token.
#[test]
fn a_removal_that_waits_for_a_listing_says_what_the_listing_needs() {
    let world = World::asking(true, |_| {});
    let (listing, removing) = (world.operation(), world.operation());
    listing.submit(1, list());
    assert_eq!(needed(&listing), Reason::Missing);
    removing.submit(1, crate::emulated::remove(&id(1)));
    assert_eq!(needed(&removing), Reason::Missing);
    world.client.set_token(AccessToken::new(world.emulator.token().to_owned(), 0).unwrap());
    assert_eq!(ends(&listing)[0].1.outcome, Outcome::Read);
    assert_eq!(ends(&removing)[0].1.outcome, Outcome::NotFound);
}

#[test]
fn a_token_that_is_of_no_use_is_asked_for_again() {
    let world = World::asking(true, |_| {});
    let operation = world.operation();
    operation.submit(1, list());
    assert_eq!(needed(&operation), Reason::Missing);
    world.client.set_token(AccessToken::new("expired".to_owned(), 1).unwrap());
    while needed(&operation) != Reason::Expired {}
    world.client.set_token(AccessToken::new(world.emulator.token().to_owned(), 0).unwrap());
    assert_eq!(ends(&operation)[0].1.outcome, Outcome::Read);
}

#[test]
fn one_registrations_refusal_is_not_anothers() {
    let world = World::new();
    world.emulator.add_fault(azs_emulator::Fault::status(401).first(1));
    assert_eq!(world.run(list()).finished.outcome, Outcome::Failed);
    assert_eq!(world.run(list()).finished.outcome, Outcome::Read);
}

#[test]
fn a_client_that_will_give_no_token_any_more_lets_nobody_wait() {
    let world = World::asking(true, |_| {});
    let operation = world.operation();
    operation.submit(1, list());
    assert_eq!(needed(&operation), Reason::Missing);
    world.client.close_credential();
    let ends = ends(&operation);
    assert_eq!((ends[0].1.outcome, crate::emulated::code(&ends[0].1)), (Outcome::Failed, "TokenMissing"));
}
