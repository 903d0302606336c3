//! Other clients' changes, lists that lag behind, and tokens that lose their force in the middle.

use std::time::Duration;

use azs_emulator::{ChangeTime, Fault, FaultAction, Lagging, MappingSeed, WriterChange};
use serde_json::json;

use crate::support::{
    CUSTOMER, OTHER, TENANT, control, delete, get, list, put, put_tenant, start, start_with, stored,
};

const WHILE: u64 = 400;

fn other_writer(when: ChangeTime, changes: Vec<WriterChange>) -> Fault {
    Fault::new(FaultAction::AnotherWriter { when, changes })
}

#[tokio::test]
async fn another_writer_comes_before_the_request() {
    let emulator = start().await;
    let changes = vec![WriterChange::Put(MappingSeed::with_tenant(OTHER, TENANT))];
    emulator.add_fault(other_writer(ChangeTime::Before, changes).method("PUT").nth(2));
    assert_eq!(put_tenant(&emulator, CUSTOMER, TENANT).send().await.status, 201);
    assert_eq!(stored(&emulator), [CUSTOMER]);
    // The other one's entry is overwritten in its turn.
    assert_eq!(put_tenant(&emulator, CUSTOMER, TENANT).send().await.status, 201);
    assert_eq!(stored(&emulator), [CUSTOMER]);
    emulator.add_fault(
        other_writer(ChangeTime::Before, vec![WriterChange::Delete(CUSTOMER.to_owned())]).method("GET"),
    );
    assert_eq!(get(&emulator, CUSTOMER).send().await.status, 404);
}

#[tokio::test]
async fn another_writer_comes_after_the_effect_in_whatever_order_the_rules_are() {
    for first in [true, false] {
        let emulator = start().await;
        let changes = vec![
            WriterChange::Delete(CUSTOMER.to_owned()),
            WriterChange::Put(MappingSeed::with_tenant(OTHER, TENANT)),
        ];
        let mut faults = vec![
            other_writer(ChangeTime::After, changes).method("PUT"),
            Fault::new(FaultAction::ResetAfterEffect).method("PUT"),
        ];
        if !first {
            faults.reverse();
        }
        faults.into_iter().for_each(|fault| emulator.add_fault(fault));
        assert!(put(&emulator, CUSTOMER).try_send().await.is_err());
        assert_eq!(stored(&emulator), [OTHER]);
        assert_eq!(emulator.mappings(emulator.registration())[0].tenant_id, TENANT);
    }
}

#[tokio::test]
async fn another_writer_leaves_the_fate_of_the_request_to_other_rules() {
    let emulator = start().await;
    let changes = vec![WriterChange::Put(MappingSeed::new(OTHER))];
    emulator.add_fault(other_writer(ChangeTime::After, changes));
    emulator.add_fault(Fault::status(503));
    assert_eq!(put(&emulator, CUSTOMER).send().await.status, 503);
    assert_eq!(stored(&emulator), [OTHER]);
}

#[tokio::test]
async fn another_writers_changes_are_given_as_json() {
    let emulator = start().await;
    let fault = json!({
        "match": { "method": "GET", "nth": 1 },
        "action": { "kind": "anotherWriter", "when": "after", "changes": [
            { "put": { "customerSubscriptionId": OTHER, "tenantId": TENANT } },
            { "delete": CUSTOMER },
        ] },
    });
    put(&emulator, CUSTOMER).send().await;
    let shown = control(&emulator, "POST", "faults").json(&fault).send().await.json();
    assert_eq!((&shown[0]["match"], &shown[0]["action"]), (&fault["match"], &fault["action"]));
    assert_eq!(list(&emulator).send().await.listed(), [CUSTOMER]);
    assert_eq!(stored(&emulator), [OTHER]);
}

#[tokio::test]
async fn lists_lag_behind_and_the_rest_does_not() {
    let emulator = start_with(|switches| switches.list_lag_ms = WHILE).await;
    put(&emulator, CUSTOMER).send().await;
    assert_eq!(list(&emulator).send().await.text(), r#"{"value":[]}"#);
    assert_eq!(get(&emulator, CUSTOMER).send().await.status, 200);
    assert_eq!(stored(&emulator), [CUSTOMER]);
    tokio::time::sleep(Duration::from_millis(WHILE + 50)).await;
    assert_eq!(list(&emulator).send().await.listed(), [CUSTOMER]);
    delete(&emulator, CUSTOMER).send().await;
    put(&emulator, OTHER).send().await;
    assert_eq!(list(&emulator).send().await.listed(), [CUSTOMER]);
    tokio::time::sleep(Duration::from_millis(WHILE + 50)).await;
    assert_eq!(list(&emulator).send().await.listed(), [OTHER]);
}

#[tokio::test]
async fn gets_of_one_lag_too_where_a_switch_says_so() {
    let emulator = start_with(|switches| {
        switches.list_lag_ms = 60_000;
        switches.lagging = Lagging::All;
    })
    .await;
    put(&emulator, CUSTOMER).send().await;
    assert_eq!(get(&emulator, CUSTOMER).send().await.status, 404);
    // A write knows better.
    emulator.switches(|switches| switches.delete_missing = azs_emulator::DeleteMissing::NotFound);
    assert_eq!(delete(&emulator, CUSTOMER).send().await.status, 204);
}

#[tokio::test]
async fn without_lag_lists_are_up_to_date_at_once() {
    let emulator = start_with(|switches| switches.list_lag_ms = 60_000).await;
    put(&emulator, CUSTOMER).send().await;
    emulator.switches(|switches| switches.list_lag_ms = 0);
    assert_eq!(list(&emulator).send().await.listed(), [CUSTOMER]);
    emulator.switches(|switches| switches.list_lag_ms = 60_000);
    assert_eq!(list(&emulator).send().await.text(), r#"{"value":[]}"#);
}

#[tokio::test]
async fn a_claims_challenge_names_the_claims_and_has_no_effect() {
    let emulator = start().await;
    let claims = "eyJhY2Nlc3NfdG9rZW4iOnt9fQ==".to_owned();
    emulator.add_fault(Fault::new(FaultAction::ClaimsChallenge { claims: claims.clone() }).first(1));
    let answer = put(&emulator, CUSTOMER).send().await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, "InvalidAuthenticationToken"));
    let expected = format!(
        "Bearer authorization_uri=\"{}{}\", error=\"insufficient_claims\", claims=\"{claims}\"",
        emulator.arm_endpoint(),
        emulator.options().tenant_id
    );
    assert_eq!(answer.header("www-authenticate"), Some(expected.as_str()));
    assert!(stored(&emulator).is_empty());
}

#[tokio::test]
async fn tokens_expire_in_the_middle() {
    let emulator = start().await;
    emulator.add_fault(Fault::new(FaultAction::ExpireTokens).method("PUT").nth(2));
    assert_eq!(put(&emulator, CUSTOMER).send().await.status, 201);
    assert_eq!(put(&emulator, OTHER).send().await.code(), "ExpiredAuthenticationToken");
    assert_eq!(list(&emulator).send().await.code(), "ExpiredAuthenticationToken");
    let fresh = emulator.issue_token(&emulator.options().tenant_id, Duration::from_secs(60)).token;
    assert_eq!(put(&emulator, OTHER).token(&fresh).send().await.status, 201);
    assert_eq!(stored(&emulator), [CUSTOMER, OTHER]);
}
