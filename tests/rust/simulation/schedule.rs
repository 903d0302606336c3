//! What happens in one simulation, drawn from a seed: the service, the way to it, what is asked for, who interferes.

use std::time::Duration;

use azs_registration::operation::Request;
use azs_registration::tenants::{Expectation, TargetInput};
use uuid::Uuid;

use super::arm::behaviour::Behaviour;
use super::arm::fate::Weather;
use super::arm::store::Store;
use super::arm::{GROUP, NAME, SUBSCRIPTION};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Add,
    Remove,
    List,
    Get,
}

/// What an add may replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    Nothing,
    Anything,
    Exactly(Uuid),
}

/// A request to submit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) kind: Kind,
    pub(crate) customer: Option<Uuid>,
    pub(crate) tenant: Option<Uuid>,
    pub(crate) expected: Expected,
    /// Whether its ids are in upper case.
    pub(crate) upper_case: bool,
    pub(crate) preserve_case: bool,
}

impl Planned {
    pub(crate) fn request(&self, row: u64) -> Request {
        let spell = |id: Uuid| {
            let lower = id.to_string();
            if self.upper_case { lower.to_uppercase() } else { lower }
        };
        let target = TargetInput {
            registration_subscription_id: Some(SUBSCRIPTION.to_owned()),
            resource_group_name: Some(GROUP.to_owned()),
            registration_name: Some(NAME.to_owned()),
            customer_subscription_id: self.customer.map(spell),
            tenant_id: self.tenant.map(spell),
            row,
            ..TargetInput::default()
        };
        match self.kind {
            Kind::Add => Request::Add {
                target,
                expectation: match self.expected {
                    Expected::Nothing => Expectation::NothingReplaced,
                    Expected::Anything => Expectation::Anything,
                    Expected::Exactly(old) => Expectation::Exactly(spell(old)),
                },
                preserve_case: self.preserve_case,
            },
            Kind::Remove => Request::Remove { target },
            Kind::List => Request::List { target },
            Kind::Get => Request::Get { target },
        }
    }
}

/// When something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// So long after the beginning.
    At(Duration),
    /// When so many requests were sent.
    Sent(usize),
}

/// Another writer's change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interference {
    pub(crate) when: When,
    pub(crate) customer: Uuid,
    /// The tenant to map, else it removes.
    pub(crate) tenant: Option<Uuid>,
}

/// An operation.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) requests: Vec<Planned>,
    pub(crate) cancel: Option<When>,
    pub(crate) max_outstanding: usize,
}

/// The client's credential.
#[derive(Debug, Clone)]
pub(crate) struct TokenPlan {
    pub(crate) may_ask: bool,
    /// When the first token expires, and whether the client knows it.
    pub(crate) expires: Option<(Duration, bool)>,
    /// What is supplied when it is asked for: how late, and whether the service takes it. After the last one whoever is
    /// asked cancels.
    pub(crate) supplied: Vec<(Duration, bool)>,
}

/// A simulation.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    pub(crate) seed: u64,
    pub(crate) behaviour: Behaviour,
    pub(crate) weather: Weather,
    pub(crate) initial: Store,
    pub(crate) operations: Vec<Plan>,
    /// Whether the operations run at once, else one after the other.
    pub(crate) at_once: bool,
    pub(crate) interferences: Vec<Interference>,
    pub(crate) outage: Option<(Duration, Duration)>,
    /// When the service restarts, and whether what it was doing is dropped.
    pub(crate) restart: Option<(Duration, bool)>,
    pub(crate) token: TokenPlan,
    /// How many requests of an operation may be in flight.
    pub(crate) throttle_limit: usize,
}

impl Schedule {
    /// A schedule in which nothing goes wrong and nobody interferes.
    pub(crate) fn calm(requests: Vec<Planned>) -> Schedule {
        let tenants: Vec<Uuid> = (1..=3).map(tenant).collect();
        let directory = (1..=9)
            .map(|number| (customer(number), (tenants[usize::try_from(number % 3).unwrap()], true)))
            .collect();
        Schedule {
            seed: 0,
            behaviour: Behaviour { directory, ..Behaviour::default() },
            weather: Weather::default(),
            initial: Store::default(),
            operations: vec![Plan { requests, cancel: None, max_outstanding: 256 }],
            at_once: false,
            interferences: Vec::new(),
            outage: None,
            restart: None,
            token: TokenPlan { may_ask: false, expires: None, supplied: Vec::new() },
            throttle_limit: 5,
        }
    }

    /// How long all of it may take: far longer than any patience of the client's.
    pub(crate) fn bound(&self) -> Duration {
        let requests: usize = self.operations.iter().map(|plan| plan.requests.len()).sum();
        Duration::from_secs(2 * 3600 + 600 * requests as u64)
    }
}

/// The tenant of this number.
pub(crate) fn tenant(number: u64) -> Uuid {
    Uuid::from_u128(0x7e7e_0000_0000_4000_8000_0000_0000_0000 | u128::from(number))
}

/// The customer subscription of this number. It has letters: case matters to some.
pub(crate) fn customer(number: u64) -> Uuid {
    Uuid::from_u128(0xcccc_0000_0000_4000_8000_0000_0000_0000 | u128::from(number))
}
