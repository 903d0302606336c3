//! Cancelling: what waits is not started, what is in flight is awaited, and the caller is woken.

use azs_emulator::{Fault, FaultAction, MappingSeed};
use azs_registration::operation::{Event, Next, Request, Submitted};
use azs_registration::tenants::{Outcome, TargetInput};

use crate::emulated::{World, add, ends, id};

#[test]
fn a_write_in_flight_is_awaited_and_the_rest_is_not_started() {
    let world = World::with(|switches| switches.answer_delay_ms = 300);
    let registration = crate::emulated::registration_input(world.emulator.registration());
    let operation = world.operation_on(&registration, |options| options.throttle_limit = 1);
    for tag in 1..=3 {
        operation.submit(tag, add(&id(tag as u32)));
    }
    world.await_received("PUT", 1);
    operation.cancel();
    assert_eq!(operation.submit(4, add(&id(4))), Submitted::Cancelled);
    let ends: Vec<_> = ends(&operation).into_iter().map(|(tag, end)| (tag, end.outcome)).collect();
    assert_eq!(ends, [(1, Outcome::Added), (2, Outcome::NotStarted), (3, Outcome::NotStarted)]);
    assert!(matches!(operation.next(None), Next::Drained));
    assert_eq!((world.received("PUT"), world.stored().len()), (1, 1));
}

#[test]
fn a_read_in_flight_is_given_up() {
    let world = World::new();
    world.emulator.add_fault(Fault::new(FaultAction::Hang { after_effect: false }));
    let operation = world.operation();
    operation.submit(1, Request::List { target: TargetInput::default() });
    world.await_received("GET", 1);
    operation.cancel();
    let ends = ends(&operation);
    assert_eq!((ends.len(), ends[0].1.outcome), (1, Outcome::Cancelled));
}

#[test]
fn a_list_whose_items_nobody_takes_is_given_up() {
    let world = World::new();
    assert!(world.emulator.seed(world.emulator.registration(), MappingSeed::generate(0..50)));
    let registration = crate::emulated::registration_input(world.emulator.registration());
    let operation = world.operation_on(&registration, |options| options.max_items = 3);
    operation.submit(1, Request::List { target: TargetInput::default() });
    assert!(matches!(crate::emulated::next(&operation), Event::Mapping { .. }));
    operation.cancel();
    let ends = ends(&operation);
    assert_eq!((ends.len(), ends[0].1.outcome), (1, Outcome::Cancelled));
}

#[test]
fn a_cancellation_wakes_a_waiting_caller() {
    let world = World::new();
    world.emulator.add_fault(Fault::new(FaultAction::Hang { after_effect: false }).method("PUT"));
    let operation = world.operation();
    operation.submit(1, add(&id(1)));
    world.await_received("PUT", 1);
    // Nothing else can wake the caller: the answer to the write never comes, and it waits without end. It has to wait before
    // the cancellation comes, or it would be woken by what it finds; the emptied queue shows that it does.
    while !matches!(operation.next(Some(std::time::Duration::ZERO)), Next::Timeout) {}
    std::thread::scope(|scope| {
        let (entered, waits) = std::sync::mpsc::channel();
        let waiting = scope.spawn({
            let operation = &operation;
            move || {
                entered.send(()).unwrap();
                operation.next(None)
            }
        });
        waits.recv().unwrap();
        // Between the word and the wait lie a few instructions; giving the thread the processor lets it pass them.
        for _ in 0..1000 {
            std::thread::yield_now();
        }
        operation.cancel();
        assert!(matches!(waiting.join().unwrap(), Next::Timeout));
    });
}

#[test]
fn what_is_accepted_ends_exactly_once_and_no_more_than_agreed_is_accepted() {
    let world = World::new();
    let registration = crate::emulated::registration_input(world.emulator.registration());
    let operation = world.operation_on(&registration, |options| options.max_outstanding = 2);
    assert_eq!(operation.submit(1, add(&id(1))), Submitted::Accepted);
    assert_eq!(operation.submit(2, add(&id(2))), Submitted::Accepted);
    assert_eq!(operation.submit(3, add(&id(3))), Submitted::Full);
    let ends: Vec<_> = ends(&operation).into_iter().map(|(tag, _)| tag).collect();
    assert_eq!(ends, [1, 2]);
    assert_eq!(operation.submit(3, add(&id(3))), Submitted::Accepted);
}
