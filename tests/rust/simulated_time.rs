//! Retries and cancellation in tokio's paused time: minutes of patience in no time.

use std::time::Duration;

use azs_registration::Category;
use azs_registration::engine::{LogLevel, Observer, Run, Silent, Wait};
use azs_registration::tenants::{Expectation, Outcome, Purpose, Session};
use azs_registration::transport::{Reach, TransportError, TransportFault};
use http::Method;
use tokio::time::Instant;

use crate::scripted::{Collected, answer, answer_with, setup, target};

fn cut(reach: Reach) -> Option<crate::scripted::Answer> {
    Some(Err(TransportError { reach, fault: TransportFault::ConnectionLost, cause: "cut".to_owned() }))
}

#[tokio::test(start_paused = true)]
async fn a_read_is_repeated_with_growing_pauses_until_the_patience_ends() {
    let setup = setup(|_, _| answer(503, ""));
    let began = Instant::now();
    let finished = setup.list(&target(Purpose::List), &mut Collected::default()).await;
    let error = finished.error.unwrap();
    assert_eq!((error.category(), error.code()), (Category::Service, "ServiceUnavailable"));
    assert_eq!(finished.http_requests, 8);
    // Half of 0.5 + 1 + 2 + 4 + 8 + 16 + 30 s, for there is no chance here.
    assert_eq!(began.elapsed().as_millis(), 30_750);
}

#[tokio::test(start_paused = true)]
async fn the_pause_is_the_services_where_it_names_one() {
    let setup = setup(|number, _| match number {
        1 => answer_with(429, &[("retry-after", "300")], ""),
        _ => answer(200, r#"{"value":[]}"#),
    });
    let began = Instant::now();
    let finished = setup.list(&target(Purpose::List), &mut Collected::default()).await;
    // Longer than the item's whole patience, which it does not count against.
    assert_eq!((finished.outcome, began.elapsed().as_secs()), (Outcome::Read, 300));
}

#[tokio::test(start_paused = true)]
async fn segments_go_out_percent_encoded_with_the_api_version() {
    let setup = setup(|_, _| answer(200, "{}"));
    setup.list(&target(Purpose::List), &mut Collected::default()).await;
    assert_eq!(
        setup.seen.lock().unwrap()[0],
        "GET https://management.azure.com/subscriptions/dd8597b4-8739-4467-8b10-f8679f62bfbf/resourceGroups/gr%C3%BCne(1)/\
         providers/Microsoft.AzureStack/registrations/hub/customerSubscriptions?api-version=2017-06-01"
    );
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_reaches_a_sleeping_retry() {
    let setup = setup(|_, _| answer_with(429, &[("retry-after", "600")], ""));
    let stop = setup.run.stop.clone();
    let (target, mut items) = (target(Purpose::List), Collected::default());
    let began = Instant::now();
    let (finished, ()) = tokio::join!(setup.list(&target, &mut items), async move {
        tokio::time::sleep(Duration::from_secs(5)).await;
        stop.cancel();
    });
    assert_eq!((finished.outcome, began.elapsed().as_secs()), (Outcome::Cancelled, 5));
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_reaches_a_read_in_flight() {
    let setup = setup(|_, _| None);
    let stop = setup.run.stop.clone();
    let (target, mut items) = (target(Purpose::List), Collected::default());
    let (finished, ()) = tokio::join!(setup.list(&target, &mut items), async move {
        tokio::time::sleep(Duration::from_secs(5)).await;
        stop.cancel();
    });
    assert_eq!(finished.outcome, Outcome::Cancelled);
}

/// Everything but PUT is answered as a service with one registration and nothing mapped would.
fn reads(request: &azs_registration::transport::HttpRequest) -> Option<crate::scripted::Answer> {
    assert_eq!(request.method, Method::GET);
    let path = request.url.path();
    if path.ends_with("/customerSubscriptions") || path.ends_with("/hub") {
        answer(200, "{}")
    } else {
        answer(404, "")
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_in_flight_is_given_up_only_after_its_grace() {
    let setup = setup(|_, request| if request.method == Method::PUT { None } else { reads(request) });
    let (stop, abandon) = (setup.run.stop.clone(), setup.run.abandon.clone());
    let (target, session) = (target(Purpose::Add), Session::default());
    let began = Instant::now();
    let (finished, ()) =
        tokio::join!(setup.add(&session, &target, Expectation::NothingReplaced), async move {
            tokio::time::sleep(Duration::from_secs(5)).await;
            stop.cancel();
            tokio::time::sleep(Duration::from_secs(10)).await;
            abandon.cancel();
        });
    assert_eq!((finished.outcome, began.elapsed().as_secs()), (Outcome::Unknown, 15));
    assert_eq!(finished.error.unwrap().category(), Category::Cancelled);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_never_left_is_sent_again_and_fails_without_doubt() {
    let setup = setup(
        |_, request| if request.method == Method::PUT { cut(Reach::NeverWritten) } else { reads(request) },
    );
    let session = Session::default();
    let finished = setup.add(&session, &target(Purpose::Add), Expectation::NothingReplaced).await;
    assert_eq!(finished.outcome, Outcome::Failed);
    let sent = setup.seen.lock().unwrap();
    let puts = sent.iter().filter(|line| line.starts_with("PUT")).count();
    assert_eq!(puts, 8);
    // No look-up: nothing was in doubt. The registration, the list and the challenge are all that was read.
    assert_eq!(sent.len() - puts, 3, "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn a_write_in_doubt_fails_only_when_it_can_take_effect_no_more() {
    let setup =
        setup(|_, request| if request.method == Method::PUT { cut(Reach::Written) } else { reads(request) });
    let session = Session::default();
    let began = Instant::now();
    let finished = setup.add(&session, &target(Purpose::Add), Expectation::NothingReplaced).await;
    assert_eq!((finished.outcome, began.elapsed().as_secs()), (Outcome::Failed, 30 + 90));
    let sent = setup.seen.lock().unwrap();
    // Each sending is followed by a look-up, of the mapping and of the list, and the last look-up comes when the service
    // cannot be at work any more.
    let after: Vec<_> =
        sent.iter().skip_while(|line| !line.starts_with("PUT")).map(|line| &line[..3]).collect();
    assert_eq!(after, [&["PUT", "GET", "GET"].repeat(8)[..], &["GET", "GET"]].concat());
}

/// What an add ends with whose first sending is cut off, and whose further ones never get out for this reason.
async fn sent_once_and_then(fault: TransportFault) -> String {
    let puts = std::sync::atomic::AtomicU32::new(0);
    let setup = setup(move |_, request| {
        if request.method != Method::PUT {
            return reads(request);
        }
        match puts.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            0 => cut(Reach::Written),
            _ => Some(Err(TransportError { reach: Reach::NeverWritten, fault, cause: "gone".to_owned() })),
        }
    });
    let session = Session::default();
    let finished = setup.add(&session, &target(Purpose::Add), Expectation::NothingReplaced).await;
    assert_eq!(finished.outcome, Outcome::Failed);
    finished.error.unwrap().to_string()
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_once_is_not_said_never_to_have_been_sent() {
    let said = sent_once_and_then(TransportFault::ConnectionLost).await;
    let expected = "ConnectionLost: An earlier sending had no clear answer. The connection to management.azure.com broke, so PUT ";
    assert!(said.starts_with(expected), "{said}");
}

#[tokio::test(start_paused = true)]
async fn what_was_never_answered_is_not_said_to_have_been_accepted() {
    // The outage is longer than what was read before holds.
    let said = sent_once_and_then(TransportFault::ConnectionRefused).await;
    assert!(said.contains(" was sent without a clear answer, and could not be sent again in time"), "{said}");
}

fn refused() -> Option<crate::scripted::Answer> {
    let cause = "refused".to_owned();
    Some(Err(TransportError { reach: Reach::NeverWritten, fault: TransportFault::ConnectionRefused, cause }))
}

#[tokio::test(start_paused = true)]
async fn who_finds_the_endpoint_again_and_gets_no_answer_keeps_nobody_waiting() {
    let setup = setup(|number, _| match number {
        1 | 4.. => answer(200, r#"{"value":[]}"#),
        2 => refused(),
        _ => None,
    });
    let target = target(Purpose::List);
    setup.list(&target, &mut Collected::default()).await;
    let began = Instant::now();
    let (mut first, mut second) = (Collected::default(), Collected::default());
    let finished = tokio::select! {
        biased;
        finished = setup.list(&target, &mut first) => panic!("it is never answered: {finished:?}"),
        finished = setup.list(&target, &mut second) => finished,
    };
    assert_eq!(finished.outcome, Outcome::Read);
    // The time that a connection may take to be made, and not the time that an answer may take.
    assert_eq!(began.elapsed().as_secs(), 21);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_waited_for_as_long_as_an_item_may_take() {
    let mut setup = setup(|_, _| None);
    setup.run = Run::new(uuid::Uuid::nil().to_string(), Duration::from_secs(25), std::sync::Arc::new(Silent));
    let began = Instant::now();
    let finished = setup.list(&target(Purpose::List), &mut Collected::default()).await;
    assert_eq!(finished.error.unwrap().code(), "AnswerTimeout");
    assert_eq!(began.elapsed().as_secs(), 25);
    // A connection has the time that it may take to be made.
    setup.run = Run::new(uuid::Uuid::nil().to_string(), Duration::from_secs(5), std::sync::Arc::new(Silent));
    let began = Instant::now();
    setup.list(&target(Purpose::List), &mut Collected::default()).await;
    assert_eq!(began.elapsed().as_secs(), 21);
}

/// What is warned of, in order.
#[derive(Default)]
struct Warnings(std::sync::Mutex<Vec<String>>);

impl Observer for Warnings {
    fn log(&self, level: LogLevel, line: &mut dyn FnMut() -> String) {
        if level == LogLevel::Warning {
            self.0.lock().unwrap().push(line());
        }
    }
    fn wait_began(&self, _id: u64, _wait: Wait, _duration: Option<Duration>) {}
    fn wait_ended(&self, _id: u64) {}
    fn sending_began(&self, _order: u64) {}
    fn sending_ended(&self, _order: u64) {}
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_said_once_and_before_it_is_waited_for() {
    let mut setup = setup(|number, _| match number {
        2..=6 => refused(),
        _ => answer(200, r#"{"value":[]}"#),
    });
    let warnings = std::sync::Arc::new(Warnings::default());
    setup.run = Run::new(uuid::Uuid::nil().to_string(), Duration::from_secs(120), warnings.clone());
    let target = target(Purpose::List);
    setup.list(&target, &mut Collected::default()).await;
    let (mut first, mut second) = (Collected::default(), Collected::default());
    let ends = tokio::join!(setup.list(&target, &mut first), setup.list(&target, &mut second));
    assert_eq!((ends.0.outcome, ends.1.outcome), (Outcome::Read, Outcome::Read));
    let said = warnings.0.lock().unwrap().clone();
    assert!(
        matches!(&said[..], [one] if one.contains("refused") && one.contains("tried again for up to 120 s")),
        "{said:?}"
    );
}
