//! The control API.

use azs_emulator::Emulator;
use serde_json::{Value, json};

use crate::support::{
    CUSTOMER, OTHER, SOON, TENANT, arm, collection, control, get, list, put, start, stored,
};

async fn post(emulator: &Emulator, call: &str, body: Value) -> (u16, Value) {
    let answer = control(emulator, "POST", call).json(&body).send().await;
    (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
}

#[tokio::test]
async fn switches_are_shown_whole_and_changed_in_part() {
    let emulator = start().await;
    let before = control(&emulator, "GET", "switches").send().await.json();
    assert_eq!((&before["putAnswer"], &before["pageSize"]), (&json!("created-empty"), &json!(100)));
    let rules = json!({ CUSTOMER: { "code": "InvalidCSPSubscription", "times": 1 } });
    let patch = json!({ "putAnswer": "ok-body", "rpErrors": rules });
    let after = control(&emulator, "PATCH", "switches").json(&patch).send().await.json();
    assert_eq!((&after["putAnswer"], &after["pageSize"]), (&json!("ok-body"), &json!(100)));
    assert_eq!(put(&emulator, CUSTOMER).send().await.code(), "InvalidCSPSubscription");
    assert_eq!(put(&emulator, CUSTOMER).send().await.status, 200);
    assert_eq!(control(&emulator, "GET", "switches").send().await.json()["rpErrors"], json!({}));
}

#[tokio::test]
async fn switches_that_there_are_not_are_refused_and_change_nothing() {
    let emulator = start().await;
    let before = control(&emulator, "GET", "switches").send().await.json();
    for patch in [
        json!({ "putAnswr": "ok-body" }),
        json!({ "putAnswer": "perhaps" }),
        json!({ "pageSize": 0 }),
        json!([]),
    ] {
        let answer = control(&emulator, "PATCH", "switches").json(&patch).send().await;
        assert_eq!(answer.status, 400, "{patch}");
        assert!(answer.json()["error"].is_string());
    }
    assert_eq!(control(&emulator, "GET", "switches").send().await.json(), before);
}

#[tokio::test]
async fn null_puts_a_switch_back_to_its_default() {
    let emulator = start().await;
    control(&emulator, "PATCH", "switches").json(&json!({ "pageSize": 7 })).send().await;
    let after =
        control(&emulator, "PATCH", "switches").json(&json!({ "pageSize": null })).send().await.json();
    assert_eq!(after["pageSize"], 100);
}

#[tokio::test]
async fn faults_are_added_counted_and_lifted() {
    let emulator = start().await;
    let one = json!({ "match": { "method": "GET", "nth": 1 }, "action": { "kind": "status", "status": 503, "retryAfterSeconds": 2 } });
    let more = json!([
        { "match": { "method": "PUT" }, "action": { "kind": "resetBeforeEffect", "effectAfterMs": 5 } },
        { "action": { "kind": "delay", "ms": 1 } },
        { "match": { "method": "POST" }, "action": { "kind": "resetAfterEffect" } },
        { "match": { "method": "POST" }, "action": { "kind": "truncatedBody" } },
        { "match": { "method": "POST" }, "action": { "kind": "nonJsonBody" } },
        { "match": { "method": "POST" }, "action": { "kind": "redirect" } },
        { "match": { "method": "POST" }, "action": { "kind": "wrongNextLink" } },
        { "match": { "method": "POST" }, "action": { "kind": "loopingNextLink" } },
        { "match": { "method": "POST" }, "action": { "kind": "emptyPage" } },
        { "match": { "method": "POST" }, "action": { "kind": "hang" } },
    ]);
    assert_eq!(post(&emulator, "faults", one).await.0, 200);
    assert_eq!(post(&emulator, "faults", more).await.0, 200);
    let answer = list(&emulator).send().await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, Some("2")));
    assert_eq!(list(&emulator).send().await.status, 200);
    assert!(put(&emulator, CUSTOMER).try_send().await.is_err());
    assert!(emulator.settled(SOON).await);
    assert_eq!(stored(&emulator), [CUSTOMER]);
    let counts: Vec<(u64, u64)> = control(&emulator, "GET", "faults")
        .send()
        .await
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| (rule["seen"].as_u64().unwrap(), rule["fired"].as_u64().unwrap()))
        .collect();
    assert_eq!(counts[..4], [(2, 1), (1, 1), (3, 3), (0, 0)]);
    assert_eq!(control(&emulator, "DELETE", "faults").send().await.status, 204);
    assert_eq!(control(&emulator, "GET", "faults").send().await.json(), json!([]));
}

#[tokio::test]
async fn faults_with_mistakes_are_refused() {
    let emulator = start().await;
    for fault in [
        json!({ "action": { "kind": "flood" } }),
        json!({ "match": { "nthh": 1 }, "action": { "kind": "hang" } }),
        json!({ "match": {} }),
        json!([{ "action": { "kind": "delay" } }]),
    ] {
        assert_eq!(post(&emulator, "faults", fault.clone()).await.0, 400, "{fault}");
    }
    assert_eq!(control(&emulator, "GET", "faults").send().await.json(), json!([]));
}

#[tokio::test]
async fn mappings_are_seeded_shown_and_cleared() {
    let emulator = start().await;
    let seeds = json!([{ "customerSubscriptionId": CUSTOMER, "tenantId": TENANT }, { "customerSubscriptionId": OTHER }]);
    assert_eq!(post(&emulator, "mappings", seeds).await, (200, json!({ "seeded": 2 })));
    assert_eq!(get(&emulator, CUSTOMER).send().await.json()["properties"]["tenantId"], TENANT);
    let name = &emulator.registration().name;
    let state = control(&emulator, "GET", &format!("state?registration={name}")).send().await.json();
    let registration = &state["registrations"][0];
    assert_eq!(registration["name"], json!(name));
    assert_eq!(registration["id"], json!(emulator.registration().resource_id()));
    let expected = json!([
        { "customerSubscriptionId": CUSTOMER, "tenantId": TENANT, "inForce": true },
        { "customerSubscriptionId": OTHER, "tenantId": emulator.tenant_of(OTHER), "inForce": true },
    ]);
    assert_eq!(registration["mappings"], expected);
    assert_eq!(state["outstandingEffects"], 0);
    assert_eq!(control(&emulator, "DELETE", "mappings").send().await.status, 204);
    assert!(stored(&emulator).is_empty());
    assert_eq!(
        post(&emulator, "mappings", json!({ "generate": 250 })).await,
        (200, json!({ "seeded": 250 }))
    );
    assert_eq!(stored(&emulator).len(), 250);
    assert!(emulator.journal().iter().all(|entry| !entry.path.starts_with("/emulator")));
}

#[tokio::test]
async fn registrations_are_added_and_chosen_by_name_or_by_all_three() {
    let emulator = start().await;
    let subscription = "22222222-3333-4444-8555-666666666666";
    let seed = json!({ "subscriptionId": subscription, "resourceGroup": "rg", "name": "hub2" });
    let id = format!(
        "/subscriptions/{subscription}/resourceGroups/rg/providers/Microsoft.AzureStack/registrations/hub2"
    );
    assert_eq!(post(&emulator, "registrations", seed).await, (200, json!({ "ids": [id] })));
    let seed = json!({ "customerSubscriptionId": CUSTOMER });
    assert_eq!(post(&emulator, "mappings?registration=HUB2", seed.clone()).await.0, 200);
    assert!(stored(&emulator).is_empty());
    let answer = arm(&emulator, "GET", &format!("{id}/customerSubscriptions")).send().await;
    assert_eq!(answer.listed(), [CUSTOMER]);
    let other = json!({ "customerSubscriptionId": OTHER });
    assert_eq!(post(&emulator, &format!("mappings?registration={subscription}/rg/hub2"), other).await.0, 200);
    assert_eq!(post(&emulator, "mappings?registration=hub3", seed).await.0, 400);
    let state = control(&emulator, "GET", "state?registration=hub2").send().await.json();
    assert_eq!(state["registrations"].as_array().unwrap().len(), 1);
    assert_eq!(state["registrations"][0]["mappings"].as_array().unwrap().len(), 2);
    assert_eq!(
        control(&emulator, "GET", "state").send().await.json()["registrations"].as_array().unwrap().len(),
        2
    );
}

#[tokio::test]
async fn what_a_registration_leaves_out_goes_by_its_name() {
    let emulator = start().await;
    let cloud = "3c1d2e4f-5a6b-4c7d-8e9f-a0b1c2d3e4f5";
    let seeds =
        json!([{ "name": format!("azurestack-{cloud}") }, { "name": "hub", "billingModel": "Capacity" }]);
    assert_eq!(post(&emulator, "registrations", seeds).await.0, 200);
    let shown = async |name: &str| {
        let id = emulator.registration().resource_id().replace(&emulator.registration().name, name);
        arm(&emulator, "GET", &id).send().await.json()["properties"].clone()
    };
    assert_eq!(shown(&format!("azurestack-{cloud}")).await["cloudId"], cloud);
    let hub = shown("hub").await;
    assert_eq!(hub["billingModel"], "Capacity");
    assert_ne!(hub["cloudId"], json!(emulator.registration().cloud_id));
    for seed in
        [json!({}), json!({ "name": "x", "subscriptionId": "no-guid" }), json!({ "name": "x", "nam": 1 })]
    {
        assert_eq!(post(&emulator, "registrations", seed).await.0, 400);
    }
}

#[tokio::test]
async fn the_directory_is_told_a_subscriptions_tenant() {
    let emulator = start().await;
    let entries = json!([{ "subscriptionId": CUSTOMER, "tenantId": TENANT }, { "subscriptionId": OTHER, "tenantId": null }]);
    assert_eq!(post(&emulator, "subscriptions", entries).await.0, 204);
    put(&emulator, CUSTOMER).send().await;
    assert_eq!(get(&emulator, CUSTOMER).send().await.json()["properties"]["tenantId"], TENANT);
    assert_eq!(put(&emulator, OTHER).send().await.code(), "InvalidCustomerSubscriptionId");
    assert_eq!(post(&emulator, "subscriptions", json!({ "subscriptionId": "no-guid" })).await.0, 400);
}

#[tokio::test]
async fn tokens_are_issued_and_expired() {
    let emulator = start().await;
    let (status, issued) = post(&emulator, "tokens", json!({ "lifetimeSeconds": 60 })).await;
    assert_eq!(status, 200);
    let token = issued["token"].as_str().unwrap().to_owned();
    assert!(issued["expiresOn"].as_u64().unwrap() > 1_700_000_000);
    assert_eq!(list(&emulator).token(&token).send().await.status, 200);
    let (_, foreign) = post(&emulator, "tokens", json!({ "tenantId": TENANT })).await;
    let answer = list(&emulator).token(foreign["token"].as_str().unwrap()).send().await;
    assert_eq!(answer.code(), "InvalidAuthenticationTokenTenant");
    let (_, expired) = post(&emulator, "tokens", json!({ "lifetimeSeconds": 0 })).await;
    let answer = list(&emulator).token(expired["token"].as_str().unwrap()).send().await;
    assert_eq!(answer.code(), "ExpiredAuthenticationToken");
    assert_eq!(control(&emulator, "POST", "tokens").send().await.status, 200);
    assert_eq!(control(&emulator, "POST", "tokens/expire").send().await.status, 204);
    assert_eq!(list(&emulator).token(&token).send().await.code(), "ExpiredAuthenticationToken");
}

#[tokio::test]
async fn a_reset_puts_everything_back_to_the_start() {
    let emulator = start().await;
    let at_start = control(&emulator, "GET", "switches").send().await.json();
    put(&emulator, CUSTOMER).send().await;
    control(&emulator, "PATCH", "switches").json(&json!({ "lock": true })).send().await;
    post(&emulator, "faults", json!({ "action": { "kind": "hang" } })).await;
    post(&emulator, "registrations", json!({ "name": "second" })).await;
    control(&emulator, "POST", "tokens/expire").send().await;
    assert_eq!(control(&emulator, "POST", "reset").send().await.status, 204);
    assert_eq!(control(&emulator, "GET", "switches").send().await.json(), at_start);
    assert!(emulator.journal().is_empty());
    assert_eq!(list(&emulator).send().await.json(), json!({ "value": [] }));
    assert_eq!(
        control(&emulator, "GET", "state").send().await.json()["registrations"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn waiting_for_effects_over_the_control_api() {
    let emulator = start().await;
    control(&emulator, "PATCH", "switches").json(&json!({ "effectDelayMs": 300 })).send().await;
    put(&emulator, CUSTOMER).send().await;
    let settled = control(&emulator, "GET", "state/settled?timeoutMs=20").send().await.json();
    assert_eq!(settled, json!({ "outstandingEffects": 1, "reached": false }));
    let settled = control(&emulator, "GET", "state/settled?timeoutMs=10000").send().await.json();
    assert_eq!(settled, json!({ "outstandingEffects": 0, "reached": true }));
    assert_eq!(stored(&emulator), [CUSTOMER]);
}

#[tokio::test]
async fn calls_that_there_are_not_are_not_found() {
    let emulator = start().await;
    for (method, call) in [("GET", "nothing"), ("PUT", "switches"), ("GET", "")] {
        assert_eq!(control(&emulator, method, call).send().await.status, 404, "{method} {call}");
    }
    let answer = control(&emulator, "GET", "journal/wait?count=many").send().await;
    assert_eq!(answer.status, 400);
    assert!(collection(&emulator).ends_with("/customerSubscriptions"));
}
