//! Many adds against Azure Resource Manager's token buckets, in simulated time: as fast as these allow, and no faster.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use azs_registration::client::{Client, ClientOptions, Surroundings};
use azs_registration::clock::{BoxFuture, SystemClock};
use azs_registration::cloud::Cloud;
use azs_registration::credential::{AccessToken, SuppliedToken, TokenSource};
use azs_registration::operation::{Event, Next, Operation, OperationOptions, Request, Submitted};
use azs_registration::tenants::{Expectation, Finished, Outcome, TargetInput};
use azs_registration::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use tokio::time::Instant;

use crate::scripted::NoChance;

/// How long the service takes for an answer.
const ANSWER_TIME: Duration = Duration::from_millis(20);

/// A token bucket as ARM describes it: so many at once, so many more each second.
struct Bucket {
    tokens: f64,
    capacity: f64,
    refill: f64,
    counted_at: Instant,
}

impl Bucket {
    fn new(capacity: f64, refill: f64) -> Bucket {
        Bucket { tokens: capacity, capacity, refill, counted_at: Instant::now() }
    }

    /// What is left after a request, or how many seconds to wait.
    fn take(&mut self) -> Result<u64, u64> {
        let now = Instant::now();
        let flown = (now - self.counted_at).as_secs_f64() * self.refill;
        self.tokens = (self.tokens + flown).min(self.capacity);
        self.counted_at = now;
        if self.tokens < 1.0 {
            return Err(((1.0 - self.tokens) / self.refill).ceil() as u64);
        }
        self.tokens -= 1.0;
        Ok(self.tokens as u64)
    }
}

/// A service that answers everything as it should, and counts.
pub(crate) struct Service {
    writes: Mutex<Bucket>,
    reads: Mutex<Bucket>,
    says_what_is_left: bool,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    refused: usize,
    at_once: usize,
    most_at_once: usize,
}

impl Service {
    pub(crate) fn new(says_what_is_left: bool) -> Arc<Service> {
        Arc::new(Service {
            writes: Mutex::new(Bucket::new(200.0, 10.0)),
            reads: Mutex::new(Bucket::new(250.0, 25.0)),
            says_what_is_left,
            counts: Mutex::default(),
        })
    }

    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let mut headers = HeaderMap::new();
        let mut status = 200;
        if !request.headers.contains_key("authorization") {
            // Every subscription has a tenant of its own, made from its id.
            let id = request.url.path_segments().unwrap().next_back().unwrap().to_owned();
            let tenant = id.replacen("11111111", "22222222", 1);
            let challenge = format!("Bearer authorization_uri=\"https://login.windows.net/{tenant}\"");
            headers.insert("www-authenticate", challenge.parse().unwrap());
            return HttpResponse { status: StatusCode::UNAUTHORIZED, headers, body: Bytes::new() };
        }
        let write = request.method == Method::PUT;
        let (bucket, kind) = if write { (&self.writes, "writes") } else { (&self.reads, "reads") };
        match bucket.lock().unwrap().take() {
            Ok(left) if self.says_what_is_left => {
                let name = format!("x-ms-ratelimit-remaining-subscription-{kind}");
                let name: http::HeaderName = name.parse().unwrap();
                headers.insert(name, left.into());
            }
            Ok(_) => {}
            Err(seconds) => {
                self.counts.lock().unwrap().refused += 1;
                status = 429;
                headers.insert("retry-after", seconds.into());
            }
        }
        if write && status == 200 {
            status = 201;
        }
        let status = StatusCode::from_u16(status).unwrap();
        HttpResponse {
            status,
            headers,
            body: Bytes::from_static(if write { b"" } else { b"{\"value\":[]}" }),
        }
    }
}

impl Transport for Service {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(async move {
            {
                let mut counts = self.counts.lock().unwrap();
                counts.at_once += 1;
                counts.most_at_once = counts.most_at_once.max(counts.at_once);
            }
            let answer = self.answer(&request);
            tokio::time::sleep(ANSWER_TIME).await;
            self.counts.lock().unwrap().at_once -= 1;
            Ok(answer)
        })
    }
}

/// A client of a service, in simulated time.
pub(crate) fn client<T: Transport + 'static>(service: &Arc<T>) -> Client {
    let tokens = SuppliedToken::new(false);
    tokens.supply(AccessToken::new("token".to_owned(), 0).unwrap());
    let options = ClientOptions::new(Cloud::new(None, None).unwrap(), tokens);
    let (clock, random) = (Arc::new(SystemClock), Arc::new(NoChance));
    Client::within(Surroundings { transport: service.clone(), clock, random }, options)
}

pub(crate) fn registration() -> TargetInput {
    TargetInput {
        registration_subscription_id: Some("dd8597b4-8739-4467-8b10-f8679f62bfbf".to_owned()),
        resource_group_name: Some("azurestack".to_owned()),
        registration_name: Some("hub".to_owned()),
        ..TargetInput::default()
    }
}

/// The addition of the customer with this number.
pub(crate) fn addition(number: u32) -> Request {
    Request::Add { target: customer(number), expectation: Expectation::NothingReplaced, preserve_case: false }
}

/// The customer with this number.
pub(crate) fn customer(number: u32) -> TargetInput {
    TargetInput {
        customer_subscription_id: Some(format!("11111111-2222-4333-8444-{number:012}")),
        ..TargetInput::default()
    }
}

/// Adds so many, and gives how they ended and how long it took.
async fn add(client: &Client, numbers: std::ops::Range<u32>, throttle_limit: usize) -> (Vec<Finished>, f64) {
    let options = OperationOptions { throttle_limit, ..OperationOptions::default() };
    let operation = Operation::new(client, options.with_inputs(&registration(), None).unwrap()).unwrap();
    let began = Instant::now();
    let mut rows = numbers.map(addition);
    let (mut ends, mut held) = (Vec::new(), None);
    loop {
        while let Some(request) = held.take().or_else(|| rows.next()) {
            if operation.submit(0, request.clone()) == Submitted::Full {
                held = Some(request);
                break;
            }
        }
        match operation.wait_next().await {
            Next::Event(Event::Finished { finished, .. }) => ends.push(*finished),
            Next::Event(_) | Next::Timeout => {}
            Next::Idle | Next::Drained => return (ends, began.elapsed().as_secs_f64()),
        }
    }
}

fn assert_added(ends: &[Finished], count: usize) {
    assert_eq!(ends.len(), count);
    let other = ends.iter().find(|end| end.outcome != Outcome::Added);
    assert!(other.is_none(), "{other:?}");
}

#[tokio::test(start_paused = true)]
async fn a_batch_takes_what_the_bucket_allows_and_is_never_refused() {
    for throttle_limit in [5, 64] {
        let service = Service::new(true);
        let client = client(&service);
        let (ends, took) = add(&client, 0..2_000, throttle_limit).await;
        assert_added(&ends, 2_000);
        let allowed = (2_000.0 - 200.0) / 10.0;
        assert!(took <= 1.05 * allowed, "{took} s of {allowed} s");
        let counts = service.counts.lock().unwrap();
        assert_eq!(counts.refused, 0);
        assert!(counts.most_at_once <= throttle_limit);
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_run_right_after_the_first_knows_that_the_bucket_is_empty() {
    let service = Service::new(true);
    let client = client(&service);
    add(&client, 0..300, 64).await;
    let (ends, _) = add(&client, 300..400, 64).await;
    assert_added(&ends, 100);
    assert_eq!(service.counts.lock().unwrap().refused, 0);
}

#[tokio::test(start_paused = true)]
async fn another_process_learns_from_the_first_answer_that_the_bucket_is_empty() {
    for (throttle_limit, says_what_is_left) in [(5, true), (64, true), (64, false)] {
        let service = Service::new(says_what_is_left);
        add(&client(&service), 0..300, throttle_limit).await;
        let before = service.counts.lock().unwrap().refused;
        let (ends, took) = add(&client(&service), 300..400, throttle_limit).await;
        assert_added(&ends, 100);
        // What was on its way when the first refusal came.
        let refused = service.counts.lock().unwrap().refused - before;
        assert!(refused <= 10, "{refused} of {throttle_limit}");
        assert!(took <= 1.05 * 100.0 / 10.0, "{took} s");
    }
}
