//! Adding, listing, getting and removing, as the articles describe it.

use azs_emulator::{Emulator, Options, RegistrationSeed};
use serde_json::json;

use crate::support::{
    CUSTOMER, OTHER, TENANT, arm, collection, delete, get, list, put, put_tenant, start, stored,
};

#[tokio::test]
async fn what_is_added_is_listed_got_and_removed() {
    let emulator = start().await;
    let added = put(&emulator, CUSTOMER).send().await;
    assert_eq!((added.status.as_u16(), added.text().as_str()), (201, ""));
    let tenant = emulator.tenant_of(CUSTOMER).unwrap();
    let expected = json!({
        "id": format!("{}/{CUSTOMER}", collection(&emulator)),
        "name": format!("{}/{CUSTOMER}", emulator.registration().name),
        "type": "Microsoft.AzureStack/registrations/customerSubscriptions",
        "properties": { "tenantId": tenant },
    });
    assert_eq!(list(&emulator).send().await.json(), json!({ "value": [expected] }));
    assert_eq!(get(&emulator, CUSTOMER).send().await.json(), expected);
    let removed = delete(&emulator, CUSTOMER).send().await;
    assert_eq!((removed.status.as_u16(), removed.text().as_str()), (204, ""));
    assert_eq!(get(&emulator, CUSTOMER).send().await.code(), "CustomerSubscriptionNotFound");
    assert_eq!(list(&emulator).send().await.json(), json!({ "value": [] }));
    assert_eq!(delete(&emulator, CUSTOMER).send().await.status, 204);
}

#[tokio::test]
async fn a_second_subscription_of_a_tenant_overwrites_the_first() {
    let emulator = start().await;
    put_tenant(&emulator, CUSTOMER, TENANT).send().await;
    put_tenant(&emulator, OTHER, &TENANT.to_uppercase()).send().await;
    assert_eq!(stored(&emulator), [OTHER]);
}

#[tokio::test]
async fn a_second_put_of_the_same_id_keeps_one_entry_and_the_last_tenant_and_spelling() {
    let emulator = start().await;
    put(&emulator, CUSTOMER).send().await;
    put(&emulator, OTHER).send().await;
    let lower = CUSTOMER.to_lowercase();
    put_tenant(&emulator, &lower, TENANT).send().await;
    assert_eq!(stored(&emulator), [lower.as_str(), OTHER]);
    assert_eq!(get(&emulator, CUSTOMER).send().await.json()["properties"]["tenantId"], TENANT);
}

#[tokio::test]
async fn the_order_of_adding_is_the_order_of_the_list() {
    let emulator = start().await;
    let ids = ["f0000000-0000-4000-8000-000000000000", "00000000-0000-4000-8000-000000000001", OTHER];
    for id in ids {
        put(&emulator, id).send().await;
    }
    assert_eq!(list(&emulator).send().await.listed(), ids);
}

#[tokio::test]
async fn registrations_do_not_share_customer_subscriptions() {
    let options = Options {
        registrations: vec![RegistrationSeed::default(), RegistrationSeed::named("second")],
        ..Options::default()
    };
    let emulator = Emulator::start(options).await.unwrap();
    put_tenant(&emulator, CUSTOMER, TENANT).send().await;
    let second = RegistrationSeed::named("second");
    let path = format!("{}/customerSubscriptions/{OTHER}", second.resource_id());
    arm(&emulator, "PUT", &path).json(&json!({ "properties": { "tenantId": TENANT } })).send().await;
    assert_eq!(stored(&emulator), [CUSTOMER]);
    assert_eq!(emulator.mappings(&second).len(), 1);
}

#[tokio::test]
async fn the_body_of_a_put_is_a_json_object() {
    let emulator = start().await;
    for (content_type, body) in [
        ("application/json", ""),
        ("application/json", "[]"),
        ("application/json", "\"text\""),
        ("application/json", "{"),
        ("application/json", r#"{"properties":[]}"#),
        ("application/json", r#"{"properties":{"tenantId":7}}"#),
        ("application/json", r#"{"properties":{"tenantId":"contoso.onmicrosoft.com"}}"#),
        ("text/plain", "{}"),
    ] {
        let answer = put(&emulator, CUSTOMER).body(content_type, body).send().await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (400, "InvalidRequestContent"),
            "{body}"
        );
    }
    let answer = put(&emulator, CUSTOMER).without("content-type").send().await;
    assert_eq!(answer.code(), "InvalidRequestContent");
    assert!(stored(&emulator).is_empty());
    for body in
        ["{}", r#"{"properties":{}}"#, r#"{"properties":null}"#, r#"{"properties":{"tenantId":null}}"#]
    {
        let answer = put(&emulator, CUSTOMER).body("application/json; charset=utf-8", body).send().await;
        assert_eq!(answer.status, 201, "{body}");
    }
}

#[tokio::test]
async fn an_id_that_is_no_subscription_is_invalid() {
    let emulator = start().await;
    for id in ["no-guid", "{E09A4E93-29A7-4EBA-A6D4-76202383F07F}", "E09A4E9329A74EBAA6D476202383F07F"] {
        let id = id.replace('{', "%7B").replace('}', "%7D");
        let answer = put(&emulator, &id).send().await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (400, "InvalidCustomerSubscriptionId"),
            "{id}"
        );
    }
    emulator.set_tenant_of(CUSTOMER, None);
    assert_eq!(put(&emulator, CUSTOMER).send().await.code(), "InvalidCustomerSubscriptionId");
}

#[tokio::test]
async fn a_capacity_registration_takes_no_customer_subscriptions() {
    let capacity = RegistrationSeed { billing_model: "Capacity".to_owned(), ..RegistrationSeed::default() };
    let options = Options { registrations: vec![capacity], ..Options::default() };
    let emulator = Emulator::start(options).await.unwrap();
    let answer = put(&emulator, CUSTOMER).send().await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "CustomerSubscriptionsNotAllowed"));
    assert!(stored(&emulator).is_empty());
}

#[tokio::test]
async fn a_put_resolves_the_tenant_that_the_challenge_tells() {
    let emulator = start().await;
    // A subscription that holds a registration belongs to the registrations' tenant, whoever asks.
    let own = emulator.registration().subscription_id.clone();
    assert_eq!(put(&emulator, &own).send().await.status, 201);
    let stored = get(&emulator, &own).send().await.json()["properties"]["tenantId"].clone();
    assert_eq!(stored.as_str(), emulator.tenant_of(&own).as_deref());
    assert_eq!(stored, emulator.options().tenant_id);
    emulator.seed(emulator.registration(), [azs_emulator::MappingSeed::new(&own)]);
    assert_eq!(emulator.mappings(emulator.registration())[0].tenant_id, emulator.options().tenant_id);
}
