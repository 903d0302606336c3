//! What an operation says of how far it has come, in simulated time: how fast of late, how long yet, what it waits for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use azs_registration::clock::BoxFuture;
use azs_registration::engine::Wait;
use azs_registration::operation::{Event, Next, Operation, OperationOptions, Progress, Request};
use azs_registration::tenants::TargetInput;
use azs_registration::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use tokio::time::Instant;

use crate::pacing::{Service, addition, client, customer, registration};

/// Progress, and how many seconds after the beginning it came.
type Told = Vec<(f64, Progress)>;

/// Submits all requests at once, and gives the progress until all have ended, or until this time is over; and when they
/// had ended.
async fn watch<T: Transport + 'static>(
    service: &Arc<T>,
    throttle_limit: usize,
    requests: impl Iterator<Item = Request>,
    until: Duration,
) -> (Told, f64) {
    let options = OperationOptions {
        throttle_limit,
        max_outstanding: 5_000,
        want_progress: true,
        ..Default::default()
    };
    let client = client(service);
    let operation = Operation::new(&client, options.with_inputs(&registration(), None).unwrap()).unwrap();
    let began = Instant::now();
    for (tag, request) in (0..).zip(requests) {
        operation.submit(tag, request);
    }
    let mut told = Vec::new();
    loop {
        let next = tokio::select! {
            next = operation.wait_next() => next,
            () = tokio::time::sleep_until(began + until) => break,
        };
        match next {
            Next::Event(Event::Progress(progress)) => told.push((began.elapsed().as_secs_f64(), progress)),
            Next::Event(_) | Next::Timeout => {}
            Next::Idle | Next::Drained => break,
        }
    }
    (told, began.elapsed().as_secs_f64())
}

const FOR_EVER: Duration = Duration::from_secs(1 << 20);

#[tokio::test(start_paused = true)]
async fn the_time_left_follows_the_pace_of_late_and_not_the_average() {
    // 200 in some seconds, then ten a second.
    let (told, took) = watch(&Service::new(true), 8, (0..1_000).map(addition), FOR_EVER).await;
    let paced = told.iter().position(|(_, now)| now.wait.is_some_and(|wait| wait.kind == Wait::Pacing));
    let (paced_at, before) = told[paced.expect("it is paced")];
    assert!(before.finished >= 150, "{before:?}");
    let later =
        |seconds: f64| told.iter().filter(move |(at, _)| *at >= paced_at + seconds && *at < took - 1.0);
    for (at, now) in later(2.0) {
        let rate = now.rate.expect("it is known a second after the pace changed");
        assert!((9.0..=11.5).contains(&rate), "{rate} a second after {at} s");
        let left = now.time_left.expect("it follows from the rate").as_secs_f64();
        assert!((left - (took - at)).abs() <= 0.15 * (took - at) + 1.0, "{left} s, not {} s", took - at);
        let other = now.time_for(now.outstanding + 100).unwrap().as_secs_f64();
        assert!((other - left - 10.0).abs() < 2.0, "{other} s for 100 more than in {left} s");
    }
    assert!(later(2.0).count() > 100);
    let (_, last) = told.last().unwrap();
    assert_eq!((last.finished, last.failed, last.outstanding, last.in_flight), (1_000, 0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn progress_comes_now_and_then_and_never_goes_back() {
    let (told, _) = watch(&Service::new(true), 8, (0..300).map(addition), FOR_EVER).await;
    let last = told.len() - 1;
    for pair in told[..last].windows(2) {
        let ((before_at, before), (at, now)) = (pair[0], pair[1]);
        assert!(now.finished >= before.finished);
        assert!((0.199..=1.3).contains(&(at - before_at)), "after {before_at} s at {at} s");
        assert!(now.in_flight <= 8 && now.in_flight <= now.outstanding);
        assert_eq!(now.finished + now.outstanding, 300);
    }
}

/// Answers by a function of the number of the request: after so long, or never.
struct Slow<F>(F, AtomicUsize);

type Reply = Option<(Duration, StatusCode, HeaderMap, String)>;

impl<F: Fn(usize) -> Reply + Send + Sync> Slow<F> {
    fn new(reply: F) -> Arc<Slow<F>> {
        Arc::new(Slow(reply, AtomicUsize::new(0)))
    }
}

impl<F: Fn(usize) -> Reply + Send + Sync> Transport for Slow<F> {
    fn send(&self, _: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        let reply = (self.0)(self.1.fetch_add(1, Ordering::Relaxed));
        Box::pin(async move {
            let Some((pause, status, headers, body)) = reply else { return std::future::pending().await };
            tokio::time::sleep(pause).await;
            Ok(HttpResponse { status, headers, body: Bytes::from(body) })
        })
    }
}

fn get(number: u32) -> Request {
    Request::Get { target: customer(number) }
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_its_turn_is_not_in_flight() {
    let (told, _) = watch(&Slow::new(|_| None), 2, (0..5).map(get), Duration::from_secs(10)).await;
    // It is told although nothing happens.
    assert!(told.len() >= 8, "{}", told.len());
    for (_, now) in &told {
        assert_eq!((now.in_flight, now.outstanding, now.finished), (2, 5, 0));
        assert_eq!((now.rate, now.time_left, now.wait), (None, None, None));
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_the_service_asks_for_is_told_with_what_is_left_of_it() {
    let service = Slow::new(|number| {
        let mut headers = HeaderMap::new();
        if number == 30 {
            headers.insert("retry-after", 300.into());
        }
        let status = if number == 30 { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::NOT_FOUND };
        Some((Duration::from_millis(200), status, headers, r#"{"error":{"code":"NotFound"}}"#.to_owned()))
    });
    let (told, took) = watch(&service, 1, (0..100).map(get), FOR_EVER).await;
    let pause: Vec<_> = told
        .iter()
        .filter_map(|(at, now)| Some((*at, *now, now.wait.filter(|wait| wait.kind == Wait::Throttled)?)))
        .collect();
    let (began, ..) = pause[0];
    assert!(pause.len() >= 250, "{}", pause.len());
    for (at, now, wait) in pause {
        assert_eq!(wait.expected, Some(Duration::from_secs(300)));
        let left = wait.left.unwrap().as_secs_f64();
        assert!((left - (300.0 - (at - began))).abs() < 1.5, "{left} s left of 300 at {} s", at - began);
        // What was before says nothing about what comes.
        assert_eq!((now.in_flight, now.rate, now.time_left), (0, None, None));
    }
    let told_after: Vec<_> = told.iter().filter(|(at, _)| (began + 310.0..took - 1.0).contains(at)).collect();
    assert!(told_after.len() > 20);
    for (at, now) in told_after {
        let left = now.time_left.expect("it goes on as before").as_secs_f64();
        assert!((left - (took - at)).abs() <= 0.2 * (took - at) + 3.0, "{left} s, not {} s", took - at);
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_tells_how_many_items_come_in_a_second() {
    let service = Slow::new(|number| {
        let item = |at: usize| {
            let (id, root) = (
                number * 40 + at,
                "/subscriptions/dd8597b4-8739-4467-8b10-f8679f62bfbf/resourceGroups/azurestack",
            );
            let name = format!("11111111-2222-4333-8444-{id:012}");
            format!(
                r#"{{"id":"{root}/providers/Microsoft.AzureStack/registrations/hub/customerSubscriptions/{name}","name":"{name}"}}"#
            )
        };
        let items: Vec<_> = (0..40).map(item).collect();
        let next = format!("https://management.azure.com/next?page={number}");
        let next = if number < 30 { format!(r#","nextLink":"{next}""#) } else { String::new() };
        let body = format!(r#"{{"value":[{}]{next}}}"#, items.join(","));
        Some((Duration::from_secs(1), StatusCode::OK, HeaderMap::new(), body))
    });
    let list = Request::List { target: TargetInput::default() };
    let (told, _) = watch(&service, 5, std::iter::once(list), FOR_EVER).await;
    for (at, now) in told.iter().filter(|(at, _)| (10.0..29.0).contains(at)) {
        let rate = now.listing_rate.expect("pages come");
        assert!((33.0..=44.0).contains(&rate), "{rate} a second after {at} s");
        assert_eq!((now.rate, now.time_left), (None, None));
    }
    assert_eq!(told.last().unwrap().1.listed, 31 * 40);
}
