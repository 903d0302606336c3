//! The audit log: its lines to the last byte, when they are on the disk, and what happens where they cannot be written.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use azs_registration::Category;
use azs_registration::advice::Words;
use azs_registration::credential::AccessToken;
use azs_registration::engine::LogLevel;
use azs_registration::operation::{Event, Operation, OperationOptions, Request, Submitted};
use azs_registration::tenants::{Expectation, Outcome, TargetInput};
use azs_registration::transport::{Reach, TransportError, TransportFault};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;

use crate::doubts::{B, S, T, T2, cut, serve};
use crate::emulated::{self, World, add, adding, customer, id, registration_input};
use crate::scripted::{Answer, answer_with};
use crate::small::{CORRELATION, REGISTRATION, Small, ends, run, run_one};

const PRINCIPAL: &str = r#"{"name":"operator@contoso.com","oid":"0b9e","tid":"7e4a"}"#;
/// No part of it may be anywhere.
const SIGNATURE: &str = "c2lnbmF0dXJl";

/// A token that names its user.
fn token() -> AccessToken {
    let claims = r#"{"upn":"operator@contoso.com","oid":"0b9e","tid":"7e4a"}"#;
    let text = format!("e30.{}.{SIGNATURE}", URL_SAFE_NO_PAD.encode(claims));
    AccessToken::new(text, 0).unwrap()
}

/// An operation of a signed-in user with an audit log.
fn audited(small: &Small, path: &Path) -> Operation {
    small.client.set_token(token());
    small.operation(|options| options.audit_log = Some(path.to_owned()))
}

fn log_in(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("audit.jsonl")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn row(number: u64, request: Request) -> Request {
    match request {
        Request::Add { target, expectation, preserve_case } => {
            Request::Add { target: TargetInput { row: number, ..target }, expectation, preserve_case }
        }
        other => other,
    }
}

fn accepted(operation: &Operation, number: u32) {
    assert_eq!(operation.submit(number.into(), add(&id(number))), Submitted::Accepted);
}

/// An answer with a request id.
fn identified(answered: Option<Answer>) -> Option<Answer> {
    answered.map(|answered| {
        answered.map(|mut answer| {
            answer.headers.insert("x-ms-request-id", "5eed".parse().unwrap());
            answer
        })
    })
}

#[tokio::test(start_paused = true)]
async fn the_lines_are_these_to_the_last_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = log_in(&folder);
    let small = Small::new(&[(B, Some(T))], |stored, request| {
        (request.method != Method::GET).then(|| identified(serve(stored, request)))
    });
    let operation = audited(&small, &path);
    let replace = row(7, adding(customer(S), Expectation::Anything));
    assert_eq!(run_one(&operation, replace).await.outcome, Outcome::Replaced);
    assert_eq!(run_one(&operation, Request::Remove { target: customer(S) }).await.outcome, Outcome::Removed);
    assert_eq!(run_one(&operation, add(S)).await.outcome, Outcome::Added);
    let head = format!(
        r#"{{"time":"2026-11-21T22:10:00.000Z","principal":{PRINCIPAL},"registration":"{REGISTRATION}","#
    );
    let of = |customer: &str| format!(r#"{{"customerSubscriptionId":"{customer}","tenantId":"{T}"}}"#);
    let (of_s, of_b) = (of(S), of(B));
    let nil = uuid::Uuid::nil();
    let tail = format!(r#""requestId":"5eed","clientRequestId":"{nil}","correlationId":"{CORRELATION}"}}"#);
    let expected = [
        format!(
            r#"{head}"operation":"add","row":7,"before":{of_b},"alsoBefore":null,"after":{of_s},"outcome":"Replaced","error":null,"httpStatus":201,{tail}"#
        ),
        format!(
            r#"{head}"operation":"remove","row":null,"before":{of_s},"alsoBefore":null,"after":null,"outcome":"Removed","error":null,"httpStatus":204,{tail}"#
        ),
        format!(
            r#"{head}"operation":"add","row":null,"before":null,"alsoBefore":null,"after":{of_s},"outcome":"Added","error":null,"httpStatus":201,{tail}"#
        ),
    ];
    assert_eq!(read(&path), expected.map(|line| line + "\n").concat());
}

/// The members of the only line of a log.
fn only_line(path: &Path) -> serde_json::Value {
    let text = read(path);
    assert_eq!(text.matches('\n').count(), 1, "{text}");
    assert!(text.ends_with('\n') && !text.contains(SIGNATURE), "{text}");
    serde_json::from_str(&text).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_refused_change_says_what_it_was_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = log_in(&folder);
    let small = Small::new(&[(B, Some(T))], |_, request| {
        let refusal = r#"{"error":{"code":"BadCustomerSubscriptionId","message":"Bad."}}"#;
        (request.method == Method::PUT).then(|| answer_with(400, &[("x-ms-request-id", "5eed")], refusal))
    });
    // What is no JWT names nobody.
    let operation = small.operation(|options| options.audit_log = Some(path.clone()));
    let finished = run_one(&operation, adding(customer(S), Expectation::Exactly(B.to_owned()))).await;
    assert_eq!(finished.outcome, Outcome::Failed);
    let line = only_line(&path);
    assert_eq!(line["principal"], serde_json::Value::Null);
    assert_eq!((&line["outcome"], &line["error"]), (&"Failed".into(), &"BadCustomerSubscriptionId".into()));
    assert_eq!((&line["httpStatus"], &line["requestId"]), (&400.into(), &"5eed".into()));
    assert_eq!(line["before"]["customerSubscriptionId"], B);
    assert_eq!(
        (&line["after"]["customerSubscriptionId"], &line["after"]["tenantId"]),
        (&S.into(), &T.into())
    );
}

#[tokio::test(start_paused = true)]
async fn a_change_in_doubt_has_one_line_when_its_end_is_known_and_the_time_of_its_last_write() {
    let folder = tempfile::tempdir().unwrap();
    let path = log_in(&folder);
    let puts = Mutex::new(0);
    let small = Small::new(&[], move |stored, request| {
        if request.method != Method::PUT {
            return None;
        }
        *puts.lock().unwrap() += 1;
        // The first one is refused for a while, and the second one's answer is lost, though it takes effect.
        match *puts.lock().unwrap() {
            1 => Some(answer_with(429, &[("retry-after", "30"), ("x-ms-request-id", "5eed")], "")),
            _ => {
                serve(stored, request);
                Some(cut())
            }
        }
    });
    let operation = audited(&small, &path);
    let finished = run_one(&operation, add(S)).await;
    assert_eq!((finished.outcome, finished.confirmed_by_lookup), (Outcome::Added, true));
    assert!(!finished.audit_missing);
    let line = only_line(&path);
    assert_eq!((&line["outcome"], &line["time"]), (&"Added".into(), &"2026-11-21T22:10:30.000Z".into()));
    // The last one that was answered.
    assert_eq!((&line["httpStatus"], &line["requestId"]), (&429.into(), &"5eed".into()));
}

#[tokio::test(start_paused = true)]
async fn a_fault_of_the_library_leaves_open_what_was_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = log_in(&folder);
    let small = Small::new(&[(B, Some(T))], |_, request| match request.method {
        Method::PUT => panic!("a fault of the library, on purpose"),
        _ => None,
    });
    let operation = audited(&small, &path);
    let finished = run_one(&operation, adding(customer(S), Expectation::Exactly(B.to_owned()))).await;
    assert_eq!((finished.outcome, emulated::code(&finished)), (Outcome::Unknown, "InternalFault"));
    let line = only_line(&path);
    // Nothing that was before would be `null`.
    let nobody_says = serde_json::json!({ "customerSubscriptionId": null, "tenantId": null });
    assert_eq!((&line["before"], &line["error"]), (&nobody_says, &"InternalFault".into()));
    assert_eq!(line["after"]["customerSubscriptionId"], S);
}

#[tokio::test(start_paused = true)]
async fn what_was_not_sent_has_no_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = log_in(&folder);
    let small = Small::new(&[(B, Some(T))], |_, request| {
        (request.method == Method::PUT).then(|| {
            let (reach, fault) = (Reach::NeverWritten, TransportFault::ConnectionLost);
            Some(Err(TransportError { reach, fault, cause: "cut".to_owned() }))
        })
    });
    let operation = audited(&small, &path);
    let ends = [
        (adding(customer("nonsense"), Expectation::NothingReplaced), Outcome::Failed),
        (add(S), Outcome::WouldReplace),
        (Request::Remove { target: customer(S) }, Outcome::NotFound),
        (Request::List { target: TargetInput::default() }, Outcome::Read),
        // It never left this machine.
        (adding(customer(S), Expectation::Anything), Outcome::Failed),
        (add(B), Outcome::Unchanged),
    ];
    for (request, outcome) in ends {
        let finished = run_one(&operation, request).await;
        assert_eq!(finished.outcome, outcome, "{:?}", finished.error);
    }
    assert!(small.sent("PUT") > 0);
    assert_eq!(read(&path), "");
}

#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn a_write_in_doubt_is_not_sent_again_and_ends_truthfully_where_the_disk_is_full() {
    let small = Small::new(&[], |_, request| {
        if request.url.path() == format!("/subscriptions/{B}") {
            let challenge = format!("Bearer authorization_uri=\"https://login.windows.net/{T2}\"");
            return Some(answer_with(401, &[("www-authenticate", &challenge)], ""));
        }
        (request.method == Method::PUT && request.url.path().ends_with(S)).then(cut)
    });
    let operation = audited(&small, Path::new("/dev/full"));
    // Their tenants differ, so they run side by side.
    let other = TargetInput { tenant_id: Some(T2.to_owned()), ..customer(B) };
    let rows = [add(S), adding(other, Expectation::NothingReplaced)];
    let (ends, warnings) = run(&operation, rows).await;
    let outcomes: Vec<_> = ends.iter().map(|end| (end.outcome, emulated::code(end))).collect();
    assert_eq!(outcomes, [(Outcome::Failed, "AuditLogNotWritable"), (Outcome::Added, "")], "{ends:?}");
    let error = ends[0].error.as_ref().unwrap().to_string();
    assert!(error.contains("An earlier sending had no clear answer"), "{error}");
    assert_eq!((small.sent("PUT"), warnings.len()), (2, 2), "{warnings:?}");
}

#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn a_change_without_its_line_says_so_wherever_it_is_told() {
    let small = Small::new(&[], |_, _| None);
    // Also a caller that wants no log learns what the line would have said.
    let full = |options: &mut OperationOptions| {
        (options.audit_log, options.want_log) = (Some("/dev/full".into()), false);
    };
    let operation = small.operation(full);
    let (mut ends, warnings) = run(&operation, [add(S)]).await;
    ends.push(run_one(&operation, add(B)).await);
    let told: Vec<_> = ends.iter().map(|end| (end.outcome, end.audit_missing)).collect();
    assert_eq!(told, [(Outcome::Added, true), (Outcome::NotStarted, false)], "{ends:?}");
    assert!(warnings.len() == 1 && warnings[0].contains(r#""outcome":"Added""#), "{warnings:?}");
    let reported: Vec<_> = operation
        .report()
        .entries()
        .map(|entry| entry.unwrap().finished.unwrap())
        .map(|end| (end.outcome, end.audit_missing))
        .collect();
    assert_eq!(reported, told);
}

#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn a_change_without_its_line_still_says_so_when_it_is_known_what_became_of_it() {
    let small = Small::new(&[], |stored, request| {
        (request.method == Method::PUT).then(|| {
            serve(stored, request);
            None
        })
    });
    let operation = audited(&small, Path::new("/dev/full"));
    assert_eq!(operation.submit(0, add(S)), Submitted::Accepted);
    small.await_sent("PUT", 1).await;
    operation.cancel();
    let end = ends(&operation).await.0.remove(0);
    assert_eq!((end.outcome, end.audit_missing), (Outcome::Unknown, true));
    let report = operation.report();
    let resolve = Request::Resolve { report: report.clone(), number: 1 };
    let resolved = run_one(&small.operation(|_| {}), resolve).await;
    let entry = report.entries().next().unwrap().unwrap().finished.unwrap();
    for end in [resolved, entry] {
        assert_eq!((end.outcome, end.resolved, end.audit_missing), (Outcome::Added, true, true));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_stops_the_batch_before_the_next_change() {
    for (throttle_limit, rows) in [(1, 5), (4, 20)] {
        let world = World::new();
        let registration = registration_input(world.emulator.registration());
        let operation = world.operation_on(&registration, |options| {
            options.audit_log = Some("/dev/full".into());
            options.throttle_limit = throttle_limit;
        });
        for number in 1..=rows {
            accepted(&operation, number);
        }
        let (mut added, mut not_started, mut warned) = (Vec::new(), 0, String::new());
        while added.len() + not_started < rows as usize {
            match emulated::next(&operation) {
                Event::Finished { finished, .. } if finished.outcome == Outcome::Added => {
                    let id = finished.mapping.customer_subscription.unwrap();
                    // The warning comes first, with the line that is missing.
                    assert!(
                        warned.contains(&format!(r#""after":{{"customerSubscriptionId":"{id}""#)),
                        "{warned}"
                    );
                    added.push(id);
                }
                Event::Finished { finished, .. } => {
                    let error = finished.error.as_ref().unwrap();
                    assert_eq!(
                        (finished.outcome, error.code()),
                        (Outcome::NotStarted, "AuditLogNotWritable")
                    );
                    assert!(
                        error.to_string().contains("/dev/full") && error.to_string().contains("No space"),
                        "{error}"
                    );
                    not_started += 1;
                }
                Event::Log(log) if log.level == LogLevel::Warning => warned += &log.text,
                _ => {}
            }
        }
        assert!((1..=throttle_limit).contains(&added.len()), "{added:?}");
        assert_eq!(world.received("PUT"), added.len());
        assert!(!warned.contains(world.emulator.token()));
        // Reading goes on.
        assert_eq!(world.list().len(), added.len());
    }
}

#[test]
fn a_log_that_cannot_be_opened_is_refused_before_anything_is_sent() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().to_owned(), folder.path().join("no/audit.jsonl"), PathBuf::new()] {
        let options = OperationOptions { audit_log: Some(path.clone()), ..OperationOptions::default() };
        let error = Operation::new(&world.client, options).err().unwrap();
        let parts = error.parts();
        assert_eq!((parts.category, error.code()), (Category::Input, "AuditLogNotWritable"));
        assert_eq!(parts.column.as_deref(), Some("AuditLog"));
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
        assert!(error.recommended_action(Words::Neutral).is_some());
    }
    assert_eq!(world.emulator.journal().len(), 0);
}

#[test]
fn a_line_is_in_the_file_before_its_result_is_given() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let path = log_in(&folder);
    let registration = registration_input(world.emulator.registration());
    let operation = world.operation_on(&registration, |options| {
        options.audit_log = Some(path.clone());
        options.throttle_limit = 16;
    });
    let rows = 60;
    (1..=rows).for_each(|number| accepted(&operation, number));
    for _ in 0..rows {
        let finished = loop {
            if let Event::Finished { finished, .. } = emulated::next(&operation) {
                break finished;
            }
        };
        let wanted = finished.mapping.customer_subscription.unwrap();
        let lines = read(&path);
        assert!(lines.lines().any(|line| line.contains(&wanted)), "no line for {wanted}:\n{lines}");
    }
    let lines = read(&path);
    assert_eq!(lines.lines().count(), rows as usize);
    let signature = world.emulator.token().rsplit('.').next().unwrap();
    assert!(!lines.contains(signature));
    for line in lines.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["principal"]["tid"].is_string() && line["clientRequestId"].is_string(), "{line}");
        assert_eq!(line["correlationId"], operation.correlation_id());
    }
}

#[test]
fn two_operations_share_a_file_whose_last_line_was_torn() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let path = log_in(&folder);
    std::fs::write(&path, "{\"time\":\"2026-1").unwrap();
    let registration = registration_input(world.emulator.registration());
    let operations = [1, 2].map(|_| {
        world.operation_on(&registration, |options| {
            options.audit_log = Some(path.clone());
            options.throttle_limit = 8;
        })
    });
    for number in 1..=50 {
        accepted(&operations[0], number);
        accepted(&operations[1], 1000 + number);
    }
    operations.iter().for_each(|operation| assert_eq!(emulated::ends(operation).len(), 50));
    let text = read(&path);
    let (torn, lines) = text.split_once('\n').unwrap();
    assert_eq!((torn, lines.lines().count()), ("{\"time\":\"2026-1", 100));
    for line in lines.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["outcome"], "Added");
    }
}

#[test]
fn what_a_cancellation_leaves_in_flight_has_its_line() {
    let world = World::with(|switches| switches.answer_delay_ms = 300);
    let folder = tempfile::tempdir().unwrap();
    let path = log_in(&folder);
    let registration = registration_input(world.emulator.registration());
    let operation = world.operation_on(&registration, |options| {
        options.audit_log = Some(path.clone());
        options.throttle_limit = 1;
    });
    (1..=3).for_each(|number| accepted(&operation, number));
    world.await_received("PUT", 1);
    operation.cancel();
    let ends: Vec<_> = emulated::ends(&operation).into_iter().map(|(_, end)| end.outcome).collect();
    assert_eq!(ends, [Outcome::Added, Outcome::NotStarted, Outcome::NotStarted]);
    assert_eq!(only_line(&path)["after"]["customerSubscriptionId"], id(1));
}
