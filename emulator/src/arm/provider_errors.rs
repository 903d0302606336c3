//! The resource provider's own error codes.
//!
//! Codes and wording: Microsoft's page *Tenant registration error messages in Azure Stack Hub*. It gives no HTTP
//! statuses: those here are assumptions, after what ARM's RPC says of the statuses.

use hyper::StatusCode;

use super::ArmError;
use crate::registrations::RegistrationScope;

pub(crate) const REGISTRATION_NOT_FOUND: &str = "RegistrationNotFound";
pub(crate) const CUSTOMER_SUBSCRIPTION_NOT_FOUND: &str = "CustomerSubscriptionNotFound";
pub(crate) const INVALID_CUSTOMER_SUBSCRIPTION_ID: &str = "InvalidCustomerSubscriptionId";
pub(crate) const CUSTOMER_SUBSCRIPTIONS_NOT_ALLOWED: &str = "CustomerSubscriptionsNotAllowed";

/// One of the provider's errors, for a customer subscription of a registration.
pub(crate) fn provider_error(code: &str, scope: &RegistrationScope, customer_subscription: &str) -> ArmError {
    let registration = &scope.registration;
    let message = match code {
        REGISTRATION_NOT_FOUND => format!(
            "The provided registration was not found. Make sure the following information was provided correctly: \
             1. Subscription identifier (value provided: {}), 2. Resource group (value provided: {}), 3. Registration \
             name (value provided: {registration}).",
            scope.subscription, scope.resource_group
        ),
        "BadCustomerSubscriptionId" => format!(
            "The provided {customer_subscription} and the {registration} subscription identifier are not owned by the \
             same Microsoft Cloud Solution Provider. Check that the customer subscription identifier is correct. If \
             the problem persists, contact support."
        ),
        INVALID_CUSTOMER_SUBSCRIPTION_ID => {
            format!(
                "The {customer_subscription} is not valid. Make sure a valid Azure subscription is provided."
            )
        }
        CUSTOMER_SUBSCRIPTION_NOT_FOUND => format!(
            "{customer_subscription} was not found under {registration}. Make sure a valid Azure subscription is being \
             used and that the subscription ID was added to the registration using the PUT operation."
        ),
        "UnauthorizedCspRegistration" => format!(
            "The provided {registration} is not approved to use multi-tenancy. Send an email to azstCSP@microsoft.com \
             and include your registration name, resource group, and the subscription identifier used in the \
             registration."
        ),
        CUSTOMER_SUBSCRIPTIONS_NOT_ALLOWED => {
            "Customer subscriptions are not supported for disconnected customers. In \
             order to use this feature, reregister with Pay-as-you-use licensing."
                .to_owned()
        }
        "InvalidCSPSubscription" => format!(
            "The provided {customer_subscription} is not a valid CSP subscription. Make sure a valid Azure \
             subscription is provided."
        ),
        "MetadataResolverBadGatewayError" => {
            "One of the upstream servers returned an unexpected error. Try again \
             later. If the problem persists, contact support."
                .to_owned()
        }
        _ => "The emulator was told to answer with this error.".to_owned(),
    };
    ArmError::new(assumed_status(code), code, message)
}

/// The HTTP status that the emulator assumes for a code.
pub(crate) fn assumed_status(code: &str) -> StatusCode {
    match code {
        REGISTRATION_NOT_FOUND | CUSTOMER_SUBSCRIPTION_NOT_FOUND => StatusCode::NOT_FOUND,
        "UnauthorizedCspRegistration" => StatusCode::FORBIDDEN,
        "AnotherOperationInProgress" | "Conflict" => StatusCode::CONFLICT,
        "MetadataResolverBadGatewayError" => StatusCode::BAD_GATEWAY,
        _ => StatusCode::BAD_REQUEST,
    }
}
