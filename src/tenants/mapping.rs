//! A mapping of a tenant to the subscription that its usage is charged to.

use std::sync::Arc;

use crate::resource_id::RegistrationId;
use crate::wire::MappingItem;

/// A mapping, or as much of one as is known: a refused row may name nothing at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// The registration.
    pub registration: Option<Arc<RegistrationId>>,
    /// The customer's subscription, in the service's spelling where the service was asked.
    pub customer_subscription: Option<String>,
    /// The tenant whose usage is charged to it; `None` where nobody said.
    pub tenant: Option<String>,
    /// The service's `name`, as it came.
    pub name: Option<String>,
    /// The service's `etag`.
    pub etag: Option<String>,
}

impl Mapping {
    pub(crate) fn from_item(registration: &Arc<RegistrationId>, item: MappingItem) -> Mapping {
        Mapping {
            registration: Some(registration.clone()),
            customer_subscription: item.customer_subscription,
            tenant: item.tenant,
            name: item.name,
            etag: item.etag,
        }
    }

    /// The resource id, as far as the mapping is known.
    pub fn resource_id(&self) -> Option<String> {
        let registration = self.registration.as_ref()?;
        Some(match &self.customer_subscription {
            Some(customer) => registration.customer_subscription(customer),
            None => registration.to_string(),
        })
    }
}
