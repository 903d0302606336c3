//! The mappings of the one registration that the service in memory has.

use std::sync::Arc;

use uuid::Uuid;

/// A mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    place: u64,
    /// The number of the write that made it what it is: among a tenant's entries, the highest is in force.
    pub(crate) version: u64,
    pub(crate) customer: Uuid,
    pub(crate) spelling: Arc<str>,
    pub(crate) tenant: Uuid,
}

impl Entry {
    pub(crate) fn etag(&self) -> String {
        format!("\"{:08x}\"", self.version)
    }
}

/// All mappings, in the order of adding.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    entries: Vec<Entry>,
    next_place: u64,
    next_version: u64,
}

/// A part of a list.
pub(crate) struct Page {
    pub(crate) items: Vec<Entry>,
    /// The token of the next page.
    pub(crate) next: Option<String>,
}

impl Store {
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn get(&self, customer: Uuid) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.customer == customer)
    }

    pub(crate) fn tenant_of(&self, customer: Uuid) -> Option<Uuid> {
        self.get(customer).map(|entry| entry.tenant)
    }

    /// The mapping that the tenant's usage is charged to.
    pub(crate) fn in_force(&self, tenant: Uuid) -> Option<&Entry> {
        self.entries.iter().filter(|entry| entry.tenant == tenant).max_by_key(|entry| entry.version)
    }

    /// Maps the tenant, whose other mapping goes or stays behind. Gives whether the customer's is new.
    pub(crate) fn put(&mut self, customer: Uuid, spelling: &str, tenant: Uuid, stays: bool) -> bool {
        self.next_version += 1;
        let old = self.get(customer).map(|entry| entry.place);
        let place = old.unwrap_or_else(|| {
            self.next_place += 1;
            self.next_place
        });
        self.entries.retain(|entry| entry.customer != customer && (stays || entry.tenant != tenant));
        let version = self.next_version;
        self.entries.push(Entry { place, version, customer, spelling: spelling.into(), tenant });
        self.entries.sort_by_key(|entry| entry.place);
        old.is_none()
    }

    /// Gives whether there was one.
    pub(crate) fn delete(&mut self, customer: Uuid) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| entry.customer != customer);
        self.entries.len() < before
    }

    /// A page; `None` for a token that is none.
    pub(crate) fn page(&self, token: Option<&str>, size: usize, offset_token: bool) -> Option<Page> {
        let (skip, by_offset) = match token.map(|token| token.split_once('-')) {
            None => (0, offset_token),
            Some(Some(("offset", number))) => (number.parse::<usize>().ok()?, true),
            Some(Some(("key", place))) => {
                let place: u64 = place.parse().ok()?;
                (self.entries.iter().take_while(|entry| entry.place <= place).count(), false)
            }
            Some(_) => return None,
        };
        let items: Vec<Entry> = self.entries.iter().skip(skip).take(size).cloned().collect();
        let end = skip + items.len();
        let next = items
            .last()
            .filter(|_| end < self.entries.len())
            .map(|last| if by_offset { format!("offset-{end}") } else { format!("key-{}", last.place) });
        Some(Page { items, next })
    }
}
