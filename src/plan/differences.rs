//! What has to be done so that a registration holds what is wanted. Nothing is read or written here.
//!
//! The rules are those of the changes themselves (`tenants/add.rs`, `tenants/remove.rs`), so that what is planned is not
//! refused when it is applied:
//!
//! - A tenant has one subscription, and a PUT for it replaces its mapping to another one: a move is one replacement.
//! - A subscription has one mapping, so a PUT also replaces its mapping to another tenant. A write that would replace two
//!   mappings is not planned.
//! - Where the list does not say what a write would replace, or which tenant a removal is about, neither is planned, and
//!   the difference says why.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::desired::Wanted;
use super::listed::{Listed, Pair};
use crate::error::{Category, Error, Result};
use crate::tenants::Expectation;

/// What to compare.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CompareOptions {
    /// Whether what is mapped and not wanted is to be removed.
    pub prune: bool,
    /// Whether rows that are as wanted are given too.
    pub include_equal: bool,
}

/// What kind of difference it is. The numbers of the ABI are pinned to these in `ffi`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DifferenceKind {
    /// The tenant has no mapping yet, as far as can be told: add it.
    Add,
    /// The tenant has another subscription, or the subscription another tenant: add it, which replaces the old mapping.
    Replace,
    /// It is mapped and not wanted: remove it.
    Remove,
    /// It is as wanted.
    Unchanged,
    /// The list has the subscription more than once, in different spellings or for different tenants. Nothing is planned.
    Spelling,
    /// It cannot be told what a change would do. Nothing is planned.
    Undecided,
}

/// A difference between what is wanted and what is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What kind it is.
    pub kind: DifferenceKind,
    /// What is wanted; `None` where no row wants it.
    pub wanted: Option<Pair>,
    /// What is listed and would go, or is in the way.
    pub old: Option<Pair>,
    /// The row, counted from 1; 0 where it is about none.
    pub row: u64,
    /// Whether it only holds after the differences before it have been applied.
    pub in_order: bool,
    /// Why nothing is planned.
    pub why: Option<Why>,
}

/// Why nothing is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// This subscription is listed more than once.
    ListedTwice(Uuid),
    /// So many listed mappings have a tenant that nobody says, and each may be the one that would be replaced.
    ListedTenantsUnsaid(u64),
    /// The listed mapping's tenant is not said.
    TenantUnsaid,
    /// So many wanted rows have a tenant that nobody says, and each may be the one of the mapping to remove.
    WantedTenantsUnsaid(u64),
    /// One write would replace both.
    ReplacesTwo(Pair, Pair),
    /// The subscription still has this tenant's mapping, which another row (its number) has to move away first.
    AnotherRowFirst(Uuid, u64),
    /// The list has this text in the place of a subscription.
    NotAGuid(String),
}

impl Difference {
    /// What an add may expect, for the kinds that are applied by one.
    pub fn expectation(&self) -> Expectation {
        match (self.kind, self.old) {
            (DifferenceKind::Replace, Some(old)) => {
                Expectation::Exactly(old.customer.hyphenated().to_string())
            }
            _ => Expectation::NothingReplaced,
        }
    }
}

/// The differences, in the order in which they can be applied. Rows that disagree about a tenant or a subscription are
/// an error: then there are none.
pub fn differences(wanted: &[Wanted], listed: &Listed, options: CompareOptions) -> Result<Vec<Difference>> {
    let rows = Rows::agree(wanted, listed)?;
    let mut found = Vec::new();
    let mut fates: Vec<Option<Fate>> = vec![None; rows.rows.len()];
    for at in 0..rows.rows.len() {
        rows.decide(at, listed, &mut fates, &mut |row, fate| {
            if fate.kind != DifferenceKind::Unchanged || options.include_equal {
                found.push(fate.difference(row));
            }
        });
    }
    rows.what_is_not_wanted(listed, options.prune, &mut found);
    Ok(found)
}

/// Rows that agree with each other: one for each subscription, one for each tenant.
struct Rows {
    rows: Vec<Wanted>,
    by_customer: HashMap<Uuid, usize>,
    by_tenant: HashMap<Uuid, usize>,
}

/// What becomes of a row.
#[derive(Debug, Clone)]
struct Fate {
    kind: DifferenceKind,
    old: Option<Pair>,
    in_order: bool,
    why: Option<Why>,
}

impl Fate {
    fn undecided(old: Option<Pair>, why: Why) -> Fate {
        let kind = match why {
            Why::ListedTwice(_) => DifferenceKind::Spelling,
            _ => DifferenceKind::Undecided,
        };
        Fate { kind, old, in_order: false, why: Some(why) }
    }

    fn difference(&self, row: &Wanted) -> Difference {
        Difference {
            kind: self.kind,
            wanted: Some(Pair { customer: row.customer, tenant: row.tenant }),
            old: self.old,
            row: row.row,
            in_order: self.in_order,
            why: self.why.clone(),
        }
    }
}

impl Rows {
    fn agree(wanted: &[Wanted], listed: &Listed) -> Result<Rows> {
        let mut rows = Rows {
            rows: Vec::new(),
            by_customer: HashMap::with_capacity(wanted.len()),
            by_tenant: HashMap::new(),
        };
        for row in wanted {
            let Some(at) = rows.by_customer.get(&row.customer).copied() else {
                rows.by_customer.insert(row.customer, rows.rows.len());
                rows.rows.push(*row);
                continue;
            };
            let earlier = &mut rows.rows[at];
            match (earlier.tenant, row.tenant) {
                (Some(one), Some(other)) if one != other => {
                    let message = format!(
                        "Customer subscription {} is wanted for tenant {other}, and by {} for tenant {one}. A subscription \
                         belongs to one tenant. Nothing was compared.",
                        row.customer,
                        row_name(earlier.row),
                    );
                    return Err(contradiction(message, row.row));
                }
                (None, tenant) => earlier.tenant = tenant,
                _ => {}
            }
        }
        for at in 0..rows.rows.len() {
            let row = rows.rows[at];
            // Which of two is meant cannot be told.
            let listed = listed.of_customer(row.customer).filter(|_| !listed.is_ambiguous(row.customer));
            let tenant = row.tenant.or(listed.and_then(|listed| listed.tenant));
            rows.rows[at].tenant = tenant;
            let Some(tenant) = tenant else { continue };
            if let Some(other) = rows.by_tenant.insert(tenant, at) {
                let other = rows.rows[other];
                let message = format!(
                    "The usage of tenant {tenant} is to go to subscription {}, and by {} to {}. A tenant has one subscription. \
                     Nothing was compared.",
                    row.customer,
                    row_name(other.row),
                    other.customer,
                );
                return Err(contradiction(message, row.row));
            }
        }
        Ok(rows)
    }

    /// Decides a row, after those that have to be applied before it.
    fn decide(
        &self,
        at: usize,
        listed: &Listed,
        fates: &mut [Option<Fate>],
        decided: &mut impl FnMut(&Wanted, &Fate),
    ) {
        // The rows that wait for each other, the last one waiting for none that is undecided.
        let mut chain = Vec::new();
        let mut seen = HashSet::new();
        let mut next = Some(at);
        while let Some(row) = next.filter(|row| fates[*row].is_none() && seen.insert(*row)) {
            chain.push(row);
            next = self.moves_away(row, listed);
        }
        for at in chain.into_iter().rev() {
            let fate = self.fate(at, listed, fates);
            decided(&self.rows[at], &fate);
            fates[at] = Some(fate);
        }
    }

    /// The row that wants the tenant which this row's subscription has now.
    fn moves_away(&self, at: usize, listed: &Listed) -> Option<usize> {
        let row = &self.rows[at];
        let tenant = listed.of_customer(row.customer)?.tenant?;
        self.by_tenant.get(&tenant).copied().filter(|other| *other != at)
    }

    fn fate(&self, at: usize, listed: &Listed, fates: &[Option<Fate>]) -> Fate {
        let row = &self.rows[at];
        let own = listed.of_customer(row.customer);
        if listed.is_ambiguous(row.customer) {
            return Fate::undecided(own, Why::ListedTwice(row.customer));
        }
        let tenant = row.tenant;
        let of_tenant = || tenant.into_iter().flat_map(|tenant| listed.of_tenant(tenant));
        if let Some((odd, _)) = listed.odd().iter().find(|(_, of)| of.is_some() && *of == tenant) {
            return Fate::undecided(None, Why::NotAGuid(odd.to_string()));
        }
        if let Some(twice) = of_tenant().find(|it| listed.is_ambiguous(*it)) {
            return Fate::undecided(listed.of_customer(twice), Why::ListedTwice(twice));
        }
        let other = of_tenant().find(|it| *it != row.customer).map(|customer| Pair { customer, tenant });
        let as_wanted = own.is_some_and(|own| own.tenant == tenant);
        let replace =
            |old| Fate { kind: DifferenceKind::Replace, old: Some(old), in_order: false, why: None };
        let displaced = own.filter(|_| !as_wanted);
        let Some(displaced) = displaced else {
            return match other {
                Some(other) => replace(other),
                None if as_wanted => {
                    Fate { kind: DifferenceKind::Unchanged, old: own, in_order: false, why: None }
                }
                None => add(listed),
            };
        };
        let Some(first) = self.moves_away(at, listed) else {
            return match other {
                Some(other) => Fate::undecided(Some(other), Why::ReplacesTwo(other, displaced)),
                None => replace(displaced),
            };
        };
        // When that row has been applied, the subscription is free, unless the tenant is listed elsewhere too.
        let freed = displaced.tenant.is_some_and(|tenant| listed.of_tenant(tenant).count() == 1);
        let moved = |fate: &Fate| fate.kind == DifferenceKind::Replace && fate.old == Some(displaced);
        match (&fates[first], other) {
            (Some(fate), other) if freed && moved(fate) => {
                let then = other.map_or_else(|| add(listed), replace);
                Fate { in_order: then.why.is_none(), ..then }
            }
            // They wait for each other: nothing can be moved away first.
            (None, Some(other)) => Fate::undecided(Some(other), Why::ReplacesTwo(other, displaced)),
            _ => Fate::undecided(
                Some(displaced),
                Why::AnotherRowFirst(displaced.tenant.unwrap_or_default(), self.rows[first].row),
            ),
        }
    }

    /// What is listed and no row is about.
    fn what_is_not_wanted(&self, listed: &Listed, prune: bool, found: &mut Vec<Difference>) {
        // A mapping that is to be removed may be the one that a row without a known tenant moves.
        let unknown = self
            .rows
            .iter()
            .filter(|row| row.tenant.is_none() && listed.of_customer(row.customer).is_none())
            .count() as u64;
        let mut removals = Vec::new();
        for entry in listed.entries() {
            if self.by_customer.contains_key(&entry.customer) {
                continue;
            }
            let wanted_elsewhere = entry.tenant.is_some_and(|tenant| self.by_tenant.contains_key(&tenant));
            let why = if listed.is_ambiguous(entry.customer) {
                Some(Why::ListedTwice(entry.customer))
            } else if !prune || wanted_elsewhere {
                continue;
            } else if entry.tenant.is_none() {
                Some(Why::TenantUnsaid)
            } else if unknown > 0 {
                Some(Why::WantedTenantsUnsaid(unknown))
            } else {
                None
            };
            match why {
                Some(why) => found.push(unwanted(Fate::undecided(Some(*entry), why))),
                None => removals.push(unwanted(Fate {
                    kind: DifferenceKind::Remove,
                    old: Some(*entry),
                    in_order: false,
                    why: None,
                })),
            }
        }
        for (odd, _) in listed.odd() {
            found.push(unwanted(Fate::undecided(None, Why::NotAGuid(odd.to_string()))));
        }
        found.append(&mut removals);
    }
}

/// A new mapping, unless one that nobody says the tenant of could be the one that it would replace.
fn add(listed: &Listed) -> Fate {
    match listed.unsaid() {
        0 => Fate { kind: DifferenceKind::Add, old: None, in_order: false, why: None },
        unsaid => Fate::undecided(None, Why::ListedTenantsUnsaid(unsaid)),
    }
}

fn unwanted(fate: Fate) -> Difference {
    let Fate { kind, old, in_order, why } = fate;
    Difference { kind, wanted: None, old, row: 0, in_order, why }
}

fn contradiction(message: String, row: u64) -> Error {
    Error::new(Category::Input, "RowsContradict", message).with_row(row)
}

fn row_name(row: u64) -> String {
    if row > 0 { format!("row {row}") } else { "an earlier item".to_owned() }
}
