//! A transport that answers as a test says, and a caller that collects.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use azs_registration::clock::{BoxFuture, Random, SystemClock};
use azs_registration::cloud::{ApiVersion, Cloud};
use azs_registration::credential::{AccessToken, SuppliedToken, TokenSource};
use azs_registration::engine::{Engine, Run, Silent};
use azs_registration::registrations::Registrations;
use azs_registration::tenants::{
    Expectation, Finished, Items, Mapping, Purpose, Session, Target, TargetInput, Tenants,
};
use azs_registration::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

pub(crate) type Answer = Result<HttpResponse, TransportError>;

/// Answers by a function of the request and its number; `None`: never.
pub(crate) struct Scripted<F> {
    pub(crate) answer: F,
    pub(crate) seen: Arc<Mutex<Vec<String>>>,
}

impl<F: Fn(usize, &HttpRequest) -> Option<Answer> + Send + Sync> Transport for Scripted<F> {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Answer> {
        let number = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(format!("{} {}", request.method, request.url));
            seen.len()
        };
        let answer = (self.answer)(number, &request);
        Box::pin(async move {
            match answer {
                Some(answer) => answer,
                None => std::future::pending().await,
            }
        })
    }
}

/// Chance without chance, so that a schedule is the same each time.
pub(crate) struct NoChance;

impl Random for NoChance {
    fn fraction(&self) -> f64 {
        0.0
    }
    fn guid(&self) -> uuid::Uuid {
        uuid::Uuid::nil()
    }
}

pub(crate) struct Setup {
    pub(crate) tenants: Tenants,
    pub(crate) registrations: Registrations,
    pub(crate) run: Run,
    pub(crate) seen: Arc<Mutex<Vec<String>>>,
}

impl Setup {
    pub(crate) async fn add(&self, session: &Session, target: &Target, expectation: Expectation) -> Finished {
        let turn = session.turn(target, Purpose::Add, None);
        self.tenants.add(session, turn, &self.run, target, &expectation, false).await
    }

    pub(crate) async fn list(&self, target: &Target, items: &mut impl Items) -> Finished {
        let turn = Session::default().turn(target, Purpose::List, None);
        self.tenants.list(turn, &self.run, target, items).await
    }

    pub(crate) async fn remove(&self, target: &Target) -> Finished {
        let session = Session::default();
        let turn = session.turn(target, Purpose::Remove, None);
        self.tenants.remove(&session, turn, &self.run, target).await
    }
}

pub(crate) fn setup(answer: impl Fn(usize, &HttpRequest) -> Option<Answer> + Send + Sync + 'static) -> Setup {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let tokens = SuppliedToken::new(false);
    tokens.supply(AccessToken::new("token".to_owned(), 0).unwrap());
    let engine = Arc::new(Engine::new(
        Cloud::new(None, None).unwrap(),
        ApiVersion::default(),
        Arc::new(Scripted { answer, seen: seen.clone() }),
        tokens,
        Arc::new(SystemClock),
        Arc::new(NoChance),
    ));
    let run = Run::new(
        "00000000-0000-0000-0000-000000000000".to_owned(),
        Duration::from_secs(120),
        Arc::new(Silent),
    );
    let registrations = Registrations::new(engine.clone());
    Setup { tenants: Tenants::new(engine, true), registrations, run, seen }
}

pub(crate) fn answer(status: u16, body: &str) -> Option<Answer> {
    answer_with(status, &[], body)
}

pub(crate) fn answer_with(status: u16, headers: &[(&'static str, &str)], body: &str) -> Option<Answer> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().unwrap());
    }
    let status = StatusCode::from_u16(status).unwrap();
    Some(Ok(HttpResponse { status, headers: map, body: Bytes::copy_from_slice(body.as_bytes()) }))
}

pub(crate) fn target(purpose: Purpose) -> Target {
    let input = TargetInput {
        registration_subscription_id: Some("dd8597b4-8739-4467-8b10-f8679f62bfbf".to_owned()),
        resource_group_name: Some("grüne(1)".to_owned()),
        registration_name: Some("hub".to_owned()),
        customer_subscription_id: (purpose != Purpose::List)
            .then(|| "e09a4e93-29a7-4eba-a6d4-76202383f07f".to_owned()),
        ..TargetInput::default()
    };
    input.resolve(None, purpose).unwrap()
}

/// Collects what a list gives.
#[derive(Default)]
pub(crate) struct Collected(pub(crate) Vec<Mapping>);

impl Items for Collected {
    async fn take(&mut self, mapping: Mapping, _hurried: impl Future<Output = ()> + Send) -> bool {
        self.0.push(mapping);
        true
    }

    fn hold(&mut self, _failed: azs_registration::tenants::FailedListing) {}
}
