//! The managed identity endpoint.

use azs_emulator::Emulator;

use crate::support::{Call, call, list, start};

const PATH: &str =
    "metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com%2F";

fn ask<'a>(emulator: &'a Emulator, path: &str) -> Call<'a> {
    let url = format!("{}{path}", emulator.imds_endpoint());
    call(emulator, "GET", url).without("authorization").header("metadata", "true")
}

#[tokio::test]
async fn it_gives_a_token_that_arm_takes() {
    let emulator = start().await;
    assert!(emulator.imds_endpoint().starts_with("http://127.0.0.1:"));
    let body = ask(&emulator, PATH).send().await.json();
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["resource"], "https://management.azure.com/");
    assert_eq!(body["client_id"].as_str(), Some(emulator.options().client_id.as_str()));
    for number in ["expires_in", "expires_on", "not_before"] {
        assert!(body[number].as_str().unwrap().parse::<u64>().unwrap() > 0, "{number}");
    }
    let token = body["access_token"].as_str().unwrap();
    assert_eq!(list(&emulator).token(token).send().await.status, 200);
    let own = format!("{PATH}&client_id={}", emulator.options().client_id);
    assert_eq!(ask(&emulator, &own).send().await.status, 200);
}

#[tokio::test]
async fn it_refuses_what_the_real_one_refuses() {
    let emulator = start().await;
    let refused = async |call: Call<'_>, status: u16| {
        let answer = call.send().await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
        answer.json()["error"].as_str().unwrap().to_owned()
    };
    assert_eq!(refused(ask(&emulator, PATH).without("metadata"), 400).await, "invalid_request");
    assert_eq!(refused(ask(&emulator, PATH).header("metadata", "false"), 400).await, "invalid_request");
    assert_eq!(
        refused(ask(&emulator, PATH).header("x-forwarded-for", "10.0.0.1"), 400).await,
        "invalid_request"
    );
    let no_resource = "metadata/identity/oauth2/token?api-version=2018-02-01";
    assert_eq!(refused(ask(&emulator, no_resource), 400).await, "invalid_request");
    let no_version = "metadata/identity/oauth2/token?resource=https://management.azure.com/";
    assert_eq!(refused(ask(&emulator, no_version), 400).await, "invalid_request");
    let vault = "metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net";
    assert_eq!(refused(ask(&emulator, vault), 400).await, "invalid_resource");
    let other = format!("{PATH}&client_id=11111111-1111-4111-8111-111111111111");
    assert_eq!(refused(ask(&emulator, &other), 400).await, "invalid_request");
    assert_eq!(refused(ask(&emulator, "metadata/instance"), 404).await, "not_found");
}

#[tokio::test]
async fn it_is_no_way_round_tls_to_arm() {
    let emulator = start().await;
    let path = format!("{}?api-version=2017-06-01", emulator.registration().resource_id());
    assert_eq!(ask(&emulator, path.trim_start_matches('/')).send().await.status, 404);
    assert_eq!(ask(&emulator, "emulator/switches").send().await.status, 404);
}
