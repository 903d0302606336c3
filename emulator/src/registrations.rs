//! The registrations and what ARM knows about where they are.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::mappings::{Change, Mappings};
use crate::options::RegistrationSeed;
use crate::past::Past;

/// Where a registration is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RegistrationScope {
    pub(crate) subscription: String,
    pub(crate) resource_group: String,
    pub(crate) registration: String,
}

impl RegistrationScope {
    pub(crate) fn of(seed: &RegistrationSeed) -> Self {
        Self {
            subscription: seed.subscription_id.clone(),
            resource_group: seed.resource_group.clone(),
            registration: seed.name.clone(),
        }
    }
}

/// A registration.
#[derive(Debug)]
pub(crate) struct Registration {
    pub(crate) seed: RegistrationSeed,
    mappings: Mappings,
    past: Option<Past>,
}

impl Registration {
    /// The customer subscriptions as they are.
    pub(crate) fn mappings(&self) -> &Mappings {
        &self.mappings
    }

    /// Makes a change, which those who look this much behind see as late.
    pub(crate) fn change(&mut self, change: Change, lag: Duration) {
        if lag.is_zero() {
            self.past = None;
        } else {
            self.past.get_or_insert_with(|| Past::of(&self.mappings)).happened(&change, lag);
        }
        self.mappings.apply(change);
    }

    /// The customer subscriptions as they were so long ago, as far back as there is a past.
    pub(crate) fn seen(&mut self, lag: Duration) -> &Mappings {
        match &mut self.past {
            Some(past) if !lag.is_zero() => past.as_of(lag),
            _ => &self.mappings,
        }
    }
}

/// All registrations, found by subscription, resource group and name, which ARM compares without case.
#[derive(Debug, Default)]
pub(crate) struct Registrations {
    by_scope: BTreeMap<(String, String, String), Registration>,
}

impl Registrations {
    pub(crate) fn new(seeds: &[RegistrationSeed]) -> Self {
        let mut registrations = Self::default();
        seeds.iter().for_each(|seed| registrations.add(seed.clone()));
        registrations
    }

    /// Adds a registration; one that is there already keeps its customer subscriptions.
    pub(crate) fn add(&mut self, seed: RegistrationSeed) {
        let key = key(&seed.subscription_id, &seed.resource_group, &seed.name);
        match self.by_scope.get_mut(&key) {
            Some(registration) => registration.seed = seed,
            None => {
                self.by_scope.insert(key, Registration { seed, mappings: Mappings::default(), past: None });
            }
        }
    }

    pub(crate) fn get(&self, scope: &RegistrationScope) -> Option<&Registration> {
        self.by_scope.get(&key(&scope.subscription, &scope.resource_group, &scope.registration))
    }

    pub(crate) fn get_mut(&mut self, scope: &RegistrationScope) -> Option<&mut Registration> {
        self.by_scope.get_mut(&key(&scope.subscription, &scope.resource_group, &scope.registration))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Registration> {
        self.by_scope.values()
    }

    pub(crate) fn holds_subscription(&self, subscription: &str) -> bool {
        let first = key(subscription, "", "");
        self.by_scope.range(&first..).next().is_some_and(|((found, _, _), _)| *found == first.0)
    }

    /// Resource groups exist as far as registrations are in them.
    pub(crate) fn holds_resource_group(&self, subscription: &str, resource_group: &str) -> bool {
        let first = key(subscription, resource_group, "");
        let found = self.by_scope.range(&first..).next();
        found.is_some_and(|((subscription, group, _), _)| (subscription, group) == (&first.0, &first.1))
    }
}

fn key(subscription: &str, resource_group: &str, name: &str) -> (String, String, String) {
    (subscription.to_lowercase(), resource_group.to_lowercase(), name.to_lowercase())
}
