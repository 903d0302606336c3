//! Where money could go wrong unseen: what is concluded when answers lie, change, or leave things out. Against a small
//! service in memory, in simulated time.

use std::sync::{Arc, Mutex};

use azs_registration::tenants::{Expectation, Finished, Outcome, Purpose, Session, Target, TargetInput};
use azs_registration::transport::{HttpRequest, Reach, TransportError, TransportFault};
use http::Method;

use crate::scripted::{Answer, Collected, Setup, answer, answer_with, setup, target};

pub(crate) const S: &str = "e09a4e93-29a7-4eba-a6d4-76202383f07f";
pub(crate) const B: &str = "bbbbbbbb-29a7-4eba-a6d4-76202383f07f";
pub(crate) const C: &str = "cccccccc-29a7-4eba-a6d4-76202383f07f";
pub(crate) const T: &str = "11111111-1111-4111-8111-111111111111";
pub(crate) const T2: &str = "22222222-2222-4222-8222-222222222222";

/// A registration's mappings; `None`: the service does not say the tenant.
pub(crate) type Stored = Arc<Mutex<Vec<(String, Option<String>)>>>;

pub(crate) fn stored(mappings: &[(&str, Option<&str>)]) -> Stored {
    Arc::new(Mutex::new(
        mappings.iter().map(|(id, tenant)| ((*id).to_owned(), tenant.map(str::to_owned))).collect(),
    ))
}

fn now(stored: &Stored) -> Vec<(String, Option<String>)> {
    stored.lock().unwrap().clone()
}

fn last_segment(request: &HttpRequest) -> String {
    request.url.path_segments().unwrap().next_back().unwrap().to_owned()
}

fn item(id: &str, tenant: Option<&str>) -> serde_json::Value {
    let mut item = serde_json::json!({ "name": format!("hub/{id}"), "properties": {} });
    if let Some(tenant) = tenant {
        item["properties"]["tenantId"] = tenant.into();
    }
    item
}

/// Answers as the documentation says. Every customer subscription of these tests belongs to tenant T where it is not
/// stored otherwise, and the challenge says so for S alone.
pub(crate) fn serve(stored: &Stored, request: &HttpRequest) -> Option<Answer> {
    let last = last_segment(request);
    let mut stored = stored.lock().unwrap();
    let path = request.url.path();
    match &request.method {
        _ if path == format!("/subscriptions/{S}") => answer_with(
            401,
            &[("www-authenticate", &format!("Bearer authorization_uri=\"https://login.windows.net/{T}\""))],
            "",
        ),
        _ if !path.contains("/registrations/") => answer(404, ""),
        _ if last == "hub" => answer(200, "{}"),
        _ if last == "customerSubscriptions" => {
            let items: Vec<_> = stored.iter().map(|(id, tenant)| item(id, tenant.as_deref())).collect();
            answer(200, &serde_json::json!({ "value": items }).to_string())
        }
        method if method == Method::GET => match stored.iter().find(|(id, _)| *id == last) {
            Some((id, tenant)) => answer(200, &item(id, tenant.as_deref()).to_string()),
            None => answer(404, ""),
        },
        method if method == Method::PUT => {
            let body: serde_json::Value = serde_json::from_slice(request.body.as_ref().unwrap()).unwrap();
            let wanted = body["properties"]["tenantId"].as_str().unwrap_or(T).to_owned();
            stored.retain(|(id, tenant)| *id != last && tenant.as_deref() != Some(&wanted));
            stored.push((last, Some(wanted)));
            answer(201, "")
        }
        _ => {
            stored.retain(|(id, _)| *id != last);
            answer(204, "")
        }
    }
}

pub(crate) fn cut() -> Option<Answer> {
    Some(Err(TransportError {
        reach: Reach::Written,
        fault: TransportFault::ConnectionLost,
        cause: "cut".to_owned(),
    }))
}

/// The service with another answer for some requests: `other` gives it, with the number of the request among those of its
/// method.
fn service(
    stored: &Stored,
    other: impl Fn(&Stored, usize, &HttpRequest) -> Option<Option<Answer>> + Send + Sync + 'static,
) -> Setup {
    let (stored, counts) = (stored.clone(), Mutex::new(std::collections::HashMap::<Method, usize>::new()));
    setup(move |_, request| {
        let number = {
            let mut counts = counts.lock().unwrap();
            let count = counts.entry(request.method.clone()).or_default();
            *count += 1;
            *count
        };
        other(&stored, number, request).unwrap_or_else(|| serve(&stored, request))
    })
}

fn row(customer: &str, tenant: Option<&str>) -> Target {
    let base = target(Purpose::Add);
    let registration = &base.registration;
    TargetInput {
        registration_subscription_id: Some(registration.subscription().to_string()),
        resource_group_name: Some(registration.resource_group().to_owned()),
        registration_name: Some(registration.name().to_owned()),
        customer_subscription_id: Some(customer.to_owned()),
        tenant_id: tenant.map(str::to_owned),
        ..TargetInput::default()
    }
    .resolve(None, Purpose::Add)
    .unwrap()
}

async fn add(setup: &Setup, session: &Session, target: &Target, expectation: Expectation) -> Finished {
    setup.add(session, target, expectation).await
}

async fn add_s(setup: &Setup, expectation: Expectation) -> Finished {
    add(setup, &Session::default(), &row(S, None), expectation).await
}

fn puts(setup: &Setup) -> usize {
    setup.seen.lock().unwrap().iter().filter(|line| line.starts_with("PUT")).count()
}

fn deletes(setup: &Setup) -> Vec<String> {
    setup.seen.lock().unwrap().iter().filter(|line| line.starts_with("DELETE")).cloned().collect()
}

fn code(finished: &Finished) -> &str {
    finished.error.as_ref().map(|error| error.code()).unwrap_or_default()
}

fn nothing(_: &Stored, _: usize, _: &HttpRequest) -> Option<Option<Answer>> {
    None
}

#[tokio::test(start_paused = true)]
async fn the_small_service_serves() {
    let stored = stored(&[]);
    let setup = service(&stored, nothing);
    assert_eq!(add_s(&setup, Expectation::NothingReplaced).await.outcome, Outcome::Added);
    assert_eq!(now(&stored), [(S.to_owned(), Some(T.to_owned()))]);
}

#[tokio::test(start_paused = true)]
async fn a_status_that_cannot_be_read_does_not_make_an_accepted_write_fail() {
    let stored = stored(&[]);
    let setup = service(&stored, |stored, _, request| match last_segment(request).as_str() {
        "operation" => Some(answer(404, "")),
        _ if request.method == Method::PUT => {
            serve(stored, request);
            Some(answer_with(202, &[("azure-asyncoperation", "https://management.azure.com/operation")], ""))
        }
        _ => None,
    });
    let finished = add_s(&setup, Expectation::NothingReplaced).await;
    assert_eq!((finished.outcome, finished.confirmed_by_lookup), (Outcome::Added, true), "{finished:?}");
}

#[tokio::test(start_paused = true)]
async fn a_created_answer_whose_operation_goes_on_is_followed() {
    for headers in [vec![("azure-asyncoperation", "https://management.azure.com/operation")], vec![]] {
        let stored = stored(&[]);
        let body = r#"{"properties":{"provisioningState":"Creating"}}"#;
        let setup = service(&stored, move |_, _, request| {
            match (&request.method, last_segment(request).as_str()) {
                (_, "operation") => {
                    Some(answer(200, r#"{"status":"Failed","error":{"code":"Nope","message":"No."}}"#))
                }
                (&Method::PUT, _) => Some(answer_with(201, &headers, body)),
                (&Method::GET, S) if request.url.path().contains("/customerSubscriptions/") => Some(answer(
                    200,
                    r#"{"properties":{"provisioningState":"Failed"},"error":{"code":"Nope","message":"No."}}"#,
                )),
                _ => None,
            }
        });
        let finished = add_s(&setup, Expectation::NothingReplaced).await;
        assert_eq!((finished.outcome, code(&finished)), (Outcome::Failed, "Nope"), "{finished:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_mapping_whose_tenant_nobody_says_may_be_the_one_that_is_replaced() {
    let stored = stored(&[(B, None)]);
    let setup = service(&stored, nothing);
    let finished = add_s(&setup, Expectation::NothingReplaced).await;
    assert_eq!((finished.outcome, code(&finished), puts(&setup)), (Outcome::Failed, "TenantNotSaid", 0));
    assert_eq!(add_s(&setup, Expectation::Anything).await.outcome, Outcome::Added);
}

#[tokio::test(start_paused = true)]
async fn a_listed_subscription_whose_tenant_nobody_says_is_not_overwritten_unasked() {
    let stored = stored(&[(B, None)]);
    let setup = service(&stored, nothing);
    let session = Session::default();
    let finished = add(&setup, &session, &row(B, Some(T2)), Expectation::NothingReplaced).await;
    assert_eq!((finished.outcome, puts(&setup)), (Outcome::WouldReplace, 0));
    assert_eq!(finished.old.unwrap().customer_subscription, B);
    // Without a tenant in the row it is mapped, as was asked for.
    assert_eq!(
        add(&setup, &session, &row(B, None), Expectation::NothingReplaced).await.outcome,
        Outcome::Unchanged
    );
}

#[tokio::test(start_paused = true)]
async fn a_removal_by_tenant_does_not_guess_what_nobody_says() {
    let stored = stored(&[(B, None), (C, Some(T2))]);
    let setup = service(&stored, nothing);
    for (customer, tenant) in [(None, T), (Some(B), T)] {
        let mut target = row(S, Some(tenant));
        target.customer = customer.map(|id| azs_registration::guid::Guid::parse(id).unwrap());
        let finished = setup.remove(&target).await;
        assert_eq!((finished.outcome, code(&finished)), (Outcome::Failed, "TenantNotSaid"), "{customer:?}");
    }
    assert_eq!(deletes(&setup), [""; 0]);
    let mut listed = row(S, Some(T));
    listed.customer = None;
    let finished = setup.list(&listed, &mut Collected::default()).await;
    assert_eq!(code(&finished), "TenantNotSaid");
}

#[tokio::test(start_paused = true)]
async fn two_mappings_are_not_replaced_when_one_was_asked_about() {
    let stored = stored(&[(S, Some(T2)), (B, Some(T))]);
    let setup = service(&stored, nothing);
    for expectation in [Expectation::NothingReplaced, Expectation::Exactly(B.to_owned())] {
        let finished = add(&setup, &Session::default(), &row(S, Some(T)), expectation).await;
        assert_eq!(
            (finished.outcome, code(&finished), puts(&setup)),
            (Outcome::Failed, "WouldReplaceTwo", 0)
        );
    }
    assert_eq!(
        add(&setup, &Session::default(), &row(S, Some(T)), Expectation::Anything).await.outcome,
        Outcome::Replaced
    );
}

#[tokio::test(start_paused = true)]
async fn the_answer_for_another_subscription_is_not_acted_on() {
    for answered in [item(B, Some(T)), serde_json::json!({ "id": format!("/x/customerSubscriptions/{B}") })] {
        let stored = stored(&[(S, Some(T)), (B, Some(T2))]);
        let setup = service(&stored, move |_, _, request| {
            (request.method == Method::GET && last_segment(request) == S)
                .then(|| answer(200, &answered.to_string()))
        });
        let finished = setup.remove(&row(S, None)).await;
        assert_eq!((finished.outcome, code(&finished)), (Outcome::Failed, "AnswerNotUnderstood"));
        assert_eq!(deletes(&setup), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_of_another_form_does_not_lead_a_removal_astray() {
    let stored = stored(&[(S, Some(T))]);
    let setup = service(&stored, |_, _, request| {
        let body =
            serde_json::json!({ "id": "/subscriptions/x/registrations/hub", "name": format!("hub/{S}") });
        (request.method == Method::GET && last_segment(request) == S).then(|| answer(200, &body.to_string()))
    });
    let finished = setup.remove(&row(S, None)).await;
    assert_eq!(finished.outcome, Outcome::Removed);
    assert!(deletes(&setup)[0].contains(&format!("customerSubscriptions/{S}")));
}

#[tokio::test(start_paused = true)]
async fn a_proxys_404_is_no_evidence_that_something_is_gone() {
    let stored = stored(&[(S, Some(T))]);
    let setup = service(&stored, |_, number, request| match request.method {
        Method::DELETE => Some(cut()),
        Method::GET if number > 1 => Some(answer(404, "<html>nothing here</html>")),
        _ => None,
    });
    let finished = setup.remove(&row(S, None)).await;
    assert_eq!(finished.outcome, Outcome::Unknown);
    assert!(finished.error.unwrap().to_string().contains("may have taken effect"));
}

#[tokio::test(start_paused = true)]
async fn half_a_list_is_no_list() {
    let pages: [Option<Answer>; 4] =
        [answer(200, ""), answer(204, ""), answer(200, "{}"), answer(200, r#"{"error":{"code":"X"}}"#)];
    for second in pages {
        let second = Mutex::new(second);
        let setup = setup(move |number, _| match number {
            1 => answer(200, r#"{"value":[],"nextLink":"https://management.azure.com/page"}"#),
            _ => second.lock().unwrap().take(),
        });
        let finished = setup.list(&target(Purpose::List), &mut Collected::default()).await;
        assert_eq!(finished.outcome, Outcome::Failed);
    }
    for first in
        [answer(404, r#"{"error":{"code":"InvalidResourceType"}}"#), answer(200, r#"{"error":{"code":"X"}}"#)]
    {
        let first = Mutex::new(first);
        let setup = setup(move |_, request| match last_segment(request).as_str() {
            "customerSubscriptions" => first.lock().unwrap().take(),
            _ => answer(200, "{}"),
        });
        let finished = setup.list(&target(Purpose::List), &mut Collected::default()).await;
        assert_eq!(finished.outcome, Outcome::Failed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_lookup_that_shows_what_was_there_before_proves_nothing() {
    // Overwritten entries stay in the list here: both are listed, and B is charged.
    let stored = stored(&[(S, Some(T)), (B, Some(T))]);
    let setup = service(&stored, |_, _, request| (request.method == Method::PUT).then(cut));
    let finished = add_s(&setup, Expectation::Exactly(B.to_owned())).await;
    assert_eq!(finished.outcome, Outcome::Unknown);
    assert!(puts(&setup) > 1);
}

#[tokio::test(start_paused = true)]
async fn a_repetition_does_not_move_a_tenant_back_that_somebody_moved_meanwhile() {
    let stored = stored(&[(B, Some(T))]);
    let setup = service(&stored, |stored, number, request| {
        (request.method == Method::PUT && number == 1).then(|| {
            *stored.lock().unwrap() = vec![(C.to_owned(), Some(T.to_owned()))];
            cut()
        })
    });
    let finished = add_s(&setup, Expectation::Exactly(B.to_owned())).await;
    assert_eq!((finished.outcome, puts(&setup)), (Outcome::ChangedByAnother, 1));
    assert_eq!(finished.old.unwrap().customer_subscription, C);
}

#[tokio::test(start_paused = true)]
async fn a_change_is_decided_anew_when_it_had_to_wait() {
    let stored = stored(&[]);
    let setup = service(&stored, |stored, number, request| {
        (request.method == Method::PUT && number == 1).then(|| {
            // While the service makes us wait, somebody maps the tenant.
            *stored.lock().unwrap() = vec![(B.to_owned(), Some(T.to_owned()))];
            answer_with(429, &[("retry-after", "120")], "")
        })
    });
    let finished = add_s(&setup, Expectation::NothingReplaced).await;
    assert_eq!((finished.outcome, puts(&setup)), (Outcome::WouldReplace, 1));
    assert_eq!(now(&stored).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_known_is_renewed_after_a_minute_and_after_doubt() {
    let stored = stored(&[]);
    let setup = service(&stored, nothing);
    let session = Session::default();
    assert_eq!(
        add(&setup, &session, &row(C, Some(T2)), Expectation::NothingReplaced).await.outcome,
        Outcome::Added
    );
    *stored.lock().unwrap() = vec![(B.to_owned(), Some(T.to_owned()))];
    tokio::time::sleep(std::time::Duration::from_secs(61)).await;
    let finished = add(&setup, &session, &row(S, None), Expectation::NothingReplaced).await;
    assert_eq!(finished.outcome, Outcome::WouldReplace);

    // The first write is in doubt; the second must not trust what was known before.
    let stored = self::stored(&[]);
    let setup = service(&stored, |stored, _, request| {
        (request.method == Method::PUT && last_segment(request) == C).then(|| {
            *stored.lock().unwrap() = vec![(B.to_owned(), Some(T.to_owned()))];
            cut()
        })
    });
    let session = Session::default();
    assert_eq!(
        add(&setup, &session, &row(C, Some(T2)), Expectation::NothingReplaced).await.outcome,
        Outcome::Failed
    );
    let finished = add(&setup, &session, &row(S, None), Expectation::NothingReplaced).await;
    assert_eq!(finished.outcome, Outcome::WouldReplace);
}

#[tokio::test(start_paused = true)]
async fn a_mapping_that_somebody_changed_is_not_removed_by_a_repetition() {
    let stored = stored(&[(S, Some(T))]);
    let setup = service(&stored, |stored, _, request| {
        (request.method == Method::DELETE).then(|| {
            *stored.lock().unwrap() = vec![(S.to_owned(), Some(T2.to_owned()))];
            cut()
        })
    });
    let finished = setup.remove(&row(S, None)).await;
    assert_eq!((finished.outcome, deletes(&setup).len()), (Outcome::ChangedByAnother, 1));
}

#[tokio::test(start_paused = true)]
async fn a_removal_that_somebody_did_first_is_not_found() {
    let stored = stored(&[(S, Some(T))]);
    let setup = service(&stored, |stored, _, request| {
        (request.method == Method::DELETE).then(|| {
            stored.lock().unwrap().clear();
            answer(404, r#"{"error":{"code":"CustomerSubscriptionNotFound"}}"#)
        })
    });
    let finished = setup.remove(&row(S, None)).await;
    assert_eq!(finished.outcome, Outcome::NotFound);
}

#[tokio::test(start_paused = true)]
async fn an_id_in_two_spellings_is_not_changed() {
    let stored = stored(&[(&S.to_uppercase(), Some(T)), (S, Some(T2))]);
    let setup = service(&stored, nothing);
    let finished = add_s(&setup, Expectation::Anything).await;
    assert_eq!((finished.outcome, code(&finished), puts(&setup)), (Outcome::Failed, "SpellingAmbiguous", 0));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_gone_is_not_waited_for_row_by_row() {
    let stored = stored(&[]);
    let gone = || {
        let fault = TransportFault::ConnectionRefused;
        Some(Err(TransportError { reach: Reach::NeverWritten, fault, cause: "refused".to_owned() }))
    };
    let is_gone = std::sync::atomic::AtomicBool::new(false);
    let setup = service(&stored, move |_, _, request| {
        let is_gone = is_gone.fetch_or(request.method == Method::PUT, std::sync::atomic::Ordering::Relaxed);
        (is_gone || request.method == Method::PUT).then(gone)
    });
    let began = tokio::time::Instant::now();
    let session = Session::default();
    let first = add(&setup, &session, &row(S, None), Expectation::NothingReplaced).await;
    assert_eq!((first.outcome, code(&first)), (Outcome::Failed, "ConnectionRefused"));
    assert_eq!(began.elapsed().as_secs(), 120);
    let sent = setup.seen.lock().unwrap().len();
    let second = add(&setup, &session, &row(C, Some(T2)), Expectation::NothingReplaced).await;
    assert_eq!((second.outcome, setup.seen.lock().unwrap().len()), (Outcome::NotStarted, sent));
}
