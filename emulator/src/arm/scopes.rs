//! Subscriptions, resource groups and registrations, which the emulator shows but does not change; and cloud discovery.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::ArmError;
use super::resource::{REGISTRATION_TYPE, registration_resource};
use crate::registrations::RegistrationScope;
use crate::reply::Reply;
use crate::request::ServiceRequest;
use crate::service::Service;

/// Checks that a resource group is there, as the front door does before it asks the provider (ARM's RPC).
pub(crate) fn check_group(
    service: &Service,
    subscription: &str,
    resource_group: Option<&str>,
) -> Result<(), ArmError> {
    match resource_group {
        Some(group) if !service.world().registrations.holds_resource_group(subscription, group) => {
            let message = format!("Resource group '{group}' could not be found.");
            Err(ArmError::not_found("ResourceGroupNotFound", message))
        }
        _ => Ok(()),
    }
}

/// A subscription (ARM's REST reference, Subscriptions - Get).
pub(crate) fn subscription(service: &Service, subscription: &str) -> Result<Reply, ArmError> {
    let tenant = service
        .world()
        .tenant_of(subscription)
        .ok_or_else(|| ArmError::subscription_not_found(subscription))?;
    Ok(Reply::json(
        StatusCode::OK,
        &json!({
            "id": format!("/subscriptions/{subscription}"),
            "authorizationSource": "RoleBased",
            "managedByTenants": [],
            "subscriptionId": subscription,
            "tenantId": tenant,
            "displayName": "Emulated subscription",
            "state": "Enabled",
            "subscriptionPolicies": {
                "locationPlacementId": "Public_2014-09-01",
                "quotaId": "CSP_2015-05-01",
                "spendingLimit": "Off",
            },
        }),
    ))
}

/// The registrations of a subscription or of a resource group (OpenAPI: Registrations_List, _ListBySubscription).
pub(crate) fn registrations(service: &Service, subscription: &str, resource_group: Option<&str>) -> Reply {
    let world = service.world();
    let items: Vec<Value> = world
        .registrations
        .iter()
        .map(|registration| &registration.seed)
        .filter(|seed| seed.subscription_id.eq_ignore_ascii_case(subscription))
        .filter(|seed| {
            resource_group.is_none_or(|group| group.to_lowercase() == seed.resource_group.to_lowercase())
        })
        .map(registration_resource)
        .collect();
    Reply::json(StatusCode::OK, &json!({ "value": items }))
}

/// One registration (OpenAPI: Registrations_Get).
pub(crate) fn registration(service: &Service, scope: &RegistrationScope) -> Result<Reply, ArmError> {
    let world = service.world();
    let RegistrationScope { resource_group, registration, .. } = scope;
    match world.registrations.get(scope) {
        Some(found) => Ok(Reply::json(StatusCode::OK, &registration_resource(&found.seed))),
        None => Err(ArmError::not_found(
            "ResourceNotFound",
            format!(
                "The Resource '{REGISTRATION_TYPE}/{registration}' under resource group '{resource_group}' was not \
                 found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
            ),
        )),
    }
}

/// What a client learns of a cloud from its ARM address alone; the only api-version served is the one that the
/// documentation of Azure Stack Hub uses. Needs no token.
pub(crate) fn cloud_endpoints(service: &Service, request: &ServiceRequest) -> Result<Reply, ArmError> {
    match request.parameter("api-version").as_deref() {
        None | Some("") => Err(ArmError::bad_request(
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )),
        Some("2015-01-01") => {
            let here = service.addresses.arm_url("/");
            Ok(Reply::json(
                StatusCode::OK,
                &json!({
                    "galleryEndpoint": here,
                    "graphEndpoint": here,
                    "portalEndpoint": here,
                    "authentication": { "loginEndpoint": here, "audiences": [here] },
                }),
            ))
        }
        Some(version) => Err(ArmError::bad_request(
            "InvalidApiVersionParameter",
            format!("The api-version '{version}' is invalid. The supported versions are '2015-01-01'."),
        )),
    }
}
