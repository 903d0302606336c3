//! The state that requests read and change.

use uuid::Uuid;

use crate::arm::Operations;
use crate::directory::Directory;
use crate::faults::FaultRules;
use crate::options::Options;
use crate::registrations::Registrations;
use crate::switches::Switches;
use crate::throttle::Throttles;
use crate::tokens::Tokens;

/// The state that requests read and change, as one: each change is seen whole or not at all.
#[derive(Debug)]
pub(crate) struct World {
    /// The tenant that the registrations' subscriptions belong to.
    tenant: String,
    pub(crate) switches: Switches,
    pub(crate) faults: FaultRules,
    pub(crate) registrations: Registrations,
    pub(crate) directory: Directory,
    pub(crate) tokens: Tokens,
    pub(crate) operations: Operations,
    pub(crate) throttles: Throttles,
}

impl World {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            tenant: options.tenant_id.clone(),
            switches: options.switches.clone(),
            faults: FaultRules::new(options.faults.iter().cloned()),
            registrations: Registrations::new(&options.registrations),
            directory: Directory::default(),
            tokens: Tokens::default(),
            operations: Operations::default(),
            throttles: Throttles::default(),
        }
    }

    /// Everything as at the start but for the tokens; this one is valid again.
    pub(crate) fn reset(&mut self, options: &Options, token: &str) {
        let mut tokens = std::mem::take(&mut self.tokens);
        tokens.revive(token);
        *self = Self { tokens, ..Self::new(options) };
    }

    /// The tenant that a subscription belongs to, as the directory and the registrations know it.
    pub(crate) fn tenant_of(&self, subscription: &str) -> Option<String> {
        if self.registrations.holds_subscription(subscription) {
            return Some(self.tenant.clone());
        }
        self.directory.tenant_of(Uuid::parse_str(subscription).ok()?)
    }
}
