//! Removing a mapping.

use azs_emulator::{DeleteAnswer, DeleteMissing, Fault, MappingSeed, Overwritten, PageToken};
use azs_registration::Category;
use azs_registration::advice::Words;
use azs_registration::operation::{Event, Next, Request, Submitted};
use azs_registration::tenants::{Outcome, TargetInput};

use crate::emulated::{World, code, customer_of, id, remove};

fn with_mappings(count: u64, change: impl FnOnce(&mut azs_emulator::Switches)) -> World {
    let world = World::with(change);
    assert!(world.emulator.seed(world.emulator.registration(), MappingSeed::generate(0..count)));
    world
}

#[test]
fn every_documented_answer_to_delete_means_removed() {
    for answer in [DeleteAnswer::NoContent, DeleteAnswer::OkEmpty, DeleteAnswer::OkBody] {
        let world = with_mappings(2, |switches| switches.delete_answer = answer);
        let (customer, tenant) = world.stored()[0].clone();
        let finished = world.run(remove(&customer)).finished;
        assert_eq!(finished.outcome, Outcome::Removed, "{answer:?}: {:?}", finished.error);
        assert_eq!(finished.mapping.tenant, Some(tenant));
        assert_eq!(world.stored().len(), 1);
    }
}

#[test]
fn what_is_not_there_is_not_sent() {
    for missing in [DeleteMissing::NoContent, DeleteMissing::NotFound] {
        let world = with_mappings(2, |switches| switches.delete_missing = missing);
        let finished = world.run(remove(&id(1))).finished;
        assert_eq!((finished.outcome, world.received("DELETE")), (Outcome::NotFound, 0));
    }
}

#[test]
fn the_stored_spelling_is_removed() {
    let upper = "E09A4E93-29A7-4EBA-A6D4-76202383F07F";
    let world = World::with(|switches| switches.case_sensitive = true);
    assert!(world.emulator.seed(world.emulator.registration(), [MappingSeed::new(upper)]));
    assert_eq!(world.run(remove(&upper.to_lowercase())).finished.outcome, Outcome::Removed);
    assert!(world.stored().is_empty());
}

#[test]
fn a_tenant_alone_finds_its_mapping_and_with_an_id_it_must_match() {
    let world = with_mappings(30, |switches| switches.page_size = 8);
    let (customer, tenant) = world.stored()[20].clone();
    let (other, _) = world.stored()[3].clone();

    let mismatch = world.run(Request::Remove { target: customer_of(&other, &tenant) }).finished;
    assert_eq!((mismatch.outcome, world.received("DELETE")), (Outcome::TenantMismatch, 0));

    let target = TargetInput { tenant_id: Some(tenant), ..TargetInput::default() };
    let removed = world.run(Request::Remove { target: target.clone() }).finished;
    assert_eq!((removed.outcome, removed.mapping.customer_subscription), (Outcome::Removed, Some(customer)));
    assert_eq!(world.run(Request::Remove { target }).finished.outcome, Outcome::NotFound);
}

#[test]
fn a_tenant_with_two_mappings_is_not_guessed() {
    let world = World::with(|switches| switches.overwritten = Overwritten::Stays);
    let seeds = [1, 2].map(|number| MappingSeed::with_tenant(id(number), id(90)));
    assert!(world.emulator.seed(world.emulator.registration(), seeds));
    let target = TargetInput { tenant_id: Some(id(90)), ..TargetInput::default() };
    let finished = world.run(Request::Remove { target }).finished;
    assert_eq!((finished.outcome, code(&finished)), (Outcome::Failed, "TenantAmbiguous"));
    assert_eq!(world.received("DELETE"), 0);
}

#[test]
fn a_lock_is_said_with_its_cure() {
    let world = with_mappings(1, |switches| switches.lock = true);
    let (customer, _) = world.stored()[0].clone();
    let finished = world.run(remove(&customer)).finished;
    let error = finished.error.unwrap();
    assert_eq!(
        (finished.outcome, error.code(), error.category()),
        (Outcome::Failed, "ScopeLocked", Category::Conflict)
    );
    assert!(error.recommended_action(Words::Neutral).unwrap().contains("locks"));
    assert_eq!(world.stored().len(), 1);
}

#[test]
fn a_mapping_that_somebody_changed_after_the_read_is_left_as_found() {
    let world = with_mappings(1, |switches| switches.etag = true);
    let (customer, _) = world.stored()[0].clone();
    world.emulator.add_fault(Fault::status(412).method("DELETE"));
    let finished = world.run(remove(&customer)).finished;
    assert_eq!(finished.outcome, Outcome::ChangedByAnother, "{:?}", finished.error);
    let sent = world.emulator.journal().into_iter().find(|entry| entry.method == "DELETE").unwrap();
    assert!(sent.headers.contains_key("if-match"), "{sent:?}");
}

/// One pipeline, one thread: every item that is listed is removed at once. With a page token that counts items,
/// removing during the listing would make the service skip some.
#[test]
fn removing_what_a_listing_gives_waits_for_its_end_and_leaves_none() {
    let world = with_mappings(300, |switches| {
        switches.page_size = 100;
        switches.page_token = PageToken::Offset;
    });
    let registration = crate::emulated::registration_input(world.emulator.registration());
    let listing = world.operation_on(&registration, |options| options.max_items = 10);
    let removing = world.operation_on(&registration, |options| options.max_outstanding = 16);
    listing.submit(1, Request::List { target: TargetInput::default() });
    let mut removed = 0;
    let mut count = |event| match event {
        Next::Event(Event::Finished { finished, .. }) => {
            assert_eq!(finished.outcome, Outcome::Removed, "{:?}", finished.error);
            removed += 1;
        }
        Next::Event(_) | Next::Timeout => {}
        end => panic!("{end:?}"),
    };
    loop {
        match crate::emulated::next(&listing) {
            Event::Mapping { mapping, .. } => {
                let request = remove(&mapping.customer_subscription.unwrap());
                while removing.submit(2, request.clone()) == Submitted::Full {
                    count(removing.next(None));
                }
            }
            Event::Finished { finished, .. } => {
                assert_eq!((finished.outcome, finished.item_count), (Outcome::Read, 300));
                break;
            }
            _ => {}
        }
    }
    removed += crate::emulated::ends(&removing)
        .into_iter()
        .filter(|(_, end)| end.outcome == Outcome::Removed)
        .count();
    assert_eq!((removed, world.stored().len()), (300, 0));
    // The witness: no DELETE came before the last page was asked for.
    let journal = world.emulator.journal();
    let first_delete = journal.iter().position(|entry| entry.method == "DELETE").unwrap();
    let pages =
        journal[..first_delete].iter().filter(|entry| entry.path.ends_with("customerSubscriptions")).count();
    assert_eq!(pages, 3);
}

#[test]
fn an_abandoned_listing_holds_no_removal_back() {
    let world = with_mappings(50, |switches| switches.page_size = 10);
    let (customer, _) = world.stored()[0].clone();
    let registration = crate::emulated::registration_input(world.emulator.registration());
    let listing = world.operation_on(&registration, |options| options.max_items = 1);
    listing.submit(1, Request::List { target: TargetInput::default() });
    crate::emulated::next(&listing);
    drop(listing);
    assert_eq!(world.run(remove(&customer)).finished.outcome, Outcome::Removed);
}

#[test]
fn what_a_failed_listing_gave_is_not_removed_before_its_caller_knows() {
    let world = with_mappings(30, |switches| switches.page_size = 10);
    world.emulator.add_fault(Fault::status(403).path_contains("skipToken").nth(2));
    let (listing, removing) = (world.operation(), world.operation());
    listing.submit(1, Request::List { target: TargetInput::default() });
    let mut taken = 0;
    let finished = loop {
        match crate::emulated::next(&listing) {
            Event::Mapping { mapping, .. } => {
                taken += 1;
                removing.submit(2, remove(&mapping.customer_subscription.unwrap()));
                if taken == 20 {
                    // All that was listed was given on, and nobody has been told that the rest is missing.
                    let ends = crate::emulated::ends(&removing);
                    assert!(ends.iter().all(|(_, end)| code(end) == "ListingFailed"), "{ends:?}");
                    assert_eq!(ends.len(), 20);
                }
            }
            Event::Finished { finished, .. } => break finished,
            _ => {}
        }
    };
    assert_eq!((finished.outcome, world.received("DELETE")), (Outcome::Failed, 0));
    let (customer, _) = world.stored()[0].clone();
    assert_eq!(crate::emulated::run(&removing, remove(&customer)).finished.outcome, Outcome::Removed);
}
