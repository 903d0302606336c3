//! Desired state compared with what a registration holds, and applied.

use std::sync::Arc;

use azs_emulator::{Fault, FaultAction, FaultStatus, JournalQuery, MappingSeed, RegistrationSeed};
use azs_registration::advice::Words;
use azs_registration::operation::{Event, Next, Request};
use azs_registration::plan::{CompareOptions, Desired, DifferenceKind, SpelledDifference};
use azs_registration::tenants::{Expectation, Outcome, TargetInput};

use crate::emulated::{Ended, World, adding, code, customer, customer_of, id, next, registration_input};

const PRUNE: CompareOptions = CompareOptions { prune: true, include_equal: false };
const KEEP: CompareOptions = CompareOptions { prune: false, include_equal: false };

fn desired(rows: impl IntoIterator<Item = TargetInput>) -> Arc<Desired> {
    let mut desired = Desired::default();
    for (row, target) in (1..).zip(rows) {
        desired.want(&TargetInput { row, ..target }).unwrap();
    }
    Arc::new(desired)
}

fn comparing(desired: &Arc<Desired>, options: CompareOptions) -> Request {
    Request::Compare { target: TargetInput::default(), desired: desired.clone(), options }
}

fn compare(world: &World, desired: &Arc<Desired>, options: CompareOptions) -> Vec<SpelledDifference> {
    let ended = world.run(comparing(desired, options));
    assert_eq!(ended.finished.outcome, Outcome::Read, "{:?}", ended.finished.error);
    assert_eq!(ended.finished.item_count, ended.differences.len() as u64);
    ended.differences
}

fn kinds(differences: &[SpelledDifference]) -> Vec<DifferenceKind> {
    differences.iter().map(|difference| difference.kind).collect()
}

fn seed(world: &World, mappings: &[(&str, &str)]) {
    let seeds = mappings.iter().map(|(customer, tenant)| MappingSeed::with_tenant(*customer, *tenant));
    assert!(world.emulator.seed(world.emulator.registration(), seeds));
    for (customer, tenant) in mappings {
        world.emulator.set_tenant_of(customer, Some(tenant));
    }
}

fn tenant(number: u32) -> String {
    format!("77777777-0000-4000-8000-{number:012}")
}

/// The request that applies a difference, made of what the difference says alone.
fn applying(difference: &SpelledDifference) -> Request {
    let side = match difference.kind {
        DifferenceKind::Remove => difference.old.as_ref(),
        _ => difference.wanted.as_ref(),
    };
    let side = side.unwrap();
    let target = TargetInput {
        resource_id: Some(difference.registration.to_string()),
        customer_subscription_id: Some(side.customer_subscription.clone()),
        tenant_id: side.tenant.clone(),
        row: difference.row,
        ..TargetInput::default()
    };
    match difference.kind {
        DifferenceKind::Remove => Request::Remove { target },
        _ => adding(target, difference.expectation.clone()),
    }
}

fn failed(ended: &Ended, expected: &str) {
    assert_eq!((ended.finished.outcome, code(&ended.finished)), (Outcome::Failed, expected));
    assert_eq!((ended.differences.len(), ended.finished.item_count), (0, 0));
}

#[test]
fn what_was_planned_is_applied_and_nothing_is_left_to_do() {
    let world = World::with(|switches| switches.page_size = 2);
    let upper = id(3).to_uppercase().replace("11111111", "AAAAAAAA");
    let rows = [(id(1), tenant(1)), (upper.clone(), tenant(3)), (id(4), tenant(4)), (id(5), tenant(5))];
    let seeded: Vec<_> = rows.iter().map(|(customer, tenant)| (customer.as_str(), tenant.as_str())).collect();
    seed(&world, &seeded);
    // 1 stays, tenant 3 moves to subscription 13, tenant 4 to the subscription that tenant 5 had, which moves on.
    for (customer, of) in [(id(13), 3), (id(5), 4), (id(15), 5), (id(6), 6)] {
        world.emulator.set_tenant_of(&customer, Some(&tenant(of)));
    }
    let wanted = desired([
        customer_of(&id(1).to_uppercase(), &tenant(1)),
        customer_of(&id(13), &tenant(3)),
        customer_of(&id(5), &tenant(4)),
        customer_of(&id(15), &tenant(5)),
        customer(&id(6)),
    ]);
    let found = compare(&world, &wanted, PRUNE);
    assert_eq!(
        kinds(&found),
        [DifferenceKind::Replace, DifferenceKind::Replace, DifferenceKind::Replace, DifferenceKind::Add]
    );
    let rows: Vec<_> = found.iter().map(|it| (it.row, it.in_order)).collect();
    assert_eq!(rows, [(2, false), (4, false), (3, true), (5, false)]);
    assert_eq!(found[0].old.as_ref().unwrap().customer_subscription, upper, "the service's spelling");
    assert_eq!(found[0].expectation, Expectation::Exactly(upper));
    assert_eq!(found[3].wanted.as_ref().unwrap().tenant, Some(tenant(6)), "from the challenge");
    assert_eq!(world.received("PUT") + world.received("DELETE"), 0);

    let operation = world.operation();
    for difference in &found {
        let ended = crate::emulated::run(&operation, applying(difference));
        let wanted = match difference.kind {
            DifferenceKind::Replace => Outcome::Replaced,
            _ => Outcome::Added,
        };
        assert_eq!(ended.finished.outcome, wanted, "{:?}", ended.finished.error);
        assert!(!ended.finished.replaced_unasked);
    }
    assert_eq!(compare(&world, &wanted, PRUNE), []);
    let mut stored = world.stored();
    stored.sort();
    let held = [(id(1), 1), (id(5), 4), (id(6), 6), (id(13), 3), (id(15), 5)];
    assert_eq!(stored, held.map(|(customer, of)| (customer, tenant(of))));
}

#[test]
fn only_pruning_says_what_to_remove_and_both_parts_must_match() {
    let world = World::new();
    seed(&world, &[(&id(1), &tenant(1)), (&id(2), &tenant(2))]);
    let wanted = desired([customer_of(&id(1), &tenant(1))]);
    assert_eq!(compare(&world, &wanted, KEEP), []);
    let found = compare(&world, &wanted, PRUNE);
    assert_eq!(kinds(&found), [DifferenceKind::Remove]);
    let old = found[0].old.as_ref().unwrap();
    assert_eq!((old.customer_subscription.clone(), old.tenant.clone()), (id(2), Some(tenant(2))));
    assert_eq!(found[0].wanted, None);
    // Somebody else maps the subscription to another tenant before the plan is applied.
    seed(&world, &[(&id(2), &tenant(9))]);
    assert_eq!(world.run(applying(&found[0])).finished.outcome, Outcome::TenantMismatch);
    seed(&world, &[(&id(2), &tenant(2))]);
    assert_eq!(world.run(applying(&found[0])).finished.outcome, Outcome::Removed);
    assert_eq!(compare(&world, &wanted, PRUNE), []);
}

#[test]
fn what_was_reviewed_is_not_applied_to_something_else() {
    let world = World::new();
    seed(&world, &[(&id(1), &tenant(1))]);
    world.emulator.set_tenant_of(&id(2), Some(&tenant(1)));
    let found = compare(&world, &desired([customer(&id(2))]), KEEP);
    assert_eq!(
        (kinds(&found), found[0].expectation.clone()),
        (vec![DifferenceKind::Replace], Expectation::Exactly(id(1)))
    );
    // Somebody else moves the tenant meanwhile.
    world.emulator.set_tenant_of(&id(3), Some(&tenant(1)));
    let moved = world.run(adding(customer(&id(3)), Expectation::Anything));
    assert_eq!(moved.finished.outcome, Outcome::Replaced);
    let ended = world.run(applying(&found[0]));
    assert_eq!(ended.finished.outcome, Outcome::WouldReplace);
    assert_eq!(ended.finished.old.unwrap().customer_subscription, id(3));
}

#[test]
fn equal_rows_come_where_they_are_asked_for() {
    let world = World::new();
    seed(&world, &[(&id(1), &tenant(1))]);
    let options = CompareOptions { include_equal: true, ..KEEP };
    let found = compare(&world, &desired([customer(&id(1))]), options);
    assert_eq!((kinds(&found), found[0].row), (vec![DifferenceKind::Unchanged], 1));
}

#[test]
fn two_spellings_of_a_subscription_are_said_and_never_removed() {
    let world = World::with(|switches| switches.case_sensitive = true);
    let lower = "e09a4e93-29a7-4eba-a6d4-76202383f07f";
    let upper = lower.to_uppercase();
    seed(&world, &[(lower, &tenant(1)), (&upper, &tenant(2))]);
    let found = compare(&world, &desired([customer(&id(2))]), PRUNE);
    assert_eq!(kinds(&found), [DifferenceKind::Add, DifferenceKind::Spelling]);
    let error = found[1].error.as_ref().unwrap();
    assert_eq!(error.code(), "SpellingAmbiguous");
    assert!(error.to_string().contains(lower) && error.to_string().contains(&upper), "{error}");
    assert!(error.recommended_action(Words::Neutral).is_some());
}

#[test]
fn a_list_that_fails_half_way_plans_nothing() {
    let world = World::with(|switches| switches.page_size = 1);
    seed(&world, &[(&id(1), &tenant(1)), (&id(2), &tenant(2)), (&id(3), &tenant(3))]);
    world.emulator.add_fault(
        Fault::new(FaultAction::NonJsonBody { status: 403, after_effect: false })
            .path_contains("customerSubscriptions")
            .from(2),
    );
    let ended = world.run(comparing(&desired([customer(&id(9))]), PRUNE));
    assert_eq!((ended.finished.outcome, ended.differences.len()), (Outcome::Failed, 0));
}

#[test]
fn a_refused_row_spoils_the_plan_and_nothing_is_sent() {
    let world = World::new();
    let mut spoilt = Desired::default();
    spoilt.want(&TargetInput { row: 1, ..customer(&id(1)) }).unwrap();
    let refused = spoilt.want(&TargetInput { row: 2, ..customer("") }).unwrap_err();
    assert_eq!((refused.parts().row, refused.parts().column.as_deref()), (2, Some("CustomerSubscriptionId")));
    spoilt.want(&TargetInput { row: 3, ..customer(&id(3)) }).unwrap();
    let ended = world.run(comparing(&Arc::new(spoilt), PRUNE));
    failed(&ended, "GuidNotValid");
    let error = ended.finished.error.unwrap();
    assert_eq!((error.parts().row, ended.finished.http_requests), (2, 0));
    assert!(error.to_string().contains("a row was refused. Row 2:"), "{error}");
}

#[test]
fn rows_that_disagree_plan_nothing() {
    let world = World::new();
    let ended = world
        .run(comparing(&desired([customer_of(&id(1), &tenant(1)), customer_of(&id(2), &tenant(1))]), KEEP));
    failed(&ended, "RowsContradict");
    assert_eq!((ended.finished.error.unwrap().parts().row, ended.finished.http_requests), (2, 0));
    // Also where only the sign-in challenge shows it.
    world.emulator.set_tenant_of(&id(1), Some(&tenant(1)));
    world.emulator.set_tenant_of(&id(2), Some(&tenant(1)));
    let ended = world.run(comparing(&desired([customer(&id(1)), customer(&id(2))]), KEEP));
    failed(&ended, "RowsContradict");
    assert!(ended.finished.error.unwrap().to_string().contains("Row 2: "));
}

#[test]
fn rows_of_another_registration_plan_nothing() {
    let world = World::new();
    let other = TargetInput { registration_name: Some("azurestack-other".to_owned()), ..customer(&id(2)) };
    let ended = world.run(comparing(&desired([customer(&id(1)), other]), PRUNE));
    failed(&ended, "RegistrationDiffers");
    assert_eq!((ended.finished.error.unwrap().parts().row, ended.finished.http_requests), (2, 0));
    // In whatever form it is the same one, it is the same one.
    let seed = world.emulator.registration().clone();
    let by_names = TargetInput {
        registration_name: Some(seed.name.to_uppercase()),
        ..registration_input(&RegistrationSeed { resource_group: "AzureStack".to_owned(), ..seed.clone() })
    };
    let same = [
        TargetInput { customer_subscription_id: Some(id(1)), ..by_names },
        TargetInput {
            resource_id: Some(format!("{}/customerSubscriptions/{}", seed.resource_id(), id(2))),
            ..TargetInput::default()
        },
    ];
    assert_eq!(compare(&world, &desired(same), PRUNE).len(), 2);
}

#[test]
fn pruning_to_nothing_is_refused() {
    let world = World::new();
    let ended = world.run(comparing(&desired([]), PRUNE));
    failed(&ended, "NothingWanted");
    assert_eq!(ended.finished.http_requests, 0);
    assert_eq!(compare(&world, &desired([]), KEEP), []);
}

#[test]
fn what_is_wrong_with_the_registration_is_said() {
    let world = World::new();
    let target =
        TargetInput { registration_name: Some("azurestack-unknown".to_owned()), ..TargetInput::default() };
    let unknown = Request::Compare { target, desired: desired([customer(&id(1))]), options: KEEP };
    failed(&world.run(unknown), "RegistrationNotFound");
    // It is looked at first, for a list of none says nothing about it.
    let refusal = Fault::new(FaultAction::Status(FaultStatus {
        status: 403,
        retry_after_seconds: None,
        code: Some("AuthorizationFailed".to_owned()),
        message: None,
        after_effect: false,
    }));
    world.emulator.clear_journal();
    world.emulator.add_fault(refusal.nth(1));
    failed(&world.run(comparing(&desired([customer(&id(1))]), KEEP)), "AuthorizationFailed");
    let lists = JournalQuery::method("GET").path_contains("customerSubscriptions");
    assert_eq!((world.received("GET"), world.emulator.journal_of(&lists).len()), (1, 0));
    let target = customer(&id(1));
    let more = Request::Compare { target, desired: desired([customer(&id(1))]), options: KEEP };
    failed(&world.run(more), "ValueNotExpected");
}

#[test]
fn a_comparison_waits_while_nobody_takes_the_differences_and_can_be_cancelled() {
    let world = World::new();
    let wanted = desired((1..=50).map(|number| customer_of(&id(number), &tenant(number))));
    let operation = world.operation_on(&registration_input(world.emulator.registration()), |options| {
        options.max_items = 5;
        options.want_log = false;
    });
    operation.submit(1, comparing(&wanted, KEEP));
    for _ in 0..3 {
        assert!(matches!(next(&operation), Event::Difference { tag: 1, .. }));
    }
    operation.cancel();
    let mut more = 0;
    loop {
        match next(&operation) {
            Event::Difference { .. } => more += 1,
            Event::Finished { finished, .. } => {
                assert_eq!((finished.outcome, finished.item_count), (Outcome::Cancelled, 3 + more));
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(more <= 6, "{more} more differences were waiting");
    assert!(matches!(operation.next(None), Next::Drained));
}
