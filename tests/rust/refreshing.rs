//! Tokens that the library gets itself, in simulated time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use azs_registration::clock::{BoxFuture, Clock};
use azs_registration::credential::{AccessToken, Credential, RefreshingToken, TokenSource};
use azs_registration::{Category, Error};
use tokio::time::Instant;

use crate::scripted::NoChance;

/// The time when the tests begin, in seconds since 1970-01-01 UTC.
const BEGIN: u64 = 1_900_000_000;

/// Simulated time as the time of day.
struct Simulated(Instant);

impl Clock for Simulated {
    fn now(&self) -> Instant {
        Instant::now()
    }
    fn unix_time(&self) -> u64 {
        BEGIN + self.0.elapsed().as_secs()
    }
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// Signs in within a second, with tokens of this lifetime, unless the next failure is planned.
struct Planned {
    lifetime: u64,
    failures: Mutex<VecDeque<Error>>,
    sign_ins: Mutex<Vec<u64>>,
}

impl Credential for Planned {
    fn get<'a>(&'a self, clock: &'a dyn Clock) -> BoxFuture<'a, azs_registration::Result<AccessToken>> {
        Box::pin(async move {
            let number = {
                let mut sign_ins = self.sign_ins.lock().unwrap();
                sign_ins.push(clock.unix_time() - BEGIN);
                sign_ins.len()
            };
            clock.sleep(Duration::from_secs(1)).await;
            match self.failures.lock().unwrap().pop_front() {
                Some(failure) => Err(failure),
                None => {
                    Ok(AccessToken::new(format!("token-{number}"), clock.unix_time() + self.lifetime)
                        .unwrap())
                }
            }
        })
    }
}

struct World {
    clock: Arc<Simulated>,
    planned: Arc<Planned>,
    source: Arc<RefreshingToken>,
}

fn world(lifetime: u64, failures: impl IntoIterator<Item = Error>) -> World {
    let clock = Arc::new(Simulated(Instant::now()));
    let failures = Mutex::new(failures.into_iter().collect());
    let planned = Arc::new(Planned { lifetime, failures, sign_ins: Mutex::default() });
    let source = RefreshingToken::new(planned.clone(), clock.clone(), Arc::new(NoChance));
    World { clock, planned, source }
}

impl World {
    async fn token(&self) -> Result<String, Error> {
        let given = self.source.authorization(self.clock.unix_time()).await?;
        Ok(given.header.to_str().unwrap().strip_prefix("Bearer ").unwrap().to_owned())
    }

    fn sign_ins(&self) -> Vec<u64> {
        self.planned.sign_ins.lock().unwrap().clone()
    }
}

fn failure(category: Category, code: &str) -> Error {
    Error::new(category, code, "It failed.")
}

#[tokio::test(start_paused = true)]
async fn tokens_of_three_minutes_are_asked_for_once_each() {
    let world = world(180, []);
    for _ in 0..1000 {
        world.token().await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    // Each is used for four fifths of its life, which begins at the end of its sign-in.
    assert_eq!(world.sign_ins(), [0, 145, 290, 435, 580, 725, 870]);
}

#[tokio::test(start_paused = true)]
async fn tokens_of_an_hour_are_renewed_five_minutes_early() {
    let world = world(3600, []);
    for _ in 0..2 {
        world.token().await.unwrap();
        tokio::time::sleep(Duration::from_secs(3301)).await;
    }
    assert_eq!(world.sign_ins(), [0, 3302]);
}

#[tokio::test(start_paused = true)]
async fn many_requests_make_one_sign_in() {
    let world = Arc::new(world(3600, []));
    let all: Vec<_> = (0..100)
        .map(|_| {
            let world = world.clone();
            tokio::spawn(async move { world.token().await })
        })
        .collect();
    for one in all {
        assert_eq!(one.await.unwrap().unwrap(), "token-1");
    }
    assert_eq!(world.sign_ins().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn while_one_renews_the_others_go_on_with_the_old_one() {
    let world = world(180, []);
    world.token().await.unwrap();
    tokio::time::sleep(Duration::from_secs(150)).await;
    let (renewing, other) = tokio::join!(world.token(), world.token());
    assert_eq!((renewing.unwrap().as_str(), other.unwrap().as_str()), ("token-2", "token-1"));
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_early_harms_nobody() {
    let refused = failure(Category::Authentication, "AADSTS7000215");
    let world = world(180, []);
    world.token().await.unwrap();
    world.planned.failures.lock().unwrap().push_back(refused);
    tokio::time::sleep(Duration::from_secs(150)).await;
    for _ in 0..10 {
        assert_eq!(world.token().await.unwrap(), "token-1");
    }
    assert_eq!(world.sign_ins(), [0, 151], "it is not tried with each request");
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert_eq!(world.token().await.unwrap(), "token-3");
}

#[tokio::test(start_paused = true)]
async fn who_waited_for_a_sign_in_that_failed_fails_with_it() {
    let world = Arc::new(world(180, [failure(Category::Authentication, "AADSTS700016")]));
    let all: Vec<_> = (0..10)
        .map(|_| {
            let world = world.clone();
            tokio::spawn(async move { world.token().await })
        })
        .collect();
    for one in all {
        assert_eq!(one.await.unwrap().unwrap_err().code(), "AADSTS700016");
    }
    assert_eq!(world.sign_ins().len(), 1);
    assert_eq!(world.token().await.unwrap(), "token-2", "the next one tries again");
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_is_tried_again_where_the_service_failed_and_only_there() {
    let service = || failure(Category::Service, "SignInServiceFailed");
    let world_of = |failures: Vec<Error>| world(180, failures);
    assert_eq!(world_of(vec![service(), service()]).token().await.unwrap(), "token-3");
    let never = world_of((0..9).map(|_| service()).collect());
    let error = never.token().await.unwrap_err();
    assert_eq!((error.code(), error.category()), ("SignInServiceFailed", Category::Authentication));
    assert_eq!(never.sign_ins().len(), 5);
    let untrusted = world_of(vec![failure(Category::Connection, "CertificateNotTrusted")]);
    assert_eq!(untrusted.token().await.unwrap_err().code(), "CertificateNotTrusted");
    assert_eq!(untrusted.sign_ins().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_the_service_refused_is_not_given_again() {
    let world = world(180, []);
    let first = world.source.authorization(world.clock.unix_time()).await.unwrap();
    assert!(world.source.rejected(first.generation, None));
    assert_eq!(world.token().await.unwrap(), "token-2");
    assert!(world.source.rejected(first.generation, None), "there is a newer one");
    assert_eq!(world.token().await.unwrap(), "token-2");
}

#[tokio::test(start_paused = true)]
async fn what_the_service_claims_cannot_be_answered() {
    let world = world(180, []);
    let first = world.source.authorization(world.clock.unix_time()).await.unwrap();
    assert!(!world.source.rejected(first.generation, Some("e30=".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_given_up_lets_the_next_one_sign_in() {
    let world = world(180, []);
    let given_up = tokio::time::timeout(Duration::from_millis(10), world.token()).await;
    assert!(given_up.is_err());
    assert_eq!(world.token().await.unwrap(), "token-2");
}
