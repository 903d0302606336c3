//! What became of a change that ended as unknown: looked up again, by the rules of the first look, in simulated time.

use std::time::Duration;

use azs_registration::operation::{Entry, Operation, Report, Request, Submitted};
use azs_registration::tenants::{Expectation, Finished, Outcome, TargetInput};
use azs_registration::transport::HttpRequest;
use http::Method;
use tokio::time::Instant;

use crate::doubts::{B, C, S, Stored, T, T2, serve};
use crate::emulated::{add, adding, code, customer};
use crate::scripted::{Answer, answer};
use crate::small::{Small, ends, operation_of, run, run_one};

/// What happens to a write that is never answered.
#[derive(Clone, Copy)]
enum Lost {
    InVain,
    TakingEffect,
}

/// A service that never answers writes.
fn silent(lost: Lost) -> impl Fn(&Stored, &HttpRequest) -> Option<Option<Answer>> + Send + Sync + 'static {
    move |stored, request| {
        (request.method != Method::GET).then(|| {
            if let Lost::TakingEffect = lost {
                serve(stored, request);
            }
            None
        })
    }
}

/// A change that is given up ten seconds after it was sent, and the report that says so.
async fn given_up(small: &Small, request: Request) -> Report {
    let method = if matches!(request, Request::Add { .. }) { "PUT" } else { "DELETE" };
    let operation = small.operation(|_| {});
    assert_eq!(operation.submit(0, request), Submitted::Accepted);
    small.await_sent(method, 1).await;
    operation.cancel();
    let (ends, _) = ends(&operation).await;
    assert_eq!((ends[0].outcome, ends[0].entry, ends[0].resolved), (Outcome::Unknown, 1, false));
    operation.report()
}

async fn resolve(operation: &Operation, report: &Report, number: u64) -> Finished {
    run_one(operation, Request::Resolve { report: report.clone(), number }).await
}

fn only_entry(report: &Report) -> Finished {
    let entries: Vec<Entry> = report.entries().map(Result::unwrap).collect();
    assert_eq!((entries.len(), entries[0].number), (1, 1));
    entries[0].finished.clone().unwrap()
}

/// How a resolved change ended, after checking that the report says the same.
fn as_reported(report: &Report, finished: &Finished) -> Outcome {
    let entry = only_entry(report);
    assert_eq!((entry.outcome, entry.entry), (finished.outcome, 1));
    assert!(finished.resolved && entry.resolved);
    assert_eq!(entry.error, finished.error);
    let summary = report.summary();
    assert_eq!((summary.count(Outcome::Unknown), summary.count(finished.outcome)), (0, 1));
    finished.outcome
}

#[tokio::test(start_paused = true)]
async fn what_is_there_now_counts_as_made_at_once() {
    let replacement = adding(customer(S), Expectation::Exactly(B.to_owned()));
    let removal = Request::Remove { target: customer(S) };
    let cases = [
        (None, add(S), Outcome::Added, None),
        (Some(B), replacement, Outcome::Replaced, Some(B)),
        (Some(S), removal, Outcome::Removed, None),
    ];
    for (mapped, request, outcome, old) in cases {
        let mapped: Vec<_> = mapped.into_iter().map(|customer| (customer, Some(T))).collect();
        let small = Small::new(&mapped, silent(Lost::TakingEffect));
        let report = given_up(&small, request).await;
        let writes = small.sent("PUT") + small.sent("DELETE");
        let began = Instant::now();
        let finished = resolve(&small.operation(|_| {}), &report, 1).await;
        assert_eq!(as_reported(&report, &finished), outcome);
        assert!(finished.confirmed_by_lookup && finished.took_effect && finished.error.is_none());
        assert_eq!(finished.old.map(|old| old.customer_subscription).as_deref(), old);
        assert_eq!(finished.mapping.customer_subscription.as_deref(), Some(S));
        assert_eq!((small.sent("PUT") + small.sent("DELETE"), began.elapsed()), (writes, Duration::ZERO));
    }
}

#[tokio::test(start_paused = true)]
async fn a_move_that_nobody_can_tell_says_from_where_to_where() {
    let cases = [
        (
            B,
            customer(S),
            format!("the usage of tenant {T} is charged to subscription {S}, and no longer to {B}."),
        ),
        (
            C,
            TargetInput { tenant_id: Some(T2.to_owned()), ..customer(C) },
            format!("subscription {C} is mapped to tenant {T2}, and no longer to tenant {T}."),
        ),
    ];
    for (mapped, target, moved) in cases {
        let small = Small::new(&[(mapped, Some(T))], silent(Lost::TakingEffect));
        let report = given_up(&small, adding(target, Expectation::Exactly(mapped.to_owned()))).await;
        let end = only_entry(&report);
        assert_eq!(end.old.as_ref().unwrap().customer_subscription, mapped);
        let said = end.error.unwrap().to_string();
        assert!(
            said.contains("The change may have taken effect.")
                && said.contains(&format!("If it took effect, {moved}")),
            "{said}"
        );
    }
    let small = Small::new(&[], silent(Lost::TakingEffect));
    let said = only_entry(&given_up(&small, add(S)).await).error.unwrap().to_string();
    assert!(!said.contains("If it took effect"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn what_was_there_before_is_no_failure_before_the_change_can_take_effect_no_more() {
    for request in [adding(customer(S), Expectation::Anything), Request::Remove { target: customer(B) }] {
        let small = Small::new(&[(B, Some(T))], silent(Lost::InVain));
        let began = Instant::now();
        let report = given_up(&small, request).await;
        let finished = resolve(&small.operation(|_| {}), &report, 1).await;
        assert_eq!(as_reported(&report, &finished), Outcome::Failed);
        let said = finished.error.unwrap().to_string();
        assert!(said.contains("Nothing changed") && !said.contains("may have taken effect"), "{said}");
        // From its sending, which was in the first milliseconds.
        assert_eq!(began.elapsed().as_secs(), 90);
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_effect_is_seen() {
    let small = Small::new(&[], silent(Lost::InVain));
    let report = given_up(&small, add(S)).await;
    let stored = small.stored.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(40)).await;
        stored.lock().unwrap().push((S.to_owned(), Some(T.to_owned())));
    });
    let finished = resolve(&small.operation(|_| {}), &report, 1).await;
    assert_eq!(as_reported(&report, &finished), Outcome::Added);
}

#[tokio::test(start_paused = true)]
async fn a_third_value_is_somebody_elses() {
    for request in [adding(customer(S), Expectation::Anything), Request::Remove { target: customer(B) }] {
        let small = Small::new(&[(B, Some(T))], silent(Lost::InVain));
        let removes = matches!(request, Request::Remove { .. });
        let report = given_up(&small, request).await;
        let other = if removes { (B, T2) } else { (C, T) };
        *small.stored.lock().unwrap() = vec![(other.0.to_owned(), Some(other.1.to_owned()))];
        let finished = resolve(&small.operation(|_| {}), &report, 1).await;
        assert_eq!(as_reported(&report, &finished), Outcome::ChangedByAnother);
        let old = finished.old.unwrap();
        assert_eq!((old.customer_subscription.as_str(), old.tenant.as_deref()), (other.0, Some(other.1)));
        assert!(!finished.took_effect);
    }
}

#[tokio::test(start_paused = true)]
async fn who_allows_an_item_less_time_is_told_that_nobody_can_tell_yet() {
    let small = Small::new(&[], silent(Lost::InVain));
    let report = given_up(&small, add(S)).await;
    let began = Instant::now();
    let hasty = small.operation(|options| options.item_timeout = Duration::from_secs(30));
    let finished = resolve(&hasty, &report, 1).await;
    assert_eq!(
        (finished.outcome, finished.resolved, began.elapsed()),
        (Outcome::Unknown, false, Duration::ZERO)
    );
    assert!(finished.error.unwrap().to_string().contains("may have taken effect"));
    assert_eq!(only_entry(&report).outcome, Outcome::Unknown);
    // It is not lost: a later one can tell.
    let finished = resolve(&small.operation(|_| {}), &report, 1).await;
    assert_eq!(as_reported(&report, &finished), Outcome::Failed);
}

#[tokio::test(start_paused = true)]
async fn a_look_that_fails_leaves_the_report_as_it_is() {
    let small = Small::new(&[], |stored, request| {
        if request.method == Method::PUT {
            serve(stored, request);
            return Some(None);
        }
        let refused = r#"{"error":{"code":"AuthorizationFailed","message":"No."}}"#;
        // Nobody may read any more once something is stored.
        (!stored.lock().unwrap().is_empty()).then(|| answer(403, refused))
    });
    let report = given_up(&small, add(S)).await;
    let finished = resolve(&small.operation(|_| {}), &report, 1).await;
    assert_eq!((finished.outcome, finished.resolved), (Outcome::Unknown, false));
    assert_eq!(code(&finished), "AuthorizationFailed");
    assert_eq!(
        (only_entry(&report).outcome, report.summary().count(Outcome::Unknown)),
        (Outcome::Unknown, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn another_cloud_is_not_asked() {
    let small = Small::new(&[], silent(Lost::TakingEffect));
    let report = given_up(&small, add(S)).await;
    let sent = small.sent("");
    let elsewhere = operation_of(&small.by_another_endpoint(), |_| {});
    let finished = resolve(&elsewhere, &report, 1).await;
    assert_eq!((finished.outcome, code(&finished), small.sent("")), (Outcome::Unknown, "AnotherCloud", sent));
    assert_eq!(only_entry(&report).outcome, Outcome::Unknown);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_has_not_ended_is_waited_for() {
    let small = Small::new(&[], silent(Lost::TakingEffect));
    let first = small.operation(|_| {});
    first.submit(0, add(S));
    small.await_sent("PUT", 1).await;
    let second = small.operation(|_| {});
    let request = Request::Resolve { report: first.report(), number: 1 };
    assert_eq!(second.submit(0, request), Submitted::Accepted);
    first.cancel();
    let (ends, _) = ends(&second).await;
    assert_eq!((ends[0].outcome, ends[0].resolved), (Outcome::Added, true));
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_waited_for_is_not_called_failed_by_a_cancellation() {
    let small = Small::new(&[], silent(Lost::InVain));
    let first = small.operation(|_| {});
    first.submit(0, add(S));
    small.await_sent("PUT", 1).await;
    let second = small.operation(|_| {});
    second.submit(0, Request::Resolve { report: first.report(), number: 1 });
    // It has begun to wait when another request of the operation has ended.
    second.submit(1, Request::Get { target: customer(S) });
    while !matches!(
        second.wait_next().await,
        azs_registration::operation::Next::Event(azs_registration::operation::Event::Finished { tag: 1, .. })
    ) {}
    second.cancel();
    let (ends, _) = ends(&second).await;
    assert_eq!((ends.len(), ends[0].outcome, code(&ends[0])), (1, Outcome::Unknown, "Cancelled"));
    assert_eq!(first.report().summary().pending, 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_known_already_is_told_without_a_request() {
    let small = Small::new(&[(B, Some(T2))], |_, _| None);
    let operation = small.operation(|_| {});
    let refused = adding(TargetInput { row: 3, ..customer("nonsense") }, Expectation::NothingReplaced);
    let (first, _) = run(&operation, [add(S), refused]).await;
    let (report, sent) = (operation.report(), small.sent(""));
    let by_entry = |entry: u64| first.iter().find(|end| end.entry == entry).unwrap().clone();
    for number in [1, 2] {
        let finished = resolve(&operation, &report, number).await;
        let known = by_entry(number);
        assert_eq!((finished.outcome, finished.row, finished.resolved), (known.outcome, known.row, false));
        assert_eq!(finished.error, known.error);
    }
    let finished = resolve(&operation, &report, 3).await;
    assert_eq!((finished.outcome, code(&finished)), (Outcome::Failed, "EntryNotFound"));
    assert_eq!(small.sent(""), sent);
}

#[tokio::test(start_paused = true)]
async fn what_the_service_accepted_and_may_still_work_on_is_never_called_failed() {
    let small = Small::new(&[], |_, request| match request.method {
        Method::PUT => {
            let link = "https://management.azure.com/operation";
            Some(crate::scripted::answer_with(202, &[("azure-asyncoperation", link)], ""))
        }
        _ if request.url.path() == "/operation" => Some(answer(404, "")),
        _ => None,
    });
    let operation = small.operation(|_| {});
    let finished = run_one(&operation, add(S)).await;
    assert_eq!(finished.outcome, Outcome::Unknown);
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    let finished = resolve(&small.operation(|_| {}), &operation.report(), 1).await;
    assert_eq!((finished.outcome, finished.resolved), (Outcome::Unknown, false));
}
