//! The journal of the requests received.

use std::time::{Duration, Instant};

use azs_emulator::JournalQuery;
use serde_json::json;

use crate::support::{CUSTOMER, OTHER, SOON, call, collection, control, delete, get, list, put, start};

#[tokio::test]
async fn it_keeps_what_was_sent_and_answered_in_order() {
    let emulator = start().await;
    let ids = [("x-ms-client-request-id", "client-1"), ("if-match", "\"tag\""), ("user-agent", "tests/1")];
    let call = ids.iter().fold(put(&emulator, CUSTOMER), |call, (name, value)| call.header(name, value));
    call.send().await;
    get(&emulator, OTHER).without("authorization").http2().send().await;
    let journal = emulator.journal();
    assert_eq!(journal.iter().map(|entry| entry.n).collect::<Vec<_>>(), [1, 2]);
    let first = &journal[0];
    assert_eq!(
        (first.method.as_str(), first.path.as_str()),
        ("PUT", format!("{}/{CUSTOMER}", collection(&emulator)).as_str())
    );
    assert_eq!((first.query.as_deref(), first.body.as_str()), (Some("api-version=2017-06-01"), "{}"));
    for (name, value) in ids {
        assert_eq!(first.headers.get(name).map(String::as_str), Some(value));
    }
    assert_eq!(first.headers["content-type"], "application/json");
    assert_eq!(
        (first.authenticated, first.status, first.http_version.as_str()),
        (true, Some(201), "HTTP/1.1")
    );
    let second = &journal[1];
    assert_eq!(
        (second.authenticated, second.status, second.http_version.as_str()),
        (false, Some(401), "HTTP/2.0")
    );
    assert_ne!(first.connection, second.connection);
    assert!(first.answered_ms.unwrap() >= first.elapsed_ms);
}

#[tokio::test]
async fn it_holds_neither_tokens_nor_secrets() {
    let emulator = start().await;
    list(&emulator).send().await;
    let options = emulator.options();
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope=https://management.azure.com/.default",
        options.client_id, options.client_secret
    );
    let url = format!("{}{}/oauth2/v2.0/token", emulator.authority_host(), options.tenant_id);
    let answer = call(&emulator, "POST", url).body("application/x-www-form-urlencoded", form).send().await;
    assert_eq!(answer.status, 200);
    let written = control(&emulator, "GET", "journal").send().await.text();
    assert!(written.contains("client_secret=***"), "{written}");
    assert!(!written.contains(&options.client_secret));
    assert!(!written.contains(emulator.token()));
}

#[tokio::test]
async fn a_cut_request_has_no_status() {
    let emulator = start().await;
    emulator.add_fault(azs_emulator::Fault::new(azs_emulator::FaultAction::ResetAfterEffect));
    assert!(put(&emulator, CUSTOMER).try_send().await.is_err());
    assert_eq!(emulator.journal()[0].status, None);
}

#[tokio::test]
async fn it_can_be_read_since_a_number_and_cleared_while_numbers_go_on() {
    let emulator = start().await;
    for _ in 0..3 {
        list(&emulator).send().await;
    }
    let numbers = async |query: &str| -> Vec<u64> {
        let entries = control(&emulator, "GET", &format!("journal{query}")).send().await.json();
        entries.as_array().unwrap().iter().map(|entry| entry["n"].as_u64().unwrap()).collect()
    };
    assert_eq!(numbers("").await, [1, 2, 3]);
    assert_eq!(numbers("?since=2").await, [3]);
    assert_eq!(control(&emulator, "DELETE", "journal").send().await.status, 204);
    assert!(numbers("").await.is_empty());
    delete(&emulator, CUSTOMER).send().await;
    assert_eq!(numbers("").await, [4]);
    assert_eq!(numbers("?method=delete&pathContains=CUSTOMERsubscriptions").await, [4]);
    assert!(numbers("?method=PUT").await.is_empty());
    assert_eq!(emulator.journal()[0].status, Some(204));
}

#[tokio::test]
async fn waiting_returns_when_so_many_requests_were_received() {
    let emulator = start().await;
    let query = JournalQuery::method("PUT");
    let waiting = emulator.wait_for(&query, 2, SOON);
    let sending = async {
        put(&emulator, CUSTOMER).send().await;
        list(&emulator).send().await;
        put(&emulator, OTHER).send().await;
    };
    let started = Instant::now();
    assert!(tokio::join!(waiting, sending).0);
    assert!(started.elapsed() < SOON);
    assert!(!emulator.wait_for(&query, 3, Duration::from_millis(50)).await);
}

#[tokio::test]
async fn waiting_over_the_control_api_tells_whether_it_was_reached() {
    let emulator = start().await;
    let wait = |count: u32, timeout: u32| {
        let path = format!("journal/wait?method=PUT&answered=true&count={count}&timeoutMs={timeout}");
        control(&emulator, "GET", &path).send()
    };
    let (answer, _) = tokio::join!(wait(1, 10_000), put(&emulator, CUSTOMER).send());
    assert_eq!(answer.json(), json!({ "count": 1, "reached": true }));
    assert_eq!(wait(2, 50).await.json(), json!({ "count": 1, "reached": false }));
    // Without method and count: any request.
    assert_eq!(control(&emulator, "GET", "journal/wait").send().await.json()["reached"], true);
}

#[tokio::test]
async fn it_keeps_the_last_entries_and_counts_all() {
    let options = azs_emulator::Options { journal_entries: 3, ..azs_emulator::Options::default() };
    let emulator = azs_emulator::Emulator::start(options).await.unwrap();
    put(&emulator, CUSTOMER).send().await;
    for _ in 0..4 {
        list(&emulator).send().await;
    }
    let numbers = |query: JournalQuery| -> Vec<u64> {
        emulator.journal_of(&query).iter().map(|entry| entry.n).collect()
    };
    assert_eq!(numbers(JournalQuery::default()), [3, 4, 5]);
    assert_eq!(numbers(JournalQuery { since: 4, ..JournalQuery::default() }), [5]);
    assert!(emulator.journal().iter().all(|entry| entry.status == Some(200)));
    let counts = control(&emulator, "GET", "journal/counts").send().await.json();
    let expected = json!({
        "received": 5, "answered": 5, "dropped": 2,
        "byMethod": { "GET": 4, "PUT": 1 }, "byStatus": { "200": 4, "201": 1 },
    });
    assert_eq!(counts, expected);
    // Those that are dropped are waited for like the others.
    assert!(emulator.wait_for(&JournalQuery::method("PUT"), 1, SOON).await);
    let answered = JournalQuery { answered: true, ..JournalQuery::default() };
    assert!(emulator.wait_for(&answered, 5, SOON).await);
    emulator.clear_journal();
    assert_eq!(emulator.journal_counts(), azs_emulator::JournalCounts::default());
    list(&emulator).send().await;
    assert_eq!(numbers(JournalQuery::default()), [6]);
    assert_eq!(emulator.journal_counts().received, 1);
}
