//! What a registration holds, read whole. Ids are kept as 16 bytes.

use std::collections::HashMap;

use uuid::Uuid;

use crate::guid::Guid;

/// One mapping that the service lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The customer's subscription.
    pub customer: Uuid,
    /// The tenant, where somebody said it.
    pub tenant: Option<Uuid>,
}

/// The mappings of a registration, in the order of the list.
#[derive(Debug, Clone, Default)]
pub struct Listed {
    entries: Vec<Pair>,
    by_customer: HashMap<Uuid, usize>,
    by_tenant: HashMap<Uuid, usize>,
    /// Further entries of a tenant. Whether an overwritten entry leaves the list is not documented.
    further: HashMap<Uuid, Vec<usize>>,
    /// Spellings that are not lower case, by entry.
    spellings: HashMap<usize, Box<str>>,
    /// Further spellings of a subscription that is listed more than once.
    twins: HashMap<Uuid, Vec<Box<str>>>,
    /// What is listed and is not a GUID, with its tenant.
    odd: Vec<(Box<str>, Option<Uuid>)>,
    unsaid: u64,
}

impl Listed {
    /// Takes the next mapping of the list, in the service's spelling.
    pub fn push(&mut self, customer: &str, tenant: Option<Uuid>) {
        let Some(guid) = Guid::parse(customer) else {
            self.unsaid += u64::from(tenant.is_none());
            self.odd.push((customer.into(), tenant));
            return;
        };
        let id = guid.value();
        if let Some(known) = self.by_customer.get(&id).copied() {
            // The same once more, as where a page begins with what the one before ended with, is no second one.
            if self.entries[known].tenant != tenant || self.spelling(known) != customer {
                self.twins.entry(id).or_default().push(customer.into());
                self.note_tenant(tenant, known);
            }
            return;
        }
        let at = self.entries.len();
        self.entries.push(Pair { customer: id, tenant });
        self.by_customer.insert(id, at);
        if customer.bytes().any(|byte| byte.is_ascii_uppercase()) {
            self.spellings.insert(at, customer.into());
        }
        self.note_tenant(tenant, at);
    }

    fn note_tenant(&mut self, tenant: Option<Uuid>, at: usize) {
        let Some(tenant) = tenant else {
            self.unsaid += 1;
            return;
        };
        let first = *self.by_tenant.entry(tenant).or_insert(at);
        if first != at {
            self.further.entry(tenant).or_default().push(at);
        }
    }

    /// Whether the subscription is listed.
    pub(super) fn has(&self, customer: Uuid) -> bool {
        self.by_customer.contains_key(&customer)
    }

    pub(super) fn entries(&self) -> &[Pair] {
        &self.entries
    }

    /// The entry of a subscription: the first one where it is listed more than once.
    pub(super) fn of_customer(&self, customer: Uuid) -> Option<Pair> {
        self.by_customer.get(&customer).map(|at| self.entries[*at])
    }

    /// The subscriptions that a tenant is mapped to, as the list has them.
    pub(super) fn of_tenant(&self, tenant: Uuid) -> impl Iterator<Item = Uuid> {
        let further = self.further.get(&tenant).into_iter().flatten();
        let all = self.by_tenant.get(&tenant).into_iter().chain(further);
        all.map(|at| self.entries[*at].customer)
    }

    /// Whether the subscription is listed more than once: in two spellings, or for two tenants.
    pub(super) fn is_ambiguous(&self, customer: Uuid) -> bool {
        self.twins.contains_key(&customer)
    }

    /// How many entries have a tenant that nobody says.
    pub(super) fn unsaid(&self) -> u64 {
        self.unsaid
    }

    /// What is listed and is not a GUID.
    pub(super) fn odd(&self) -> &[(Box<str>, Option<Uuid>)] {
        &self.odd
    }

    fn spelling(&self, at: usize) -> String {
        match self.spellings.get(&at) {
            Some(stored) => stored.to_string(),
            None => self.entries[at].customer.hyphenated().to_string(),
        }
    }

    /// The service's spelling, or lower case where it is not listed.
    pub(super) fn spelling_of(&self, customer: Uuid) -> String {
        self.by_customer
            .get(&customer)
            .map_or_else(|| customer.hyphenated().to_string(), |at| self.spelling(*at))
    }

    /// All spellings of a subscription.
    pub(super) fn spellings_of(&self, customer: Uuid) -> Vec<String> {
        let further = self.twins.get(&customer).into_iter().flatten().map(|twin| twin.to_string());
        std::iter::once(self.spelling_of(customer)).chain(further).collect()
    }
}
