//! Looking at the state and filling it past the service.

use crate::emulator::{MappingState, RegistrationState, StateFilter};
use crate::options::MappingSeed;
use crate::registrations::RegistrationScope;
use crate::world::World;

/// What the chosen registrations hold.
pub(crate) fn state(world: &World, filter: &StateFilter) -> Vec<RegistrationState> {
    world
        .registrations
        .iter()
        .filter(|registration| filter.matches(&registration.seed))
        .map(|registration| RegistrationState {
            id: registration.seed.resource_id(),
            registration: registration.seed.clone(),
            mappings: registration
                .mappings()
                .iter()
                .map(|mapping| MappingState {
                    customer_subscription_id: mapping.id.clone(),
                    tenant_id: mapping.tenant.clone(),
                    in_force: registration.mappings().in_force(mapping),
                })
                .collect(),
        })
        .collect()
}

/// Puts customer subscriptions into the chosen registrations; returns how many registrations those are.
pub(crate) fn seed(
    world: &mut World,
    filter: &StateFilter,
    seeds: impl IntoIterator<Item = MappingSeed>,
) -> usize {
    let scopes = chosen(world, filter);
    world.seed(&scopes, seeds);
    scopes.len()
}

/// Empties the chosen registrations.
pub(super) fn clear(world: &mut World, filter: &StateFilter) {
    chosen(world, filter).iter().for_each(|scope| world.clear(scope));
}

fn chosen(world: &World, filter: &StateFilter) -> Vec<RegistrationScope> {
    let seeds = world.registrations.iter().map(|registration| &registration.seed);
    seeds.filter(|seed| filter.matches(seed)).map(RegistrationScope::of).collect()
}
