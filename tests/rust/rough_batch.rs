//! A batch with something of everything: new mappings, repeated and contradicting rows, replacements that are wanted and
//! some that are not, wrong tenants, and then removals.

use azs_emulator::MappingSeed;
use azs_registration::operation::{Operation, OperationOptions, Request, Submitted};
use azs_registration::tenants::{Expectation, Finished, Outcome, TargetInput};

use crate::emulated::{World, adding, customer, customer_of, id, registration_input};

/// What a row wants.
#[derive(Debug, Clone)]
pub(crate) enum Wish {
    Mapped(String),
    Gone(String),
}

/// One change, and how it ends where nothing is in its way.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) tag: u64,
    pub(crate) wish: Wish,
    /// Whose mapping it is about: the tenant of the subscription.
    pub(crate) tenant: String,
    pub(crate) expected: Outcome,
    request: Request,
}

impl Row {
    /// The customer subscription that is sent.
    pub(crate) fn customer(&self) -> &str {
        match &self.wish {
            Wish::Mapped(customer) | Wish::Gone(customer) => customer,
        }
    }
}

/// The tenant that subscriptions of this number belong to, these ones and those of the number and a thousand.
pub(crate) fn tenant(number: u32) -> String {
    id(900_000 + number % 1000)
}

/// Another subscription of the same tenant.
fn other(number: u32) -> u32 {
    number + 1000
}

/// The rows of two operations.
pub(crate) struct Batch {
    pub(crate) adds: Vec<Row>,
    pub(crate) removals: Vec<Row>,
    /// What is mapped before.
    pub(crate) seeds: Vec<u32>,
}

impl Batch {
    /// Sixty changes and a dozen removals.
    pub(crate) fn new() -> Batch {
        Batch::of(36)
    }

    /// A batch with so many new mappings.
    pub(crate) fn of(fresh: u32) -> Batch {
        let mut batch = Batch { adds: Vec::new(), removals: Vec::new(), seeds: Vec::new() };
        for number in 1..=fresh {
            batch.add(number, number % 2 == 0, Expectation::NothingReplaced, Outcome::Added);
            let earlier = number - number % 9;
            match number % 9 {
                // The same once more, and another subscription for the same tenant.
                3 if earlier > 0 => {
                    batch.add(earlier, false, Expectation::NothingReplaced, Outcome::Unchanged);
                }
                6 if earlier > 0 => {
                    batch.add(other(earlier), true, Expectation::NothingReplaced, Outcome::Failed);
                }
                _ => {}
            }
            match number % 9 {
                1 => batch.add_over(500 + number, Some(Expectation::NothingReplaced), Outcome::WouldReplace),
                2 => batch.add_over(500 + number, None, Outcome::Unchanged),
                4 => batch.add_over(500 + number, Some(Expectation::Anything), Outcome::Replaced),
                5 => {
                    let old = Expectation::Exactly(id(500 + number));
                    batch.add_over(500 + number, Some(old), Outcome::Replaced);
                }
                7 => {
                    let wrong = Expectation::Exactly(id(number));
                    batch.add_over(500 + number, Some(wrong), Outcome::WouldReplace);
                }
                8 => batch.add_for_a_stranger(400 + number),
                _ => {}
            }
        }
        for number in 600..610 {
            batch.seeds.push(number);
            // By subscription, by tenant, or by both.
            let target = match number % 3 {
                0 => customer(&id(number)),
                1 => TargetInput { tenant_id: Some(tenant(number)), ..TargetInput::default() },
                _ => customer_of(&id(number), &tenant(number)),
            };
            batch.remove(number, target, Outcome::Removed);
        }
        batch.remove(610, customer(&id(610)), Outcome::NotFound);
        batch.seeds.push(611);
        batch.remove(611, customer_of(&id(611), &tenant(1)), Outcome::TenantMismatch);
        batch
    }

    fn tag(&self) -> u64 {
        (self.adds.len() + self.removals.len() + 1) as u64
    }

    fn add(&mut self, number: u32, named: bool, expectation: Expectation, expected: Outcome) {
        let target = if named { customer_of(&id(number), &tenant(number)) } else { customer(&id(number)) };
        self.push_add(number, target, expectation, expected);
    }

    fn push_add(&mut self, number: u32, target: TargetInput, expectation: Expectation, expected: Outcome) {
        let row = Row {
            tag: self.tag(),
            wish: Wish::Mapped(id(number)),
            tenant: tenant(number),
            expected,
            request: adding(target, expectation),
        };
        self.adds.push(row);
    }

    /// A tenant that is mapped already: to another subscription, or with no expectation to the wanted one.
    fn add_over(&mut self, number: u32, expectation: Option<Expectation>, expected: Outcome) {
        self.seeds.push(number);
        match expectation {
            None => self.add(number, false, Expectation::NothingReplaced, expected),
            Some(expectation) => self.add(other(number), false, expectation, expected),
        }
    }

    /// A subscription with a tenant that is not its own.
    fn add_for_a_stranger(&mut self, number: u32) {
        let target = customer_of(&id(number), &tenant(number + 1));
        self.push_add(number, target, Expectation::NothingReplaced, Outcome::TenantMismatch);
    }

    fn remove(&mut self, number: u32, target: TargetInput, expected: Outcome) {
        let row = Row {
            tag: self.tag(),
            wish: Wish::Gone(id(number)),
            tenant: tenant(number),
            expected,
            request: Request::Remove { target },
        };
        self.removals.push(row);
    }

    /// Tells the emulator whose the subscriptions are, and what is mapped before.
    pub(crate) fn prepare(&self, world: &World) {
        for row in self.adds.iter().chain(&self.removals) {
            world.emulator.set_tenant_of(row.customer(), Some(&row.tenant));
        }
        for seed in &self.seeds {
            world.emulator.set_tenant_of(&id(*seed), Some(&tenant(*seed)));
        }
        let seeds = self.seeds.iter().map(|seed| MappingSeed::new(id(*seed)));
        assert!(world.emulator.seed(world.emulator.registration(), seeds));
    }
}

/// An operation with many requests on their way at once that has been given these rows.
pub(crate) fn begin(world: &World, rows: &[Row], change: impl FnOnce(&mut OperationOptions)) -> Operation {
    let registration = registration_input(world.emulator.registration());
    let operation = world.operation_on(&registration, |options| {
        options.throttle_limit = 8;
        options.max_outstanding = rows.len();
        change(options);
    });
    for row in rows {
        assert_eq!(operation.submit(row.tag, row.request.clone()), Submitted::Accepted);
    }
    operation
}

/// A row and how it ended.
pub(crate) type RowEnd<'a> = (&'a Row, Finished);

/// Each row with its one end.
pub(crate) fn with_rows(rows: &[Row], ends: Vec<(u64, Finished)>) -> Vec<RowEnd<'_>> {
    let tags: Vec<u64> = ends.iter().map(|(tag, _)| *tag).collect();
    assert_eq!(tags, rows.iter().map(|row| row.tag).collect::<Vec<_>>(), "each row ends once");
    rows.iter().zip(ends).map(|(row, (_, finished))| (row, finished)).collect()
}
