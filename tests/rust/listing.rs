//! Lists and single mappings.

use azs_emulator::{
    EmptyList, Fault, FaultAction, ItemForm, LastNextLink, MappingSeed, NextLinkForm, PageToken,
};
use azs_registration::operation::{Event, Next, Request};
use azs_registration::tenants::{Outcome, TargetInput};

use crate::emulated::{World, code, customer, id};

fn list() -> Request {
    Request::List { target: TargetInput::default() }
}

fn with_mappings(count: u64, change: impl FnOnce(&mut azs_emulator::Switches)) -> World {
    let world = World::with(change);
    assert!(world.emulator.seed(world.emulator.registration(), MappingSeed::generate(0..count)));
    world
}

#[test]
fn a_list_of_none_is_empty_in_every_form() {
    for form in [
        EmptyList::EmptyArray,
        EmptyList::NoValue,
        EmptyList::EmptyBody,
        EmptyList::NoContent,
        EmptyList::NotFound,
    ] {
        let world = World::with(|switches| switches.empty_list = form);
        assert_eq!(world.list(), [], "{form:?}");
    }
}

#[test]
fn every_page_is_read_whatever_its_links_look_like() {
    for (token, form, last) in [
        (PageToken::Offset, NextLinkForm::Standard, LastNextLink::Absent),
        (PageToken::Key, NextLinkForm::Standard, LastNextLink::Null),
        (PageToken::Offset, NextLinkForm::Article, LastNextLink::Empty),
    ] {
        let world = with_mappings(25, |switches| {
            switches.page_size = 10;
            (switches.page_token, switches.next_link_form, switches.last_next_link) = (token, form, last);
        });
        let listed: Vec<_> =
            world.list().into_iter().map(|mapping| mapping.customer_subscription.unwrap()).collect();
        let stored: Vec<_> = world.stored().into_iter().map(|(customer, _)| customer).collect();
        assert_eq!(listed, stored, "{token:?} {form:?}");
        assert_eq!(world.received("GET"), 3);
    }
}

#[test]
fn every_form_of_an_item_is_read() {
    for form in [ItemForm::Openapi, ItemForm::Article, ItemForm::BlankNames, ItemForm::OddCase] {
        let world = with_mappings(2, |switches| switches.item_form = form);
        let listed: Vec<_> = world
            .list()
            .into_iter()
            .map(|it| (it.customer_subscription.unwrap(), it.tenant.unwrap()))
            .collect();
        assert_eq!(listed, world.stored(), "{form:?}");
    }
}

#[test]
fn a_page_without_items_is_not_the_end() {
    let world = with_mappings(3, |switches| switches.page_size = 2);
    world.emulator.add_fault(Fault::new(FaultAction::EmptyPage).nth(1));
    assert_eq!(world.list().len(), 3);
}

#[test]
fn a_link_to_another_host_is_not_followed() {
    let world = with_mappings(5, |switches| switches.page_size = 2);
    world.emulator.add_fault(Fault::new(FaultAction::WrongNextLink { host: "elsewhere.example".to_owned() }));
    let ended = world.run(list());
    assert_eq!((ended.finished.outcome, code(&ended.finished)), (Outcome::Failed, "LinkRefused"));
    assert!(ended.finished.error.unwrap().to_string().contains("elsewhere.example"));
}

#[test]
fn pages_that_lead_back_end_with_an_error() {
    let world = with_mappings(5, |switches| switches.page_size = 2);
    world.emulator.add_fault(Fault::new(FaultAction::LoopingNextLink));
    let ended = world.run(list());
    assert_eq!((ended.finished.outcome, code(&ended.finished)), (Outcome::Failed, "PagesLoop"));
    assert!(world.received("GET") <= 3);
}

#[test]
fn only_the_mappings_of_a_tenant_are_given_where_it_is_named() {
    let world = with_mappings(20, |switches| switches.page_size = 7);
    let (customer, tenant) = world.stored()[11].clone();
    let target = TargetInput { tenant_id: Some(tenant.to_uppercase()), ..TargetInput::default() };
    let ended = world.run(Request::List { target });
    let given: Vec<_> =
        ended.mappings.iter().map(|mapping| mapping.customer_subscription.clone().unwrap()).collect();
    assert_eq!((given, ended.finished.item_count), (vec![customer], 1));
}

#[test]
fn one_mapping_is_got_in_the_services_spelling() {
    let upper = "E09A4E93-29A7-4EBA-A6D4-76202383F07F";
    for case_sensitive in [false, true] {
        let world = World::with(|switches| switches.case_sensitive = case_sensitive);
        assert!(world.emulator.seed(world.emulator.registration(), [MappingSeed::new(upper)]));
        let ended = world.run(Request::Get { target: customer(&upper.to_lowercase()) });
        assert_eq!(ended.finished.outcome, Outcome::Read, "{:?}", ended.finished.error);
        assert_eq!(ended.mappings[0].customer_subscription.as_deref(), Some(upper));
    }
}

#[test]
fn a_mapping_that_is_not_there_is_an_error_that_says_so() {
    let world = with_mappings(1, |_| {});
    let ended = world.run(Request::Get { target: customer(&id(1)) });
    assert_eq!(
        (ended.finished.outcome, code(&ended.finished)),
        (Outcome::Failed, "CustomerSubscriptionNotFound")
    );
    assert!(ended.mappings.is_empty());
}

#[test]
fn an_unknown_registration_is_no_empty_list() {
    let world = World::new();
    let target =
        TargetInput { registration_name: Some("azurestack-unknown".to_owned()), ..TargetInput::default() };
    let ended = world.run(Request::List { target });
    assert_eq!((ended.finished.outcome, code(&ended.finished)), (Outcome::Failed, "RegistrationNotFound"));
}

#[test]
fn reading_pauses_while_nobody_takes_the_items() {
    let world = with_mappings(50, |switches| switches.page_size = 10);
    let operation =
        world.operation_on(&crate::emulated::registration_input(world.emulator.registration()), |options| {
            options.max_items = 5;
        });
    operation.submit(1, list());
    world.await_received("GET", 1);
    let mut taken = 0;
    let mut received = Vec::new();
    loop {
        match crate::emulated::next(&operation) {
            Event::Mapping { .. } => {
                taken += 1;
                received.push((taken, world.received("GET")));
            }
            Event::Finished { finished, .. } => {
                assert_eq!((finished.outcome, finished.item_count), (Outcome::Read, 50));
                break;
            }
            _ => {}
        }
    }
    // With 5 items kept, page n + 1 is asked for when all but 5 of page n are taken.
    for (taken, pages) in received {
        assert!(pages <= 1 + (taken + 5) / 10, "{pages} pages after {taken} items");
    }
    assert!(matches!(operation.next(None), Next::Idle));
}
