//! The switches that choose among the answers that the sources of the contract allow.

use azs_emulator::{
    DeleteAnswer, DeleteMissing, EmptyList, ItemForm, Overwritten, PutAnswer, RpError, TenantIdRule,
};
use serde_json::json;

use crate::support::{
    Answer, CUSTOMER, OTHER, TENANT, call, collection, delete, get, list, put, put_tenant, start, start_with,
    stored,
};

#[tokio::test]
async fn put_answers() {
    let emulator = start().await;
    let mut seen = Vec::new();
    for form in [
        PutAnswer::CreatedEmpty,
        PutAnswer::OkBody,
        PutAnswer::OkBlankIds,
        PutAnswer::CreatedBody,
        PutAnswer::NoContent,
    ] {
        emulator.reset();
        emulator.switches(|switches| switches.put_answer = form);
        let answer = put_tenant(&emulator, CUSTOMER, TENANT).send().await;
        assert_eq!(stored(&emulator), [CUSTOMER]);
        seen.push((answer.status.as_u16(), answer.text()));
    }
    let id = format!("{}/{CUSTOMER}", collection(&emulator));
    let name = format!("{}/{CUSTOMER}", emulator.registration().name);
    let kind = "Microsoft.AzureStack/registrations/customerSubscriptions";
    let body = |id: &str, name: &str, kind: &str| {
        json!({ "id": id, "name": name, "type": kind, "properties": { "tenantId": TENANT } }).to_string()
    };
    assert_eq!(
        seen,
        [
            (201, String::new()),
            (200, body(&id, &name, kind)),
            (200, body("", "", "")),
            (201, body(&id, &name, kind)),
            (204, String::new()),
        ]
    );
    emulator.switches(|switches| switches.put_answer = PutAnswer::CreatedBody);
    assert_eq!(put(&emulator, CUSTOMER).send().await.status, 200);
}

#[tokio::test]
async fn an_accepted_put_is_polled_by_its_location() {
    let emulator = start_with(|switches| {
        switches.put_answer = PutAnswer::Accepted;
        switches.operation_polls = 2;
        switches.operation_retry_after_seconds = 3;
    })
    .await;
    let answer = put(&emulator, CUSTOMER).send().await;
    assert_eq!(answer.status, 202);
    assert_eq!(answer.header("retry-after"), Some("3"));
    assert!(answer.header("azure-asyncoperation").is_none());
    let location = answer.header("location").unwrap().to_owned();
    assert!(location.starts_with(&emulator.arm_endpoint()), "{location}");
    let poll = || call(&emulator, "GET", location.clone()).send();
    for _ in 0..2 {
        let running = poll().await;
        assert_eq!((running.status.as_u16(), running.header("location")), (202, Some(location.as_str())));
    }
    let ended = poll().await;
    assert_eq!(ended.status, 201);
    assert_eq!(ended.json()["name"], json!(format!("{}/{CUSTOMER}", emulator.registration().name)));
    let missing = location.replace("operationResults/", "operationResults/0");
    assert_eq!(call(&emulator, "GET", missing).send().await.status, 404);
    assert_eq!(call(&emulator, "GET", location.clone()).without("authorization").send().await.status, 401);
}

#[tokio::test]
async fn an_accepted_put_is_polled_by_its_status() {
    let emulator = start_with(|switches| {
        switches.put_answer = PutAnswer::AcceptedAsyncOperation;
        switches.effect_delay_ms = 300;
    })
    .await;
    let answer = put(&emulator, CUSTOMER).send().await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (202, None));
    let url = answer.header("azure-asyncoperation").unwrap().to_owned();
    let status = async || {
        let answer = call(&emulator, "GET", url.clone()).send().await;
        assert_eq!(answer.status, 200);
        answer.json()["status"].as_str().unwrap().to_owned()
    };
    // The first for the poll that the switch asks for, the second because the effect has not landed.
    assert_eq!((status().await.as_str(), status().await.as_str()), ("InProgress", "InProgress"));
    assert!(stored(&emulator).is_empty());
    assert!(emulator.settled(crate::support::SOON).await);
    assert_eq!(status().await, "Succeeded");
    assert_eq!(stored(&emulator), [CUSTOMER]);
}

#[tokio::test]
async fn delete_answers() {
    let emulator = start().await;
    for (form, status, body) in [
        (DeleteAnswer::NoContent, 204, ""),
        (DeleteAnswer::OkEmpty, 200, ""),
        (DeleteAnswer::OkBody, 200, "{}"),
    ] {
        emulator.switches(|switches| switches.delete_answer = form);
        put(&emulator, CUSTOMER).send().await;
        let answer = delete(&emulator, CUSTOMER).send().await;
        assert_eq!((answer.status.as_u16(), answer.text().as_str()), (status, body));
        assert!(stored(&emulator).is_empty());
    }
    emulator.switches(|switches| switches.delete_missing = DeleteMissing::NotFound);
    let answer = delete(&emulator, CUSTOMER).send().await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "CustomerSubscriptionNotFound"));
}

#[tokio::test]
async fn empty_lists() {
    let emulator = start().await;
    for (form, status, body) in [
        (EmptyList::EmptyArray, 200, r#"{"value":[]}"#),
        (EmptyList::NoValue, 200, "{}"),
        (EmptyList::EmptyBody, 200, ""),
        (EmptyList::NoContent, 204, ""),
    ] {
        emulator.switches(|switches| switches.empty_list = form);
        let answer = list(&emulator).send().await;
        assert_eq!((answer.status.as_u16(), answer.text().as_str()), (status, body));
    }
    emulator.switches(|switches| switches.empty_list = EmptyList::NotFound);
    let answer = list(&emulator).send().await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "CustomerSubscriptionNotFound"));
    put(&emulator, CUSTOMER).send().await;
    assert_eq!(list(&emulator).send().await.listed(), [CUSTOMER]);
}

#[tokio::test]
async fn ids_that_differ_in_case_are_one_entry_or_two() {
    let emulator = start().await;
    let lower = CUSTOMER.to_lowercase();
    put(&emulator, CUSTOMER).send().await;
    assert_eq!(get(&emulator, &lower).send().await.status, 200);
    delete(&emulator, &lower).send().await;
    assert!(stored(&emulator).is_empty());

    emulator.switches(|switches| switches.case_sensitive = true);
    put_tenant(&emulator, CUSTOMER, TENANT).send().await;
    assert_eq!(get(&emulator, &lower).send().await.status, 404);
    assert_eq!(delete(&emulator, &lower).send().await.status, 204);
    assert_eq!(stored(&emulator), [CUSTOMER]);
    put(&emulator, &lower).send().await;
    assert_eq!(stored(&emulator), [CUSTOMER, lower.as_str()]);
    delete(&emulator, CUSTOMER).send().await;
    assert_eq!(stored(&emulator), [lower]);
}

#[tokio::test]
async fn item_forms() {
    let emulator = start().await;
    put(&emulator, CUSTOMER).send().await;
    let (registration, usual) = (emulator.registration(), format!("{}/{CUSTOMER}", collection(&emulator)));
    let usual_name = format!("{}/{CUSTOMER}", registration.name);
    let odd = format!(
        "/SUBSCRIPTIONS/{}/resourcegroups/azurestack/Providers/microsoft.azurestack/REGISTRATIONS/{}/\
         customersubscriptions/{CUSTOMER}",
        registration.subscription_id, registration.name
    );
    let article = format!(" {}", usual.trim_start_matches('/'));
    for (form, id, name, kind) in [
        (
            ItemForm::Openapi,
            &usual,
            usual_name.as_str(),
            "Microsoft.AzureStack/registrations/customerSubscriptions",
        ),
        (ItemForm::Article, &article, &format!(" {CUSTOMER}"), r"Microsoft.AzureStack\customerSubscriptions"),
        (ItemForm::BlankNames, &usual, "", ""),
        (ItemForm::OddCase, &odd, &usual_name, "microsoft.azurestack/REGISTRATIONS/customersubscriptions"),
    ] {
        emulator.switches(|switches| switches.item_form = form);
        let listed = list(&emulator).send().await.json()["value"][0].clone();
        assert_eq!(
            (&listed["id"], &listed["name"], &listed["type"]),
            (&json!(id), &json!(name), &json!(kind))
        );
        assert_eq!(get(&emulator, CUSTOMER).send().await.json(), listed);
    }
}

#[tokio::test]
async fn the_tenant_of_the_body_is_honoured_or_the_directorys_is_taken() {
    let emulator = start().await;
    let tenant = |answer: Answer| answer.json()["properties"]["tenantId"].as_str().unwrap().to_owned();
    put_tenant(&emulator, CUSTOMER, TENANT).send().await;
    assert_eq!(tenant(get(&emulator, CUSTOMER).send().await), TENANT);
    emulator.switches(|switches| switches.tenant_id = TenantIdRule::Resolved);
    put_tenant(&emulator, CUSTOMER, TENANT).send().await;
    assert_eq!(tenant(get(&emulator, CUSTOMER).send().await), emulator.tenant_of(CUSTOMER).unwrap());
    emulator.set_tenant_of(CUSTOMER, Some(OTHER));
    put(&emulator, CUSTOMER).send().await;
    assert_eq!(tenant(get(&emulator, CUSTOMER).send().await), OTHER);
}

#[tokio::test]
async fn an_overwritten_entry_goes_or_stays() {
    let emulator = start_with(|switches| switches.overwritten = Overwritten::Stays).await;
    put_tenant(&emulator, CUSTOMER, TENANT).send().await;
    put_tenant(&emulator, OTHER, TENANT).send().await;
    assert_eq!(list(&emulator).send().await.listed(), [CUSTOMER, OTHER]);
    let in_force: Vec<bool> =
        emulator.mappings(emulator.registration()).iter().map(|mapping| mapping.in_force).collect();
    assert_eq!(in_force, [false, true]);
    put_tenant(&emulator, CUSTOMER, TENANT).send().await;
    let in_force: Vec<bool> =
        emulator.mappings(emulator.registration()).iter().map(|mapping| mapping.in_force).collect();
    assert_eq!(in_force, [true, false]);
    emulator.switches(|switches| switches.overwritten = Overwritten::Goes);
    put_tenant(&emulator, OTHER, TENANT).send().await;
    assert_eq!(stored(&emulator), [OTHER]);
}

#[tokio::test]
async fn a_lock_stops_deletes_only() {
    let emulator = start_with(|switches| switches.lock = true).await;
    assert_eq!(put(&emulator, CUSTOMER).send().await.status, 201);
    let answer = delete(&emulator, CUSTOMER).send().await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (409, "ScopeLocked"));
    let message = answer.message();
    assert!(message.contains("are locked"), "{message}");
    assert!(message.contains(&format!("'{}'", emulator.registration().resource_id())), "{message}");
    assert_eq!(stored(&emulator), [CUSTOMER]);
}

#[tokio::test]
async fn etags_are_off_by_default() {
    let emulator = start().await;
    put(&emulator, CUSTOMER).send().await;
    let answer = get(&emulator, CUSTOMER).send().await;
    assert!(answer.header("etag").is_none() && answer.json().get("etag").is_none());
    assert_eq!(put(&emulator, CUSTOMER).header("if-match", "\"no\"").send().await.status, 201);
    assert_eq!(put(&emulator, CUSTOMER).header("if-none-match", "*").send().await.status, 201);
}

/// The table "ETags for Resources" of ARM's RPC.
#[tokio::test]
async fn etags_follow_arms_table() {
    let emulator = start_with(|switches| switches.etag = true).await;
    let status = async |call: crate::support::Call<'_>| call.send().await.status.as_u16();
    let put = || put(&emulator, CUSTOMER);
    let delete = || delete(&emulator, CUSTOMER);
    assert_eq!(status(put().header("if-match", "*")).await, 412);
    assert_eq!(status(put().header("if-match", "\"x\"")).await, 412);
    assert_eq!(status(delete().header("if-match", "\"x\"")).await, 204);
    let created = put().header("if-none-match", "*").send().await;
    let first = created.header("etag").unwrap().to_owned();
    assert_eq!(created.status, 201);
    let got = get(&emulator, CUSTOMER).send().await;
    assert_eq!(
        (got.header("etag"), got.json()["etag"].as_str()),
        (Some(first.as_str()), Some(first.as_str()))
    );
    assert_eq!(list(&emulator).send().await.json()["value"][0]["etag"].as_str(), Some(first.as_str()));
    let conflict = put().header("if-none-match", "*").send().await;
    assert_eq!((conflict.status.as_u16(), conflict.code().as_str()), (412, "PreconditionFailed"));
    let second = put().header("if-match", &first).send().await.header("etag").unwrap().to_owned();
    assert_ne!(first, second);
    assert_eq!(status(put().header("if-match", &first)).await, 412);
    assert_eq!(status(put().header("if-match", "*")).await, 201);
    assert_eq!(status(delete().header("if-match", &second)).await, 412);
    assert_eq!(stored(&emulator), [CUSTOMER]);
    assert_eq!(status(delete().header("if-match", "*")).await, 204);
    assert!(stored(&emulator).is_empty());
}

#[tokio::test]
async fn chosen_ids_meet_the_providers_errors() {
    let emulator = start().await;
    for (code, status) in [
        ("RegistrationNotFound", 404),
        ("BadCustomerSubscriptionId", 400),
        ("InvalidCustomerSubscriptionId", 400),
        ("CustomerSubscriptionNotFound", 404),
        ("UnauthorizedCspRegistration", 403),
        ("CustomerSubscriptionsNotAllowed", 400),
        ("InvalidCSPSubscription", 400),
        ("MetadataResolverBadGatewayError", 502),
    ] {
        emulator.switches(|switches| {
            switches.rp_errors.insert(CUSTOMER.to_lowercase(), RpError::new(code));
        });
        let answer = put(&emulator, CUSTOMER).send().await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code));
        assert!(answer.message().len() > 40, "{code}");
    }
    assert_eq!(put(&emulator, OTHER).send().await.status, 201);
    assert_eq!(get(&emulator, CUSTOMER).send().await.code(), "CustomerSubscriptionNotFound");
}

#[tokio::test]
async fn an_error_of_the_provider_retires_after_its_number_of_answers() {
    let emulator = start().await;
    emulator.switches(|switches| {
        let rule = RpError::times("MetadataResolverBadGatewayError", 2);
        switches.rp_errors.insert(CUSTOMER.to_owned(), rule);
        let rule =
            RpError { status: Some(409), method: Some("delete".to_owned()), ..RpError::times("Conflict", 1) };
        switches.rp_errors.insert(OTHER.to_owned(), rule);
    });
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(put(&emulator, CUSTOMER).send().await.status.as_u16());
    }
    assert_eq!(statuses, [502, 502, 201]);
    assert_eq!(put(&emulator, OTHER).send().await.status, 201);
    let refused = delete(&emulator, OTHER).send().await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "Conflict"));
    assert_eq!(delete(&emulator, OTHER).send().await.status, 204);
}
