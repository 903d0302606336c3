//! From a path to what it addresses.

use uuid::Uuid;

use super::ArmError;
use crate::registrations::RegistrationScope;

/// The namespace of the resource provider.
const NAMESPACE: &str = "Microsoft.AzureStack";

/// What a path addresses. Its fixed parts are compared without case (ARM's RPC, resource ids).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `/metadata/endpoints`
    CloudEndpoints,
    /// `/subscriptions/{s}`
    Subscription { subscription: String },
    /// The registrations of a subscription, or of a resource group.
    Registrations { subscription: String, resource_group: Option<String> },
    /// One registration.
    Registration(RegistrationScope),
    /// The customer subscriptions of a registration.
    CustomerSubscriptions(RegistrationScope),
    /// One customer subscription.
    CustomerSubscription { scope: RegistrationScope, id: String },
    /// An asynchronous operation: its result, or with `status` its status.
    Operation { subscription: String, id: String, status: bool },
}

impl Route {
    /// Reads the decoded segments of a path.
    pub(crate) fn parse(segments: &[String]) -> Result<Self, ArmError> {
        let lower: Vec<String> = segments.iter().map(|segment| segment.to_ascii_lowercase()).collect();
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        let missing = || ArmError::not_found_at(&format!("/{}", segments.join("/")));
        match lower.as_slice() {
            ["metadata", "endpoints"] => Ok(Self::CloudEndpoints),
            ["subscriptions", _] => Ok(Self::Subscription { subscription: segments[1].clone() }),
            ["subscriptions", _, "providers", _, rest @ ..] => {
                check_namespace(&segments[3])?;
                match rest {
                    ["registrations"] => {
                        Ok(Self::Registrations { subscription: segments[1].clone(), resource_group: None })
                    }
                    ["locations", "global", kind @ ("operationresults" | "operationstatuses"), _] => {
                        Ok(Self::Operation {
                            subscription: segments[1].clone(),
                            id: segments[7].clone(),
                            status: *kind == "operationstatuses",
                        })
                    }
                    _ => Err(unknown_type(&segments[4..])),
                }
            }
            ["subscriptions", _, "resourcegroups", _, "providers", _, rest @ ..] => {
                check_namespace(&segments[5])?;
                let scope = |registration: &str| RegistrationScope {
                    subscription: segments[1].clone(),
                    resource_group: segments[3].clone(),
                    registration: registration.to_owned(),
                };
                match rest {
                    ["registrations"] => Ok(Self::Registrations {
                        subscription: segments[1].clone(),
                        resource_group: Some(segments[3].clone()),
                    }),
                    ["registrations", _] => Ok(Self::Registration(scope(&segments[7]))),
                    ["registrations", _, "customersubscriptions"] => {
                        Ok(Self::CustomerSubscriptions(scope(&segments[7])))
                    }
                    ["registrations", _, "customersubscriptions", _] => {
                        Ok(Self::CustomerSubscription { scope: scope(&segments[7]), id: segments[9].clone() })
                    }
                    _ => Err(unknown_type(&segments[6..])),
                }
            }
            _ => Err(missing()),
        }
    }

    /// The subscription that the request is about.
    pub(crate) fn subscription(&self) -> Result<&str, ArmError> {
        let subscription = match self {
            Self::CloudEndpoints => return Err(ArmError::not_found_at("/metadata/endpoints")),
            Self::Subscription { subscription }
            | Self::Registrations { subscription, .. }
            | Self::Operation { subscription, .. } => subscription,
            Self::Registration(scope) | Self::CustomerSubscriptions(scope) => &scope.subscription,
            Self::CustomerSubscription { scope, .. } => &scope.subscription,
        };
        if Uuid::parse_str(subscription)
            .is_ok_and(|id| id.hyphenated().to_string().len() == subscription.len())
        {
            Ok(subscription)
        } else {
            Err(ArmError::bad_request(
                "InvalidSubscriptionId",
                format!("The provided subscription identifier '{subscription}' is malformed or invalid."),
            ))
        }
    }

    /// The registration that the request is about, if it is about one.
    pub(crate) fn registration(self) -> Option<RegistrationScope> {
        match self {
            Self::Registration(scope)
            | Self::CustomerSubscriptions(scope)
            | Self::CustomerSubscription { scope, .. } => Some(scope),
            Self::CloudEndpoints
            | Self::Subscription { .. }
            | Self::Registrations { .. }
            | Self::Operation { .. } => None,
        }
    }

    /// The resource type, for messages; none for what is no resource of the provider.
    pub(crate) fn resource_type(&self) -> Option<&'static str> {
        match self {
            Self::CloudEndpoints | Self::Subscription { .. } | Self::Operation { .. } => None,
            Self::Registrations { .. } | Self::Registration(_) => Some("registrations"),
            Self::CustomerSubscriptions(_) | Self::CustomerSubscription { .. } => {
                Some("registrations/customerSubscriptions")
            }
        }
    }
}

fn check_namespace(namespace: &str) -> Result<(), ArmError> {
    if namespace.eq_ignore_ascii_case(NAMESPACE) {
        return Ok(());
    }
    Err(ArmError::not_found(
        "InvalidResourceNamespace",
        format!("The resource namespace '{namespace}' is invalid."),
    ))
}

/// 404, as an answer of ARM to such a request shows (issue 15460 of Azure/azure-sdk-for-js).
fn unknown_type(segments: &[String]) -> ArmError {
    let types: Vec<&str> = segments.iter().step_by(2).map(String::as_str).collect();
    let kind = types.join("/");
    ArmError::not_found(
        "InvalidResourceType",
        format!("The resource type '{kind}' could not be found in the namespace '{NAMESPACE}'."),
    )
}
