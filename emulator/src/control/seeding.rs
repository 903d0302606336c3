//! Looking at the state and filling it past the service.

use crate::emulator::{MappingState, RegistrationState, StateFilter};
use crate::options::{MappingSeed, Options};
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
                .mappings
                .iter()
                .map(|mapping| MappingState {
                    customer_subscription_id: mapping.id.clone(),
                    tenant_id: mapping.tenant.clone(),
                    in_force: registration.mappings.in_force(mapping),
                })
                .collect(),
        })
        .collect()
}

/// Puts customer subscriptions into the chosen registrations; returns how many registrations those are.
pub(crate) fn seed(
    world: &mut World,
    options: &Options,
    filter: &StateFilter,
    seeds: impl IntoIterator<Item = MappingSeed>,
) -> usize {
    let seeds: Vec<(String, String)> = seeds
        .into_iter()
        .map(|seed| {
            let tenant = seed.tenant_id.or_else(|| world.tenant_of(&seed.customer_subscription_id));
            (seed.customer_subscription_id, tenant.unwrap_or_else(|| options.tenant_id.clone()))
        })
        .collect();
    let World { registrations, switches, .. } = world;
    let mut chosen = 0;
    for registration in registrations.iter_mut().filter(|registration| filter.matches(&registration.seed)) {
        for (id, tenant) in &seeds {
            registration.mappings.put(id, tenant, switches);
        }
        chosen += 1;
    }
    chosen
}
