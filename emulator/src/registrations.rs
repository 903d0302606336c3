//! The registrations and what ARM knows about where they are.

use std::collections::BTreeMap;

use crate::mappings::Mappings;
use crate::options::RegistrationSeed;

/// A registration.
#[derive(Debug)]
pub(crate) struct Registration {
    pub(crate) seed: RegistrationSeed,
    pub(crate) mappings: Mappings,
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
        let key = scope(&seed.subscription_id, &seed.resource_group, &seed.name);
        let mappings = self.by_scope.remove(&key).map(|old| old.mappings).unwrap_or_default();
        self.by_scope.insert(key, Registration { seed, mappings });
    }

    pub(crate) fn get(&self, subscription: &str, resource_group: &str, name: &str) -> Option<&Registration> {
        self.by_scope.get(&scope(subscription, resource_group, name))
    }

    pub(crate) fn get_mut(
        &mut self,
        subscription: &str,
        resource_group: &str,
        name: &str,
    ) -> Option<&mut Registration> {
        self.by_scope.get_mut(&scope(subscription, resource_group, name))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Registration> {
        self.by_scope.values()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Registration> {
        self.by_scope.values_mut()
    }

    pub(crate) fn holds_subscription(&self, subscription: &str) -> bool {
        let first = (subscription.to_lowercase(), String::new(), String::new());
        self.by_scope.range(&first..).next().is_some_and(|((found, _, _), _)| *found == first.0)
    }

    /// Resource groups exist as far as registrations are in them.
    pub(crate) fn holds_resource_group(&self, subscription: &str, resource_group: &str) -> bool {
        let first = scope(subscription, resource_group, "");
        let found = self.by_scope.range(&first..).next();
        found.is_some_and(|((subscription, group, _), _)| (subscription, group) == (&first.0, &first.1))
    }
}

fn scope(subscription: &str, resource_group: &str, name: &str) -> (String, String, String) {
    (subscription.to_lowercase(), resource_group.to_lowercase(), name.to_lowercase())
}
