//! The rules of a plan, without any service: what is wanted, what is listed, and what has to be done.

use std::collections::{BTreeMap, BTreeSet};

use azs_registration::plan::{
    CompareOptions, Difference, DifferenceKind, Listed, Pair, Wanted, Why, differences,
};
use azs_registration::tenants::Expectation;
use proptest::prelude::*;
use uuid::Uuid;

const PRUNE: CompareOptions = CompareOptions { prune: true, include_equal: false };
const KEEP: CompareOptions = CompareOptions { prune: false, include_equal: false };
const EQUAL: CompareOptions = CompareOptions { prune: false, include_equal: true };

fn customer(number: u8) -> Uuid {
    Uuid::from_u128(0xc000_0000_0000_4000_8000_0000_0000_0000 + u128::from(number))
}

fn tenant(number: u8) -> Uuid {
    Uuid::from_u128(0x7000_0000_0000_4000_8000_0000_0000_0000 + u128::from(number))
}

/// Rows of customer and tenant; tenant 0 is one that nobody says.
fn wanted(rows: &[(u8, u8)]) -> Vec<Wanted> {
    let rows = rows.iter().zip(1..);
    rows.map(|(&(of, to), row)| Wanted { customer: customer(of), tenant: said(to), row }).collect()
}

fn said(number: u8) -> Option<Uuid> {
    (number > 0).then(|| tenant(number))
}

fn listed(rows: &[(u8, u8)]) -> Listed {
    let mut listed = Listed::default();
    for &(of, to) in rows {
        listed.push(&customer(of).to_string(), said(to));
    }
    listed
}

fn plan(rows: &[(u8, u8)], there: &[(u8, u8)], options: CompareOptions) -> Vec<Difference> {
    differences(&wanted(rows), &listed(there), options).unwrap()
}

fn pair(of: u8, to: u8) -> Option<Pair> {
    Some(Pair { customer: customer(of), tenant: said(to) })
}

fn exactly(of: u8) -> Expectation {
    Expectation::Exactly(customer(of).to_string())
}

#[test]
fn a_new_row_is_added_and_replaces_nothing() {
    let found = plan(&[(1, 1)], &[], KEEP);
    assert_eq!((found.len(), found[0].kind, found[0].row), (1, DifferenceKind::Add, 1));
    assert_eq!((found[0].wanted, found[0].old), (pair(1, 1), None));
    assert_eq!((found[0].expectation(), found[0].in_order), (Expectation::NothingReplaced, false));
    // Also where nobody says the tenant.
    let found = plan(&[(1, 0)], &[(2, 2)], KEEP);
    assert_eq!((found[0].kind, found[0].wanted), (DifferenceKind::Add, pair(1, 0)));
}

#[test]
fn equal_rows_are_given_only_where_they_are_asked_for() {
    for rows in [[(1, 1)], [(1, 0)]] {
        assert_eq!(plan(&rows, &[(1, 1)], PRUNE), []);
        let found = plan(&rows, &[(1, 1)], EQUAL);
        assert_eq!((found.len(), found[0].kind), (1, DifferenceKind::Unchanged));
        assert_eq!(found[0].wanted, pair(1, 1), "the tenant is the listed one");
    }
}

#[test]
fn a_move_is_one_replacement_with_and_without_pruning() {
    for options in [KEEP, PRUNE] {
        let found = plan(&[(2, 1)], &[(1, 1)], options);
        assert_eq!((found.len(), found[0].kind), (1, DifferenceKind::Replace));
        assert_eq!((found[0].old, found[0].expectation()), (pair(1, 1), exactly(1)));
    }
}

#[test]
fn another_tenant_of_the_same_subscription_is_replaced_too() {
    let found = plan(&[(1, 2)], &[(1, 1)], PRUNE);
    assert_eq!((found.len(), found[0].kind), (1, DifferenceKind::Replace));
    assert_eq!((found[0].old, found[0].expectation()), (pair(1, 1), exactly(1)));
}

#[test]
fn what_is_not_wanted_goes_only_with_pruning_and_last() {
    assert_eq!(plan(&[(1, 1)], &[(2, 2)], KEEP).len(), 1);
    let found = plan(&[(1, 1)], &[(2, 2)], PRUNE);
    let kinds: Vec<_> = found.iter().map(|it| it.kind).collect();
    assert_eq!(kinds, [DifferenceKind::Add, DifferenceKind::Remove]);
    assert_eq!((found[1].wanted, found[1].old, found[1].row), (None, pair(2, 2), 0));
}

#[test]
fn nothing_is_removed_while_a_wanted_tenant_is_unknown() {
    let found = plan(&[(1, 0)], &[(2, 2)], PRUNE);
    assert_eq!((found[0].kind, found[1].kind), (DifferenceKind::Add, DifferenceKind::Undecided));
    assert_eq!((found[1].why.clone(), found[1].old), (Some(Why::WantedTenantsUnsaid(1)), pair(2, 2)));
}

#[test]
fn a_listed_tenant_that_nobody_says_is_neither_removed_nor_passed_over() {
    let found = plan(&[(1, 1), (2, 2)], &[(2, 3), (3, 0)], PRUNE);
    let shown: Vec<_> = found.iter().map(|it| (it.kind, it.row, it.why.clone())).collect();
    assert_eq!(
        shown,
        [
            (DifferenceKind::Undecided, 1, Some(Why::ListedTenantsUnsaid(1))),
            // What it replaces is known.
            (DifferenceKind::Replace, 2, None),
            (DifferenceKind::Undecided, 0, Some(Why::TenantUnsaid)),
        ]
    );
    // The row's own mapping, whose tenant is what the row says, or not.
    assert_eq!(plan(&[(3, 0)], &[(3, 0)], PRUNE), []);
    let found = plan(&[(3, 1)], &[(3, 0)], PRUNE);
    assert_eq!((found[0].kind, found[0].old), (DifferenceKind::Replace, pair(3, 0)));
}

#[test]
fn a_subscription_in_two_spellings_is_left_alone_and_said() {
    let mut there = listed(&[(1, 1), (2, 2)]);
    there.push(&customer(1).to_string().to_uppercase(), said(3));
    for (rows, about) in [
        // The subscription itself, a tenant of either spelling, and nobody.
        (vec![(1, 1)], vec![1]),
        (vec![(1, 9)], vec![1]),
        (vec![(1, 0)], vec![1]),
        (vec![(4, 1)], vec![1, 0]),
        (vec![(4, 3)], vec![1, 0]),
        (vec![(2, 2)], vec![0]),
    ] {
        for options in [KEEP, PRUNE] {
            let found = differences(&wanted(&rows), &there, options).unwrap();
            let spelled: Vec<_> = found
                .iter()
                .filter(|it| it.kind == DifferenceKind::Spelling)
                .map(|it| (it.row, it.why.clone()))
                .collect();
            let expected: Vec<_> =
                about.iter().map(|row| (*row, Some(Why::ListedTwice(customer(1))))).collect();
            assert_eq!(spelled, expected, "{rows:?}");
            assert!(
                found.iter().all(|it| it.kind == DifferenceKind::Spelling || it.old == pair(2, 2)),
                "{found:?}"
            );
        }
    }
}

#[test]
fn the_same_item_on_two_pages_is_one() {
    assert_eq!(plan(&[(1, 1)], &[(1, 1), (1, 1)], PRUNE), []);
}

#[test]
fn what_is_listed_and_no_guid_is_said_and_its_tenant_left_alone() {
    let mut there = listed(&[]);
    there.push("contoso 1", said(1));
    let found = differences(&wanted(&[(1, 1), (2, 2)]), &there, PRUNE).unwrap();
    let shown: Vec<_> = found.iter().map(|it| (it.kind, it.row)).collect();
    assert_eq!(
        shown,
        [(DifferenceKind::Undecided, 1), (DifferenceKind::Add, 2), (DifferenceKind::Undecided, 0)]
    );
    assert_eq!(found[2].why, Some(Why::NotAGuid("contoso 1".to_owned())));
}

#[test]
fn a_tenant_that_is_listed_twice_is_never_unchanged_and_its_entries_are_not_removed() {
    for options in [EQUAL, PRUNE] {
        let found = plan(&[(1, 1)], &[(1, 1), (2, 1), (3, 1)], options);
        assert_eq!((found.len(), found[0].kind), (1, DifferenceKind::Replace));
        assert_eq!(found[0].expectation(), exactly(2));
    }
}

#[test]
fn subscriptions_that_are_handed_on_are_freed_first() {
    // 1 gets tenant 2, whose subscription 2 gets tenant 3, whose subscription 3 is let go for 4... in the wrong order.
    let found = plan(&[(1, 2), (2, 3), (4, 1)], &[(1, 1), (2, 2), (3, 3)], PRUNE);
    let shown: Vec<_> = found.iter().map(|it| (it.kind, it.row, it.in_order, it.expectation())).collect();
    assert_eq!(
        shown,
        [
            (DifferenceKind::Replace, 3, false, exactly(1)),
            (DifferenceKind::Replace, 1, true, exactly(2)),
            (DifferenceKind::Replace, 2, true, exactly(3)),
        ]
    );
}

#[test]
fn subscriptions_that_change_places_are_not_planned() {
    let found = plan(&[(1, 2), (2, 1)], &[(1, 1), (2, 2)], PRUNE);
    assert!(found.iter().all(|it| it.kind == DifferenceKind::Undecided), "{found:?}");
    assert!(matches!(found[0].why, Some(Why::ReplacesTwo(..))));
    assert!(matches!(found[1].why, Some(Why::AnotherRowFirst(..))));
}

#[test]
fn one_write_that_would_replace_two_mappings_is_not_planned() {
    let found = plan(&[(1, 2)], &[(1, 1), (2, 2)], PRUNE);
    assert_eq!(found.len(), 1);
    let (own, other) = (pair(1, 1).unwrap(), pair(2, 2).unwrap());
    assert_eq!(found[0].why, Some(Why::ReplacesTwo(other, own)));
}

#[test]
fn rows_that_disagree_give_no_difference_at_all() {
    for (rows, there) in [
        (vec![(1, 1), (3, 3), (2, 1)], vec![]),
        (vec![(1, 1), (3, 3), (1, 2)], vec![]),
        // One of the tenants comes from the list.
        (vec![(1, 0), (3, 3), (2, 1)], vec![(1, 1)]),
    ] {
        let error = differences(&wanted(&rows), &listed(&there), PRUNE).unwrap_err();
        assert_eq!((error.code(), error.parts().row), ("RowsContradict", 3));
        assert!(error.to_string().contains("by row 1"), "{error}");
    }
    // The same row twice is no contradiction, and the one that says more counts.
    let found = plan(&[(1, 0), (1, 1), (1, 0)], &[(2, 1)], KEEP);
    assert_eq!((found.len(), found[0].kind, found[0].wanted), (1, DifferenceKind::Replace, pair(1, 1)));
}

#[test]
fn fifty_thousand_rows_that_hand_their_subscriptions_on_are_ordered() {
    let id = |number: u128| Uuid::from_u128(number);
    let mut there = Listed::default();
    let mut rows = Vec::new();
    for number in 1..=50_000_u128 {
        there.push(&id(number).to_string(), Some(id(1_000_000 + number)));
        rows.push(Wanted { customer: id(number), tenant: Some(id(1_000_001 + number)), row: number as u64 });
    }
    let found = differences(&rows, &there, KEEP).unwrap();
    // The last one's tenant is new, so its subscription is not free before tenant 50,000 has moved, and so on.
    assert_eq!(found.len(), 50_000);
}

/// A registration as the service is documented to keep it: one subscription for a tenant, one tenant for a subscription.
type State = BTreeMap<Uuid, Option<Uuid>>;

/// Applies a difference as `add` and `remove` would, expectation included; gives what it replaced.
fn apply(state: &mut State, difference: &Difference) {
    match difference.kind {
        DifferenceKind::Add | DifferenceKind::Replace => {
            let Pair { customer, tenant } = difference.wanted.unwrap();
            let own = state.get(&customer).copied().filter(|own| *own != tenant);
            let of_tenant =
                state.iter().filter(|(other, of)| **other != customer && tenant.is_some() && **of == tenant);
            let replaced: BTreeSet<Uuid> =
                of_tenant.map(|(other, _)| *other).chain(own.map(|_| customer)).collect();
            match difference.expectation() {
                Expectation::NothingReplaced => assert!(replaced.is_empty(), "{difference:?}: {replaced:?}"),
                Expectation::Exactly(old) => {
                    assert!(replaced.contains(&old.parse().unwrap()), "{difference:?}: {replaced:?}");
                    assert!(own.is_none() || replaced.len() == 1, "{difference:?} replaces two");
                }
                Expectation::Anything => panic!("a plan never lets anything go"),
            }
            state.retain(|other, _| !replaced.contains(other));
            state.insert(customer, tenant);
        }
        DifferenceKind::Remove => {
            let old = difference.old.unwrap();
            assert!(old.tenant.is_some(), "what is removed has to match");
            assert_eq!(state.remove(&old.customer), Some(old.tenant));
        }
        DifferenceKind::Unchanged | DifferenceKind::Spelling | DifferenceKind::Undecided => {}
    }
}

fn state_of(listed: &[(u8, u8)]) -> State {
    listed.iter().map(|&(of, to)| (customer(of), said(to))).collect()
}

fn as_listed(state: &State) -> Listed {
    let mut listed = Listed::default();
    for (customer, tenant) in state {
        listed.push(&customer.to_string(), *tenant);
    }
    listed
}

fn is_planned(difference: &Difference) -> bool {
    !matches!(difference.kind, DifferenceKind::Undecided | DifferenceKind::Spelling)
}

/// Subscriptions and tenants, each at most once, of so few that they get in each other's way.
fn pairs(known: bool) -> impl Strategy<Value = Vec<(u8, u8)>> {
    let customers = Just((1..=9).collect::<Vec<u8>>()).prop_shuffle();
    let tenants = Just((1..=9).collect::<Vec<u8>>()).prop_shuffle();
    (customers, tenants, 0..9_usize, prop::collection::vec(0..8_u8, 9)).prop_map(
        move |(customers, tenants, count, hidden)| {
            let all = customers.into_iter().zip(tenants).zip(hidden).take(count);
            all.map(|((of, to), hide)| (of, if !known && hide == 0 { 0 } else { to })).collect()
        },
    )
}

/// The same, where a tenant can have further entries.
fn overlapping() -> impl Strategy<Value = Vec<(u8, u8)>> {
    (pairs(false), prop::collection::vec((10..=12_u8, 1..=9_u8), 0..3)).prop_map(|(mut pairs, more)| {
        for entry in more {
            if pairs.iter().all(|it| it.0 != entry.0) {
                pairs.push(entry);
            }
        }
        pairs
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn applying_what_is_planned_gives_what_is_wanted(
        rows in pairs(true), there in pairs(true), prune in any::<bool>(),
    ) {
        let options = CompareOptions { prune, include_equal: false };
        let found = plan(&rows, &there, options);
        let mut state = state_of(&there);
        found.iter().for_each(|difference| apply(&mut state, difference));
        let blocked: BTreeSet<Uuid> =
            found.iter().filter(|it| !is_planned(it)).map(|it| it.wanted.unwrap().customer).collect();
        for (of, to) in &rows {
            if !blocked.contains(&customer(*of)) {
                prop_assert_eq!(state.get(&customer(*of)), Some(&said(*to)));
            }
        }
        if blocked.is_empty() {
            if prune {
                prop_assert_eq!(&state, &state_of(&rows));
            }
            // And then there is nothing left to do.
            prop_assert_eq!(differences(&wanted(&rows), &as_listed(&state), options).unwrap(), []);
        }
    }

    #[test]
    fn whatever_is_listed_nothing_is_done_that_was_not_named(
        rows in pairs(false), there in overlapping(), prune in any::<bool>(),
    ) {
        // Rows can come to contradict each other by the tenants that are listed: then there is no plan.
        let options = CompareOptions { prune, include_equal: true };
        let Ok(found) = differences(&wanted(&rows), &listed(&there), options) else { return Ok(()) };
        let before = state_of(&there);
        let mut state = before.clone();
        found.iter().for_each(|difference| apply(&mut state, difference));
        let moved: BTreeSet<Option<Uuid>> = found
            .iter()
            .filter(|it| it.kind == DifferenceKind::Replace)
            .map(|it| it.wanted.unwrap().tenant)
            .collect();
        let gone: BTreeSet<Uuid> = found
            .iter()
            .filter(|it| matches!(it.kind, DifferenceKind::Replace | DifferenceKind::Remove))
            .map(|it| it.old.unwrap().customer)
            .collect();
        for (customer, tenant) in &before {
            let stays = state.get(customer) == Some(tenant);
            prop_assert!(stays || gone.contains(customer) || moved.contains(tenant), "{customer} {tenant:?}");
        }
        for difference in &found {
            if difference.kind == DifferenceKind::Remove {
                prop_assert!(prune);
                let old = difference.old.unwrap();
                prop_assert!(rows.iter().all(|(of, _)| customer(*of) != old.customer));
                prop_assert!(rows.iter().all(|(_, to)| said(*to) != old.tenant));
            }
            prop_assert_eq!(is_planned(difference), difference.why.is_none());
        }
        // Each row is said exactly once.
        let mut told: Vec<u64> = found.iter().map(|it| it.row).filter(|row| *row > 0).collect();
        told.sort_unstable();
        prop_assert_eq!(told, (1..=rows.len() as u64).collect::<Vec<_>>());
    }

    #[test]
    fn what_need_not_wait_can_be_applied_in_any_order(
        rows in pairs(true), there in pairs(true), prune in any::<bool>(), order in any::<prop::sample::Index>(),
    ) {
        let found = plan(&rows, &there, CompareOptions { prune, include_equal: false });
        let mut in_order = state_of(&there);
        found.iter().for_each(|difference| apply(&mut in_order, difference));
        let (waiting, mut free): (Vec<_>, Vec<_>) = found.into_iter().partition(|it| it.in_order);
        free.reverse();
        if !free.is_empty() {
            let at = order.index(free.len());
            free.rotate_left(at);
        }
        let mut state = state_of(&there);
        free.iter().chain(&waiting).for_each(|difference| apply(&mut state, difference));
        prop_assert_eq!(state, in_order);
    }

    #[test]
    fn comparing_and_applying_again_comes_to_an_end(rows in pairs(true), there in pairs(true)) {
        let mut state = state_of(&there);
        for _ in 0..rows.len() + 2 {
            let found = differences(&wanted(&rows), &as_listed(&state), PRUNE).unwrap();
            if !found.iter().any(is_planned) {
                return Ok(());
            }
            found.iter().for_each(|difference| apply(&mut state, difference));
        }
        prop_assert!(false, "it goes on for ever");
    }
}
