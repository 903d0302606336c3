//! What is concluded from faults: done took effect, failed did not, unknown is said.

use azs_emulator::{Fault, FaultAction, MappingSeed};
use azs_registration::client::{Client, ClientOptions};
use azs_registration::cloud::Cloud;
use azs_registration::credential::{AccessToken, SuppliedToken};
use azs_registration::operation::Request;
use azs_registration::tenants::{Outcome, TargetInput};
use azs_registration::{Category, Error};

use crate::emulated::{World, code, id, registration_input, remove};

#[test]
fn a_write_whose_connection_is_cut_is_looked_up_before_it_is_sent_again() {
    for (action, sent) in [
        (FaultAction::ResetAfterEffect, 1),
        (FaultAction::ResetBeforeEffect { effect_after_ms: None }, 2),
        (FaultAction::TruncatedBody, 1),
    ] {
        let world = World::with(|switches| switches.put_answer = azs_emulator::PutAnswer::OkBody);
        world.emulator.add_fault(Fault::new(action.clone()).method("PUT").first(1));
        let finished = world.add(&id(1));
        assert_eq!(finished.outcome, Outcome::Added, "{action:?}: {:?}", finished.error);
        assert_eq!(finished.confirmed_by_lookup, sent == 1, "{action:?}");
        assert_eq!((world.received("PUT"), world.stored().len()), (sent, 1), "{action:?}");
    }
}

#[test]
fn a_removal_whose_connection_is_cut_is_looked_up_before_it_is_sent_again() {
    for (action, sent) in
        [(FaultAction::ResetAfterEffect, 1), (FaultAction::ResetBeforeEffect { effect_after_ms: None }, 2)]
    {
        let world = World::new();
        assert!(world.emulator.seed(world.emulator.registration(), [MappingSeed::new(id(1))]));
        world.emulator.add_fault(Fault::new(action.clone()).method("DELETE").first(1));
        let finished = world.run(remove(&id(1))).finished;
        assert_eq!(finished.outcome, Outcome::Removed, "{action:?}: {:?}", finished.error);
        assert_eq!((world.received("DELETE"), world.stored().len()), (sent, 0), "{action:?}");
    }
}

#[test]
fn a_proxys_page_with_status_200_is_no_success() {
    let world = World::new();
    world.emulator.add_fault(
        Fault::new(FaultAction::NonJsonBody { status: 200, after_effect: false }).method("PUT").first(1),
    );
    let finished = world.add(&id(1));
    assert_eq!((finished.outcome, world.received("PUT")), (Outcome::Added, 2), "{:?}", finished.error);

    world
        .emulator
        .add_fault(Fault::new(FaultAction::NonJsonBody { status: 200, after_effect: false }).method("GET"));
    let listed = world.run(Request::List { target: TargetInput::default() }).finished;
    assert_eq!((listed.outcome, code(&listed)), (Outcome::Failed, "AnswerNotUnderstood"));
}

#[test]
fn a_redirect_is_not_followed() {
    let world = World::new();
    world.emulator.add_fault(
        Fault::new(FaultAction::Redirect { status: 307, location: "https://elsewhere.example/".to_owned() })
            .method("GET"),
    );
    let listed = world.run(Request::List { target: TargetInput::default() }).finished;
    assert_eq!((listed.outcome, code(&listed)), (Outcome::Failed, "RedirectRefused"));
    assert!(listed.error.unwrap().to_string().contains("elsewhere.example"));
}

#[test]
fn throttled_requests_are_sent_again_when_the_service_says() {
    let world = World::new();
    world.emulator.add_fault(Fault::status_retry_after(429, 0).first(3));
    world.emulator.add_fault(Fault::status(503).method("GET").nth(2));
    assert_eq!(world.add(&id(1)).outcome, Outcome::Added);
    assert_eq!(world.stored().len(), 1);
}

/// A client of an endpoint that may not be there.
fn list_at(endpoint: &str, ca: Option<&World>) -> Error {
    let folder = tempfile::tempdir().unwrap();
    let mut options =
        ClientOptions::new(Cloud::new(Some(endpoint), None).unwrap(), SuppliedToken::new(false));
    if let Some(world) = ca {
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, world.emulator.ca_pem()).unwrap();
        options.ca_certificate_path = Some(file);
    }
    let client = Client::new(options).unwrap();
    client.set_token(AccessToken::new("token".to_owned(), 0).unwrap());
    let options = azs_registration::operation::OperationOptions::default();
    let operation = azs_registration::operation::Operation::new(&client, options).unwrap();
    let target = registration_input(&azs_emulator::RegistrationSeed::default());
    crate::emulated::run(&operation, Request::List { target }).finished.error.unwrap()
}

#[test]
fn an_endpoint_that_cannot_be_reached_fails_at_once_and_in_words() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let refused = list_at(&format!("https://localhost:{port}/"), None);
    assert_eq!((refused.code(), refused.category()), ("ConnectionRefused", Category::Connection));
    assert!(refused.to_string().contains(&port.to_string()));

    let unknown = list_at("https://management.example.invalid/", None);
    assert_eq!(unknown.code(), "NameNotResolved", "{unknown}");

    let world = World::new();
    let untrusted = list_at(&world.emulator.arm_endpoint(), None);
    assert_eq!(untrusted.code(), "CertificateNotTrusted", "{untrusted}");
    assert_eq!(world.emulator.journal().len(), 0);
}
