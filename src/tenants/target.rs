//! What a request is about: reading and combining what an operator gave, on the command line and in rows.

use std::sync::Arc;

use super::Mapping;
use crate::error::{Error, Result};
use crate::guid::Guid;
use crate::resource_id::{RegistrationId, ResourceId, parse_guid};

/// The values of a row or of a command line, as they came. Blank ones are taken as not given, but for the customer
/// subscription: an empty cell there is a mistake in the file, not a wish for all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TargetInput {
    /// Id of a customer subscription or of a registration.
    pub resource_id: Option<String>,
    /// Subscription of the registration.
    pub registration_subscription_id: Option<String>,
    /// Resource group of the registration.
    pub resource_group_name: Option<String>,
    /// Name of the registration.
    pub registration_name: Option<String>,
    /// The customer's subscription.
    pub customer_subscription_id: Option<String>,
    /// The tenant.
    pub tenant_id: Option<String>,
    /// A column `SubscriptionId`, which can mean two things.
    pub subscription_id: Option<String>,
    /// The row, counted from 1; 0 where the values come from none.
    pub row: u64,
}

/// What a target is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A request to add.
    Add,
    /// A request to list.
    List,
    /// A request to get.
    Get,
    /// A request to remove.
    Remove,
}

/// A checked target.
#[derive(Debug, Clone)]
pub struct Target {
    /// The registration.
    pub registration: Arc<RegistrationId>,
    /// The customer's subscription.
    pub customer: Option<Guid>,
    /// The tenant.
    pub tenant: Option<Guid>,
    /// The row, counted from 1; 0 where it comes from none.
    pub row: u64,
}

impl Target {
    /// The target as a mapping, in the given spelling.
    pub fn mapping(&self) -> Mapping {
        Mapping {
            registration: Some(self.registration.clone()),
            customer_subscription: self.customer.as_ref().map(Guid::to_string),
            tenant: self.tenant.as_ref().map(Guid::to_string),
            ..Mapping::default()
        }
    }
}

impl TargetInput {
    /// Checks the values and combines them with the default registration. Everything that is wrong with the form is
    /// found here, before any request.
    pub fn resolve(&self, default: Option<&Arc<RegistrationId>>, purpose: Purpose) -> Result<Target> {
        self.check(default, purpose).map_err(|error| error.with_row(self.row))
    }

    fn check(&self, default: Option<&Arc<RegistrationId>>, purpose: Purpose) -> Result<Target> {
        let id = given(&self.resource_id).map(ResourceId::parse).transpose()?;
        self.check_subscription_column(id.as_ref())?;
        let registration = self.registration(id.as_ref(), default)?;
        let customer = self.customer(id)?;
        let tenant = given(&self.tenant_id).map(|text| parse_guid("TenantId", text)).transpose()?;
        let missing = |column, message: &str| Err(Error::input("ValueMissing", column, "", message));
        match purpose {
            Purpose::Add | Purpose::Get if customer.is_none() => missing(
                "CustomerSubscriptionId",
                "CustomerSubscriptionId is missing. Expected the id of the customer's subscription, or a ResourceId that \
                 ends in it.",
            ),
            Purpose::Remove if customer.is_none() && tenant.is_none() => missing(
                "CustomerSubscriptionId",
                "CustomerSubscriptionId and TenantId are missing. Expected one of them, or a ResourceId that ends in the \
                 id of the customer's subscription.",
            ),
            _ => Ok(Target { registration, customer, tenant, row: self.row }),
        }
    }

    /// The values as a mapping, as far as they can be read: for the result of a refused row.
    pub fn as_mapping(&self) -> Mapping {
        let id = given(&self.resource_id).and_then(|text| ResourceId::parse(text).ok());
        Mapping {
            registration: self.registration(id.as_ref(), None).ok(),
            customer_subscription: given(&self.customer_subscription_id)
                .map(str::to_owned)
                .or_else(|| id?.customer_subscription.map(|customer| customer.to_string())),
            tenant: given(&self.tenant_id).map(str::to_owned),
            ..Mapping::default()
        }
    }

    /// Only the registration: for an operation's default. `None` where nothing is given; more than a registration is
    /// refused, for it would count for nothing.
    pub fn registration_only(&self) -> Result<Option<Arc<RegistrationId>>> {
        let more =
            [("CustomerSubscriptionId", &self.customer_subscription_id), ("TenantId", &self.tenant_id)];
        for (column, value) in more {
            if let Some(value) = given(value) {
                let message = format!(
                    "{column} '{value}' is not part of a registration. Expected a registration alone."
                );
                return Err(Error::input("ValueNotExpected", column, value, message));
            }
        }
        let names = [
            &self.resource_id,
            &self.registration_subscription_id,
            &self.resource_group_name,
            &self.registration_name,
            &self.subscription_id,
        ];
        if names.into_iter().all(|name| given(name).is_none()) {
            return Ok(None);
        }
        let id = given(&self.resource_id).map(ResourceId::parse).transpose()?;
        if let Some(customer) = id.as_ref().and_then(|id| id.customer_subscription.as_ref()) {
            let message = format!(
                "ResourceId ends in the customer subscription {customer}. Expected the resource id of a registration, which ends \
                 in its name."
            );
            return Err(Error::input("ValueNotExpected", "ResourceId", customer.spelling(), message));
        }
        self.check_subscription_column(id.as_ref())?;
        self.registration(id.as_ref(), None).map(Some)
    }

    /// A column `SubscriptionId` means the customer's subscription to most people, and the registration's to Azure's
    /// own objects: it may only repeat what another value says.
    fn check_subscription_column(&self, id: Option<&ResourceId>) -> Result<()> {
        let Some(column) = given(&self.subscription_id) else { return Ok(()) };
        let repeats = given(&self.registration_subscription_id)
            .is_some_and(|registration| registration.eq_ignore_ascii_case(column))
            || id.is_some_and(|id| id.registration.subscription().spelling().eq_ignore_ascii_case(column));
        if repeats {
            return Ok(());
        }
        Err(Error::input(
            "SubscriptionIdAmbiguous",
            "SubscriptionId",
            column,
            format!(
                "SubscriptionId '{column}' can mean the customer's subscription or the registration's. Name the column \
                 CustomerSubscriptionId or RegistrationSubscriptionId."
            ),
        ))
    }

    fn registration(
        &self,
        id: Option<&ResourceId>,
        default: Option<&Arc<RegistrationId>>,
    ) -> Result<Arc<RegistrationId>> {
        let names = [
            ("RegistrationSubscriptionId", given(&self.registration_subscription_id)),
            ("ResourceGroupName", given(&self.resource_group_name)),
            ("RegistrationName", given(&self.registration_name)),
        ];
        if let Some(id) = id {
            let parts = [
                id.registration.subscription().spelling(),
                id.registration.resource_group(),
                id.registration.name(),
            ];
            for ((column, name), part) in names.into_iter().zip(parts) {
                if let Some(name) = name.filter(|name| name.to_lowercase() != part.to_lowercase()) {
                    return Err(contradiction(column, name, part));
                }
            }
            return Ok(Arc::new(id.registration.clone()));
        }
        if let (Some(default), true) = (default, names.iter().all(|(_, name)| name.is_none())) {
            return Ok(default.clone());
        }
        let default = default
            .map(|default| [default.subscription().spelling(), default.resource_group(), default.name()]);
        let filled: Vec<&str> = names
            .iter()
            .enumerate()
            .map(|(at, (column, name))| {
                name.or(default.map(|default| default[at])).ok_or_else(|| {
                    let message = format!(
                        "{column} is missing. Expected RegistrationSubscriptionId, ResourceGroupName and RegistrationName, \
                         or a ResourceId, or a default registration to connect with."
                    );
                    Error::input("RegistrationMissing", column, "", message)
                })
            })
            .collect::<Result<_>>()?;
        RegistrationId::new(filled[0], filled[1], filled[2]).map(Arc::new)
    }

    fn customer(&self, id: Option<ResourceId>) -> Result<Option<Guid>> {
        const COLUMN: &str = "CustomerSubscriptionId";
        let named =
            self.customer_subscription_id.as_deref().map(|text| parse_guid(COLUMN, text)).transpose()?;
        match (named, id.and_then(|id| id.customer_subscription)) {
            (Some(named), Some(of_id)) if named.value() != of_id.value() => {
                Err(contradiction(COLUMN, named.spelling(), of_id.spelling()))
            }
            // The id's spelling is the service's, where it comes from a list.
            (named, of_id) => Ok(of_id.or(named)),
        }
    }
}

fn contradiction(column: &'static str, name: &str, part: &str) -> Error {
    let message = format!(
        "{column} '{name}' contradicts the ResourceId, which says '{part}'. Expected the same in both, or one alone."
    );
    Error::input("RowContradictsItself", column, name, message)
}

/// A value that is not blank.
fn given(value: &Option<String>) -> Option<&str> {
    value.as_deref().map(str::trim).filter(|text| !text.is_empty())
}
