//! Error answers.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

use super::json::Body;
use crate::error::{Category, Error, Parts};

/// The error of an answer, as Azure Resource Manager's RPC words it: `{"error":{"code","message","target","details"}}`.
/// The oldest OpenAPI revision declares no error body at all, so every part may be missing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ArmError {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) target: Option<String>,
    /// The nested details, one text for each.
    pub(crate) details: Vec<String>,
}

impl ArmError {
    pub(crate) fn read(body: &Body) -> ArmError {
        let Body::Object(object) = body else { return ArmError::default() };
        // Gateways leave the envelope out.
        let error = match get(object, "error") {
            Some(Value::Object(inner)) => inner,
            _ => object,
        };
        let mut details = Vec::new();
        collect_details(error, &mut details, 0);
        ArmError {
            code: text(error, "code"),
            message: text(error, "message"),
            target: text(error, "target"),
            details,
        }
    }

    /// The error that an answer comes to.
    pub(crate) fn into_error(self, status: StatusCode, headers: &HeaderMap, body: &Body) -> Error {
        let category = match (category(status), body) {
            // A proxy's page says nothing about what is there, nor about who may do what.
            (Category::Authentication | Category::Permission | Category::NotFound, Body::Other(_)) => {
                Category::InvalidAnswer
            }
            (category, _) => category,
        };
        let mut message = self.message.unwrap_or_else(|| match body {
            Body::Other(beginning) => {
                format!("The answer is not Azure Resource Manager's. It begins with: {beginning}")
            }
            _ => format!("The service answered {status} without a message."),
        });
        for detail in self.details {
            message.push_str("\n  ");
            message.push_str(&detail);
        }
        Error::from_parts(Parts {
            category,
            code: self.code.unwrap_or_else(|| default_code(status)),
            message,
            http_status: Some(status.as_u16()),
            target: self.target,
            column: None,
            row: 0,
            request_id: header(headers, "x-ms-request-id"),
            correlation_id: header(headers, "x-ms-correlation-request-id"),
            action: None,
        })
    }
}

fn category(status: StatusCode) -> Category {
    match status.as_u16() {
        401 => Category::Authentication,
        403 => Category::Permission,
        404 => Category::NotFound,
        409 | 412 | 423 => Category::Conflict,
        408 | 504 => Category::Timeout,
        429 => Category::Throttled,
        400..=499 => Category::Refused,
        500..=599 => Category::Service,
        _ => Category::InvalidAnswer,
    }
}

/// `NotFound` for 404, and so on: what ARM calls such errors where the resource provider gave no code.
fn default_code(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => reason.split([' ', '-', '\'']).collect(),
        None => format!("Http{}", status.as_u16()),
    }
}

fn collect_details(error: &Map<String, Value>, details: &mut Vec<String>, depth: usize) {
    let Some(Value::Array(inner)) = get(error, "details") else { return };
    for detail in inner.iter().filter_map(Value::as_object) {
        let parts = [text(detail, "code"), text(detail, "message")];
        let line = parts.into_iter().flatten().collect::<Vec<_>>().join(": ");
        if !line.is_empty() {
            details.push(line);
        }
        if depth < 4 {
            collect_details(detail, details, depth + 1);
        }
    }
}

/// A member by its name without case: gateways write `Message`.
fn get<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object
        .get(name)
        .or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    get(object, name)
        .and_then(Value::as_str)
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

pub(crate) fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// How long the service asks to wait: seconds, or a date (RPC: seconds; the date is tolerated).
pub(crate) fn retry_after(headers: &HeaderMap, now_unix: u64) -> Option<Duration> {
    let text = header(headers, "retry-after")?;
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let at = date.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
    Some(Duration::from_secs(at.saturating_sub(now_unix)))
}

#[cfg(test)]
mod tests {
    use super::super::json::read_body;
    use super::*;

    fn read(text: &str, status: u16) -> Error {
        let body = read_body(text.as_bytes());
        let status = StatusCode::from_u16(status).unwrap();
        ArmError::read(&body).into_error(status, &HeaderMap::new(), &body)
    }

    #[test]
    fn the_whole_error_is_kept() {
        let error = read(
            r#"{"error":{"code":"Outer","message":"It failed.","target":"x","details":[
                {"code":"Inner","message":"Because.","details":[{"message":"Deep."}]}]}}"#,
            409,
        );
        assert_eq!(error.to_string(), "Outer: It failed.\n  Inner: Because.\n  Deep.");
        assert_eq!(error.category(), Category::Conflict);
        assert_eq!(error.parts().target.as_deref(), Some("x"));
    }

    #[test]
    fn bodies_of_gateways_and_none_at_all_are_read() {
        assert_eq!(read(r#"{"Message":"No."}"#, 403).to_string(), "Forbidden: No.");
        assert_eq!(read(r#"{"code":"C","message":"M"}"#, 400).to_string(), "C: M");
        assert_eq!(
            read("", 404).to_string(),
            "NotFound: The service answered 404 Not Found without a message."
        );
        assert_eq!(
            read("<html>no</html>", 502).to_string(),
            "BadGateway: The answer is not Azure Resource Manager's. It begins with: <html>no</html>"
        );
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let wait = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", text.parse().unwrap());
            retry_after(&headers, 784_111_770)
        };
        assert_eq!(wait("17"), Some(Duration::from_secs(17)));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::from_secs(7)));
        assert_eq!(wait("Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("soon"), None);
    }
}
