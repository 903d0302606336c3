//! The state file: an emulator that starts with it goes on where the one before ended.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use azs_emulator::{Emulator, MappingSeed, Options, RegistrationSeed};
use tempfile::TempDir;

use crate::support::{CUSTOMER, OTHER, TENANT, call, delete, get, list, put, put_tenant, stored};

async fn start(file: &Path) -> Emulator {
    Emulator::start(Options { state: Some(file.to_owned()), ..Options::default() }).await.unwrap()
}

fn place() -> (TempDir, PathBuf) {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("state.jsonl");
    (directory, file)
}

#[tokio::test]
async fn what_clients_know_an_emulator_by_stays() {
    let (_directory, file) = place();
    let first = start(&file).await;
    let (token, ca, secret) =
        (first.token().to_owned(), first.ca_pem().to_owned(), first.options().client_secret.clone());
    let issued = first.issue_token(&first.options().tenant_id, Duration::from_secs(60)).token;
    let endpoints = (first.arm_endpoint(), first.imds_endpoint());
    first.stop().await;
    // The port too, though nobody asked for it.
    let second = start(&file).await;
    assert_eq!((second.arm_endpoint(), second.imds_endpoint()), endpoints);
    assert_eq!(
        (second.token(), second.ca_pem(), &second.options().client_secret),
        (token.as_str(), ca.as_str(), &secret)
    );
    for token in [token, issued] {
        assert_eq!(list(&second).token(&token).send().await.status, 200);
    }
}

#[tokio::test]
async fn what_landed_is_there_and_what_did_not_is_lost() {
    let (_directory, file) = place();
    let first = start(&file).await;
    let added = RegistrationSeed::named("second");
    first.add_registration(added.clone());
    first.set_tenant_of(OTHER, Some(TENANT));
    first.set_tenant_of(CUSTOMER, None);
    first.seed(&added, MappingSeed::generate(0..3));
    let gone = "0c31f64b-3f1a-4b5f-8ad8-6a6b7a1e0d11";
    let replaced = "3b2d5c9a-54e5-4b1c-9c7b-0c9f5f1f2a31";
    put(&first, gone).send().await;
    put_tenant(&first, replaced, TENANT).send().await;
    // Its tenant is the one of the entry before, which it replaces.
    put(&first, OTHER).send().await;
    delete(&first, gone).send().await;
    first.switches(|switches| switches.effect_delay_ms = 60_000);
    delete(&first, OTHER).send().await;
    let before = first.state(&azs_emulator::StateFilter::default());
    first.stop().await;

    let second = start(&file).await;
    assert_eq!(second.state(&azs_emulator::StateFilter::default()), before);
    assert_eq!((stored(&second), second.mappings(&added).len()), (vec![OTHER.to_owned()], 3));
    assert_eq!(second.tenant_of(OTHER).as_deref(), Some(TENANT));
    assert_eq!(second.tenant_of(CUSTOMER), None);
    assert_eq!(get(&second, OTHER).send().await.status, 200);
}

#[tokio::test]
async fn numbers_go_on() {
    let (_directory, file) = place();
    let mut etags = Vec::new();
    for _ in 0..3 {
        let mut options = Options { state: Some(file.clone()), ..Options::default() };
        options.switches.etag = true;
        let emulator = Emulator::start(options).await.unwrap();
        put(&emulator, CUSTOMER).send().await;
        etags.push(get(&emulator, CUSTOMER).send().await.header("etag").unwrap().to_owned());
        delete(&emulator, CUSTOMER).send().await;
        emulator.stop().await;
    }
    etags.dedup();
    assert_eq!(etags.len(), 3, "{etags:?}");
}

#[tokio::test]
async fn expired_tokens_stay_expired_and_a_reset_is_kept_too() {
    let (_directory, file) = place();
    let first = start(&file).await;
    put(&first, CUSTOMER).send().await;
    first.expire_tokens();
    first.stop().await;
    let second = start(&file).await;
    assert_eq!(list(&second).send().await.code(), "ExpiredAuthenticationToken");
    second.reset();
    put(&second, OTHER).send().await;
    second.stop().await;
    let third = start(&file).await;
    assert_eq!(list(&third).send().await.listed(), [OTHER]);
}

#[tokio::test]
async fn a_last_line_that_is_torn_is_passed_over_and_other_damage_is_told() {
    let (_directory, file) = place();
    let first = start(&file).await;
    put(&first, CUSTOMER).send().await;
    first.stop().await;
    let whole = std::fs::read(&file).unwrap();
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    let mut torn = std::fs::OpenOptions::new().append(true).open(&file).unwrap();
    torn.write_all(&whole[last..whole.len() - 1]).unwrap();
    drop(torn);
    let second = start(&file).await;
    assert_eq!(stored(&second), [CUSTOMER]);
    put(&second, OTHER).send().await;
    second.stop().await;
    let third = start(&file).await;
    assert_eq!(stored(&third), [CUSTOMER, OTHER]);
    third.stop().await;

    for content in
        ["nothing\n", "{\"subscription\":{\"subscription\":\"0b9c2f5e-6f0d-4b53-a2c5-54a4e4a2d9a1\"}}\n"]
    {
        std::fs::write(&file, content).unwrap();
        let refused = Emulator::start(Options { state: Some(file.clone()), ..Options::default() }).await;
        assert_eq!(refused.unwrap_err().kind(), std::io::ErrorKind::InvalidData);
    }
}

#[tokio::test]
async fn one_file_has_one_emulator() {
    let (_directory, file) = place();
    let first = start(&file).await;
    let refused = Emulator::start(Options { state: Some(file.clone()), ..Options::default() }).await;
    assert_eq!(refused.unwrap_err().kind(), std::io::ErrorKind::ResourceBusy);
    drop(first);
    start(&file).await;
}

#[tokio::test]
async fn generated_entries_are_for_a_new_file_only() {
    let (_directory, file) = place();
    let options = || Options { state: Some(file.clone()), generate: 3, ..Options::default() };
    let first = Emulator::start(options()).await.unwrap();
    let ids = stored(&first);
    assert_eq!(
        ids,
        MappingSeed::generate(0..3).map(|seed| seed.customer_subscription_id).collect::<Vec<_>>()
    );
    delete(&first, &ids[1]).send().await;
    first.stop().await;
    let second = Emulator::start(options()).await.unwrap();
    assert_eq!(stored(&second), [ids[0].clone(), ids[2].clone()]);
    second.reset();
    assert_eq!(stored(&second), ids);
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let (_directory, file) = place();
    let emulator = start(&file).await;
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    drop(emulator);
}

/// A sign-in between two starts works with the secret of the first.
#[tokio::test]
async fn tokens_of_a_sign_in_stay_valid() {
    let (_directory, file) = place();
    let first = start(&file).await;
    let url = format!("{}{}/oauth2/v2.0/token", first.authority_host(), first.options().tenant_id);
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope=https://management.azure.com/.default",
        first.options().client_id,
        first.options().client_secret
    );
    let answer = call(&first, "POST", url.as_str())
        .body("application/x-www-form-urlencoded", form.as_str())
        .send()
        .await;
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    first.stop().await;
    let second = start(&file).await;
    assert_eq!(list(&second).token(&token).send().await.status, 200);
    let again = call(&second, "POST", url).body("application/x-www-form-urlencoded", form).send().await;
    assert_eq!(again.status, 200);
}
