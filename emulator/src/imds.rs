//! The managed identity endpoint of a virtual machine (IMDS).
//!
//! Source: Microsoft's page *How to use managed identities for Azure resources on an Azure VM to acquire an access
//! token*: path, parameters, the `Metadata` header, and numbers written as strings.

use std::time::{Duration, SystemTime};

use hyper::{Method, StatusCode};
use serde_json::json;

use crate::reply::Reply;
use crate::request::ServiceRequest;
use crate::service::Service;
use crate::sign_in::is_arm;
use crate::tokens::unix_seconds;

/// How long its tokens are valid: the day that the real endpoint gives.
const LIFETIME: Duration = Duration::from_secs(24 * 3600 - 1);

/// Answers a request to the managed identity endpoint.
pub(crate) fn answer(service: &Service, request: &ServiceRequest) -> Reply {
    if request.path.trim_end_matches('/') != "/metadata/identity/oauth2/token" {
        return refused(StatusCode::NOT_FOUND, "not_found", "The requested resource was not found");
    }
    if request.method != Method::GET {
        return refused(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed");
    }
    if !request.header("metadata").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return refused(StatusCode::BAD_REQUEST, "invalid_request", "Required metadata header not specified");
    }
    // A request that came through a proxy is refused: it would leak the machine's identity.
    if request.header("x-forwarded-for").is_some() {
        return refused(StatusCode::BAD_REQUEST, "invalid_request", "Request was forwarded by a proxy");
    }
    if request.parameter("api-version").is_none() {
        return refused(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "Required query variable 'api-version' is missing",
        );
    }
    let Some(resource) = request.parameter("resource").filter(|resource| !resource.is_empty()) else {
        return refused(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "Required query variable 'resource' is missing",
        );
    };
    if !is_arm(service, &resource) {
        let message = "AADSTS500011: The resource principal was not found in the tenant";
        return refused(StatusCode::BAD_REQUEST, "invalid_resource", message);
    }
    let client = &service.options.client_id;
    if request.parameter("client_id").is_some_and(|wanted| !wanted.eq_ignore_ascii_case(client)) {
        return refused(StatusCode::BAD_REQUEST, "invalid_request", "Identity not found");
    }
    let issued = service.world().issue_token(&service.options.tenant_id, client, &resource, LIFETIME);
    Reply::json(
        StatusCode::OK,
        &json!({
            "access_token": issued.token,
            "client_id": client,
            "expires_in": LIFETIME.as_secs().to_string(),
            "expires_on": issued.expires_on.to_string(),
            "ext_expires_in": LIFETIME.as_secs().to_string(),
            "not_before": unix_seconds(SystemTime::now()).to_string(),
            "resource": resource,
            "token_type": "Bearer",
        }),
    )
}

fn refused(status: StatusCode, error: &str, description: &str) -> Reply {
    Reply::json(status, &json!({ "error": error, "error_description": description }))
}
