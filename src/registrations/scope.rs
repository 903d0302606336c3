//! Where registrations are looked for.

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::guid::Guid;
use crate::resource_id::{PROVIDER, RegistrationId, check_resource_group, parse_guid};

/// Where to look, as an operator gave it. What is given blank is refused: a list of all is not what was meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopeInput {
    /// The subscription; `None`: that of the operation's default registration.
    pub subscription_id: Option<String>,
    /// The resource group; `None`: all of the subscription.
    pub resource_group_name: Option<String>,
    /// The cloud id of the wanted Azure Stack Hub; `None`: all of them.
    pub cloud_id: Option<String>,
}

/// Where to look, checked. Its `Display` is the resource id of the scope.
#[derive(Debug, Clone)]
pub struct Scope {
    pub(super) subscription: Guid,
    pub(super) resource_group: Option<String>,
    pub(super) cloud: Option<Guid>,
}

impl ScopeInput {
    /// Checks what was given, before any request.
    pub fn resolve(&self, default: Option<&Arc<RegistrationId>>) -> Result<Scope> {
        const SUBSCRIPTION: &str = "RegistrationSubscriptionId";
        let subscription = match (&self.subscription_id, default) {
            (Some(given), _) => parse_guid(SUBSCRIPTION, given)?,
            (None, Some(default)) => default.subscription().clone(),
            (None, None) => {
                let message = format!(
                    "{SUBSCRIPTION} is missing. Expected the subscription to look for registrations in, or a default \
                     registration to connect with."
                );
                return Err(Error::input("ValueMissing", SUBSCRIPTION, "", message));
            }
        };
        let group = self.resource_group_name.as_deref().map(check_resource_group).transpose()?;
        let cloud = self.cloud_id.as_deref().map(|given| parse_guid("CloudId", given)).transpose()?;
        Ok(Scope { subscription, resource_group: group.map(str::to_owned), cloud })
    }
}

impl Scope {
    /// OpenAPI: Registrations_List and Registrations_ListBySubscription.
    pub(super) fn path_segments(&self) -> Vec<&str> {
        let mut segments = vec!["subscriptions", self.subscription.spelling()];
        if let Some(group) = &self.resource_group {
            segments.extend(["resourceGroups", group]);
        }
        segments.extend(["providers", PROVIDER, "registrations"]);
        segments
    }

    /// Whether a registration is in it: Azure Resource Manager compares without case.
    pub(super) fn holds(&self, registration: &RegistrationId) -> bool {
        registration.subscription().value() == self.subscription.value()
            && self
                .resource_group
                .as_ref()
                .is_none_or(|group| group.to_lowercase() == registration.resource_group().to_lowercase())
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/subscriptions/{}", self.subscription)?;
        match &self.resource_group {
            Some(group) => write!(f, "/resourceGroups/{group}"),
            None => Ok(()),
        }
    }
}
