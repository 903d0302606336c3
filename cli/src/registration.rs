//! Which registration is meant: options, environment and resource ids combined.

use std::sync::Arc;

use azs_registration::resource_id::{RegistrationId, ResourceId};
use azs_registration::tenants::{Purpose, TargetInput};

use crate::arguments::RegistrationArguments;
use crate::environment::variable;
use crate::failure::{Failure, Result};
use crate::input::RowRules;

/// The registration's names, as far as they are given.
#[derive(Debug, Clone, Default)]
struct Names {
    subscription: Option<String>,
    resource_group: Option<String>,
    name: Option<String>,
}

/// What options and environment say about the registration.
pub(crate) struct Registration {
    /// Said by options: a resource id of a customer subscription must not contradict it.
    said: Names,
    /// Said by options, else by the environment: for ids that name no registration.
    default: Names,
}

impl Registration {
    /// Reads options and environment.
    pub(crate) fn read(arguments: &RegistrationArguments) -> Result<Registration> {
        let said = said(arguments)?;
        let default = Names {
            subscription: said.subscription.clone().or(variable("AZSREG_SUBSCRIPTION")?),
            resource_group: said.resource_group.clone().or(variable("AZSREG_RESOURCE_GROUP")?),
            name: said.name.clone().or(variable("AZSREG_REGISTRATION")?),
        };
        Ok(Registration { said, default })
    }

    /// The targets of a command that takes customer subscriptions, all of them checked before anything is sent.
    pub(crate) fn targets(
        &self,
        customers: &[String],
        tenant_id: Option<&str>,
        purpose: Purpose,
    ) -> Result<Vec<TargetInput>> {
        self.each_target(customers, tenant_id, purpose)?.into_iter().collect()
    }

    /// The same, each with what is wrong with it.
    pub(crate) fn each_target(
        &self,
        customers: &[String],
        tenant_id: Option<&str>,
        purpose: Purpose,
    ) -> Result<Vec<Result<TargetInput>>> {
        if customers.len() > 1 && tenant_id.is_some() {
            return Err(Failure::Usage(
                "--tenant-id goes with one customer subscription: a tenant has no more than one.".to_owned(),
            ));
        }
        Ok(customers.iter().map(|customer| self.target(Some(customer), tenant_id, purpose)).collect())
    }

    /// The registration of ids and rows that name none, where all of it is known.
    pub(crate) fn default_registration(&self) -> Result<Option<Arc<RegistrationId>>> {
        let Names { subscription: Some(subscription), resource_group: Some(group), name: Some(name) } =
            &self.default
        else {
            return Ok(None);
        };
        Ok(Some(Arc::new(RegistrationId::new(subscription, group, name)?)))
    }

    /// What rows are checked with: as the cmdlets do it, options are their command line, and the environment is what they are
    /// connected with.
    pub(crate) fn row_rules(&self, tenant_id: Option<&str>, purpose: Purpose) -> Result<RowRules> {
        let input = |names: &Names| TargetInput {
            registration_subscription_id: names.subscription.clone(),
            resource_group_name: names.resource_group.clone(),
            registration_name: names.name.clone(),
            ..TargetInput::default()
        };
        Ok(RowRules {
            command_line: TargetInput { tenant_id: tenant_id.map(str::to_owned), ..input(&self.said) },
            default: self.default_registration()?,
            parts: input(&self.default),
            purpose,
        })
    }

    /// The target for one customer subscription, or for the registration as a whole.
    pub(crate) fn target(
        &self,
        customer: Option<&str>,
        tenant_id: Option<&str>,
        purpose: Purpose,
    ) -> Result<TargetInput> {
        let is_resource_id = customer.is_some_and(|customer| customer.contains('/'));
        let names = if is_resource_id { self.said.clone() } else { self.complete()? };
        let customer = customer.map(str::to_owned);
        let (resource_id, customer_subscription_id) =
            if is_resource_id { (customer, None) } else { (None, customer) };
        let target = TargetInput {
            resource_id,
            customer_subscription_id,
            registration_subscription_id: names.subscription,
            resource_group_name: names.resource_group,
            registration_name: names.name,
            tenant_id: tenant_id.map(str::to_owned),
            ..TargetInput::default()
        };
        target.resolve(None, purpose)?;
        Ok(target)
    }

    fn complete(&self) -> Result<Names> {
        let parts = [
            (&self.default.subscription, "--registration-subscription-id (AZSREG_SUBSCRIPTION)"),
            (&self.default.resource_group, "--resource-group (AZSREG_RESOURCE_GROUP)"),
            (&self.default.name, "--registration-name (AZSREG_REGISTRATION)"),
        ];
        let missing: Vec<&str> =
            parts.iter().filter(|(value, _)| value.is_none()).map(|(_, option)| *option).collect();
        if missing.is_empty() {
            return Ok(self.default.clone());
        }
        Err(Failure::Usage(format!(
            "Which registration is meant? Missing: {}. A resource id says all of it: --registration-id.",
            missing.join(", ")
        )))
    }
}

fn said(arguments: &RegistrationArguments) -> Result<Names> {
    let names = Names {
        subscription: arguments.registration_subscription_id.clone(),
        resource_group: arguments.resource_group.clone(),
        name: arguments.registration_name.clone(),
    };
    let Some(id) = &arguments.registration_id else { return Ok(names) };
    if ResourceId::parse(id)?.customer_subscription.is_some() {
        return Err(Failure::Usage(format!(
            "--registration-id '{id}' is the id of a customer subscription. Expected that of a registration."
        )));
    }
    // Checks also that names given beside it say the same.
    let both = TargetInput {
        resource_id: Some(id.clone()),
        registration_subscription_id: names.subscription,
        resource_group_name: names.resource_group,
        registration_name: names.name,
        ..TargetInput::default()
    };
    let Some(registration) = both.registration_only()? else { return Ok(Names::default()) };
    Ok(Names {
        subscription: Some(registration.subscription().to_string()),
        resource_group: Some(registration.resource_group().to_owned()),
        name: Some(registration.name().to_owned()),
    })
}
