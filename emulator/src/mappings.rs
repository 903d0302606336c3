//! The customer subscriptions of one registration.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use serde::{Deserialize, Serialize};

use crate::switches::{Overwritten, Switches};

/// A customer subscription of a registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mapping {
    /// The id as it was put last.
    pub(crate) id: String,
    pub(crate) tenant: String,
    /// The number of the write that made it what it is: among a tenant's entries, the highest is the one in force.
    pub(crate) version: u64,
}

impl Mapping {
    /// Another one for each write.
    pub(crate) fn etag(&self) -> String {
        format!("\"{:08x}-0000-0000-0000-5a81ebdf0000\"", self.version)
    }
}

/// One change of a registration's customer subscriptions: the same state and the same changes give the same state.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Change {
    /// An entry comes to a place, or the one there becomes it; others go.
    Put {
        place: u64,
        #[serde(flatten)]
        mapping: Mapping,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        gone: Vec<u64>,
    },
    /// The entry of a place goes.
    Delete { place: u64 },
    /// All go.
    Clear,
    /// The last place and version given, where the entries do not show them.
    Counted { place: u64, version: u64 },
}

/// What a PUT does, or would do.
#[derive(Clone, Debug)]
pub(crate) struct Put {
    pub(crate) mapping: Mapping,
    /// Whether the entry is new.
    pub(crate) created: bool,
}

/// The customer subscriptions of one registration, in the order of adding.
///
/// Look-ups by id and by tenant have an index of their own: a registration may hold 100,000.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mappings {
    entries: BTreeMap<u64, Mapping>,
    /// Lower-case id to the places of its spellings.
    by_id: BTreeMap<String, Vec<u64>>,
    by_tenant: HashMap<String, Vec<u64>>,
    last_place: u64,
    last_version: u64,
    /// How many entries there are up to a place where a page ended, since the last change: the next page need not count
    /// them again.
    page_ends: RefCell<BTreeMap<usize, u64>>,
}

/// A part of a list.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) items: Vec<Mapping>,
    /// The token of the next page, if there is one.
    pub(crate) next: Option<String>,
}

impl Mappings {
    /// The entry of an id.
    pub(crate) fn get(&self, id: &str, switches: &Switches) -> Option<&Mapping> {
        self.entries.get(&self.place(id, switches.case_sensitive)?)
    }

    /// What a PUT of this id and tenant would do, and the change that does it: it adds an entry or overwrites it, and
    /// the tenant's other entry goes, unless a switch keeps it.
    pub(crate) fn plan_put(&self, id: &str, tenant: &str, switches: &Switches) -> (Put, Change) {
        let mapping =
            Mapping { id: id.to_owned(), tenant: tenant.to_owned(), version: self.last_version + 1 };
        let existing = self.place(id, switches.case_sensitive);
        let gone = match switches.overwritten {
            Overwritten::Goes => {
                let others = self.by_tenant.get(&tenant.to_ascii_lowercase()).into_iter().flatten();
                others.copied().filter(|place| Some(*place) != existing).collect()
            }
            Overwritten::Stays => Vec::new(),
        };
        let put = Put { mapping: mapping.clone(), created: existing.is_none() };
        (put, Change::Put { place: existing.unwrap_or(self.last_place + 1), mapping, gone })
    }

    /// The change that removes an entry; none if there is no such entry.
    pub(crate) fn plan_delete(&self, id: &str, switches: &Switches) -> Option<Change> {
        Some(Change::Delete { place: self.place(id, switches.case_sensitive)? })
    }

    /// Makes a change.
    pub(crate) fn apply(&mut self, change: Change) {
        self.page_ends.get_mut().clear();
        match change {
            Change::Put { place, mapping, gone } => {
                self.take(place);
                gone.into_iter().for_each(|other| self.take(other));
                self.count(place, mapping.version);
                let spellings = self.by_id.entry(mapping.id.to_ascii_lowercase()).or_default();
                spellings.push(place);
                spellings.sort_unstable();
                self.by_tenant.entry(mapping.tenant.to_ascii_lowercase()).or_default().push(place);
                self.entries.insert(place, mapping);
            }
            Change::Delete { place } => self.take(place),
            Change::Clear => {
                *self =
                    Self { last_place: self.last_place, last_version: self.last_version, ..Self::default() };
            }
            Change::Counted { place, version } => self.count(place, version),
        }
    }

    /// The changes that make an empty registration this one.
    pub(crate) fn changes(&self) -> impl Iterator<Item = Change> {
        let entries = self.entries.iter();
        entries
            .map(|(place, mapping)| Change::Put { place: *place, mapping: mapping.clone(), gone: Vec::new() })
            .chain([Change::Counted { place: self.last_place, version: self.last_version }])
    }

    fn count(&mut self, place: u64, version: u64) {
        self.last_place = self.last_place.max(place);
        self.last_version = self.last_version.max(version);
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// All entries in the order of adding.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Mapping> {
        self.entries.values()
    }

    /// Whether an entry is the one in force for its tenant: another may stand beside it where a switch keeps it.
    pub(crate) fn in_force(&self, mapping: &Mapping) -> bool {
        let places = self.by_tenant.get(&mapping.tenant.to_ascii_lowercase());
        let versions = places.into_iter().flatten().filter_map(|place| self.entries.get(place));
        versions.map(|entry| entry.version).max() == Some(mapping.version)
    }

    /// A page that begins after so many entries.
    pub(crate) fn page_from_offset(&self, offset: usize, size: usize, ordered_by_id: bool) -> Page {
        let items: Vec<Mapping> = if ordered_by_id {
            let places = self.by_id.values().flatten();
            places.skip(offset).take(size).filter_map(|place| self.entries.get(place)).cloned().collect()
        } else {
            let known =
                self.page_ends.borrow().range(..=offset).next_back().map(|(end, place)| (*end, *place));
            let (start, counted) = match known {
                Some((end, place)) => (Bound::Excluded(place), end),
                None => (Bound::Unbounded, 0),
            };
            let page = self.entries.range((start, Bound::Unbounded)).skip(offset - counted).take(size);
            let (places, items): (Vec<u64>, Vec<Mapping>) =
                page.map(|(place, mapping)| (*place, mapping.clone())).unzip();
            if let Some(place) = places.last() {
                self.page_ends.borrow_mut().insert(offset + items.len(), *place);
            }
            items
        };
        let end = offset + items.len();
        Page { items, next: (end < self.len()).then(|| end.to_string()) }
    }

    /// A page that begins after the entry that a key token names; none if the token is not one of ours.
    pub(crate) fn page_after_key(&self, key: Option<&str>, size: usize, ordered_by_id: bool) -> Option<Page> {
        let mut places =
            if ordered_by_id { self.ids_after(key, size + 1)? } else { self.places_after(key, size + 1)? };
        let more = places.len() > size;
        places.truncate(size);
        let next = places.last().and_then(|place| {
            let mapping = self.entries.get(place)?;
            Some(if ordered_by_id {
                format!("{}.{place}", mapping.id.to_ascii_lowercase())
            } else {
                place.to_string()
            })
        });
        let items = places.iter().filter_map(|place| self.entries.get(place)).cloned().collect();
        Some(Page { items, next: next.filter(|_| more) })
    }

    fn places_after(&self, key: Option<&str>, count: usize) -> Option<Vec<u64>> {
        let start = match key {
            Some(key) => Bound::Excluded(key.parse::<u64>().ok()?),
            None => Bound::Unbounded,
        };
        Some(self.entries.range((start, Bound::Unbounded)).map(|(place, _)| *place).take(count).collect())
    }

    /// The key names id and place: an id may have several spellings, of which a page may show one only.
    fn ids_after(&self, key: Option<&str>, count: usize) -> Option<Vec<u64>> {
        let (id, place) = match key {
            Some(key) => {
                key.rsplit_once('.').and_then(|(id, place)| Some((id, place.parse::<u64>().ok()?)))?
            }
            None => ("", 0),
        };
        let ids = self.by_id.range::<str, _>((Bound::Included(id), Bound::Unbounded));
        let places = ids.flat_map(|(other, places)| places.iter().map(move |place| (other.as_str(), *place)));
        Some(places.filter(|shown| *shown > (id, place)).map(|(_, place)| place).take(count).collect())
    }

    fn place(&self, id: &str, case_sensitive: bool) -> Option<u64> {
        let places = self.by_id.get(&id.to_ascii_lowercase())?;
        if case_sensitive {
            places.iter().copied().find(|place| self.entries.get(place).is_some_and(|entry| entry.id == id))
        } else {
            places.first().copied()
        }
    }

    fn take(&mut self, place: u64) {
        if let Some(mapping) = self.entries.remove(&place) {
            forget_in_tree(&mut self.by_id, &mapping.id.to_ascii_lowercase(), place);
            if let Some(places) = self.by_tenant.get_mut(&mapping.tenant.to_ascii_lowercase()) {
                places.retain(|other| *other != place);
                if places.is_empty() {
                    self.by_tenant.remove(&mapping.tenant.to_ascii_lowercase());
                }
            }
        }
    }
}

fn forget_in_tree(index: &mut BTreeMap<String, Vec<u64>>, key: &str, place: u64) {
    if let Some(places) = index.get_mut(key) {
        places.retain(|other| *other != place);
        if places.is_empty() {
            index.remove(key);
        }
    }
}
