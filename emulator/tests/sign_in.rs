//! The sign-in service.

use azs_emulator::Emulator;
use serde_json::json;

use crate::support::{Answer, call, list, start};

async fn sign_in(emulator: &Emulator, tenant: &str, form: &[(&str, &str)]) -> Answer {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form);
    let url = format!("{}{tenant}/oauth2/v2.0/token", emulator.authority_host());
    let call = call(emulator, "POST", url).without("authorization");
    call.body("application/x-www-form-urlencoded", body.finish()).send().await
}

#[tokio::test]
async fn a_client_secret_gets_a_token_that_arm_takes() {
    let emulator = start().await;
    let options = emulator.options();
    for scope in [
        format!("{}.default", emulator.arm_endpoint()),
        format!("{}/.default", emulator.arm_endpoint()),
        "https://management.azure.com/.default".to_owned(),
        "https://management.azure.com//.default".to_owned(),
        "https://management.core.windows.net//.default".to_owned(),
        "https://management.azure.com/.default openid profile offline_access".to_owned(),
    ] {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &options.client_id),
            ("client_secret", &options.client_secret),
            ("scope", &scope),
        ];
        let answer = sign_in(&emulator, &options.tenant_id, &form).await;
        assert_eq!(answer.status, 200, "{scope}: {}", answer.text());
        let body = answer.json();
        assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(3599)));
        let token = body["access_token"].as_str().unwrap();
        assert_eq!(list(&emulator).token(token).send().await.status, 200, "{scope}");
    }
}

#[tokio::test]
async fn refusals_have_the_sign_in_services_codes() {
    let emulator = start().await;
    let options = emulator.options().clone();
    let good = [
        ("grant_type", "client_credentials"),
        ("client_id", options.client_id.as_str()),
        ("client_secret", options.client_secret.as_str()),
        ("scope", "https://management.azure.com/.default"),
    ];
    let with = |name: &'static str, value: Option<&'static str>| {
        let mut form: Vec<(&str, &str)> = good.into_iter().filter(|(key, _)| *key != name).collect();
        form.extend(value.map(|value| (name, value)));
        form
    };
    let mut assertion = with("client_secret", None);
    assertion.push(("client_assertion", "a.b.c"));
    for (form, status, error, code) in [
        (with("client_secret", Some("wrong")), 401, "invalid_client", 7_000_215),
        (with("client_secret", None), 401, "invalid_client", 7_000_218),
        (assertion, 401, "invalid_client", 50_027),
        (
            with("client_id", Some("11111111-1111-4111-8111-111111111111")),
            400,
            "unauthorized_client",
            700_016,
        ),
        (with("client_id", None), 400, "invalid_request", 900_144),
        (with("grant_type", Some("password")), 400, "unsupported_grant_type", 70_003),
        (with("scope", None), 400, "invalid_request", 900_144),
        (
            with("scope", Some("https://management.azure.com/user_impersonation")),
            400,
            "invalid_scope",
            1_002_012,
        ),
        (with("scope", Some("https://vault.azure.net/.default")), 400, "invalid_resource", 500_011),
    ] {
        let answer = sign_in(&emulator, &options.tenant_id, &form).await;
        let body = answer.json();
        assert_eq!(answer.status.as_u16(), status, "{body}");
        assert_eq!(body["error"], error);
        assert_eq!(body["error_codes"], json!([code]));
        assert!(
            body["error_description"].as_str().unwrap().starts_with(&format!("AADSTS{code}: ")),
            "{body}"
        );
    }
    let answer = sign_in(&emulator, "11111111-1111-4111-8111-111111111111", &good).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["error_codes"]), (400, &json!([90_002])));
}

#[tokio::test]
async fn discovery_leads_to_the_token_endpoint() {
    let emulator = start().await;
    let tenant = &emulator.options().tenant_id;
    let ask = |path: String| call(&emulator, "GET", format!("{}{path}", emulator.authority_host())).send();
    let found = ask(format!("{tenant}/v2.0/.well-known/openid-configuration")).await;
    let expected = format!("{}{tenant}/oauth2/v2.0/token", emulator.authority_host());
    assert_eq!(found.json()["token_endpoint"], json!(expected));
    let unknown = ask("contoso.example/v2.0/.well-known/openid-configuration".to_owned()).await;
    assert_eq!((unknown.status.as_u16(), &unknown.json()["error_codes"]), (400, &json!([90_002])));
    let instance =
        ask("common/discovery/instance?api-version=1.1&authorization_endpoint=x".to_owned()).await.json();
    let host = emulator.authority_host().replace("https://", "").replace('/', "");
    assert_eq!(instance["metadata"][0]["aliases"], json!([host]));
    let common = instance["tenant_discovery_endpoint"].as_str().unwrap().to_owned();
    assert_eq!(call(&emulator, "GET", common).send().await.status, 200);
}
