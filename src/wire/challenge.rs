//! The challenge that an unauthenticated request gets: it says which directory a subscription belongs to.
//!
//! Azure Resource Manager answers an unauthenticated GET of a subscription with 401 and
//! `WWW-Authenticate: Bearer authorization_uri="https://login.windows.net/{tenant}"`. Microsoft's own SDKs use it; it
//! is not documented as a contract, so whatever else comes means "not known".

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, StatusCode};
use url::Url;
use uuid::Uuid;

use crate::guid::Guid;

/// The query of that request, with an api-version of the subscriptions resource that every cloud has.
pub(crate) const QUERY: &str = "api-version=2016-06-01";

/// The directory that the answer names.
pub(crate) fn tenant(status: StatusCode, headers: &HeaderMap) -> Option<Uuid> {
    if status != StatusCode::UNAUTHORIZED {
        return None;
    }
    headers
        .get_all(WWW_AUTHENTICATE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .find_map(tenant_of_challenge)
}

fn tenant_of_challenge(challenge: &str) -> Option<Uuid> {
    let lower = challenge.to_ascii_lowercase();
    let start = lower.find("authorization_uri=")? + "authorization_uri=".len();
    let value = challenge.get(start..)?.trim_start_matches('"');
    let uri = value.split(['"', ',', ' ']).next()?;
    let url = Url::parse(uri).ok()?;
    let tenant = url.path_segments()?.find_map(Guid::parse)?;
    Some(tenant.value())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tenant_is_read_from_the_challenge() {
        let tenant = "dbab3982-796f-4d03-9908-044c08aef8a2";
        for challenge in [
            format!(
                "Bearer authorization_uri=\"https://login.windows.net/{tenant}\", error=\"invalid_token\""
            ),
            format!(
                "Bearer error=\"x\", Authorization_Uri=https://login.microsoftonline.us/{tenant}/oauth2/authorize"
            ),
        ] {
            assert_eq!(tenant_of_challenge(&challenge).unwrap().to_string(), tenant, "{challenge}");
        }
        for challenge in [
            "",
            "Bearer",
            "Bearer authorization_uri=\"https://login.windows.net/common\"",
            "Bearer authorization_uri=x",
        ] {
            assert_eq!(tenant_of_challenge(challenge), None, "{challenge}");
        }
    }
}
