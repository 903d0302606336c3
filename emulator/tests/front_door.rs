//! What ARM checks before the resource provider, and the registrations it shows.

use azs_emulator::{Emulator, Options, RegistrationSeed};
use serde_json::json;

use crate::support::{CUSTOMER, arm, call, collection, list, put, start, stored};

#[tokio::test]
async fn the_api_version_is_required_well_formed_and_supported() {
    let emulator = start().await;
    for (query, code) in [
        ("", "MissingApiVersionParameter"),
        ("api-version=", "MissingApiVersionParameter"),
        ("api-version=latest", "InvalidApiVersionParameter"),
        ("api-version=2017-06-01x", "InvalidApiVersionParameter"),
        ("api-version=2015-01-01", "NoRegisteredProviderFound"),
    ] {
        let answer = list(&emulator).query(query).send().await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, code), "{query}");
    }
    let message = list(&emulator).query("api-version=2015-01-01").send().await.message();
    assert!(message.contains("2017-06-01, 2020-06-01-preview, 2022-06-01"), "{message}");
    for version in ["2017-06-01", "2020-06-01-preview", "2022-06-01", "2020-06-01-PREVIEW"] {
        assert_eq!(
            list(&emulator).query(&format!("API-Version={version}")).send().await.status,
            200,
            "{version}"
        );
    }
}

#[tokio::test]
async fn unknown_scopes_have_codes_of_their_own() {
    let emulator = start().await;
    let registration = emulator.registration();
    let id = registration.resource_id();
    let unknown = "11111111-2222-3333-4444-555555555555";
    for (path, status, code) in [
        (id.replace(&registration.subscription_id, unknown), 404, "SubscriptionNotFound"),
        (id.replace(&registration.subscription_id, "no-guid"), 400, "InvalidSubscriptionId"),
        (id.replace("/azurestack/", "/elsewhere/"), 404, "ResourceGroupNotFound"),
        (format!("{id}x"), 404, "ResourceNotFound"),
        (format!("{id}x/customerSubscriptions"), 404, "RegistrationNotFound"),
        (format!("{id}x/customerSubscriptions/{CUSTOMER}"), 404, "RegistrationNotFound"),
        (format!("{id}/customerSubscriptions/{CUSTOMER}"), 404, "CustomerSubscriptionNotFound"),
        (id.replace("Microsoft.AzureStack", "Microsoft.Nowhere"), 404, "InvalidResourceNamespace"),
        (id.replace("registrations", "things"), 404, "InvalidResourceType"),
        (format!("{id}/products"), 404, "InvalidResourceType"),
        ("/nothing/here".to_owned(), 404, "NotFound"),
    ] {
        let answer = arm(&emulator, "GET", &path).send().await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{path}");
    }
    let answer = put(&emulator, CUSTOMER).send().await;
    assert_eq!(answer.status, 201);
    let elsewhere = format!("{id}x/customerSubscriptions/{CUSTOMER}");
    for method in ["PUT", "DELETE"] {
        let answer = arm(&emulator, method, &elsewhere).json(&json!({})).send().await;
        assert_eq!(answer.code(), "RegistrationNotFound", "{method}");
    }
    let message = arm(&emulator, "GET", &elsewhere).send().await.message();
    for value in
        [&registration.subscription_id, &registration.resource_group, &format!("{}x", registration.name)]
    {
        assert!(message.contains(value.as_str()), "{message}");
    }
}

#[tokio::test]
async fn fixed_parts_and_names_compare_without_case_and_are_percent_decoded() {
    let options = Options {
        registrations: vec![RegistrationSeed {
            resource_group: "Gruppe (ä)".to_owned(),
            ..Default::default()
        }],
        ..Options::default()
    };
    let emulator = Emulator::start(options).await.unwrap();
    let registration = emulator.registration();
    let path = format!(
        "SUBSCRIPTIONS/{}/resourcegroups/gruppe%20%28%C3%84%29/PROVIDERS/microsoft.AZURESTACK/Registrations/{}/\
         customersubscriptions",
        registration.subscription_id.to_uppercase(),
        registration.name.to_uppercase()
    );
    let answer = arm(&emulator, "PUT", &format!("{path}/{CUSTOMER}")).json(&json!({})).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(stored(&emulator), [CUSTOMER]);
    assert_eq!(arm(&emulator, "GET", &path).send().await.listed(), [CUSTOMER]);
}

#[tokio::test]
async fn methods_that_a_path_does_not_have_are_not_allowed() {
    let emulator = start().await;
    let id = emulator.registration().resource_id();
    let one = format!("{id}/customerSubscriptions/{CUSTOMER}");
    for (method, path, allowed) in [
        ("HEAD", one.as_str(), "GET, PUT, DELETE"),
        ("POST", one.as_str(), "GET, PUT, DELETE"),
        ("PATCH", one.as_str(), "GET, PUT, DELETE"),
        ("PUT", &collection(&emulator), "GET"),
        ("DELETE", &format!("{}/", collection(&emulator)), "GET"),
        ("DELETE", id.as_str(), "GET"),
        ("HEAD", id.as_str(), "GET"),
    ] {
        let answer = arm(&emulator, method, path).json(&json!({})).send().await;
        assert_eq!(answer.status, 405, "{method} {path}");
        assert_eq!(answer.header("allow"), Some(allowed));
    }
}

#[tokio::test]
async fn answers_carry_arms_headers() {
    let emulator = start().await;
    let (client, correlation) =
        ("7f0a2b5c-0d1e-4f2a-8b3c-4d5e6f708192", "9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d");
    let asked = async |call: crate::support::Call<'_>| {
        let call =
            call.header("x-ms-client-request-id", client).header("x-ms-correlation-request-id", correlation);
        call.header("x-ms-return-client-request-id", "true").send().await
    };
    for (answer, remaining) in [
        (asked(list(&emulator)).await, "x-ms-ratelimit-remaining-subscription-reads"),
        (asked(put(&emulator, CUSTOMER)).await, "x-ms-ratelimit-remaining-subscription-writes"),
        (
            asked(crate::support::delete(&emulator, CUSTOMER)).await,
            "x-ms-ratelimit-remaining-subscription-deletes",
        ),
    ] {
        assert_eq!(answer.header("x-ms-client-request-id"), Some(client));
        assert_eq!(answer.header("x-ms-correlation-request-id"), Some(correlation));
        for name in ["x-ms-request-id", "x-ms-routing-request-id", "date", "cache-control", remaining] {
            assert!(answer.header(name).is_some(), "{name}");
        }
    }
    let answer = list(&emulator).header("x-ms-client-request-id", client).send().await;
    assert!(answer.header("x-ms-client-request-id").is_none());
    assert!(answer.header("x-ms-correlation-request-id").is_some());
    let refused =
        list(&emulator).without("authorization").header("x-ms-correlation-request-id", correlation).send();
    assert_eq!(refused.await.header("x-ms-correlation-request-id"), Some(correlation));
}

#[tokio::test]
async fn registrations_are_found_by_subscription_and_by_resource_group() {
    let elsewhere =
        RegistrationSeed { resource_group: "other".to_owned(), ..RegistrationSeed::named("second") };
    let options =
        Options { registrations: vec![RegistrationSeed::default(), elsewhere], ..Options::default() };
    let emulator = Emulator::start(options).await.unwrap();
    let subscription = &emulator.registration().subscription_id;
    let names = async |path: String| {
        let answer = arm(&emulator, "GET", &path).send().await;
        assert_eq!(answer.status, 200);
        let mut names: Vec<String> = answer.json()["value"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    };
    let first = emulator.registration().name.clone();
    let below = "providers/Microsoft.AzureStack/registrations";
    assert_eq!(names(format!("subscriptions/{subscription}/{below}")).await, [first.as_str(), "second"]);
    assert_eq!(
        names(format!("subscriptions/{subscription}/resourceGroups/azurestack/{below}")).await,
        [first.as_str()]
    );
    let one = arm(&emulator, "GET", &emulator.registration().resource_id()).send().await.json();
    assert_eq!(one["name"], json!(first));
    assert_eq!(one["location"], "global");
    assert_eq!(one["properties"]["billingModel"], "PayAsYouUse");
    assert_eq!(first, format!("azurestack-{}", one["properties"]["cloudId"].as_str().unwrap()));
}

#[tokio::test]
async fn a_cloud_is_discovered_without_a_token() {
    let emulator = start().await;
    let url = format!("{}metadata/endpoints", emulator.arm_endpoint());
    let ask = |query: &str| call(&emulator, "GET", format!("{url}{query}")).without("authorization").send();
    let answer = ask("?api-version=2015-01-01").await;
    assert_eq!(answer.json()["authentication"]["loginEndpoint"], json!(emulator.authority_host()));
    assert_eq!(answer.json()["authentication"]["audiences"], json!([emulator.arm_endpoint()]));
    assert_eq!(ask("").await.code(), "MissingApiVersionParameter");
    assert_eq!(ask("?api-version=2014-01-01").await.code(), "InvalidApiVersionParameter");
}
