//! The sign-in service: the token endpoint of Microsoft Entra ID and what clients read before they use it.
//!
//! Source of paths, fields and error codes: Microsoft's pages on the OAuth 2.0 client credentials flow, on OpenID
//! Connect discovery and on AADSTS error codes.

use std::collections::HashMap;

use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;
use uuid::Uuid;

use crate::assertions;
use crate::options::Options;
use crate::reply::Reply;
use crate::request::ServiceRequest;
use crate::service::Service;

/// The audiences of ARM that are accepted beside the emulator's own address: it stands for any of the clouds.
const ARM_AUDIENCES: [&str; 4] = [
    "https://management.azure.com",
    "https://management.core.windows.net",
    "https://management.core.usgovcloudapi.net",
    "https://management.core.chinacloudapi.cn",
];

/// Tenant names that stand for no tenant of their own.
const SHARED_AUTHORITIES: [&str; 3] = ["common", "organizations", "consumers"];

/// Answers a request to the sign-in service; `None` if it is not one.
pub(crate) fn answer(service: &Service, request: &ServiceRequest) -> Option<Reply> {
    let segments = request.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (&request.method, segments.as_slice()) {
        (&Method::POST, [tenant, "oauth2", "v2.0", "token"]) => Some(token(service, request, tenant)),
        (&Method::GET, [tenant, "v2.0", ".well-known", "openid-configuration"]) => {
            Some(openid_configuration(service, tenant))
        }
        (&Method::GET, ["common", "discovery", "instance"]) => Some(instance_discovery(service)),
        _ => None,
    }
}

/// The token endpoint, for the client credentials flow with a secret or an assertion.
fn token(service: &Service, request: &ServiceRequest, tenant: &str) -> Reply {
    match issue(service, request, tenant) {
        Ok(reply) => reply,
        Err(refusal) => refusal.into_reply(),
    }
}

fn issue(service: &Service, request: &ServiceRequest, tenant: &str) -> Result<Reply, Refusal> {
    let form: HashMap<String, String> = url::form_urlencoded::parse(&request.body).into_owned().collect();
    let field = |name: &'static str| {
        form.get(name).filter(|value| !value.is_empty()).ok_or_else(|| {
            let message = format!("The request body must contain the following parameter: '{name}'.");
            Refusal::new(StatusCode::BAD_REQUEST, "invalid_request", 900_144, message)
        })
    };
    if field("grant_type")? != "client_credentials" {
        let message = "The app returned an unsupported grant type.".to_owned();
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "unsupported_grant_type", 70_003, message));
    }
    let options = &service.options;
    if !tenant.eq_ignore_ascii_case(&options.tenant_id) {
        return Err(unknown_tenant(tenant));
    }
    let client = field("client_id")?;
    if !client.eq_ignore_ascii_case(&options.client_id) {
        let message =
            format!("Application with identifier '{client}' was not found in the directory '{tenant}'.");
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "unauthorized_client", 700_016, message));
    }
    match form.get("client_assertion").filter(|assertion| !assertion.is_empty()) {
        Some(assertion) => {
            let tenants = [tenant.to_owned(), tenant.to_ascii_lowercase()];
            let audiences =
                tenants.map(|tenant| service.addresses.arm_url(&format!("/{tenant}/oauth2/v2.0/token")));
            assertions::check(service, assertion, client, &audiences)?;
        }
        None => check_secret(options, &form, client)?,
    }
    let audience = audience(service, field("scope")?)?;
    let issued = service.world().issue_token(&options.tenant_id, client, &audience, options.token_lifetime);
    Ok(Reply::json(
        StatusCode::OK,
        &json!({
            "token_type": "Bearer",
            "expires_in": options.token_lifetime.as_secs(),
            "ext_expires_in": options.token_lifetime.as_secs(),
            "access_token": issued.token,
        }),
    ))
}

fn check_secret(options: &Options, form: &HashMap<String, String>, client: &str) -> Result<(), Refusal> {
    let secret = form.get("client_secret").filter(|secret| !secret.is_empty()).ok_or_else(|| {
        let message = "The request body must contain the following parameter: 'client_assertion' or \
                       'client_secret'."
            .to_owned();
        Refusal::new(StatusCode::UNAUTHORIZED, "invalid_client", 7_000_218, message)
    })?;
    if *secret == options.client_secret {
        return Ok(());
    }
    let message = format!(
        "Invalid client secret provided. Ensure the secret being sent in the request is the \
                       client secret value, not the client secret ID, for a secret added to app '{client}'."
    );
    Err(Refusal::new(StatusCode::UNAUTHORIZED, "invalid_client", 7_000_215, message))
}

/// The audience that a scope asks for: `AUDIENCE/.default`, where an audience may end in a slash of its own.
fn audience(service: &Service, scope: &str) -> Result<String, Refusal> {
    let scope = scope.split_whitespace().find(|part| part.ends_with("/.default")).ok_or_else(|| {
        let message = format!(
            "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with \
             /.default suffixed to the resource identifier (application ID URI)."
        );
        Refusal::new(StatusCode::BAD_REQUEST, "invalid_scope", 1_002_012, message)
    })?;
    let resource = scope.strip_suffix(".default").unwrap_or(scope).trim_end_matches('/');
    if is_arm(service, resource) {
        return Ok(resource.to_owned());
    }
    let message = format!(
        "The resource principal named {resource} was not found in the tenant named {}.",
        service.options.tenant_id
    );
    Err(Refusal::new(StatusCode::BAD_REQUEST, "invalid_resource", 500_011, message))
}

/// Whether a resource is ARM: the emulator by one of its names, or the public cloud's.
pub(crate) fn is_arm(service: &Service, resource: &str) -> bool {
    let resource = resource.trim_end_matches('/').to_ascii_lowercase();
    let port = service.addresses.arm.port();
    ARM_AUDIENCES.contains(&resource.as_str())
        || ["localhost", "127.0.0.1", "[::1]"].iter().any(|host| resource == format!("https://{host}:{port}"))
}

fn openid_configuration(service: &Service, tenant: &str) -> Reply {
    let known =
        tenant.eq_ignore_ascii_case(&service.options.tenant_id) || SHARED_AUTHORITIES.contains(&tenant);
    if !known {
        return unknown_tenant(tenant).into_reply();
    }
    let at = |path: &str| service.addresses.arm_url(&format!("/{tenant}/{path}"));
    Reply::json(
        StatusCode::OK,
        &json!({
            "token_endpoint": at("oauth2/v2.0/token"),
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "jwks_uri": at("discovery/v2.0/keys"),
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": at("v2.0"),
            "authorization_endpoint": at("oauth2/v2.0/authorize"),
            "device_authorization_endpoint": at("oauth2/v2.0/devicecode"),
            "end_session_endpoint": at("oauth2/v2.0/logout"),
        }),
    )
}

fn instance_discovery(service: &Service) -> Reply {
    let host = format!("localhost:{}", service.addresses.arm.port());
    Reply::json(
        StatusCode::OK,
        &json!({
            "tenant_discovery_endpoint": service.addresses.arm_url("/common/v2.0/.well-known/openid-configuration"),
            "api-version": "1.1",
            "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }],
        }),
    )
}

fn unknown_tenant(tenant: &str) -> Refusal {
    let message = format!(
        "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the \
         correct cloud."
    );
    Refusal::new(StatusCode::BAD_REQUEST, "invalid_request", 90_002, message)
}

/// An error of the sign-in service.
pub(crate) struct Refusal {
    status: StatusCode,
    error: &'static str,
    code: u32,
    message: String,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, error: &'static str, code: u32, message: String) -> Self {
        Self { status, error, code, message }
    }

    fn into_reply(self) -> Reply {
        let (trace, correlation) = (Uuid::new_v4(), Uuid::new_v4());
        let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z");
        let timestamp = OffsetDateTime::now_utc().format(&format).unwrap_or_default();
        let Self { status, error, code, message } = self;
        let body: Value = json!({
            "error": error,
            "error_description": format!(
                "AADSTS{code}: {message} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}"
            ),
            "error_codes": [code],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
        });
        Reply::json(status, &body)
    }
}
