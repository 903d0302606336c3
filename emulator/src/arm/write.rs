//! Changing customer subscriptions: PUT and DELETE.

use std::sync::Arc;
use std::time::Duration;

use hyper::StatusCode;
use hyper::header::ETAG;
use serde_json::Value;
use uuid::Uuid;

use super::ArmError;
use super::operations::accepted;
use super::provider_errors::CUSTOMER_SUBSCRIPTION_NOT_FOUND;
use super::provider_errors::{
    CUSTOMER_SUBSCRIPTIONS_NOT_ALLOWED, INVALID_CUSTOMER_SUBSCRIPTION_ID, REGISTRATION_NOT_FOUND,
    assumed_status, provider_error,
};
use super::resource::{
    blank_customer_subscription, customer_subscription_id, customer_subscription_resource,
};
use crate::mappings::{Mapping, Put};
use crate::options::RegistrationSeed;
use crate::registrations::RegistrationScope;
use crate::reply::Reply;
use crate::request::ServiceRequest;
use crate::service::Service;
use crate::switches::{DeleteAnswer, DeleteMissing, PutAnswer, RpError, Switches, TenantIdRule};
use crate::world::World;

/// Adds or overwrites a customer subscription (OpenAPI: CustomerSubscriptions_Create).
pub(crate) async fn put(
    service: &Arc<Service>,
    request: &ServiceRequest,
    scope: &RegistrationScope,
    id: &str,
    version: &str,
) -> Result<Reply, ArmError> {
    let wanted = body_tenant(request)?;
    let timing = Timing::of(&service.world().switches);
    tokio::time::sleep(timing.before).await;
    let (reply, operation) = {
        let mut world = service.world();
        let world = &mut *world;
        let tenant = put_tenant(world, scope, id, wanted)?;
        let missing = || provider_error(REGISTRATION_NOT_FOUND, scope, id);
        let registration = world.registrations.get(scope).ok_or_else(missing)?;
        let (mappings, seed) = (registration.mappings(), registration.seed.clone());
        check_preconditions(request, mappings.get(id, &world.switches), &world.switches)?;
        let put = if timing.is_late() {
            mappings.plan_put(id, &tenant, &world.switches).0
        } else {
            world.put(scope, id, &tenant).ok_or_else(missing)?
        };
        let World { switches, operations, .. } = world;
        let reply = put_reply(&seed, &put, switches);
        let operation = accepted_kind(switches.put_answer).map(|by_status| {
            (operations.start(reply.clone(), switches.operation_polls, !timing.is_late()), by_status)
        });
        if timing.is_late() {
            let landing = Landing { scope: scope.clone(), id: id.to_owned() };
            let started = operation.as_ref().map(|(operation, _)| operation.clone());
            service.effect(landing.put(Arc::clone(service), tenant, timing, started));
        }
        (reply, operation)
    };
    tokio::time::sleep(timing.answer).await;
    Ok(match operation {
        Some((operation, by_status)) => {
            accepted(service, &scope.subscription, &operation, by_status, version)
        }
        None => reply,
    })
}

/// Removes a customer subscription (OpenAPI: CustomerSubscriptions_Delete).
pub(crate) async fn delete(
    service: &Arc<Service>,
    request: &ServiceRequest,
    scope: &RegistrationScope,
    id: &str,
) -> Result<Reply, ArmError> {
    let timing = Timing::of(&service.world().switches);
    tokio::time::sleep(timing.before).await;
    let reply = {
        let mut world = service.world();
        let world = &mut *world;
        if let Some(error) = world.switches.take_rp_error(id, "DELETE") {
            return Err(chosen_error(&error, scope, id));
        }
        let switches = &world.switches;
        let registration = world
            .registrations
            .get(scope)
            .ok_or_else(|| provider_error(REGISTRATION_NOT_FOUND, scope, id))?;
        if switches.lock {
            return Err(locked(&registration.seed, id));
        }
        match registration.mappings().get(id, switches) {
            // ARM's RPC: an absent resource is 204 whatever If-Match says.
            None => match switches.delete_missing {
                DeleteMissing::NoContent => Reply::empty(StatusCode::NO_CONTENT),
                DeleteMissing::NotFound => {
                    return Err(provider_error(CUSTOMER_SUBSCRIPTION_NOT_FOUND, scope, id));
                }
            },
            Some(mapping) => {
                check_preconditions(request, Some(mapping), switches)?;
                let answer = switches.delete_answer;
                if timing.is_late() {
                    let landing = Landing { scope: scope.clone(), id: id.to_owned() };
                    service.effect(landing.delete(Arc::clone(service), timing));
                } else {
                    world.delete(scope, id);
                }
                match answer {
                    DeleteAnswer::NoContent => Reply::empty(StatusCode::NO_CONTENT),
                    DeleteAnswer::OkEmpty => Reply::empty(StatusCode::OK),
                    DeleteAnswer::OkBody => Reply::json(StatusCode::OK, &serde_json::json!({})),
                }
            }
        }
    };
    tokio::time::sleep(timing.answer).await;
    Ok(reply)
}

/// An error that [`Switches::rp_errors`] asks for.
pub(crate) fn chosen_error(error: &RpError, scope: &RegistrationScope, id: &str) -> ArmError {
    let status = error.status.and_then(|status| StatusCode::from_u16(status).ok());
    provider_error(&error.code, scope, id).with_status(status.unwrap_or_else(|| assumed_status(&error.code)))
}

/// When a write takes effect and when it is answered.
#[derive(Clone, Copy)]
struct Timing {
    before: Duration,
    answer: Duration,
    late: Duration,
}

impl Timing {
    fn of(switches: &Switches) -> Self {
        Self {
            before: Duration::from_millis(switches.delay_ms),
            answer: Duration::from_millis(switches.answer_delay_ms),
            late: Duration::from_millis(switches.effect_delay_ms),
        }
    }

    /// Whether the effect comes after the answer.
    fn is_late(self) -> bool {
        !self.late.is_zero()
    }
}

/// An effect on its way.
struct Landing {
    scope: RegistrationScope,
    id: String,
}

impl Landing {
    async fn put(self, service: Arc<Service>, tenant: String, timing: Timing, operation: Option<String>) {
        tokio::time::sleep(timing.answer + timing.late).await;
        let mut world = service.world();
        // A registration that is gone by now takes nothing.
        let _ = world.put(&self.scope, &self.id, &tenant);
        if let Some(operation) = operation {
            world.operations.landed(&operation);
        }
    }

    async fn delete(self, service: Arc<Service>, timing: Timing) {
        tokio::time::sleep(timing.answer + timing.late).await;
        service.world().delete(&self.scope, &self.id);
    }
}

/// The tenant that a PUT asks for, if any. The body must be a JSON object: OpenAPI requires it, and what New-AzResource
/// sends without properties is `{}`.
fn body_tenant(request: &ServiceRequest) -> Result<Option<String>, ArmError> {
    let invalid = |reason: &str| {
        let message = format!("The request content was invalid and could not be deserialized: '{reason}'.");
        ArmError::bad_request("InvalidRequestContent", message)
    };
    let media_type =
        request.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(invalid(&format!("The content type '{media_type}' is not 'application/json'")));
    }
    let body: Value = serde_json::from_slice(&request.body).map_err(|error| invalid(&error.to_string()))?;
    let body = body.as_object().ok_or_else(|| invalid("The content is not a JSON object"))?;
    let properties = match body.get("properties") {
        None | Some(Value::Null) => return Ok(None),
        Some(properties) => {
            properties.as_object().ok_or_else(|| invalid("'properties' is not a JSON object"))?
        }
    };
    match properties.get("tenantId") {
        None | Some(Value::Null) => Ok(None),
        // That the tenant must be a GUID is an assumption: OpenAPI says no more than string.
        Some(Value::String(tenant)) if Uuid::parse_str(tenant).is_ok() => Ok(Some(tenant.clone())),
        Some(_) => Err(invalid("'properties.tenantId' is not a GUID")),
    }
}

/// The provider's checks of a PUT, and the tenant that its entry gets.
fn put_tenant(
    world: &mut World,
    scope: &RegistrationScope,
    id: &str,
    wanted: Option<String>,
) -> Result<String, ArmError> {
    let Some(registration) = world.registrations.get(scope) else {
        return Err(provider_error(REGISTRATION_NOT_FOUND, scope, id));
    };
    if registration.seed.billing_model.eq_ignore_ascii_case("Capacity") {
        return Err(provider_error(CUSTOMER_SUBSCRIPTIONS_NOT_ALLOWED, scope, id));
    }
    if let Some(error) = world.switches.take_rp_error(id, "PUT") {
        return Err(chosen_error(&error, scope, id));
    }
    let invalid = || provider_error(INVALID_CUSTOMER_SUBSCRIPTION_ID, scope, id);
    Uuid::parse_str(id).ok().filter(|_| id.len() == 36).ok_or_else(invalid)?;
    let resolved = world.tenant_of(id).ok_or_else(invalid)?;
    Ok(match world.switches.tenant_id {
        TenantIdRule::Honoured => wanted.unwrap_or(resolved),
        TenantIdRule::Resolved => resolved,
    })
}

/// What a PUT answers when it is answered at once, or what its polling ends with.
fn put_reply(seed: &RegistrationSeed, put: &Put, switches: &Switches) -> Reply {
    let resource = || customer_subscription_resource(seed, &put.mapping, switches);
    let mut reply = match switches.put_answer {
        PutAnswer::CreatedEmpty => Reply::empty(StatusCode::CREATED),
        PutAnswer::OkBody => Reply::json(StatusCode::OK, &resource()),
        PutAnswer::OkBlankIds => {
            Reply::json(StatusCode::OK, &blank_customer_subscription(&put.mapping, switches))
        }
        PutAnswer::CreatedBody | PutAnswer::Accepted | PutAnswer::AcceptedAsyncOperation => {
            Reply::json(if put.created { StatusCode::CREATED } else { StatusCode::OK }, &resource())
        }
        PutAnswer::NoContent => Reply::empty(StatusCode::NO_CONTENT),
    };
    if switches.etag {
        reply.set_header(ETAG, &put.mapping.etag());
    }
    reply
}

/// Whether a PUT is answered 202, and then whether its status is polled rather than its result.
fn accepted_kind(answer: PutAnswer) -> Option<bool> {
    match answer {
        PutAnswer::Accepted => Some(false),
        PutAnswer::AcceptedAsyncOperation => Some(true),
        _ => None,
    }
}

/// If-Match and If-None-Match by the table of ARM's RPC, where the switch has them honoured.
fn check_preconditions(
    request: &ServiceRequest,
    existing: Option<&Mapping>,
    switches: &Switches,
) -> Result<(), ArmError> {
    if !switches.etag {
        return Ok(());
    }
    let holds = |condition: &str| match existing {
        None => false,
        Some(mapping) => condition.split(',').map(str::trim).any(|tag| tag == "*" || tag == mapping.etag()),
    };
    let failed = |header: &str, value: &str| {
        let message = format!("The condition '{value}' in the {header} header was not satisfied.");
        Err(ArmError::new(StatusCode::PRECONDITION_FAILED, "PreconditionFailed", message))
    };
    if let Some(condition) = request.header("if-match").filter(|condition| !holds(condition)) {
        return failed("If-Match", condition);
    }
    if let Some(condition) = request.header("if-none-match").filter(|condition| holds(condition)) {
        return failed("If-None-Match", condition);
    }
    Ok(())
}

/// ARM's answer to a DELETE below a CanNotDelete lock, as quoted in issue 606 of Azure/apiops.
fn locked(seed: &RegistrationSeed, id: &str) -> ArmError {
    let message = format!(
        "The scope '{}' cannot perform delete operation because following scope(s) are locked: '{}'. Please remove the \
         lock and try again.",
        customer_subscription_id(seed, id),
        seed.resource_id()
    );
    ArmError::new(StatusCode::CONFLICT, "ScopeLocked", message)
}
