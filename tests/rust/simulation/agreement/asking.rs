//! Asks one of the two, and notes what is to agree: statuses, codes, the form of bodies, headers that matter, what is
//! stored afterwards. Numbers that are each one's own (etags, tokens, ids of operations) are noted by their presence.

use std::sync::Arc;

use azs_registration::transport::{HttpRequest, HttpResponse, Transport};
use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;

use super::cases::{Asked, Case};
use crate::simulation::arm::{GROUP, NAME, SUBSCRIPTION};
use crate::simulation::schedule::{customer, tenant};

/// One of the two.
pub(super) struct Endpoint {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) address: String,
    pub(super) token: String,
    pub(super) expired: String,
}

/// What a case came to: what was answered, and what is stored (subscription, tenant, whether it is in force).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Came {
    pub(super) end: Vec<String>,
    pub(super) after: Vec<(String, String, bool)>,
}

/// How many answers of one case are noted.
const MOST_ANSWERS: usize = 10;

/// Asks what the case asks, and follows links.
pub(super) async fn ask(endpoint: &Endpoint, case: &Case) -> Vec<String> {
    let registration = |name: &str| {
        format!(
            "subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.AzureStack/registrations/{name}"
        )
    };
    let list = format!("{}/customerSubscriptions", registration(NAME));
    let mapping = |number: u64| format!("{list}/{}", customer(number));
    let token = Some(endpoint.token.as_str());
    let (method, path, token, body) = match case.asked {
        Asked::Registration => (Method::GET, registration(NAME), token, None),
        Asked::AnotherRegistration => (Method::GET, registration("another"), token, None),
        Asked::List => (Method::GET, list.clone(), token, None),
        Asked::Get(number) => (Method::GET, mapping(number), token, None),
        Asked::Put(number, named) => {
            let body = match named {
                Some(named) => serde_json::json!({ "properties": { "tenantId": tenant(named) } }),
                None => serde_json::json!({}),
            };
            (Method::PUT, mapping(number), token, Some(body.to_string()))
        }
        Asked::PutNonsense(number) => (Method::PUT, mapping(number), token, Some("[]".to_owned())),
        Asked::Delete(number) | Asked::DeleteIfMatch(number, _) => {
            (Method::DELETE, mapping(number), token, None)
        }
        Asked::Challenge(number) => (Method::GET, format!("subscriptions/{}", customer(number)), None, None),
        Asked::WithToken("expired") => {
            (Method::GET, registration(NAME), Some(endpoint.expired.as_str()), None)
        }
        Asked::WithToken(other) => (Method::GET, registration(NAME), Some(other), None),
    };
    let url = |path: &str| format!("{}{path}?api-version=2017-06-01", endpoint.address);
    let mut first = request(method, &url(&path), token, body);
    if let Asked::DeleteIfMatch(number, right) = case.asked {
        let read = request(Method::GET, &url(&mapping(number)), token, None);
        let read = endpoint.transport.send(read).await.unwrap();
        let body: Value = serde_json::from_slice(&read.body).unwrap();
        let etag = if right { body["etag"].as_str().unwrap() } else { "\"another\"" };
        first.headers.insert("if-match", etag.parse().unwrap());
    }
    let mut noted = Vec::new();
    let mut next = Some(first);
    while let Some(request) = next.take() {
        let sent = endpoint.transport.send(request).await;
        noted.push(match &sent {
            Ok(answer) => note(answer, endpoint),
            Err(lost) => format!("{:?}", lost.reach),
        });
        if let Ok(answer) = sent
            && noted.len() < MOST_ANSWERS
        {
            next = link(&answer).map(|link| self::request(Method::GET, &link, token, None));
        }
    }
    // Which of the first polls finds an operation still running is no matter of agreement, but that the last one does not is.
    noted.dedup();
    noted
}

fn request(method: Method, url: &str, token: Option<&str>, body: Option<String>) -> HttpRequest {
    let mut headers = HeaderMap::new();
    if let Some(token) = token {
        headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    if body.is_some() {
        headers.insert("content-type", "application/json".parse().unwrap());
    }
    HttpRequest { method, url: url.parse().unwrap(), headers, body: body.map(Bytes::from) }
}

fn header<'a>(answer: &'a HttpResponse, name: &str) -> Option<&'a str> {
    answer.headers.get(name).and_then(|value| value.to_str().ok())
}

/// Where an answer leads: to the next page, or to how an accepted write goes on.
fn link(answer: &HttpResponse) -> Option<String> {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let page = body["nextLink"].as_str();
    let operation = header(answer, "azure-asyncoperation");
    let location = header(answer, "location").filter(|_| answer.status.as_u16() == 202);
    page.or(operation).or(location).map(str::to_owned)
}

fn note(answer: &HttpResponse, endpoint: &Endpoint) -> String {
    let mut noted = format!("{} {}", answer.status.as_u16(), form(&answer.body));
    for name in ["retry-after", "location", "azure-asyncoperation", "etag", "www-authenticate"] {
        let Some(value) = header(answer, name) else { continue };
        noted += &match name {
            "retry-after" => format!(", {name} {value}"),
            "www-authenticate" => {
                // Behind the host: whose sign-in it is.
                let uri = value.split('"').nth(1).unwrap_or_default();
                let of_customer = uri.rsplit('/').next().filter(|id| id.starts_with("7e7e"));
                format!(", {name} {}", of_customer.unwrap_or("of the registration"))
            }
            _ if value.starts_with(&endpoint.address) => format!(", {name} here"),
            _ => format!(", {name}"),
        };
    }
    if answer.status.is_success() {
        let left = answer.headers.keys().find(|name| name.as_str().starts_with("x-ms-ratelimit-remaining"));
        noted += &left.map(|name| format!(", {name}")).unwrap_or_default();
    }
    noted
}

/// The form of a body.
fn form(body: &[u8]) -> String {
    if body.is_empty() {
        return "empty".to_owned();
    }
    let Ok(Value::Object(body)) = serde_json::from_slice(body) else { return "foreign".to_owned() };
    if let Some(code) = body.get("error").and_then(|error| error["code"].as_str()) {
        return format!("error {code}");
    }
    if let Some(items) = body.get("value").and_then(Value::as_array) {
        let items: Vec<String> = items.iter().map(item).collect();
        let more = if body.contains_key("nextLink") { " and more" } else { "" };
        return format!("{items:?}{more}");
    }
    if body.contains_key("properties") { item(&Value::Object(body)) } else { status(&body) }
}

fn status(body: &serde_json::Map<String, Value>) -> String {
    body.get("status").map_or_else(|| "object".to_owned(), |status| format!("status {status}"))
}

fn item(item: &Value) -> String {
    let text = |name: &str| item[name].as_str().unwrap_or("-").to_owned();
    let etag = if item.get("etag").is_some() { " with etag" } else { "" };
    let tenant = item["properties"]["tenantId"].as_str().unwrap_or("-").to_owned();
    format!("{} {} {} of {tenant}{etag}", text("id"), text("name"), text("type"))
}
