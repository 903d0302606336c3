//! What the service in memory answers. It shares no code with the emulator and none with the client; that it agrees
//! with the emulator is tested in `agreement`.

use std::collections::BTreeMap;
use std::time::Duration;

use azs_registration::transport::{HttpRequest, HttpResponse};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::behaviour::{ArmError, Behaviour, DeleteAnswer, EmptyList, PutAnswer};
use super::bucket::Bucket;
use super::fate::Canned;
use super::store::{Entry, Store};
use super::{ENDPOINT, GROUP, NAME, SUBSCRIPTION};
use crate::simulation::truth::{Cause, Effect, Subject, Truth};

/// A request as the service reads it.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) subject: Subject,
    /// The customer subscription as it was spelled.
    pub(crate) spelling: String,
    pub(crate) skip_token: Option<String>,
    pub(crate) body: Option<Bytes>,
    pub(crate) bearer: Option<String>,
    pub(crate) if_match: Option<String>,
    pub(crate) correlation: Uuid,
    path: String,
}

impl Asked {
    pub(crate) fn read(request: &HttpRequest) -> Asked {
        let header =
            |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let segments: Vec<&str> = request.url.path_segments().unwrap().collect();
        let is = |at: usize, name: &str| segments.get(at).is_some_and(|it| it.eq_ignore_ascii_case(name));
        let ours = is(1, SUBSCRIPTION) && is(3, GROUP) && is(7, NAME) && is(6, "registrations");
        let guid = |at: usize| segments.get(at).and_then(|segment| Uuid::try_parse(segment).ok());
        let skip_token =
            request.url.query_pairs().find(|(name, _)| name == "$skipToken").map(|(_, token)| token.into());
        let subject = match (segments.len(), guid(1), guid(9)) {
            (2, Some(subscription), _) => Subject::Challenge(subscription),
            (8, ..) if is(6, "registrations") && ours => Subject::Registration,
            (9, ..) if ours && is(8, "customerSubscriptions") => {
                Subject::List { first: skip_token.is_none() }
            }
            (10, _, Some(customer)) if ours && is(8, "customerSubscriptions") => Subject::Mapping(customer),
            _ if is(6, "operationStatuses") || is(6, "operationResults") => Subject::Poll,
            _ => Subject::Nothing,
        };
        Asked {
            method: request.method.clone(),
            subject,
            spelling: segments.get(9).copied().unwrap_or_default().to_owned(),
            skip_token,
            body: request.body.clone(),
            bearer: header("authorization").and_then(|it| it.strip_prefix("Bearer ").map(str::to_owned)),
            if_match: header("if-match"),
            correlation: header("x-ms-correlation-request-id")
                .and_then(|id| Uuid::try_parse(&id).ok())
                .unwrap_or_default(),
            path: request.url.path().to_owned(),
        }
    }

    /// The tenant that its body names.
    pub(crate) fn body_tenant(&self) -> Option<Uuid> {
        let body: Value = serde_json::from_slice(self.body.as_ref()?).ok()?;
        body["properties"]["tenantId"].as_str().and_then(|tenant| Uuid::try_parse(tenant).ok())
    }
}

/// An accepted write.
struct Accepted {
    polls_left: u32,
    /// How it ended, once it has.
    ended: Option<HttpResponse>,
    failed: bool,
}

/// What comes after an answer.
pub(crate) struct Later {
    /// The accepted write.
    operation: usize,
    /// How long after the answer it ends.
    pub(crate) after: Duration,
}

/// Whether a request is looked at at all.
pub(crate) enum Admission {
    /// It is; how many more may come, and the header that says so.
    Granted { header: &'static str, left: u64 },
    /// It has no leave, or there are too many.
    Refused(HttpResponse),
}

/// All state of the service.
pub(crate) struct Service {
    pub(crate) behaviour: Behaviour,
    pub(crate) store: Store,
    /// Which states there were, for lists that lag.
    past: Vec<(Duration, Store)>,
    reads: Bucket,
    writes: Bucket,
    deletes: Bucket,
    /// Tokens and when they expire.
    pub(crate) tokens: BTreeMap<String, Duration>,
    accepted: Vec<Accepted>,
}

impl Service {
    pub(crate) fn new(behaviour: Behaviour, store: Store) -> Service {
        let buckets = behaviour.buckets;
        Service {
            behaviour,
            past: vec![(Duration::ZERO, store.clone())],
            store,
            reads: Bucket::full(buckets.reads),
            writes: Bucket::full(buckets.writes),
            deletes: Bucket::full(buckets.deletes),
            tokens: BTreeMap::new(),
            accepted: Vec::new(),
        }
    }

    /// Whether a request is looked at at all.
    pub(crate) fn admit(&mut self, asked: &Asked, now: Duration) -> Admission {
        let Some(bearer) = &asked.bearer else { return Admission::Refused(self.challenge(asked)) };
        match self.tokens.get(bearer) {
            None => return Admission::Refused(refused_token("InvalidAuthenticationToken", "")),
            Some(expiry) if *expiry <= now => {
                return Admission::Refused(refused_token("ExpiredAuthenticationToken", ""));
            }
            Some(_) => {}
        }
        if let Some((from, error)) = &self.behaviour.scope_error
            && *from <= now
        {
            return Admission::Refused(arm_error(error));
        }
        let (bucket, name) = match asked.method {
            Method::GET => (&mut self.reads, "x-ms-ratelimit-remaining-subscription-reads"),
            Method::DELETE => (&mut self.deletes, "x-ms-ratelimit-remaining-subscription-deletes"),
            _ => (&mut self.writes, "x-ms-ratelimit-remaining-subscription-writes"),
        };
        match bucket.take(now) {
            Ok(left) => Admission::Granted { header: name, left },
            Err(seconds) => Admission::Refused(canned(Canned::Throttled(Some(seconds)))),
        }
    }

    fn challenge(&self, asked: &Asked) -> HttpResponse {
        let tenant = match asked.subject {
            Subject::Challenge(subscription) => self.behaviour.directory.get(&subscription),
            _ => None,
        };
        match tenant {
            None => error_answer(404, "SubscriptionNotFound"),
            Some((_, false)) => error_answer(401, "AuthenticationFailed"),
            Some((tenant, true)) => refused_token("AuthenticationFailed", &format!("{ENDPOINT}{tenant}")),
        }
    }

    /// Does what is asked.
    pub(crate) fn perform(
        &mut self,
        asked: &Asked,
        truth: &mut Truth,
        cause: Cause,
        now: Duration,
    ) -> (HttpResponse, Option<Later>) {
        let answer = match (asked.subject, &asked.method) {
            (Subject::Registration, &Method::GET) => answer(200, &registration()),
            (Subject::List { .. }, &Method::GET) => self.list(asked, now),
            (Subject::Mapping(customer), &Method::GET) => self.get(customer),
            (Subject::Mapping(customer), &Method::PUT) => {
                return self.put(asked, customer, truth, cause, now);
            }
            (Subject::Mapping(customer), &Method::DELETE) => self.delete(asked, customer, truth, cause, now),
            (Subject::Poll, &Method::GET) => self.poll(asked),
            // ARM's own answer, before any provider is asked.
            _ => error_answer(404, "ResourceNotFound"),
        };
        (answer, None)
    }

    fn list(&self, asked: &Asked, now: Duration) -> HttpResponse {
        let shown = now.saturating_sub(self.behaviour.list_lag);
        let at = self.past.partition_point(|(since, _)| *since <= shown).max(1);
        let store = &self.past[at - 1].1;
        let behaviour = &self.behaviour;
        if store.entries().is_empty() && asked.skip_token.is_none() {
            return match behaviour.empty_list {
                EmptyList::EmptyArray => answer(200, &json!({ "value": [] })),
                EmptyList::NoValue => answer(200, &json!({})),
                EmptyList::EmptyBody => empty(200),
                EmptyList::NoContent => empty(204),
                EmptyList::NotFound => error_answer(404, "CustomerSubscriptionNotFound"),
            };
        }
        let page = store.page(asked.skip_token.as_deref(), behaviour.page_size, behaviour.offset_token);
        let Some(page) = page else { return error_answer(400, "InvalidSkipToken") };
        let items: Vec<Value> =
            page.items.iter().map(|entry| self.resource(entry, behaviour.list_says_tenant)).collect();
        let mut body = json!({ "value": items });
        if let Some(token) = page.next {
            let path = asked.path.trim_start_matches('/');
            body["nextLink"] = format!("{ENDPOINT}{path}?api-version=2017-06-01&$skipToken={token}").into();
        }
        answer(200, &body)
    }

    fn get(&self, customer: Uuid) -> HttpResponse {
        match self.store.get(customer) {
            Some(entry) => {
                let mut answer = answer(200, &self.resource(entry, self.behaviour.get_says_tenant));
                if self.behaviour.etag {
                    set(&mut answer, "etag", &entry.etag());
                }
                answer
            }
            None => error_answer(404, "CustomerSubscriptionNotFound"),
        }
    }

    fn resource(&self, entry: &Entry, says_tenant: bool) -> Value {
        let name = format!("{NAME}/{}", entry.spelling);
        let mut resource = json!({
            "id": format!("{}/customerSubscriptions/{}", registration_id(), entry.spelling),
            "name": name,
            "type": "Microsoft.AzureStack/registrations/customerSubscriptions",
            "properties": {},
        });
        if says_tenant {
            resource["properties"]["tenantId"] = entry.tenant.to_string().into();
        }
        if self.behaviour.etag {
            resource["etag"] = entry.etag().into();
        }
        resource
    }

    /// Whether If-Match does not hold.
    fn changed_since(&self, asked: &Asked, entry: Option<&Entry>) -> bool {
        self.behaviour.etag
            && asked.if_match.as_deref().is_some_and(|etag| {
                etag != "*" && entry.is_none_or(|entry| entry.etag() != etag) || entry.is_none()
            })
    }

    fn put(
        &mut self,
        asked: &Asked,
        customer: Uuid,
        truth: &mut Truth,
        cause: Cause,
        now: Duration,
    ) -> (HttpResponse, Option<Later>) {
        let at_once = |answer| (answer, None);
        if let Some(error) = self.behaviour.refused.get(&customer) {
            return at_once(arm_error(error));
        }
        let body: Option<Value> = asked.body.as_ref().and_then(|body| serde_json::from_slice(body).ok());
        if !body.is_some_and(|body| body.is_object()) {
            return at_once(error_answer(400, "InvalidRequestContent"));
        }
        let Some((resolved, _)) = self.behaviour.directory.get(&customer).copied() else {
            return at_once(error_answer(400, "InvalidCustomerSubscriptionId"));
        };
        if self.changed_since(asked, self.store.get(customer)) {
            return at_once(error_answer(412, "PreconditionFailed"));
        }
        let tenant = asked.body_tenant().filter(|_| self.behaviour.tenant_honoured).unwrap_or(resolved);
        if !matches!(self.behaviour.put_answer, PutAnswer::Accepted | PutAnswer::AcceptedAsyncOperation) {
            let created = self.change(truth, cause, now, customer, Some((tenant, &asked.spelling)));
            return at_once(self.put_answer(customer, created));
        }
        let operation = self.accepted.len();
        self.accepted.push(Accepted {
            polls_left: self.behaviour.polls,
            ended: None,
            failed: self.behaviour.accepted_fails,
        });
        let by_status = self.behaviour.put_answer == PutAnswer::AcceptedAsyncOperation;
        let (kind, header) = if by_status {
            ("operationStatuses", "azure-asyncoperation")
        } else {
            ("operationResults", "location")
        };
        let link = format!(
            "{ENDPOINT}subscriptions/{SUBSCRIPTION}/providers/Microsoft.AzureStack/locations/global/{kind}/{operation}?\
             api-version=2017-06-01"
        );
        let mut answer = empty(202);
        set(&mut answer, header, &link);
        set(&mut answer, "retry-after", &self.behaviour.poll_pause.to_string());
        let after = self.behaviour.accepted_takes;
        let later = Later { operation, after };
        if after.is_zero() {
            self.end_accepted(&later, asked, truth, cause, now);
            return (answer, None);
        }
        (answer, Some(later))
    }

    /// An accepted write ends.
    pub(crate) fn end_accepted(
        &mut self,
        later: &Later,
        asked: &Asked,
        truth: &mut Truth,
        cause: Cause,
        now: Duration,
    ) {
        let Subject::Mapping(customer) = asked.subject else { return };
        let ended = if self.accepted[later.operation].failed {
            error_answer(400, "BadCustomerSubscriptionId")
        } else {
            let resolved = self.behaviour.directory[&customer].0;
            let tenant = asked.body_tenant().filter(|_| self.behaviour.tenant_honoured).unwrap_or(resolved);
            let created = self.change(truth, cause, now, customer, Some((tenant, &asked.spelling)));
            self.put_answer(customer, created)
        };
        self.accepted[later.operation].ended = Some(ended);
    }

    fn put_answer(&self, customer: Uuid, created: bool) -> HttpResponse {
        let Some(entry) = self.store.get(customer) else { return empty(200) };
        let mut answer = match self.behaviour.put_answer {
            PutAnswer::CreatedEmpty => empty(201),
            PutAnswer::NoContent => empty(204),
            PutAnswer::OkBody => answer(200, &self.resource(entry, true)),
            PutAnswer::OkBlankIds => {
                let mut resource = self.resource(entry, true);
                for name in ["id", "name", "type"] {
                    resource[name] = "".into();
                }
                answer(200, &resource)
            }
            PutAnswer::CreatedBody | PutAnswer::Accepted | PutAnswer::AcceptedAsyncOperation => {
                answer(if created { 201 } else { 200 }, &self.resource(entry, true))
            }
        };
        if self.behaviour.etag {
            set(&mut answer, "etag", &entry.etag());
        }
        answer
    }

    fn delete(
        &mut self,
        asked: &Asked,
        customer: Uuid,
        truth: &mut Truth,
        cause: Cause,
        now: Duration,
    ) -> HttpResponse {
        let missing = self.store.get(customer).is_none();
        // ARM's RPC: what is not there is 204, whatever If-Match says.
        if !missing && self.changed_since(asked, self.store.get(customer)) {
            return error_answer(412, "PreconditionFailed");
        }
        self.change(truth, cause, now, customer, None);
        match (missing, self.behaviour.delete_missing_not_found, self.behaviour.delete_answer) {
            (true, true, _) => error_answer(404, "CustomerSubscriptionNotFound"),
            (true, false, _) | (false, _, DeleteAnswer::NoContent) => empty(204),
            (false, _, DeleteAnswer::OkEmpty) => empty(200),
            (false, _, DeleteAnswer::OkBody) => answer(200, &json!({})),
        }
    }

    fn poll(&mut self, asked: &Asked) -> HttpResponse {
        let number = asked.path.rsplit('/').next().and_then(|number| number.parse::<usize>().ok());
        let by_status = asked.path.contains("operationStatuses");
        let pause = self.behaviour.poll_pause.to_string();
        let Some(operation) = number.and_then(|number| self.accepted.get_mut(number)) else {
            return error_answer(404, "NotFound");
        };
        if operation.polls_left > 0 || operation.ended.is_none() {
            operation.polls_left = operation.polls_left.saturating_sub(1);
            let mut running =
                if by_status { answer(200, &json!({ "status": "InProgress" })) } else { empty(202) };
            if !by_status {
                set(&mut running, "location", &format!("{ENDPOINT}{}", asked.path.trim_start_matches('/')));
            }
            set(&mut running, "retry-after", &pause);
            return running;
        }
        match (by_status, operation.failed, &operation.ended) {
            (true, true, _) => answer(
                200,
                &json!({ "status": "Failed", "error": { "code": "BadCustomerSubscriptionId", "message": "No." } }),
            ),
            (true, false, _) => answer(200, &json!({ "status": "Succeeded" })),
            (false, _, ended) => ended.clone().unwrap_or_else(|| empty(200)),
        }
    }

    /// Changes what is stored: maps the tenant, or removes the customer's mapping. Gives whether it is new.
    pub(crate) fn change(
        &mut self,
        truth: &mut Truth,
        cause: Cause,
        now: Duration,
        customer: Uuid,
        put: Option<(Uuid, &str)>,
    ) -> bool {
        let before = self.store.clone();
        let created = match put {
            Some((tenant, spelling)) => {
                self.store.put(customer, spelling, tenant, self.behaviour.overwritten_stays)
            }
            None => {
                self.store.delete(customer);
                false
            }
        };
        self.past.push((now, self.store.clone()));
        let at = truth.moment(now);
        let tenant = put.map(|(tenant, _)| tenant);
        truth.effects.push(Effect { at, cause, customer, tenant, before, after: self.store.clone() });
        created
    }
}

/// The registration's id.
pub(crate) fn registration_id() -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.AzureStack/registrations/{NAME}"
    )
}

fn registration() -> Value {
    json!({
        "id": registration_id(),
        "name": NAME,
        "type": "Microsoft.AzureStack/registrations",
        "etag": "0d00527e-0000-0000-0000-5a81ebdf0000",
        "properties": { "billingModel": "PayAsYouUse" },
    })
}

/// An answer that is not the service's own.
pub(crate) fn canned(canned: Canned) -> HttpResponse {
    match canned {
        Canned::Throttled(seconds) => {
            let mut answer = error_answer(429, "SubscriptionRequestsThrottled");
            if let Some(seconds) = seconds {
                set(&mut answer, "retry-after", &seconds.to_string());
            }
            answer
        }
        Canned::Status(status, code) => error_answer(status, code),
        Canned::Page => {
            let mut answer = empty(200);
            answer.body = Bytes::from_static(b"<!DOCTYPE html><html><body>blocked</body></html>");
            set(&mut answer, "content-type", "text/html");
            answer
        }
        Canned::Redirect => {
            let mut answer = empty(302);
            set(&mut answer, "location", "https://login.example.invalid/");
            answer
        }
    }
}

fn refused_token(code: &str, tenant_uri: &str) -> HttpResponse {
    let mut refused = error_answer(401, code);
    let uri = if tenant_uri.is_empty() { format!("{ENDPOINT}common") } else { tenant_uri.to_owned() };
    let challenge = format!("Bearer authorization_uri=\"{uri}\", error=\"invalid_token\"");
    set(&mut refused, "www-authenticate", &challenge);
    refused
}

fn arm_error(error: &ArmError) -> HttpResponse {
    error_answer(error.status, error.code)
}

fn error_answer(status: u16, code: &str) -> HttpResponse {
    answer(status, &json!({ "error": { "code": code, "message": "Simulated." } }))
}

fn empty(status: u16) -> HttpResponse {
    HttpResponse {
        status: StatusCode::from_u16(status).unwrap(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
    }
}

fn answer(status: u16, body: &Value) -> HttpResponse {
    HttpResponse { body: Bytes::from(body.to_string()), ..empty(status) }
}

pub(crate) fn set(answer: &mut HttpResponse, name: &'static str, value: &str) {
    answer.headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
}
