//! Who may ask: tokens, tenants and the challenge.
//!
//! The challenge of an unauthenticated request names the subscription's tenant (seen on the real service; Microsoft's
//! own SDKs read the tenant there). Codes and wording are those of ARM's answers.

use std::time::SystemTime;

use hyper::StatusCode;
use hyper::header::WWW_AUTHENTICATE;
use time::OffsetDateTime;
use time::macros::format_description;
use uuid::Uuid;

use super::ArmError;
use crate::reply::Reply;
use crate::request::ServiceRequest;
use crate::service::Service;
use crate::world::World;

/// Checks that the subscription exists and that the request's token is one for its tenant; returns whose token it is.
pub(crate) fn check(
    service: &Service,
    request: &ServiceRequest,
    subscription: &str,
) -> Result<String, ArmError> {
    let world = service.world();
    let Some(tenant) = world.tenant_of(subscription) else {
        return Err(ArmError::subscription_not_found(subscription));
    };
    let challenged = |code: &str, message: String, description: &str| {
        let uri = service.addresses.arm_url(&format!("/{tenant}"));
        let challenge = format!(
            "Bearer authorization_uri=\"{uri}\", error=\"invalid_token\", error_description=\"{description}\""
        );
        ArmError::new(StatusCode::UNAUTHORIZED, code, message).with_header(WWW_AUTHENTICATE, challenge)
    };
    if request.header("authorization").is_none() {
        return Err(challenged(
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing.".to_owned(),
            "The authentication failed because of missing 'Authorization' header.",
        ));
    }
    let Some(token) = request.bearer() else {
        return Err(challenged(
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is provided in an invalid format.".to_owned(),
            "The authentication scheme is not supported.",
        ));
    };
    let Some(grant) = world.tokens.grant(token) else {
        return Err(challenged(
            "InvalidAuthenticationToken",
            "The access token is invalid.".to_owned(),
            "Could not find identity for access token.",
        ));
    };
    if !grant.is_valid() {
        let (expiry, now) = (clock(grant.expires), clock(SystemTime::now()));
        return Err(challenged(
            "ExpiredAuthenticationToken",
            format!("The access token expiry UTC time '{expiry}' is earlier than current UTC time '{now}'."),
            "The access token expired.",
        ));
    }
    if grant.tenant.eq_ignore_ascii_case(&tenant) {
        return Ok(grant.client.clone());
    }
    // A customer's subscription exists in a tenant of its own, made up or not: but only its own address shows that.
    // Everywhere else an id that nobody seeded is most likely a typing error, which ARM calls not found.
    known_scope(&world, request, subscription)?;
    let wrong = &grant.tenant;
    Err(challenged(
        "InvalidAuthenticationTokenTenant",
        format!(
            "The access token is from the wrong issuer 'https://sts.windows.net/{wrong}/'. It must match the tenant \
             'https://sts.windows.net/{tenant}/' associated with this subscription. Please use the authority (URL) \
             '{}' to get the token. Note, if the subscription is transferred to another tenant there is no impact to \
             the services, but information about new tenant could take time to propagate (up to an hour). If you just \
             transferred your subscription and see this error message, please try back later.",
            service.addresses.arm_url(&format!("/{tenant}"))
        ),
        "The access token is from the wrong issuer.",
    ))
}

/// The challenge of continuous access evaluation. Its code is that of issue 28200 of Azure/azure-powershell.
pub(crate) fn claims_challenge(service: &Service, request: &ServiceRequest, claims: &str) -> Reply {
    let segments = request.segments();
    let tenant = match segments.as_slice() {
        [first, subscription, ..] if first.eq_ignore_ascii_case("subscriptions") => {
            service.world().tenant_of(subscription)
        }
        _ => None,
    };
    let uri =
        service.addresses.arm_url(&format!("/{}", tenant.as_ref().unwrap_or(&service.options.tenant_id)));
    let challenge =
        format!("Bearer authorization_uri=\"{uri}\", error=\"insufficient_claims\", claims=\"{claims}\"");
    let message = "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: \
                   TokenIssuedBeforeRevocationTimestamp";
    ArmError::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message)
        .with_header(WWW_AUTHENTICATE, challenge)
        .into_reply()
}

fn known_scope(world: &World, request: &ServiceRequest, subscription: &str) -> Result<(), ArmError> {
    let below = request.segments().len() > 2;
    let seeded = Uuid::parse_str(subscription).is_ok_and(|id| world.directory.knows(id));
    if below && !seeded && !world.registrations.holds_subscription(subscription) {
        return Err(ArmError::subscription_not_found(subscription));
    }
    Ok(())
}

/// A time as .NET's general format of the invariant culture writes it, as ARM's message has it.
fn clock(time: SystemTime) -> String {
    let format = format_description!(
        "[month padding:none]/[day padding:none]/[year] [hour repr:12 padding:none]:[minute]:[second] [period]"
    );
    OffsetDateTime::from(time).format(&format).unwrap_or_default()
}
