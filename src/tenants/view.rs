//! What the changes of one operation know about a registration's mappings: one listing, kept current by their own
//! changes. Ids are kept as 16 bytes, for there may be a hundred thousand of them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use super::{Mapping, Tenants};
use crate::engine::Run;
use crate::error::Result;
use crate::guid::Guid;
use crate::resource_id::{RegistrationId, RegistrationKey};

/// How old a view may be before a change that can replace something reads anew.
const RENEWED_AFTER: Duration = Duration::from_secs(60);

/// The mappings of a registration.
pub(super) struct View {
    read_at: Instant,
    /// Tenant by customer subscription; nil where the service did not say.
    tenants: HashMap<Uuid, Uuid>,
    /// Customer subscription by tenant: the first one listed.
    customers: HashMap<Uuid, Uuid>,
    /// Further customer subscriptions of a tenant. Whether an overwritten entry leaves the list is not documented.
    further: Vec<(Uuid, Uuid)>,
    /// Spellings that are not lower case.
    spellings: HashMap<Uuid, Box<str>>,
    /// Customer subscriptions that are listed in two spellings.
    ambiguous: Vec<Uuid>,
    /// How many entries have a tenant that nobody says.
    unsaid: u64,
}

impl Tenants {
    /// The view of a registration, read now where there is none or it is too old. The registration itself is read
    /// first: what is wrong with it is said in its own words.
    pub(super) async fn view<'a>(
        &self,
        views: &'a mut HashMap<RegistrationKey, View>,
        run: &Run,
        registration: &Arc<RegistrationId>,
    ) -> Result<&'a mut View> {
        let key = registration.key();
        let now = self.engine.clock.now();
        let current = views.get(&key).is_some_and(|view| now < view.not_after());
        if !current {
            let view = self.read_view(run, registration, now, !views.contains_key(&key)).await?;
            views.insert(key.clone(), view);
        }
        // Inserted just above where it was missing.
        Ok(views.entry(key).or_insert_with(|| View::empty(now)))
    }

    /// Reads the mappings of a registration anew.
    pub(super) async fn read_view(
        &self,
        run: &Run,
        registration: &Arc<RegistrationId>,
        now: Instant,
        first: bool,
    ) -> Result<View> {
        if first {
            self.check_registration(run, registration).await?;
        }
        let mut view = View::empty(now);
        let mut pages = self.pages(registration);
        while let Some(page) = pages.next(run).await? {
            for mut mapping in page {
                self.learn_tenant(&run.with_new_patience(), &mut mapping).await;
                view.read_item(run, registration, &mapping);
            }
        }
        Ok(view)
    }
}

impl View {
    fn empty(read_at: Instant) -> View {
        View {
            read_at,
            tenants: HashMap::new(),
            customers: HashMap::new(),
            further: Vec::new(),
            spellings: HashMap::new(),
            ambiguous: Vec::new(),
            unsaid: 0,
        }
    }

    fn read_item(&mut self, run: &Run, registration: &RegistrationId, mapping: &Mapping) {
        let Some(customer) = mapping.customer() else {
            let shown = mapping.customer_subscription.clone().unwrap_or_default();
            run.warning(|| {
                format!("Registration '{}' lists '{shown}', which is not a GUID.", registration.name())
            });
            return;
        };
        if let Some(other) = self.tenants.contains_key(&customer.value()).then(|| self.spelling(&customer)) {
            run.warning(|| {
                format!(
                    "Registration '{}' lists one subscription in two spellings: {other} and {customer}.",
                    registration.name()
                )
            });
            self.ambiguous.push(customer.value());
        }
        self.unsaid += u64::from(mapping.tenant_guid().is_none());
        self.put(&customer, mapping.tenant_guid().map(|tenant| tenant.value()));
    }

    /// Notes a mapping, beside any other of the same tenant.
    pub(super) fn put(&mut self, customer: &Guid, tenant: Option<Uuid>) {
        let id = customer.value();
        self.tenants.insert(id, tenant.unwrap_or_default());
        if customer.spelling().bytes().any(|byte| byte.is_ascii_uppercase()) {
            self.spellings.insert(id, customer.spelling().into());
        }
        let Some(tenant) = tenant else { return };
        let first = *self.customers.entry(tenant).or_insert(id);
        if first != id && !self.further.contains(&(tenant, id)) {
            self.further.push((tenant, id));
        }
    }

    /// Forgets a mapping.
    pub(super) fn remove(&mut self, customer: Uuid) {
        let Some(tenant) = self.tenants.remove(&customer) else { return };
        self.spellings.remove(&customer);
        self.further.retain(|entry| *entry != (tenant, customer));
        if self.customers.get(&tenant) == Some(&customer) {
            match self.further.iter().position(|(of, _)| *of == tenant) {
                Some(at) => {
                    let (_, next) = self.further.swap_remove(at);
                    self.customers.insert(tenant, next);
                }
                None => {
                    self.customers.remove(&tenant);
                }
            }
        }
    }

    /// Whether the customer's subscription is mapped, and to which tenant, where the service said it.
    pub(super) fn tenant_of(&self, customer: Uuid) -> Option<Option<Uuid>> {
        self.tenants.get(&customer).map(|tenant| (!tenant.is_nil()).then_some(*tenant))
    }

    /// The customer subscriptions that the tenant is mapped to, other than this one. More than one where overwritten
    /// entries stay in the list: then nobody can tell which one is charged.
    pub(super) fn others_of(&self, tenant: Uuid, customer: Uuid) -> Vec<Uuid> {
        let first = self.customers.get(&tenant).copied();
        let further = self.further.iter().filter(|(of, _)| *of == tenant).map(|(_, id)| *id);
        first.into_iter().chain(further).filter(|id| *id != customer).collect()
    }

    /// Whether the customer's subscription is listed in two spellings.
    pub(super) fn is_ambiguous(&self, customer: Uuid) -> bool {
        self.ambiguous.contains(&customer)
    }

    /// How many entries have a tenant that nobody says.
    pub(super) fn unsaid(&self) -> u64 {
        self.unsaid
    }

    /// When it was read.
    pub(super) fn read_at(&self) -> Instant {
        self.read_at
    }

    /// When the view is too old to act on.
    pub(super) fn not_after(&self) -> Instant {
        self.read_at + RENEWED_AFTER
    }

    /// The service's spelling, or lower case.
    pub(super) fn spelling(&self, customer: &Guid) -> String {
        self.spelling_of(customer.value())
    }

    pub(super) fn spelling_of(&self, customer: Uuid) -> String {
        self.spellings
            .get(&customer)
            .map_or_else(|| customer.hyphenated().to_string(), |stored| stored.to_string())
    }
}
