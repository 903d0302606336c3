//! Adding a mapping: every form that the service's answer may have, and what goes out.

use azs_emulator::{PutAnswer, RpError, TenantIdRule};
use azs_registration::Category;
use azs_registration::advice::Words;
use azs_registration::operation::Request;
use azs_registration::tenants::{Expectation, Outcome};

use crate::emulated::{World, add, adding, code, customer, customer_of, ends, id};

#[test]
fn every_documented_answer_to_put_means_added() {
    for answer in [
        PutAnswer::CreatedEmpty,
        PutAnswer::OkBody,
        PutAnswer::OkBlankIds,
        PutAnswer::CreatedBody,
        PutAnswer::NoContent,
    ] {
        let world = World::with(|switches| switches.put_answer = answer);
        let finished = world.add(&id(1));
        assert_eq!(finished.outcome, Outcome::Added, "{answer:?}: {:?}", finished.error);
        let stored = world.stored();
        assert_eq!(stored.len(), 1, "{answer:?}");
        assert_eq!(finished.mapping.customer_subscription.as_deref(), Some(id(1).as_str()));
        assert_eq!(finished.mapping.tenant.as_deref(), Some(stored[0].1.as_str()), "{answer:?}");
    }
}

#[test]
fn an_accepted_write_is_followed_to_its_end() {
    for answer in [PutAnswer::Accepted, PutAnswer::AcceptedAsyncOperation] {
        let world = World::with(|switches| {
            switches.put_answer = answer;
            switches.operation_polls = 1;
            switches.operation_retry_after_seconds = 0;
        });
        let finished = world.add(&id(1));
        assert_eq!(finished.outcome, Outcome::Added, "{answer:?}: {:?}", finished.error);
        assert_eq!(world.stored().len(), 1);
    }
}

#[test]
fn a_put_always_sends_a_json_object() {
    let world = World::new();
    world.add(&id(1));
    let tenant = "dbab3982-796f-4d03-9908-044c08aef8a2";
    world.emulator.set_tenant_of(&id(2), Some(tenant));
    world.run(adding(customer_of(&id(2), tenant), Expectation::NothingReplaced));
    let bodies: Vec<_> =
        world.emulator.journal().into_iter().filter(|entry| entry.method == "PUT").map(|e| e.body).collect();
    assert_eq!(bodies, ["{}".to_owned(), format!("{{\"properties\":{{\"tenantId\":\"{tenant}\"}}}}")]);
}

#[test]
fn what_is_mapped_already_is_not_sent_again() {
    let world = World::new();
    world.add(&id(1));
    let again = world.add(&id(1));
    assert_eq!((again.outcome, world.received("PUT")), (Outcome::Unchanged, 1));
    assert!(again.mapping.tenant.is_some());
}

#[test]
fn an_id_goes_out_in_lower_case_unless_its_case_is_to_be_kept() {
    let upper = "E09A4E93-29A7-4EBA-A6D4-76202383F07F";
    let world = World::with(|switches| switches.case_sensitive = true);
    let ended = world.run(add(upper));
    assert_eq!(world.stored()[0].0, upper.to_lowercase());
    assert!(ended.log.iter().any(|log| log.text.contains("goes out as")), "{:?}", ended.log);

    let world = World::with(|switches| switches.case_sensitive = true);
    world.run(Request::Add {
        target: customer(upper),
        expectation: Expectation::NothingReplaced,
        preserve_case: true,
    });
    assert_eq!(world.stored()[0].0, upper);
    // Once stored, its spelling is the service's.
    assert_eq!(world.add(&upper.to_lowercase()).outcome, Outcome::Unchanged);
    assert_eq!(world.received("PUT"), 1);
}

#[test]
fn a_tenant_that_the_subscription_does_not_belong_to_is_refused_before_anything_is_sent() {
    let world = World::new();
    let ended = world.run(adding(customer_of(&id(1), &id(99)), Expectation::Anything));
    assert_eq!((ended.finished.outcome, code(&ended.finished)), (Outcome::TenantMismatch, "TenantMismatch"));
    assert_eq!(world.received("PUT"), 0);
}

#[test]
fn a_tenant_that_is_not_the_named_one_is_said_whether_the_answer_or_a_look_shows_it() {
    a_foreign_tenant_is_said(PutAnswer::OkBody);
    a_foreign_tenant_is_said(PutAnswer::CreatedEmpty);
}

fn a_foreign_tenant_is_said(answer: PutAnswer) {
    let world = World::with(|switches| {
        switches.put_answer = answer;
        switches.tenant_id = TenantIdRule::Resolved;
    });
    // The challenge cannot be had, so only the answer tells.
    world.emulator.add_fault(
        azs_emulator::Fault::status(404).method("GET").path_contains(format!("/subscriptions/{}", id(1))),
    );
    let ended = world.run(adding(customer_of(&id(1), &id(99)), Expectation::NothingReplaced));
    assert_eq!((ended.finished.outcome, code(&ended.finished)), (Outcome::TenantMismatch, "TenantMismatch"));
    assert!(ended.finished.error.unwrap().parts().message.contains("was made"));
    assert_eq!(world.stored().len(), 1);
}

#[test]
fn each_code_of_the_resource_provider_arrives_with_its_advice() {
    for provider_code in [
        "BadCustomerSubscriptionId",
        "InvalidCustomerSubscriptionId",
        "UnauthorizedCspRegistration",
        "CustomerSubscriptionsNotAllowed",
        "InvalidCSPSubscription",
    ] {
        let world = World::with(|switches| {
            switches.rp_errors.insert(id(1), RpError::new(provider_code));
        });
        let finished = world.add(&id(1));
        let error = finished.error.unwrap();
        assert_eq!((finished.outcome, error.code()), (Outcome::Failed, provider_code));
        assert!(error.recommended_action(Words::Neutral).is_some(), "{provider_code}");
        assert!(error.parts().request_id.is_some() && error.parts().correlation_id.is_some());
        assert!(error.parts().target.as_ref().unwrap().ends_with(&id(1)));
    }
}

#[test]
fn an_upstream_error_of_the_resource_provider_is_tried_again() {
    let world = World::with(|switches| {
        switches.rp_errors.insert(id(1), RpError::times("MetadataResolverBadGatewayError", 1));
    });
    let finished = world.add(&id(1));
    assert_eq!(finished.outcome, Outcome::Added, "{:?}", finished.error);
    assert_eq!(world.received("PUT"), 2);
}

#[test]
fn an_unknown_registration_ends_the_batch_and_says_which() {
    let world = World::new();
    let mut registration = world.emulator.registration().clone();
    registration.name = "azurestack-unknown".to_owned();
    let operation = world.operation_on(&crate::emulated::registration_input(&registration), |_| {});
    for tag in 1..=3 {
        operation.submit(tag, add(&id(tag as u32)));
    }
    let ends = ends(&operation);
    let outcomes: Vec<_> = ends.iter().map(|(_, end)| (end.outcome, code(end))).collect();
    assert_eq!(outcomes[0], (Outcome::Failed, "RegistrationNotFound"));
    assert_eq!(outcomes[1..], [(Outcome::NotStarted, "RegistrationNotFound"); 2]);
    let error = ends[0].1.error.as_ref().unwrap();
    assert!(error.parts().message.contains("azurestack-unknown"), "{error}");
    assert_eq!(error.category(), Category::NotFound);
    assert_eq!(world.received("PUT"), 0);
}

#[test]
fn a_batch_needs_a_listing_and_two_requests_a_row() {
    let world = World::new();
    let operation = world.operation();
    for tag in 0..20 {
        operation.submit(tag, add(&id(tag as u32)));
    }
    let tags: Vec<_> = ends(&operation).into_iter().map(|(tag, end)| (tag, end.outcome)).collect();
    assert_eq!(tags, (0..20).map(|tag| (tag, Outcome::Added)).collect::<Vec<_>>());
    // One GET of the registration, one listing, and a challenge and a PUT for each.
    assert_eq!((world.received("GET"), world.received("PUT")), (2 + 20, 20));
}
