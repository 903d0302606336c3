//! Pairs of a customer subscription and a tenant, packed: there may be a hundred thousand of them and more, and each may
//! cost no more than a few bytes beyond its ids.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;
use uuid::Uuid;

/// Pairs in the order in which they came, found by both of their ids. An id can be in several of them.
#[derive(Default)]
pub(super) struct Pairs<X> {
    pairs: Vec<Pair<X>>,
    /// Places of pairs by customer subscription.
    by_customer: HashTable<u32>,
    /// Places of pairs by tenant, where they have one.
    by_tenant: HashTable<u32>,
    hasher: RandomState,
}

/// A pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair<X> {
    pub(super) customer: Uuid,
    /// Nil where nobody says it.
    pub(super) tenant: Uuid,
    /// What is noted of it.
    pub(super) note: X,
}

impl<X: Copy> Pairs<X> {
    pub(super) fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Notes a pair, and gives whether it is another one than the customer subscription's latest.
    pub(super) fn put(&mut self, customer: Uuid, tenant: Uuid, note: X) -> bool {
        if let Some(at) = self.latest_at(customer)
            && self.pairs[at].tenant == tenant
        {
            self.pairs[at].note = note;
            return false;
        }
        let at = self.pairs.len();
        if at == self.pairs.capacity() {
            // Doubling would cost as much again as everything that is there.
            self.pairs.reserve_exact(at / 8 + 16);
        }
        self.pairs.push(Pair { customer, tenant, note });
        // More of them than a u32 counts would be more than any memory holds.
        let place = at as u32;
        let (pairs, hasher) = (&self.pairs, &self.hasher);
        let rehash = |place: &u32| hasher.hash_one(pairs[*place as usize].customer);
        self.by_customer.insert_unique(hasher.hash_one(customer), place, rehash);
        if !tenant.is_nil() {
            let rehash = |place: &u32| hasher.hash_one(pairs[*place as usize].tenant);
            self.by_tenant.insert_unique(hasher.hash_one(tenant), place, rehash);
        }
        true
    }

    /// The latest pair of a customer subscription.
    pub(super) fn latest_of(&self, customer: Uuid) -> Option<Pair<X>> {
        self.latest_at(customer).map(|at| self.pairs[at])
    }

    /// The pairs of a tenant, the first one first.
    pub(super) fn of_tenant(&self, tenant: Uuid) -> impl DoubleEndedIterator<Item = Pair<X>> {
        let places = self.by_tenant.iter_hash(self.hasher.hash_one(tenant)).map(|place| *place as usize);
        let mut places: Vec<usize> = places.filter(|at| self.pairs[*at].tenant == tenant).collect();
        places.sort_unstable();
        places.into_iter().map(|at| self.pairs[at])
    }

    /// Takes the latest pair of a customer subscription away. The last pair of all takes its place.
    pub(super) fn remove_latest(&mut self, customer: Uuid) -> Option<Pair<X>> {
        let at = self.latest_at(customer)?;
        let last = self.pairs.len() - 1;
        self.unlink(at);
        if at != last {
            self.relink(last, at);
        }
        Some(self.pairs.swap_remove(at))
    }

    fn latest_at(&self, customer: Uuid) -> Option<usize> {
        let places = self.by_customer.iter_hash(self.hasher.hash_one(customer)).map(|place| *place as usize);
        places.filter(|at| self.pairs[*at].customer == customer).max()
    }

    /// Takes a place out of what pairs are found by.
    fn unlink(&mut self, at: usize) {
        let Pair { customer, tenant, .. } = self.pairs[at];
        for (table, id) in [(&mut self.by_customer, customer), (&mut self.by_tenant, tenant)] {
            let hash = self.hasher.hash_one(id);
            if let Ok(found) = table.find_entry(hash, |place| *place as usize == at) {
                found.remove();
            }
        }
    }

    /// Has a pair found at another place.
    fn relink(&mut self, from: usize, to: usize) {
        let Pair { customer, tenant, .. } = self.pairs[from];
        for (table, id) in [(&mut self.by_customer, customer), (&mut self.by_tenant, tenant)] {
            let hash = self.hasher.hash_one(id);
            if let Some(place) = table.find_mut(hash, |place| *place as usize == from) {
                *place = to as u32;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NIL: Uuid = Uuid::nil();

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[test]
    fn what_is_put_and_removed_at_random_is_found_as_in_a_plain_list() {
        let (mut pairs, mut plain) = (Pairs::default(), Vec::<Pair<u64>>::new());
        let mut number = 1_u128;
        for step in 0..5_000_u64 {
            // A sequence of its own (Knuth's), so that the test is the same each time.
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let drawn = (number >> 33) as u64;
            // A tenant that nobody says is one of them.
            let (customer, tenant) = (id(1 + u128::from(drawn % 50)), id(u128::from(drawn / 64 % 20)));
            let latest = plain.iter().rposition(|pair| pair.customer == customer);
            if drawn.is_multiple_of(3) {
                assert_eq!(pairs.remove_latest(customer), latest.map(|at| plain.swap_remove(at)));
            } else {
                match latest.filter(|at| plain[*at].tenant == tenant) {
                    Some(at) => plain[at].note = step,
                    None => plain.push(Pair { customer, tenant, note: step }),
                }
                assert_eq!(
                    pairs.put(customer, tenant, step),
                    plain.last().unwrap().note == step && latest.is_none_or(|at| plain[at].tenant != tenant)
                );
            }
            let latest = plain.iter().rev().find(|pair| pair.customer == customer).copied();
            assert_eq!(pairs.latest_of(customer), latest);
            let of_tenant: Vec<_> =
                plain.iter().filter(|pair| pair.tenant == tenant && tenant != NIL).copied().collect();
            assert_eq!(pairs.of_tenant(tenant).collect::<Vec<_>>(), of_tenant);
            assert_eq!(pairs.is_empty(), plain.is_empty());
        }
    }

    #[test]
    fn a_pair_costs_little_beyond_its_ids() {
        let mut pairs = Pairs::default();
        for number in 0..100_000 {
            pairs.put(Uuid::from_u128(number), Uuid::from_u128(1 << 64 | number), ());
        }
        let bytes = pairs.pairs.capacity() * size_of::<Pair<()>>()
            + pairs.by_customer.allocation_size()
            + pairs.by_tenant.allocation_size();
        assert!(bytes < 60 * 100_000, "{bytes}");
    }
}
