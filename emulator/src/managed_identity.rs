//! The endpoints that give tokens of a managed identity: a virtual machine's (IMDS), App Service's and Azure Automation's,
//! and that of Azure Arc's agent.
//!
//! Sources: Microsoft's pages *How to use managed identities for Azure resources on an Azure VM to acquire an access
//! token* (path, parameters, the `Metadata` header, and numbers written as strings), *How to use managed identities for
//! App Service and Azure Functions* (the `X-IDENTITY-HEADER`) and *Authenticate against Azure resources with Azure
//! Arc-enabled servers* (the challenge that names a file).

use std::time::{Duration, SystemTime};

use hyper::header::{HeaderValue, WWW_AUTHENTICATE};
use hyper::{Method, StatusCode};
use serde_json::json;

use crate::reply::Reply;
use crate::request::ServiceRequest;
use crate::service::Service;
use crate::sign_in::is_arm;
use crate::tokens::unix_seconds;

/// How long its tokens are valid: the day that the real endpoint gives.
const LIFETIME: Duration = Duration::from_secs(24 * 3600 - 1);

/// Answers a request to one of the endpoints.
pub(crate) fn answer(service: &Service, request: &ServiceRequest) -> Reply {
    if request.method != Method::GET {
        return refused(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed");
    }
    match request.path.trim_end_matches('/') {
        "/metadata/identity/oauth2/token" => {
            with_metadata(request).unwrap_or_else(|| issue(service, request, true))
        }
        "/msi/token" => {
            let shown = request.header("x-identity-header");
            if shown != Some(service.options.identity_header.as_str()) {
                return refused(
                    StatusCode::UNAUTHORIZED,
                    "unauthorized",
                    "The X-IDENTITY-HEADER is missing or wrong",
                );
            }
            // Azure Automation's has no versions.
            issue(service, request, false)
        }
        "/arc/metadata/identity/oauth2/token" => with_metadata(request)
            .or_else(|| arc_challenge(service, request))
            .unwrap_or_else(|| issue(service, request, true)),
        _ => refused(StatusCode::NOT_FOUND, "not_found", "The requested resource was not found"),
    }
}

/// What a request without the `Metadata` header is answered.
fn with_metadata(request: &ServiceRequest) -> Option<Reply> {
    let given = request.header("metadata").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    (!given).then(|| {
        refused(StatusCode::BAD_REQUEST, "invalid_request", "Required metadata header not specified")
    })
}

/// What Azure Arc's agent answers one who has not shown the content of its file.
fn arc_challenge(service: &Service, request: &ServiceRequest) -> Option<Reply> {
    let Some(folder) = &service.options.arc_key_folder else {
        return Some(refused(
            StatusCode::NOT_FOUND,
            "not_found",
            "This emulator has no folder for the agent's files",
        ));
    };
    let path = folder.join("emulator.key");
    let key = service.options.identity_header.as_bytes();
    if request.header("authorization") == Some(&format!("Basic {}", service.options.identity_header)) {
        return None;
    }
    if std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, key)).is_err() {
        return Some(refused(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            "The agent could not write its file",
        ));
    }
    let mut reply =
        refused(StatusCode::UNAUTHORIZED, "unauthorized", "The content of the file was not shown");
    if let Ok(challenge) = HeaderValue::from_str(&format!("Basic realm={}", path.display())) {
        reply.headers.insert(WWW_AUTHENTICATE, challenge);
    }
    Some(reply)
}

/// Issues a token to one who may have it.
fn issue(service: &Service, request: &ServiceRequest, has_versions: bool) -> Reply {
    // A request that came through a proxy is refused: it would leak the machine's identity.
    if request.header("x-forwarded-for").is_some() {
        return refused(StatusCode::BAD_REQUEST, "invalid_request", "Request was forwarded by a proxy");
    }
    if has_versions && request.parameter("api-version").is_none() {
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
