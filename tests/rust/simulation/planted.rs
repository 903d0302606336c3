//! Rules that are broken on purpose, between the client and the service: the judge finds each of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use azs_registration::clock::BoxFuture;
use azs_registration::transport::{HttpRequest, HttpResponse, Reach, Transport};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

use super::arm::{Answer, MemoryArm};
use super::draw::draw;
use super::drive::run_through;
use super::judge::judge;
use super::schedules::many;

/// In so many schedules a broken rule is found.
const SCHEDULES: u64 = 300;

/// Lies about what the service said.
struct Liar<F> {
    arm: MemoryArm,
    lie: F,
}

impl<F: Fn(&HttpRequest, Answer) -> Answer + Send + Sync> Transport for Liar<F> {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Answer> {
        Box::pin(async move {
            let answer = self.arm.send(request.clone()).await;
            (self.lie)(&request, answer)
        })
    }
}

fn writes(request: &HttpRequest) -> bool {
    request.method != Method::GET
}

/// The rules that the judge finds broken by this lie, with how many schedules break them.
fn found<F>(lie: impl Fn() -> F + Sync) -> BTreeMap<&'static str, usize>
where
    F: Fn(&HttpRequest, Answer) -> Answer + Send + Sync + 'static,
{
    let broken = many(0..SCHEDULES, |seed| {
        let history = run_through(draw(seed), |arm| Arc::new(Liar { arm, lie: lie() }));
        let rules: Vec<_> = judge(&history).into_iter().map(|broken| broken.rule).collect();
        (!rules.is_empty()).then_some(rules)
    });
    let mut found = BTreeMap::new();
    for (_, mut rules) in broken {
        rules.dedup();
        for rule in rules {
            *found.entry(rule).or_default() += 1;
        }
    }
    found
}

#[test]
fn losses_that_are_called_never_written_are_found() {
    let found = found(|| {
        |request: &HttpRequest, answer: Answer| {
            answer.map_err(|mut lost| {
                if writes(request) {
                    lost.reach = Reach::NeverWritten;
                }
                lost
            })
        }
    });
    assert!(found.contains_key("failed and not started took no effect"), "{found:?}");
}

#[test]
fn cut_answers_that_are_taken_for_done_are_found() {
    let found = found(|| {
        |request: &HttpRequest, answer: Answer| match answer {
            Err(lost) if writes(request) && lost.reach != Reach::NeverWritten => {
                Ok(HttpResponse { status: StatusCode::OK, headers: HeaderMap::new(), body: Bytes::new() })
            }
            answer => answer,
        }
    });
    assert!(found.contains_key("done took effect"), "{found:?}");
    assert!(found.contains_key("removed took effect"), "{found:?}");
}

#[test]
fn server_errors_that_are_taken_for_refusals_are_found() {
    let found = found(|| {
        |request: &HttpRequest, answer: Answer| {
            let mut answer = answer?;
            if writes(request) && answer.status.is_server_error() {
                answer.status = StatusCode::BAD_REQUEST;
            }
            Ok(answer)
        }
    });
    assert!(found.contains_key("failed and not started took no effect"), "{found:?}");
}

#[test]
fn refusals_that_are_taken_for_done_are_found() {
    let found = found(|| {
        |request: &HttpRequest, answer: Answer| {
            let mut answer = answer?;
            if writes(request) && answer.status == StatusCode::TOO_MANY_REQUESTS {
                answer.status = StatusCode::OK;
                answer.body = Bytes::new();
            }
            Ok(answer)
        }
    });
    assert!(found.contains_key("done took effect"), "{found:?}");
}

#[test]
fn answers_of_what_was_once_so_are_found() {
    let found = found(|| {
        let once: Mutex<BTreeMap<String, HttpResponse>> = Mutex::default();
        move |request: &HttpRequest, answer: Answer| {
            let of_mapping = !writes(request) && request.url.path().contains("/customerSubscriptions");
            match answer {
                Ok(answer) if of_mapping && answer.status.as_u16() != 401 => {
                    let mut once = once.lock().unwrap();
                    Ok(once.entry(request.url.to_string()).or_insert(answer).clone())
                }
                answer => answer,
            }
        }
    });
    assert!(found.contains_key("not found was absent"), "{found:?}");
    assert!(found.contains_key("expectations hold"), "{found:?}");
}

#[test]
fn lists_that_leave_something_out_are_found() {
    let found = found(|| {
        |request: &HttpRequest, answer: Answer| {
            let mut answer = answer?;
            if request.url.path().ends_with("/customerSubscriptions")
                && let Ok(mut page) = serde_json::from_slice::<serde_json::Value>(&answer.body)
                && let Some(items) = page["value"].as_array_mut()
            {
                items.pop();
                answer.body = page.to_string().into();
            }
            Ok(answer)
        }
    });
    for rule in
        ["nothing is replaced silently", "expectations hold", "a list is whole", "not found was absent"]
    {
        assert!(found.contains_key(rule), "{rule}: {found:?}");
    }
}

#[test]
fn writes_that_are_sent_twice_are_found() {
    struct Twice(MemoryArm);
    impl Transport for Twice {
        fn send(&self, request: HttpRequest) -> BoxFuture<'_, Answer> {
            Box::pin(async move {
                if !writes(&request) {
                    return self.0.send(request).await;
                }
                let (first, _) = tokio::join!(self.0.send(request.clone()), self.0.send(request.clone()));
                first
            })
        }
    }
    let broken = many(0..20, |seed| {
        let history = run_through(draw(seed), |arm| Arc::new(Twice(arm)));
        judge(&history).into_iter().find(|broken| broken.rule.starts_with("one write at a time"))
    });
    assert!(!broken.is_empty());
}
