//! The service in memory and the emulator agree: the same cases against both, the one through the transport in paused
//! time, the other over TLS. They share no code, so what both say is more than one's mistake.

mod asking;
mod cases;

use std::sync::Arc;
use std::time::Duration;

use azs_emulator::{Emulator, MappingSeed, Options, RegistrationSeed};
use azs_registration::transport::{HttpClient, HttpClientOptions};

use super::arm::{ENDPOINT, Fates, MemoryArm, NAME};
use super::schedule::customer;
use asking::{Came, Endpoint, ask};
use cases::{Case, cases};

/// Long enough for a slow machine; nothing waits for it to pass.
const PATIENCE: Duration = Duration::from_secs(60);
/// Until every effect in memory has landed.
const AFTERMATH: Duration = Duration::from_secs(60);

#[test]
fn the_service_in_memory_and_the_emulator_agree() {
    let cases = cases();
    let emulated = emulated(&cases);
    let mut differences = String::new();
    for (case, emulated) in cases.iter().zip(&emulated) {
        let simulated = simulated(case);
        if simulated != *emulated {
            differences +=
                &format!("\n{}:\n  in memory: {simulated:?}\n  emulator:  {emulated:?}", case.name);
        }
    }
    assert!(differences.is_empty(), "{differences}");
    assert!(cases.len() >= 30, "{} cases", cases.len());
}

/// What a case comes to in memory.
fn simulated(case: &Case) -> Came {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let arm = MemoryArm::new(case.behaviour.clone(), case.store(), Fates::Next(case.fate()));
        arm.world().service.tokens.insert("good".to_owned(), Duration::MAX);
        arm.world().service.tokens.insert("expired".to_owned(), Duration::ZERO);
        let endpoint = Endpoint {
            transport: Arc::new(arm.clone()),
            address: ENDPOINT.to_owned(),
            token: "good".to_owned(),
            expired: "expired".to_owned(),
        };
        let end = ask(&endpoint, case).await;
        tokio::time::sleep(AFTERMATH).await;
        let world = arm.world();
        let store = &world.service.store;
        let after = store.entries().iter().map(|entry| {
            let in_force = store.in_force(entry.tenant).is_some_and(|it| it.customer == entry.customer);
            (entry.spelling.to_string(), entry.tenant.to_string(), in_force)
        });
        Came { end, after: after.collect() }
    })
}

/// What the cases come to at the emulator.
fn emulated(cases: &[Case]) -> Vec<Came> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let options = Options { registrations: vec![RegistrationSeed::named(NAME)], ..Options::default() };
    runtime.block_on(async {
        let emulator = Emulator::start(options).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca.pem");
        std::fs::write(&ca, emulator.ca_pem()).unwrap();
        let mut came = Vec::new();
        for case in cases {
            emulator.reset();
            // A client of its own: what one case does to its connections is nothing to the next.
            let client = HttpClient::new(&HttpClientOptions {
                user_agent: "test".to_owned(),
                ca_certificate_path: Some(ca.clone()),
                connect_timeout: PATIENCE,
                answer_timeout: PATIENCE,
            });
            came.push(emulate(&emulator, Arc::new(client.unwrap()), case).await);
        }
        emulator.stop().await;
        came
    })
}

async fn emulate(emulator: &Emulator, client: Arc<HttpClient>, case: &Case) -> Came {
    for number in 1..=9 {
        let tenant = case.behaviour.directory.get(&customer(number)).map(|(tenant, _)| tenant.to_string());
        emulator.set_tenant_of(&customer(number).to_string(), tenant.as_deref());
    }
    emulator.switches(|switches| case.switch(switches));
    let store = case.store();
    let seeds = store
        .entries()
        .iter()
        .map(|entry| MappingSeed::with_tenant(entry.spelling.to_string(), entry.tenant.to_string()));
    emulator.seed(emulator.registration(), seeds);
    if let Some(fault) = case.fault() {
        emulator.add_fault(fault.nth(1));
    }
    let options = emulator.options();
    let expired = emulator.issue_token(&options.tenant_id, Duration::ZERO).token;
    let endpoint = Endpoint {
        transport: client,
        address: emulator.arm_endpoint(),
        token: emulator.token().to_owned(),
        expired,
    };
    let end = ask(&endpoint, case).await;
    assert!(emulator.settled(PATIENCE).await, "{}: an effect stays outstanding", case.name);
    let after = emulator.mappings(emulator.registration()).into_iter();
    let after = after
        .map(|mapping| (mapping.customer_subscription_id, mapping.tenant_id, mapping.in_force))
        .collect();
    Came { end, after }
}
