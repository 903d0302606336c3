//! The headers that ARM adds to every answer (ARM's RPC, common API details; article on request limits).

use hyper::header::{CACHE_CONTROL, HeaderName, PRAGMA};
use time::OffsetDateTime;
use time::macros::format_description;
use uuid::Uuid;

use crate::reply::Reply;
use crate::request::ServiceRequest;
use crate::throttle::Kind;

/// Adds ARM's headers; `Date` is hyper's. `left` is what the request's bucket still holds, where there is one.
pub(crate) fn add(reply: &mut Reply, request: &ServiceRequest, left: Option<u32>) {
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
    let kind = Kind::of(&request.method);
    // Without throttling it is one less than a full bucket, on success.
    if let Some(left) = left.or_else(|| reply.status.is_success().then(|| kind.arm_capacity() - 1)) {
        set(reply, remaining(kind), &left.to_string());
    }
    reply.set_header(CACHE_CONTROL, "no-cache");
    reply.set_header(PRAGMA, "no-cache");
    set(reply, "x-content-type-options", "nosniff");
}

/// No page names the header of deletes: it has the others' form.
fn remaining(kind: Kind) -> &'static str {
    match kind {
        Kind::Reads => "x-ms-ratelimit-remaining-subscription-reads",
        Kind::Writes => "x-ms-ratelimit-remaining-subscription-writes",
        Kind::Deletes => "x-ms-ratelimit-remaining-subscription-deletes",
    }
}

fn set(reply: &mut Reply, name: &'static str, value: &str) {
    reply.set_header(HeaderName::from_static(name), value);
}
