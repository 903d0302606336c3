//! Draws a schedule from a seed. Few tenants share many subscriptions, so that wishes collide; most weather is mild.

use std::collections::BTreeMap;
use std::time::Duration;

use uuid::Uuid;

use super::arm::behaviour::{
    ArmError, Behaviour, BucketSize, BucketSizes, DeleteAnswer, EmptyList, PutAnswer,
};
use super::arm::fate::Weather;
use super::arm::store::Store;
use super::chance::Chance;
use super::schedule::{
    Expected, Interference, Kind, Plan, Planned, Schedule, TokenPlan, When, customer, tenant,
};

/// The schedule of a seed.
pub(crate) fn draw(seed: u64) -> Schedule {
    let mut chance = Chance::new(seed);
    let chance = &mut chance;
    let tenants: Vec<Uuid> = (1..=chance.between(1, 9)).map(tenant).collect();
    let customers: Vec<Uuid> = (1..=chance.between(2, 24)).map(customer).collect();
    let challenges = *chance.pick(&[1000, 1000, 1000, 1000, 600, 0]);
    let directory: BTreeMap<Uuid, (Uuid, bool)> = customers
        .iter()
        .map(|customer| (*customer, (*chance.pick(&tenants), chance.permille(challenges))))
        .collect();
    let mut people = People { tenants, customers, directory, initial: Store::default() };
    let behaviour = people.behaviour(chance);
    people.fill(chance, &behaviour);

    let mut operations = vec![people.plan(chance)];
    let at_once = chance.permille(120);
    if at_once {
        operations.push(people.plan(chance));
    } else if chance.permille(150) {
        // The same input again is the resume.
        operations.push(Plan { cancel: None, ..operations[0].clone() });
    }
    let busy = if chance.permille(600) { 0 } else { chance.between(1, 6) };
    let interferences = (0..busy).map(|_| people.interference(chance)).collect();
    let outage = chance.permille(60).then(|| {
        let from = chance.millis(1_000, 30_000);
        (from, from + chance.millis(1_000, 200_000))
    });
    let restart = chance.permille(60).then(|| (chance.millis(500, 30_000), chance.permille(500)));
    let token = token(chance);
    let throttle_limit = chance.between(1, 12);
    let weather = Weather::draw(chance);
    Schedule {
        seed,
        behaviour,
        weather,
        initial: people.initial,
        operations,
        at_once,
        interferences,
        outage,
        restart,
        token,
        throttle_limit: usize::try_from(throttle_limit).unwrap(),
    }
}

/// Whom a schedule is about.
struct People {
    tenants: Vec<Uuid>,
    customers: Vec<Uuid>,
    directory: BTreeMap<Uuid, (Uuid, bool)>,
    initial: Store,
}

impl People {
    fn behaviour(&self, chance: &mut Chance) -> Behaviour {
        let documented =
            Behaviour { directory: self.directory.clone(), page_size: 100, ..Behaviour::default() };
        if chance.permille(300) {
            return documented;
        }
        let put_answer = *chance.pick(&[
            PutAnswer::CreatedEmpty,
            PutAnswer::CreatedEmpty,
            PutAnswer::OkBody,
            PutAnswer::OkBody,
            PutAnswer::OkBlankIds,
            PutAnswer::CreatedBody,
            PutAnswer::NoContent,
            PutAnswer::Accepted,
            PutAnswer::AcceptedAsyncOperation,
        ]);
        let refused_codes = [
            (400, "BadCustomerSubscriptionId"),
            (400, "InvalidCSPSubscription"),
            (409, "Conflict"),
            (400, "InvalidCustomerSubscriptionId"),
        ];
        let mut refused = BTreeMap::new();
        if chance.permille(200) {
            let (status, code) = *chance.pick(&refused_codes);
            refused.insert(*chance.pick(&self.customers), ArmError { status, code });
        }
        let scope_codes = [
            (403, "AuthorizationFailed"),
            (404, "SubscriptionNotFound"),
            (404, "ResourceGroupNotFound"),
            (404, "RegistrationNotFound"),
            (403, "UnauthorizedCspRegistration"),
        ];
        let scope_error = chance.permille(40).then(|| {
            let (status, code) = *chance.pick(&scope_codes);
            (chance.millis(0, 10_000), ArmError { status, code })
        });
        let buckets = if chance.permille(150) { small_buckets(chance) } else { BucketSizes::ARM };
        let list_says_tenant = chance.permille(900);
        let get_says_tenant = chance.permille(950);
        Behaviour {
            put_answer,
            delete_answer: *chance.pick(&[
                DeleteAnswer::NoContent,
                DeleteAnswer::OkEmpty,
                DeleteAnswer::OkBody,
            ]),
            delete_missing_not_found: chance.permille(300),
            empty_list: *chance.pick(&[
                EmptyList::EmptyArray,
                EmptyList::NoValue,
                EmptyList::EmptyBody,
                EmptyList::NoContent,
                EmptyList::NotFound,
            ]),
            page_size: *chance.pick(&[100, 100, 10, 3, 1]),
            offset_token: chance.permille(300),
            tenant_honoured: chance.permille(700),
            overwritten_stays: chance.permille(200),
            etag: chance.permille(250),
            list_says_tenant,
            get_says_tenant,
            list_lag: if chance.permille(80) { chance.millis(100, 20_000) } else { Duration::ZERO },
            polls: u32::try_from(chance.below(4)).unwrap(),
            poll_pause: chance.between(0, 12),
            accepted_takes: if chance.permille(500) { chance.millis(10, 20_000) } else { Duration::ZERO },
            accepted_fails: chance.permille(150),
            refused,
            scope_error,
            buckets,
            directory: self.directory.clone(),
        }
    }

    /// The tenant that the directory has for a customer.
    fn tenant_of(&self, customer: Uuid) -> Uuid {
        self.directory[&customer].0
    }

    fn fill(&mut self, chance: &mut Chance, behaviour: &Behaviour) {
        let full = *chance.pick(&[0, 0, 200, 500, 900]);
        for customer in self.customers.clone() {
            if !chance.permille(full) {
                continue;
            }
            let other = behaviour.tenant_honoured && chance.permille(50);
            let tenant = if other { *chance.pick(&self.tenants) } else { self.tenant_of(customer) };
            let lower = customer.to_string();
            let spelling = if chance.permille(100) { lower.to_uppercase() } else { lower };
            self.initial.put(customer, &spelling, tenant, behaviour.overwritten_stays);
        }
    }

    fn plan(&self, chance: &mut Chance) -> Plan {
        let most = *chance.pick(&[1, 2, 4, 4, 8, 8, 8, 16, 16, 60]);
        let count = chance.between(1, most);
        let mix = *chance.pick(&[
            // Adds, removals, lists and gets, of a thousand.
            [1000, 0, 0, 0],
            [1000, 0, 0, 0],
            [0, 1000, 0, 0],
            [600, 300, 50, 50],
            [700, 300, 0, 0],
        ]);
        let favourite = *chance.pick(&[
            Expected::Nothing,
            Expected::Nothing,
            Expected::Anything,
            Expected::Exactly(Uuid::nil()),
        ]);
        let requests = (0..count).map(|_| self.request(chance, mix, favourite)).collect();
        let cancel = chance.permille(200).then(|| self.when(chance));
        let max_outstanding = *chance.pick(&[256, 256, 256, 4, 1]);
        Plan { requests, cancel, max_outstanding }
    }

    fn when(&self, chance: &mut Chance) -> When {
        if chance.permille(500) {
            When::At(chance.millis(0, 20_000))
        } else {
            When::Sent(usize::try_from(chance.between(1, 30)).unwrap())
        }
    }

    fn request(&self, chance: &mut Chance, mix: [u32; 4], favourite: Expected) -> Planned {
        let customer = *chance.pick(&self.customers);
        let tenant = match chance.below(20) {
            0..10 => None,
            10..19 => Some(self.tenant_of(customer)),
            _ => Some(*chance.pick(&self.tenants)),
        };
        let draw = u32::try_from(chance.below(1000)).unwrap();
        let [add, remove, list, _] = mix;
        let mut planned = Planned {
            kind: Kind::Add,
            customer: Some(customer),
            tenant,
            expected: Expected::Nothing,
            upper_case: chance.permille(50),
            preserve_case: chance.permille(50),
        };
        if draw < add {
            let expected = match chance.below(10) {
                0..6 => favourite,
                6..8 => Expected::Nothing,
                8 => Expected::Anything,
                _ => Expected::Exactly(Uuid::nil()),
            };
            planned.expected = match expected {
                Expected::Exactly(_) => Expected::Exactly(self.guess_of_old(chance, customer, tenant)),
                other => other,
            };
        } else if draw < add + remove {
            planned.kind = Kind::Remove;
            match chance.below(10) {
                0..6 => planned.tenant = None,
                6..8 => {
                    planned.customer = None;
                    planned.tenant = Some(self.tenant_of(customer));
                }
                _ => planned.tenant = Some(self.tenant_of(customer)),
            }
        } else if draw < add + remove + list {
            planned.kind = Kind::List;
            planned.customer = None;
            planned.tenant = tenant.filter(|_| chance.permille(300));
        } else {
            planned.kind = Kind::Get;
        }
        planned
    }

    /// What somebody would expect an add to replace: mostly right.
    fn guess_of_old(&self, chance: &mut Chance, customer: Uuid, tenant: Option<Uuid>) -> Uuid {
        let tenant = tenant.unwrap_or_else(|| self.tenant_of(customer));
        let right = self.initial.in_force(tenant).map(|entry| entry.customer);
        right.filter(|_| chance.permille(800)).unwrap_or_else(|| *chance.pick(&self.customers))
    }

    fn interference(&self, chance: &mut Chance) -> Interference {
        let customer = *chance.pick(&self.customers);
        let when = if chance.permille(500) {
            When::At(chance.millis(0, 90_000))
        } else {
            When::Sent(usize::try_from(chance.between(1, 60)).unwrap())
        };
        let tenant = chance.permille(650).then(|| self.tenant_of(customer));
        Interference { when, customer, tenant }
    }
}

fn small_buckets(chance: &mut Chance) -> BucketSizes {
    let mut size = || BucketSize {
        capacity: chance.between(2, 20) as f64,
        refill_per_second: chance.between(1, 20) as f64 / 10.0,
    };
    BucketSizes { reads: size(), writes: size(), deletes: size() }
}

fn token(chance: &mut Chance) -> TokenPlan {
    if chance.permille(880) {
        return TokenPlan { may_ask: chance.permille(500), expires: None, supplied: Vec::new() };
    }
    let supplied = (0..chance.below(3)).map(|_| (chance.millis(50, 80_000), chance.permille(750))).collect();
    TokenPlan {
        may_ask: chance.permille(800),
        expires: Some((chance.millis(0, 20_000), chance.permille(500))),
        supplied,
    }
}
