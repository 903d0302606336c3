//! Azure Resource Manager: what its front door checks, and the resource provider behind it.

mod access;
mod api_version;
mod customer_subscriptions;
mod error;
mod headers;
mod operations;
mod provider_errors;
mod resource;
mod route;
mod scopes;
mod throttling;
mod write;

use std::sync::Arc;

use hyper::{Method, StatusCode};

use crate::registrations::RegistrationScope;
use crate::reply::Reply;
use crate::request::ServiceRequest;
use crate::service::Service;

pub(crate) use access::claims_challenge;
pub(crate) use error::ArmError;
pub(crate) use operations::Operations;

use route::Route;

/// The registration that a request is about, if it is about one.
pub(crate) fn registration_of(request: &ServiceRequest) -> Option<RegistrationScope> {
    Route::parse(&request.segments()).ok()?.registration()
}

/// Answers a request to ARM, with ARM's headers.
pub(crate) async fn answer(service: &Arc<Service>, request: &ServiceRequest) -> Reply {
    let mut left = None;
    let mut reply = route_and_answer(service, request, &mut left).await.unwrap_or_else(ArmError::into_reply);
    headers::add(&mut reply, request, left);
    reply
}

/// The order of the checks is the front door's: address, api-version, token, limits, scope; then the resource
/// provider's. `left` becomes what the bucket still holds, where there is one.
async fn route_and_answer(
    service: &Arc<Service>,
    request: &ServiceRequest,
    left: &mut Option<u32>,
) -> Result<Reply, ArmError> {
    let route = Route::parse(&request.segments())?;
    if route == Route::CloudEndpoints {
        allow(request, &[Method::GET])?;
        return scopes::cloud_endpoints(service, request);
    }
    let subscription = route.subscription()?;
    let version = api_version::check(request, &route)?;
    let principal = access::check(service, request, subscription)?;
    throttling::check(service, request, subscription, &principal, left)?;
    match &route {
        Route::CloudEndpoints => Err(ArmError::not_found_at(&request.path)),
        Route::Subscription { subscription } => {
            allow(request, &[Method::GET])?;
            scopes::subscription(service, subscription)
        }
        Route::Registrations { subscription, resource_group } => {
            scopes::check_group(service, subscription, resource_group.as_deref())?;
            allow(request, &[Method::GET])?;
            Ok(scopes::registrations(service, subscription, resource_group.as_deref()))
        }
        Route::Registration(scope) => {
            scopes::check_group(service, &scope.subscription, Some(&scope.resource_group))?;
            allow(request, &[Method::GET])?;
            scopes::registration(service, scope)
        }
        Route::CustomerSubscriptions(scope) => {
            scopes::check_group(service, &scope.subscription, Some(&scope.resource_group))?;
            allow(request, &[Method::GET])?;
            customer_subscriptions::list(service, request, scope, &version).await
        }
        Route::CustomerSubscription { scope, id } => {
            scopes::check_group(service, &scope.subscription, Some(&scope.resource_group))?;
            allow(request, &[Method::GET, Method::PUT, Method::DELETE])?;
            match request.method {
                Method::PUT => write::put(service, request, scope, id, &version).await,
                Method::DELETE => write::delete(service, request, scope, id).await,
                _ => customer_subscriptions::get(service, scope, id).await,
            }
        }
        Route::Operation { id, status, .. } => {
            allow(request, &[Method::GET])?;
            operations::poll(service, request, id, *status)
        }
    }
}

/// Refuses other methods than these.
fn allow(request: &ServiceRequest, methods: &[Method]) -> Result<(), ArmError> {
    if methods.contains(&request.method) {
        return Ok(());
    }
    let allowed: Vec<&str> = methods.iter().map(Method::as_str).collect();
    let message = format!("The requested resource does not support http method '{}'.", request.method);
    Err(ArmError::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message)
        .with_header(hyper::header::ALLOW, allowed.join(", ")))
}
