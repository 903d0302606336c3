//! Tokens, tenants and the challenge of an unauthenticated request.

use std::time::Duration;

use crate::support::{CUSTOMER, OTHER, TENANT, arm, list, start};

#[tokio::test]
async fn a_request_without_token_is_challenged_with_the_subscriptions_tenant() {
    let emulator = start().await;
    let answer = list(&emulator).without("authorization").send().await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, "AuthenticationFailed"));
    let challenge = answer.header("www-authenticate").unwrap();
    let tenant = &emulator.options().tenant_id;
    let expected =
        format!("Bearer authorization_uri=\"{}{tenant}\", error=\"invalid_token\"", emulator.arm_endpoint());
    assert!(challenge.starts_with(&expected), "{challenge}");
}

#[tokio::test]
async fn the_challenge_tells_a_customers_tenant_whatever_the_case_of_the_id() {
    let emulator = start().await;
    let tenant = emulator.tenant_of(CUSTOMER).unwrap();
    for id in [CUSTOMER.to_owned(), CUSTOMER.to_lowercase()] {
        let answer =
            arm(&emulator, "GET", &format!("subscriptions/{id}")).without("authorization").send().await;
        assert_eq!(answer.status, 401);
        assert!(answer.header("www-authenticate").unwrap().contains(&tenant));
    }
    emulator.set_tenant_of(CUSTOMER, Some(TENANT));
    let answer =
        arm(&emulator, "GET", &format!("subscriptions/{CUSTOMER}")).without("authorization").send().await;
    assert!(answer.header("www-authenticate").unwrap().contains(TENANT));
}

#[tokio::test]
async fn a_subscription_that_does_not_exist_has_no_challenge() {
    let emulator = start().await;
    emulator.set_tenant_of(CUSTOMER, None);
    let answer =
        arm(&emulator, "GET", &format!("subscriptions/{CUSTOMER}")).without("authorization").send().await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "SubscriptionNotFound"));
    assert!(answer.header("www-authenticate").is_none());
}

#[tokio::test]
async fn unknown_and_malformed_tokens_are_refused() {
    let emulator = start().await;
    let answer = list(&emulator).token("made.up.token").send().await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, "InvalidAuthenticationToken"));
    assert!(answer.header("www-authenticate").is_some());
    let answer = list(&emulator).header("authorization", "Basic dXNlcjpwYXNz").send().await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, "AuthenticationFailed"));
}

#[tokio::test]
async fn a_token_expires_after_its_lifetime() {
    let emulator = start().await;
    let issued = emulator.issue_token(&emulator.options().tenant_id, Duration::from_millis(1500));
    assert_eq!(list(&emulator).token(&issued.token).send().await.status, 200);
    tokio::time::sleep(Duration::from_millis(1600)).await;
    let answer = list(&emulator).token(&issued.token).send().await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, "ExpiredAuthenticationToken"));
    assert!(answer.header("www-authenticate").unwrap().contains("invalid_token"));
    assert_eq!(list(&emulator).send().await.status, 200);
}

#[tokio::test]
async fn all_tokens_can_be_expired_at_once_and_a_reset_revives_the_runs_own() {
    let emulator = start().await;
    let issued = emulator.issue_token(&emulator.options().tenant_id, Duration::from_secs(60));
    emulator.expire_tokens();
    assert_eq!(list(&emulator).send().await.code(), "ExpiredAuthenticationToken");
    assert_eq!(list(&emulator).token(&issued.token).send().await.code(), "ExpiredAuthenticationToken");
    let later = emulator.issue_token(&emulator.options().tenant_id, Duration::from_secs(60));
    assert_eq!(list(&emulator).token(&later.token).send().await.status, 200);
    emulator.reset();
    assert_eq!(list(&emulator).send().await.status, 200);
}

#[tokio::test]
async fn a_token_of_another_tenant_is_told_the_right_one() {
    let emulator = start().await;
    let foreign = emulator.issue_token(TENANT, Duration::from_secs(60)).token;
    let answer = list(&emulator).token(&foreign).send().await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, "InvalidAuthenticationTokenTenant"));
    let message = answer.message();
    assert!(message.contains(TENANT) && message.contains(&emulator.options().tenant_id), "{message}");
}

#[tokio::test]
async fn a_customers_subscription_is_shown_to_its_own_tenant_only() {
    let emulator = start().await;
    let path = format!("subscriptions/{OTHER}");
    let answer = arm(&emulator, "GET", &path).send().await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, "InvalidAuthenticationTokenTenant"));
    let own = emulator.issue_token(&emulator.tenant_of(OTHER).unwrap(), Duration::from_secs(60)).token;
    let answer = arm(&emulator, "GET", &path).token(&own).send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["tenantId"].as_str(), emulator.tenant_of(OTHER).as_deref());
    let below = format!("{path}/providers/Microsoft.AzureStack/registrations");
    assert_eq!(arm(&emulator, "GET", &below).token(&own).send().await.text(), r#"{"value":[]}"#);
    assert_eq!(arm(&emulator, "GET", &below).send().await.code(), "SubscriptionNotFound");
}
