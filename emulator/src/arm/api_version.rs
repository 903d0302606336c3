//! The api-version parameter.

use super::ArmError;
use super::route::Route;
use crate::request::ServiceRequest;

/// The api-versions of the resource types (OpenAPI: the folders that declare customerSubscriptions and are in a tag).
const SUPPORTED: [&str; 3] = ["2017-06-01", "2020-06-01-preview", "2022-06-01"];

/// Returns the api-version of a request, or ARM's complaint about it.
///
/// `NoRegisteredProviderFound` is what ARM says of a resource type that it knows, but not at that version (seen in
/// issue 2230 of Azure/azure-powershell).
pub(crate) fn check(request: &ServiceRequest, route: &Route) -> Result<String, ArmError> {
    let version =
        request.parameter("api-version").filter(|version| !version.is_empty()).ok_or_else(|| {
            ArmError::bad_request(
                "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required for all requests.",
            )
        })?;
    let supported = SUPPORTED.join(",");
    if !is_well_formed(&version) {
        let message =
            format!("The api-version '{version}' is invalid. The supported versions are '{supported}'.");
        return Err(ArmError::bad_request("InvalidApiVersionParameter", message));
    }
    match route.resource_type() {
        Some(kind) if !SUPPORTED.iter().any(|known| known.eq_ignore_ascii_case(&version)) => {
            let supported = SUPPORTED.join(", ");
            Err(ArmError::bad_request(
                "NoRegisteredProviderFound",
                format!(
                    "No registered resource provider found for location 'global' and API version '{version}' for type \
                     '{kind}'. The supported api-versions are '{supported}'. The supported locations are 'global'."
                ),
            ))
        }
        _ => Ok(version),
    }
}

/// `YYYY-MM-DD`, with or without a suffix such as `-preview` (ARM's RPC).
fn is_well_formed(version: &str) -> bool {
    let Some(date) = version.get(..10) else { return false };
    let is_date = date.bytes().enumerate().all(|(place, byte)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    let suffix = &version[10..];
    let is_suffix = suffix.is_empty()
        || suffix.strip_prefix('-').is_some_and(|name| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
        });
    is_date && is_suffix
}
