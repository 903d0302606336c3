//! The token buckets: most fill so slowly that a test is over first.

use std::time::Duration;

use azs_emulator::{Bucket, Buckets, Emulator, Throttle};
use serde_json::json;

use crate::support::{Answer, CUSTOMER, SOON, control, delete, get, list, put, start, start_with};

const READS: &str = "x-ms-ratelimit-remaining-subscription-reads";
const WRITES: &str = "x-ms-ratelimit-remaining-subscription-writes";
const DELETES: &str = "x-ms-ratelimit-remaining-subscription-deletes";

async fn start_throttled() -> Emulator {
    start_with(|switches| {
        switches.throttle = Throttle::Own(Buckets {
            reads: Bucket::new(3, 0.01),
            writes: Bucket::new(2, 0.01),
            deletes: Bucket::new(1, 0.01),
        });
    })
    .await
}

/// Status, what the header says is left, and Retry-After.
fn seen<'a>(answer: &'a Answer, header: &str) -> (u16, Option<&'a str>, Option<&'a str>) {
    (answer.status.as_u16(), answer.header(header), answer.header("retry-after"))
}

#[tokio::test]
async fn an_empty_bucket_refuses_and_says_when_to_come_again() {
    let emulator = start_throttled().await;
    assert_eq!(seen(&put(&emulator, CUSTOMER).send().await, WRITES), (201, Some("1"), None));
    assert_eq!(seen(&put(&emulator, CUSTOMER).send().await, WRITES), (201, Some("0"), None));
    let refused = put(&emulator, CUSTOMER).send().await;
    let (status, left, retry_after) = seen(&refused, WRITES);
    assert_eq!((status, left, refused.code().as_str()), (429, Some("0"), "SubscriptionRequestsThrottled"));
    let seconds: u64 = retry_after.unwrap().parse().unwrap();
    assert!((90..=100).contains(&seconds), "{seconds}");
    assert!(refused.message().contains("'write'"), "{}", refused.message());
    // The journal tells how many were refused.
    let refusals = emulator.journal().into_iter().filter(|entry| entry.status == Some(429)).count();
    assert_eq!(refusals, 1);
}

#[tokio::test]
async fn each_kind_of_request_has_a_bucket_of_its_own() {
    let emulator = start_throttled().await;
    assert_eq!(seen(&delete(&emulator, CUSTOMER).send().await, DELETES), (204, Some("0"), None));
    assert_eq!(delete(&emulator, CUSTOMER).send().await.status, 429);
    assert_eq!(seen(&list(&emulator).send().await, READS), (200, Some("2"), None));
    // An error of the service's own takes a request out of the bucket too, and shows it.
    assert_eq!(seen(&get(&emulator, CUSTOMER).send().await, READS), (404, Some("1"), None));
    assert_eq!(put(&emulator, CUSTOMER).send().await.status, 201);
}

#[tokio::test]
async fn each_principal_and_subscription_has_a_bucket_of_its_own() {
    let emulator = start_throttled().await;
    delete(&emulator, CUSTOMER).send().await;
    assert_eq!(delete(&emulator, CUSTOMER).send().await.status, 429);
    let other = azs_emulator::RegistrationSeed {
        subscription_id: "22222222-3333-4444-8555-666666666666".to_owned(),
        ..azs_emulator::RegistrationSeed::named("other")
    };
    emulator.add_registration(other.clone());
    let path = format!("{}/customerSubscriptions/{CUSTOMER}", other.resource_id());
    assert_eq!(crate::support::arm(&emulator, "DELETE", &path).send().await.status, 204);
}

#[tokio::test]
async fn a_bucket_fills_as_time_goes_by() {
    let emulator = start_with(|switches| {
        let bucket = Bucket::new(1, 20.0);
        switches.throttle = Throttle::Own(Buckets { reads: bucket, writes: bucket, deletes: bucket });
    })
    .await;
    let served = async {
        // Its Retry-After is rounded up: the next one is there sooner.
        while put(&emulator, CUSTOMER).send().await.status != 201 {}
        while put(&emulator, CUSTOMER).send().await.status != 201 {}
    };
    tokio::time::timeout(SOON, served).await.unwrap();
    let answer = put(&emulator, CUSTOMER).send().await;
    if answer.status == 429 {
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
}

#[tokio::test]
async fn requests_without_a_valid_token_and_other_services_are_not_counted() {
    let emulator = start_throttled().await;
    for _ in 0..5 {
        assert_eq!(list(&emulator).without("authorization").send().await.status, 401);
        let url = format!("{}metadata/endpoints?api-version=2015-01-01", emulator.arm_endpoint());
        assert_eq!(crate::support::call(&emulator, "GET", url).send().await.status, 200);
    }
    assert_eq!(seen(&list(&emulator).send().await, READS), (200, Some("2"), None));
}

#[tokio::test]
async fn without_throttling_the_numbers_are_constant() {
    let emulator = start().await;
    for _ in 0..3 {
        assert_eq!(seen(&list(&emulator).send().await, READS), (200, Some("249"), None));
    }
}

#[tokio::test]
async fn it_can_be_set_while_running_and_then_begins_full() {
    let emulator = start().await;
    let patch = |value: serde_json::Value| {
        control(&emulator, "PATCH", "switches").json(&json!({ "throttle": value })).send()
    };
    assert_eq!(patch(json!("arm")).await.json()["throttle"], "arm");
    assert_eq!(seen(&list(&emulator).send().await, READS), (200, Some("249"), None));
    assert_eq!(seen(&list(&emulator).send().await, READS).1.map(str::len), Some(3));
    let own = json!({ "reads": { "capacity": 5, "refillPerSecond": 0.5 } });
    let shown = patch(own).await.json()["throttle"].clone();
    assert_eq!(shown["reads"], json!({ "capacity": 5, "refillPerSecond": 0.5 }));
    assert_eq!(shown["writes"], json!({ "capacity": 200, "refillPerSecond": 10.0 }));
    assert_eq!(seen(&list(&emulator).send().await, READS), (200, Some("4"), None));
    for mistake in
        [json!("hard"), json!({ "reads": { "capacity": 0, "refillPerSecond": 1 } }), json!({ "red": 1 })]
    {
        assert_eq!(patch(mistake.clone()).await.status, 400, "{mistake}");
    }
    assert_eq!(patch(json!(null)).await.json()["throttle"], "off");
}

#[test]
fn the_command_lines_form_is_read() {
    assert_eq!(Throttle::parse("off"), Ok(Throttle::Off));
    assert_eq!(Throttle::parse("arm"), Ok(Throttle::Arm));
    let expected = Buckets { reads: Bucket::new(50, 100.0), writes: Bucket::new(20, 0.5), ..Buckets::ARM };
    assert_eq!(Throttle::parse("reads=50/100,writes=20/0.5"), Ok(Throttle::Own(expected)));
    for mistake in ["", "on", "reads=50", "reads=50/x", "lists=5/5", "reads=0/1", "reads=1/0", "reads=1/inf"]
    {
        assert!(Throttle::parse(mistake).is_err(), "{mistake}");
    }
}

#[tokio::test]
async fn what_lands_after_a_cut_is_not_counted_again() {
    let emulator = start_throttled().await;
    let action = azs_emulator::FaultAction::ResetBeforeEffect { effect_after_ms: Some(50) };
    emulator.add_fault(azs_emulator::Fault::new(action).method("DELETE").first(3));
    for _ in 0..3 {
        assert!(delete(&emulator, CUSTOMER).try_send().await.is_err());
    }
    assert!(emulator.settled(Duration::from_secs(5)).await);
    assert_eq!(delete(&emulator, CUSTOMER).send().await.status, 204);
}
