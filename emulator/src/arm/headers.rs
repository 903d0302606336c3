//! The headers that ARM adds to every answer (ARM's RPC, common API details; article on request limits).

use hyper::Method;
use hyper::header::{CACHE_CONTROL, HeaderName, PRAGMA};
use time::OffsetDateTime;
use time::macros::format_description;
use uuid::Uuid;

use crate::reply::Reply;
use crate::request::ServiceRequest;

/// Adds ARM's headers; `Date` is hyper's.
pub(crate) fn add(reply: &mut Reply, request: &ServiceRequest) {
    let correlation = request
        .header("x-ms-correlation-request-id")
        .filter(|id| Uuid::parse_str(id).is_ok())
        .map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
    let now = OffsetDateTime::now_utc()
        .format(format_description!("[year][month][day]T[hour][minute][second]Z"))
        .unwrap_or_default();
    set(reply, "x-ms-request-id", &Uuid::new_v4().to_string());
    set(reply, "x-ms-correlation-request-id", &correlation);
    set(reply, "x-ms-routing-request-id", &format!("EMULATOR:{now}:{}", Uuid::new_v4()));
    if request.header("x-ms-return-client-request-id").is_some_and(|value| value.eq_ignore_ascii_case("true"))
        && let Some(id) = request.header("x-ms-client-request-id")
    {
        set(reply, "x-ms-client-request-id", id);
    }
    // One less than a full bucket: the emulator does not throttle. No page names the header of deletes; the others' form.
    let (name, left) = match request.method {
        Method::PUT | Method::POST | Method::PATCH => ("x-ms-ratelimit-remaining-subscription-writes", "199"),
        Method::DELETE => ("x-ms-ratelimit-remaining-subscription-deletes", "199"),
        _ => ("x-ms-ratelimit-remaining-subscription-reads", "249"),
    };
    if reply.status.is_success() {
        set(reply, name, left);
    }
    reply.set_header(CACHE_CONTROL, "no-cache");
    reply.set_header(PRAGMA, "no-cache");
    set(reply, "x-content-type-options", "nosniff");
}

fn set(reply: &mut Reply, name: &'static str, value: &str) {
    reply.set_header(HeaderName::from_static(name), value);
}
