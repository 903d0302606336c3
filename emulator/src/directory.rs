//! The directory: which tenant a subscription belongs to.

use std::collections::HashMap;

use uuid::Uuid;

/// Which tenant a subscription belongs to: as seeded, else derived from the id, so that any GUID has one and the same
/// GUID always has the same.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    /// `None` is a subscription that does not exist.
    seeded: HashMap<Uuid, Option<String>>,
}

impl Directory {
    pub(crate) fn seed(&mut self, subscription: Uuid, tenant: Option<String>) {
        self.seeded.insert(subscription, tenant);
    }

    pub(crate) fn tenant_of(&self, subscription: Uuid) -> Option<String> {
        match self.seeded.get(&subscription) {
            Some(tenant) => tenant.clone(),
            None => Some(derived_tenant(subscription)),
        }
    }

    /// What the directory was told.
    pub(crate) fn seeded(&self) -> impl Iterator<Item = (Uuid, &Option<String>)> {
        self.seeded.iter().map(|(subscription, tenant)| (*subscription, tenant))
    }

    /// Whether a test said something about this subscription.
    pub(crate) fn knows(&self, subscription: Uuid) -> bool {
        self.seeded.contains_key(&subscription)
    }
}

/// UUID version 5 of the lower-case id, in the OID name space.
fn derived_tenant(subscription: Uuid) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, subscription.hyphenated().to_string().as_bytes()).to_string()
}
