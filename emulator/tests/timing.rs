//! When effects land, and that they do not depend on the client's staying.

use std::time::{Duration, Instant};

use azs_emulator::JournalQuery;

use crate::support::{CUSTOMER, OTHER, SOON, delete, get, list, put, start, start_with, stored};

const WHILE: u64 = 400;

#[tokio::test]
async fn a_delay_holds_effect_and_answer_back() {
    let emulator = start_with(|switches| switches.delay_ms = WHILE).await;
    let started = Instant::now();
    let (answer, ()) = tokio::join!(put(&emulator, CUSTOMER).send(), async {
        tokio::time::sleep(Duration::from_millis(WHILE / 2)).await;
        assert!(stored(&emulator).is_empty());
    });
    assert_eq!(answer.status, 201);
    assert!(started.elapsed() >= Duration::from_millis(WHILE));
    assert_eq!(stored(&emulator), [CUSTOMER]);
}

#[tokio::test]
async fn an_answer_delay_comes_after_the_effect() {
    let emulator = start_with(|switches| switches.answer_delay_ms = WHILE).await;
    let started = Instant::now();
    let (answer, ()) = tokio::join!(put(&emulator, CUSTOMER).send(), async {
        tokio::time::sleep(Duration::from_millis(WHILE / 2)).await;
        assert_eq!(stored(&emulator), [CUSTOMER]);
        assert!(emulator.journal()[0].status.is_none());
    });
    assert_eq!(answer.status, 201);
    assert!(started.elapsed() >= Duration::from_millis(WHILE));
}

#[tokio::test]
async fn an_effect_delay_lets_the_effect_land_after_the_answer() {
    let emulator = start_with(|switches| switches.effect_delay_ms = WHILE).await;
    assert_eq!(put(&emulator, CUSTOMER).send().await.status, 201);
    assert_eq!(get(&emulator, CUSTOMER).send().await.status, 404);
    assert!(emulator.settled(SOON).await);
    assert_eq!(stored(&emulator), [CUSTOMER]);
    assert_eq!(delete(&emulator, CUSTOMER).send().await.status, 204);
    assert_eq!(get(&emulator, CUSTOMER).send().await.status, 200);
    assert!(emulator.settled(SOON).await);
    assert!(stored(&emulator).is_empty());
}

#[tokio::test]
async fn waiting_for_effects_gives_up_in_time() {
    let emulator = start_with(|switches| switches.effect_delay_ms = 60_000).await;
    put(&emulator, CUSTOMER).send().await;
    assert!(!emulator.settled(Duration::from_millis(50)).await);
    emulator.stop().await;
}

#[tokio::test]
async fn a_list_delay_holds_lists_back_only() {
    let emulator = start_with(|switches| switches.list_delay_ms = WHILE).await;
    let started = Instant::now();
    put(&emulator, CUSTOMER).send().await;
    get(&emulator, CUSTOMER).send().await;
    assert!(started.elapsed() < Duration::from_millis(WHILE));
    let started = Instant::now();
    assert_eq!(list(&emulator).send().await.listed(), [CUSTOMER]);
    assert!(started.elapsed() >= Duration::from_millis(WHILE));
}

/// A server that drops the work when the client goes away hides the worst case.
#[tokio::test]
async fn a_write_lands_though_its_client_has_gone() {
    for http2 in [false, true] {
        let emulator = start_with(|switches| switches.delay_ms = WHILE).await;
        for (id, call) in [(CUSTOMER, put(&emulator, CUSTOMER)), (OTHER, put(&emulator, OTHER))] {
            let call = if http2 { call.http2() } else { call };
            let sent = JournalQuery::method("PUT").path_contains(id);
            let gone = tokio::select! {
                _ = call.send() => false,
                reached = emulator.wait_for(&sent, 1, SOON) => reached,
            };
            assert!(gone);
        }
        assert!(stored(&emulator).is_empty());
        tokio::time::sleep(Duration::from_millis(WHILE + 200)).await;
        assert_eq!(stored(&emulator), [CUSTOMER, OTHER]);
        assert!(emulator.journal().iter().all(|entry| entry.status.is_none()));
    }
}

#[tokio::test]
async fn delays_do_not_hold_other_requests_back() {
    let emulator = start_with(|switches| switches.delay_ms = WHILE).await;
    let started = Instant::now();
    let _ =
        tokio::join!(put(&emulator, CUSTOMER).send(), put(&emulator, OTHER).send(), list(&emulator).send());
    assert!(started.elapsed() < Duration::from_millis(2 * WHILE));
}

#[tokio::test]
async fn a_reset_does_not_wait_for_effects_and_a_stop_calls_them_off() {
    let emulator = start().await;
    emulator.switches(|switches| switches.effect_delay_ms = WHILE);
    put(&emulator, CUSTOMER).send().await;
    emulator.reset();
    assert_eq!(put(&emulator, OTHER).send().await.status, 201);
    assert_eq!(stored(&emulator), [OTHER]);
    tokio::time::timeout(SOON, emulator.stop()).await.unwrap();
}
