//! Errors of the network, by real sockets and handshakes: told apart in words that say what happened and whether anything
//! was sent. What a proxy does is tried with `azsreg`, for a proxy is a matter of the environment.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use azs_emulator::{Fault, FaultAction, Options, Outage};
use azs_registration::advice::Words;
use azs_registration::client::ClientOptions;
use azs_registration::cloud::Cloud;
use azs_registration::operation::Request;
use azs_registration::tenants::{Outcome, TargetInput};

use crate::emulated::{Ended, World, add, code, ends, id, registration_input, run};

fn world(change: impl FnOnce(&mut ClientOptions)) -> World {
    World::made(Options::default(), false, change)
}

/// A world whose client looks for the service at another place.
fn looking_at(endpoint: &str) -> World {
    world(|options| options.cloud = Cloud::new(Some(endpoint), None).unwrap())
}

/// Runs a request that is given little time.
fn hastily(world: &World, request: Request) -> Ended {
    let registration = registration_input(world.emulator.registration());
    let operation =
        world.operation_on(&registration, |options| options.item_timeout = Duration::from_millis(2400));
    run(&operation, request)
}

fn list() -> Request {
    Request::List { target: TargetInput::default() }
}

/// The words for a request that failed: they say this, `HOST` being where it was to go, and then a cause without the names
/// of our libraries' parts; there is advice, and no token in anything.
#[track_caller]
fn says(world: &World, ended: &Ended, host: &str, expected: &str) {
    let error = ended.finished.error.as_ref().unwrap();
    let said = error.to_string().replace(host, "HOST").replace(&world.emulator.registration().name, "HUB");
    let (sentence, cause) = said.split_at(expected.len().min(said.len()));
    assert_eq!(sentence, expected, "{said}");
    assert!(cause.starts_with(": ") && cause.ends_with('.'), "{said}");
    for part in ["client error", "tcp connect error", "dns error", "tunnel error", "request or response"] {
        assert!(!cause.contains(part), "{said}");
    }
    assert!(error.recommended_action(Words::Neutral).is_some(), "{said}");
    assert_eq!(error.parts().http_status, None);
    let everything = format!("{:?} {:?}", ended.finished, ended.log);
    for secret in world.emulator.token().split('.').skip(1) {
        assert!(!everything.contains(secret), "the token is in {everything}");
    }
}

/// Nothing was sent: an add fails in these words, and the service received nothing.
#[track_caller]
fn fails_unsent(world: &World, host: &str, expected: &str) {
    let ended = hastily(world, add(&id(1)));
    assert_eq!(ended.finished.outcome, Outcome::Failed);
    says(world, &ended, host, expected);
    assert_eq!(world.emulator.journal().len(), 0);
}

fn host_of(world: &World) -> String {
    let endpoint = world.emulator.arm_endpoint();
    endpoint.trim_start_matches("https://").trim_end_matches('/').to_owned()
}

#[test]
fn a_name_that_is_not_resolved() {
    let world = looking_at("https://management.azs.invalid/");
    let expected = "NameNotResolved: The name HOST was not resolved, so GET HUB was not sent";
    fails_unsent(&world, "management.azs.invalid", expected);
}

#[test]
fn a_connection_that_is_refused() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let host = format!("127.0.0.1:{port}");
    let world = looking_at(&format!("https://{host}/"));
    fails_unsent(&world, &host, "ConnectionRefused: HOST refused the connection, so GET HUB was not sent");
}

#[test]
fn a_certificate_of_a_stranger() {
    let world = world(|options| options.ca_certificate_path = None);
    let expected = "CertificateNotTrusted: The certificate of HOST is not trusted, so GET HUB was not sent";
    fails_unsent(&world, &host_of(&world), expected);
}

#[test]
fn a_certificate_for_another_name() {
    // An address that leads to the emulator and is not in its certificate.
    let other_name = |options: &mut ClientOptions| {
        let port = options.cloud.arm_endpoint().port().unwrap();
        options.cloud = Cloud::new(Some(&format!("https://[::ffff:127.0.0.1]:{port}/")), None).unwrap();
    };
    let world = world(other_name);
    let port = url::Url::parse(&world.emulator.arm_endpoint()).unwrap().port().unwrap();
    if TcpStream::connect(("::ffff:127.0.0.1", port)).is_err() {
        // Without IPv6 there is no such address.
        return;
    }
    fails_unsent(
        &world,
        &format!("[::ffff:7f00:1]:{port}"),
        "CertificateWrongName: The certificate that HOST shows is for another name, so GET HUB was not sent",
    );
}

#[test]
fn a_handshake_that_never_ends() {
    let world = world(|options| options.connect_timeout = Duration::from_millis(500));
    world.emulator.begin_outage(Outage::AcceptOnly, None);
    let expected = "ConnectionTimeout: No connection to HOST was made in time, so GET HUB was not sent";
    fails_unsent(&world, &host_of(&world), expected);
}

/// Something that does not know TLS, and answers a greeting in its own way.
fn stranger(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
        stream.write_all(answer.as_bytes()).unwrap();
    });
    host
}

#[test]
fn an_answer_without_tls() {
    let host = stranger("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    let world = looking_at(&format!("https://{host}/"));
    let expected = "TlsNotSpoken: What answers at HOST does not speak TLS, so GET HUB was not sent";
    fails_unsent(&world, &host, expected);
}

#[test]
fn a_handshake_that_breaks_off() {
    let host = stranger("");
    let world = looking_at(&format!("https://{host}/"));
    let expected = "ConnectionFailed: No connection to HOST could be made, so GET HUB was not sent: it was closed during the \
                    TLS handshake";
    let ended = hastily(&world, add(&id(1)));
    let said = ended.finished.error.unwrap().to_string().replace(&host, "HOST");
    assert_eq!(said.replace(&world.emulator.registration().name, "HUB"), format!("{expected}."));
}

/// What there is to be said of a read and of a change that are sent and not answered.
#[track_caller]
fn is_open(action: FaultAction, read: &str, change: &str) {
    // Longer than an item has time, so that nothing is sent twice.
    let impatient = |options: &mut ClientOptions| options.answer_timeout = Duration::from_millis(3000);
    let world = self::world(impatient);
    world.emulator.add_fault(Fault::new(action.clone()).method("GET"));
    let ended = hastily(&world, list());
    assert_eq!(ended.finished.outcome, Outcome::Failed);
    says(&world, &ended, &host_of(&world), read);

    let world = self::world(impatient);
    world.emulator.add_fault(Fault::new(action).method("PUT"));
    let ended = hastily(&world, add(&id(1)));
    assert_eq!(ended.finished.outcome, Outcome::Unknown);
    let (code, message) = change.split_once(": ").unwrap();
    let unknown = "The change may have taken effect. Run the same command again when the service answers: what is done is \
                   left as it is.";
    says(&world, &ended, &host_of(&world), &format!("{code}: {unknown} {}", message.replace("ID", &id(1))));
}

#[test]
fn an_answer_that_does_not_come_in_time() {
    is_open(
        FaultAction::Hang { after_effect: false },
        "AnswerTimeout: HOST did not answer GET customerSubscriptions in time, and may have received it",
        "AnswerTimeout: HOST did not answer PUT ID in time, and may have received it",
    );
}

#[test]
fn a_connection_that_breaks() {
    is_open(
        FaultAction::ResetBeforeEffect { effect_after_ms: None },
        "ConnectionLost: The connection to HOST broke before GET customerSubscriptions was answered, and it may have been \
         received",
        "ConnectionLost: The connection to HOST broke before PUT ID was answered, and it may have been received",
    );
}

#[test]
fn an_answer_that_breaks_off() {
    let world = world(|_| {});
    world.emulator.add_fault(Fault::new(FaultAction::TruncatedBody).method("GET"));
    let ended = hastily(&world, list());
    assert_eq!(ended.finished.outcome, Outcome::Failed);
    let expected = "AnswerTruncated: HOST received GET customerSubscriptions, but its answer broke off";
    says(&world, &ended, &host_of(&world), expected);
}

/// A page of a proxy or a portal in the service's place says where it came from by its beginning.
#[test]
fn a_page_instead_of_an_answer() {
    for (status, expected) in [(200, "AnswerNotUnderstood"), (403, "Forbidden"), (404, "NotFound")] {
        let world = world(|_| {});
        let page = FaultAction::NonJsonBody { status, after_effect: false };
        world.emulator.add_fault(Fault::new(page).method("GET"));
        let finished = hastily(&world, list()).finished;
        assert_eq!((finished.outcome, code(&finished)), (Outcome::Failed, expected));
        let error = finished.error.unwrap();
        let message = &error.parts().message;
        assert!(message.contains("is not Azure Resource Manager's"), "{message}");
        assert!(message.contains("Access denied"), "{message}");
        let action = error.recommended_action(Words::Neutral).unwrap();
        assert!(action.contains("proxy"), "{status}: {action}");
        assert_eq!(error.parts().http_status, Some(status));
    }
}

/// A block page says nothing about roles, but it meets every other row too.
#[test]
fn a_block_page_ends_the_batch() {
    let world = world(|_| {});
    let page = FaultAction::NonJsonBody { status: 403, after_effect: false };
    world.emulator.add_fault(Fault::new(page).path_contains("registrations"));
    let operation = world.operation();
    for number in 1..=3 {
        operation.submit(number.into(), add(&id(number)));
    }
    let outcomes: Vec<_> = ends(&operation).into_iter().map(|(_, finished)| finished.outcome).collect();
    assert_eq!(outcomes, [Outcome::Failed, Outcome::NotStarted, Outcome::NotStarted]);
}
