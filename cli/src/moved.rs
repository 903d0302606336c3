//! What a change moves: the usage of a tenant from one subscription to another, or a subscription from one tenant to another.

use azs_registration::tenants::{Finished, Old};

/// A tenant as messages name it, also where neither the service nor the sign-in endpoint does.
pub(crate) fn shown(tenant: Option<&str>) -> String {
    tenant.map_or_else(|| "a tenant that nobody says".to_owned(), |tenant| format!("tenant {tenant}"))
}

/// A mapping that is in the way of another.
pub(crate) struct Moved<'a> {
    pub(crate) old: &'a Old,
    /// The tenant of the old mapping, as far as it is known.
    pub(crate) tenant: Option<&'a str>,
    /// Whether the old mapping is to the same subscription, for another tenant.
    pub(crate) changes_tenant: bool,
}

impl<'a> Moved<'a> {
    /// What a change meets, where it meets a mapping.
    pub(crate) fn of(finished: &'a Finished) -> Option<Moved<'a>> {
        let old = finished.old.as_ref()?;
        let new = &finished.mapping;
        let same = new.customer_subscription.as_deref();
        let changes_tenant = same.is_some_and(|new| old.customer_subscription.eq_ignore_ascii_case(new));
        // One tenant has one mapping, so that another subscription is in the way only as that of the same tenant.
        let of_new = || new.tenant.as_deref().filter(|_| !changes_tenant);
        Some(Moved { old, tenant: old.tenant.as_deref().or_else(of_new), changes_tenant })
    }

    /// The tenant of the old mapping as messages name it.
    pub(crate) fn tenant_shown(&self) -> String {
        shown(self.tenant)
    }
}
