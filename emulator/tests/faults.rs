//! The faults, each on the requests it is for and on no other.

use std::time::{Duration, Instant};

use azs_emulator::{Fault, FaultAction, FaultStatus, JournalQuery, MappingSeed};

use crate::support::{CUSTOMER, Call, OTHER, SOON, delete, get, list, put, start, stored};

/// The status of each of so many lists.
async fn statuses(emulator: &azs_emulator::Emulator, count: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        statuses.push(list(emulator).send().await.status.as_u16());
    }
    statuses
}

#[tokio::test]
async fn numbers_choose_among_the_matching_requests() {
    let emulator = start().await;
    for (fault, expected) in [
        (Fault::status(500).nth(2), [200, 500, 200, 200]),
        (Fault::status(500).first(2), [500, 500, 200, 200]),
        (Fault::status(500).from(3), [200, 200, 500, 500]),
        (Fault::status(500).every(2), [200, 500, 200, 500]),
        (Fault::status(500).every(2).from(3), [200, 200, 200, 500]),
        (Fault::status(500), [500, 500, 500, 500]),
    ] {
        emulator.clear_faults();
        emulator.add_fault(fault.clone());
        assert_eq!(statuses(&emulator, 4).await, expected, "{fault:?}");
    }
    emulator.clear_faults();
    assert_eq!(statuses(&emulator, 1).await, [200]);
}

#[tokio::test]
async fn method_and_path_choose_requests_and_only_those_are_counted() {
    let emulator = start().await;
    emulator.add_fault(Fault::status(503).method("put").path_contains(OTHER.to_uppercase()).nth(2));
    assert_eq!(put(&emulator, CUSTOMER).send().await.status, 201);
    assert_eq!(put(&emulator, OTHER).send().await.status, 201);
    assert_eq!(get(&emulator, OTHER).send().await.status, 200);
    assert_eq!(put(&emulator, CUSTOMER).send().await.status, 201);
    assert_eq!(put(&emulator, OTHER).send().await.status, 503);
    assert_eq!(put(&emulator, OTHER).send().await.status, 201);
}

#[tokio::test]
async fn a_status_comes_with_an_arm_error_and_retry_after_and_without_effect() {
    let emulator = start().await;
    emulator.add_fault(Fault::status_retry_after(429, 7));
    let answer = put(&emulator, CUSTOMER).send().await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("retry-after"), answer.code().as_str()),
        (429, Some("7"), "SubscriptionRequestsThrottled")
    );
    assert!(stored(&emulator).is_empty());
    emulator.clear_faults();
    emulator.add_fault(Fault::status(503));
    let answer = put(&emulator, CUSTOMER).send().await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, None));
    assert!(stored(&emulator).is_empty());
}

#[tokio::test]
async fn a_status_can_hide_that_the_effect_happened() {
    let emulator = start().await;
    emulator.add_fault(Fault::new(FaultAction::Status(FaultStatus {
        status: 504,
        retry_after_seconds: None,
        code: Some("GatewayTimeout".to_owned()),
        message: Some("The gateway did not receive a response.".to_owned()),
        after_effect: true,
    })));
    let answer = put(&emulator, CUSTOMER).send().await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (504, "GatewayTimeout"));
    assert_eq!(answer.message(), "The gateway did not receive a response.");
    assert_eq!(stored(&emulator), [CUSTOMER]);
}

/// A reset as the client's socket tells it, somewhere below the HTTP error.
fn is_reset(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source())
        .filter_map(|error| error.downcast_ref::<std::io::Error>())
        .any(|error| error.kind() == std::io::ErrorKind::ConnectionReset)
}

async fn assert_cut(call: Call<'_>) {
    let error = tokio::time::timeout(SOON, call.try_send()).await.unwrap().unwrap_err();
    assert!(is_reset(&*error), "{error:?}");
}

#[tokio::test]
async fn a_reset_before_the_effect_leaves_nothing() {
    let emulator = start().await;
    emulator.add_fault(Fault::new(FaultAction::ResetBeforeEffect { effect_after_ms: None }).first(2));
    assert_cut(put(&emulator, CUSTOMER)).await;
    assert_cut(put(&emulator, CUSTOMER).http2()).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(stored(&emulator).is_empty());
    assert!(emulator.journal().iter().all(|entry| entry.status.is_none()));
    assert_eq!(put(&emulator, CUSTOMER).send().await.status, 201);
}

#[tokio::test]
async fn a_reset_can_be_followed_by_the_effect() {
    let emulator = start().await;
    emulator
        .add_fault(Fault::new(FaultAction::ResetBeforeEffect { effect_after_ms: Some(400) }).method("PUT"));
    assert_cut(put(&emulator, CUSTOMER)).await;
    assert_eq!(get(&emulator, CUSTOMER).send().await.status, 404);
    assert!(emulator.settled(SOON).await);
    assert_eq!(get(&emulator, CUSTOMER).send().await.status, 200);
}

#[tokio::test]
async fn a_reset_after_the_effect_hides_it() {
    let emulator = start().await;
    emulator.add_fault(Fault::new(FaultAction::ResetAfterEffect).method("PUT").first(2));
    assert_cut(put(&emulator, CUSTOMER)).await;
    assert_cut(put(&emulator, OTHER).http2()).await;
    assert_eq!(stored(&emulator), [CUSTOMER, OTHER]);
    emulator.add_fault(Fault::new(FaultAction::ResetAfterEffect).method("DELETE"));
    assert_cut(delete(&emulator, CUSTOMER)).await;
    assert_eq!(stored(&emulator), [OTHER]);
}

#[tokio::test]
async fn a_reset_cuts_its_own_connection_only() {
    let emulator = start().await;
    emulator.add_fault(Fault::new(FaultAction::ResetAfterEffect).method("PUT"));
    emulator.switches(|switches| switches.list_delay_ms = 300);
    let (answer, ()) = tokio::join!(list(&emulator).send(), assert_cut(put(&emulator, CUSTOMER)));
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_truncated_body_breaks_off_after_its_first_half() {
    let emulator = start().await;
    put(&emulator, CUSTOMER).send().await;
    let whole = list(&emulator).send().await.text().len();
    emulator.add_fault(Fault::new(FaultAction::TruncatedBody));
    for call in [list(&emulator), list(&emulator).http2(), put(&emulator, OTHER)] {
        // The status comes, the body does not.
        assert!(tokio::time::timeout(SOON, call.try_send()).await.unwrap().is_err());
    }
    assert_eq!(stored(&emulator), [CUSTOMER, OTHER]);
    let statuses: Vec<_> = emulator.journal().into_iter().skip(2).map(|entry| entry.status).collect();
    assert_eq!(statuses, [Some(200), Some(200), Some(201)]);
    assert!(whole > 64);
}

#[tokio::test]
async fn half_of_a_truncated_body_arrives() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let emulator = start().await;
    put(&emulator, CUSTOMER).send().await;
    let whole = list(&emulator).send().await.text();
    emulator.add_fault(Fault::new(FaultAction::TruncatedBody));
    let port = emulator.arm_endpoint().trim_end_matches('/').rsplit(':').next().unwrap().parse().unwrap();
    let mut stream = crate::support::connect(emulator.ca_pem(), port, &[b"http/1.1"]).await.unwrap();
    let request = format!(
        "GET {}?api-version=2017-06-01 HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\r\n",
        crate::support::collection(&emulator),
        emulator.token()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    // However the connection ends: what came before counts.
    let _ = tokio::time::timeout(SOON, stream.read_to_end(&mut received)).await.unwrap();
    let received = String::from_utf8(received).unwrap();
    assert!(received.contains(&format!("content-length: {}\r\n", whole.len())), "{received}");
    assert!(received.ends_with(&whole[..whole.len() / 2]), "{received}");
}

#[tokio::test]
async fn a_proxys_page_comes_instead_of_an_answer() {
    let emulator = start().await;
    emulator.add_fault(Fault::new(FaultAction::NonJsonBody { status: 200, after_effect: false }).nth(1));
    emulator.add_fault(Fault::new(FaultAction::NonJsonBody { status: 403, after_effect: true }).nth(2));
    let answer = put(&emulator, CUSTOMER).send().await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    assert!(answer.text().starts_with("<!DOCTYPE html>"));
    assert!(stored(&emulator).is_empty());
    assert_eq!(put(&emulator, CUSTOMER).send().await.status, 403);
    assert_eq!(stored(&emulator), [CUSTOMER]);
}

#[tokio::test]
async fn a_redirect_has_no_effect() {
    let emulator = start().await;
    let location = "https://login.example.invalid/".to_owned();
    emulator.add_fault(Fault::new(FaultAction::Redirect { status: 307, location: location.clone() }));
    let answer = put(&emulator, CUSTOMER).send().await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (307, Some(location.as_str())));
    assert!(stored(&emulator).is_empty());
}

#[tokio::test]
async fn next_links_lead_astray() {
    let emulator = start().await;
    emulator.switches(|switches| switches.page_size = 2);
    emulator.seed(emulator.registration(), MappingSeed::generate(0..5));
    let first = list(&emulator).send().await;
    let link = |answer: &crate::support::Answer| answer.json()["nextLink"].as_str().unwrap().to_owned();
    let target = |link: &str| link.splitn(4, '/').nth(3).unwrap().to_owned();

    emulator
        .add_fault(Fault::new(FaultAction::WrongNextLink { host: "management.example.invalid".to_owned() }));
    let wrong = list(&emulator).send().await;
    assert!(
        link(&wrong).starts_with("https://management.example.invalid/subscriptions/"),
        "{}",
        link(&wrong)
    );
    assert_eq!(wrong.listed(), first.listed());

    emulator.clear_faults();
    emulator.add_fault(Fault::new(FaultAction::LoopingNextLink).nth(2));
    list(&emulator).send().await;
    let second = crate::support::call(&emulator, "GET", link(&first)).send().await;
    assert_eq!(target(&link(&second)), target(&link(&first)));
    assert!(link(&second).starts_with(&emulator.arm_endpoint()));

    emulator.clear_faults();
    emulator.add_fault(Fault::new(FaultAction::EmptyPage).nth(1));
    let empty = list(&emulator).send().await;
    assert!(empty.listed().is_empty());
    let again = crate::support::call(&emulator, "GET", link(&empty)).send().await;
    assert_eq!(again.json(), first.json());
}

#[tokio::test]
async fn a_fault_of_lists_leaves_other_answers_alone() {
    let emulator = start().await;
    emulator.add_fault(Fault::new(FaultAction::LoopingNextLink));
    emulator.add_fault(Fault::new(FaultAction::EmptyPage));
    put(&emulator, CUSTOMER).send().await;
    let answer = get(&emulator, CUSTOMER).send().await.json();
    assert!(answer.get("nextLink").is_none() && answer["properties"]["tenantId"].is_string());
}

#[tokio::test]
async fn a_delay_is_for_the_chosen_requests() {
    let emulator = start().await;
    emulator.add_fault(Fault::new(FaultAction::Delay { ms: 400 }).nth(2));
    let started = Instant::now();
    list(&emulator).send().await;
    assert!(started.elapsed() < Duration::from_millis(400));
    let (started, answer) = (Instant::now(), put(&emulator, CUSTOMER).send().await);
    assert!(started.elapsed() >= Duration::from_millis(400));
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn a_hanging_request_is_not_answered_and_others_are() {
    let emulator = start().await;
    emulator.add_fault(Fault::new(FaultAction::Hang { after_effect: false }).path_contains(CUSTOMER));
    emulator.add_fault(Fault::new(FaultAction::Hang { after_effect: true }).path_contains(OTHER));
    for id in [CUSTOMER, OTHER] {
        let hanging = tokio::time::timeout(Duration::from_millis(500), put(&emulator, id).send()).await;
        assert!(hanging.is_err());
    }
    assert_eq!(stored(&emulator), [OTHER]);
    assert_eq!(list(&emulator).send().await.status, 200);
    let puts = emulator.journal_of(&JournalQuery::method("PUT"));
    assert_eq!(puts.iter().map(|entry| entry.status).collect::<Vec<_>>(), [None, None]);
}

#[tokio::test]
async fn several_faults_meet_one_request() {
    let emulator = start().await;
    emulator.add_fault(Fault::new(FaultAction::Delay { ms: 300 }));
    emulator.add_fault(Fault::status(503));
    emulator.add_fault(Fault::status(404));
    let started = Instant::now();
    assert_eq!(list(&emulator).send().await.status, 503);
    assert!(started.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn sign_in_meets_faults_and_the_control_api_does_not() {
    let emulator = start().await;
    emulator.add_fault(Fault::status(503));
    let url = format!("{}{}/oauth2/v2.0/token", emulator.authority_host(), emulator.options().tenant_id);
    assert_eq!(crate::support::call(&emulator, "POST", url).send().await.status, 503);
    assert_eq!(crate::support::control(&emulator, "GET", "switches").send().await.status, 200);
}
