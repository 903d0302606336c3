//! The state that requests read and change.

use std::time::{Duration, SystemTime};

use uuid::Uuid;

use crate::arm::Operations;
use crate::directory::Directory;
use crate::faults::FaultRules;
use crate::mappings::{Change, Put};
use crate::options::{MappingSeed, Options, RegistrationSeed};
use crate::record::{Record, Start};
use crate::registrations::{RegistrationScope, Registrations};
use crate::state_file::StateFile;
use crate::switches::Switches;
use crate::throttle::Throttles;
use crate::tokens::{IssuedToken, Tokens};

/// The state that requests read and change, as one: each change is seen whole or not at all, and is in the state file,
/// where there is one, before it is seen.
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
    kept: Option<Kept>,
}

/// Where the state is kept, and what its first line says.
#[derive(Debug)]
struct Kept {
    file: StateFile,
    start: Start,
}

impl World {
    /// The state at a start, with the token of `emulator.json`: that of the lines of a state file, or a new one.
    pub(crate) fn begin(options: &Options, before: Option<Start>, records: Vec<Record>) -> (Self, String) {
        let mut world = Self::new(options);
        let token = match before {
            Some(before) => {
                records.into_iter().for_each(|record| world.restore(record));
                before.token
            }
            None => {
                world.generate(options);
                world.tokens.issue_for_run(&options.tenant_id, &options.client_id)
            }
        };
        (world, token)
    }

    fn new(options: &Options) -> Self {
        Self {
            tenant: options.tenant_id.clone(),
            switches: options.switches.clone(),
            faults: FaultRules::new(options.faults.iter().cloned()),
            registrations: Registrations::new(&options.registrations),
            directory: Directory::default(),
            tokens: Tokens::default(),
            operations: Operations::default(),
            throttles: Throttles::default(),
            kept: None,
        }
    }

    /// Puts the generated customer subscriptions of the options into the first registration.
    fn generate(&mut self, options: &Options) {
        let scopes: Vec<_> = options.registrations.first().map(RegistrationScope::of).into_iter().collect();
        self.seed(&scopes, MappingSeed::generate(0..options.generate));
    }

    /// Takes over a line of a state file.
    fn restore(&mut self, record: Record) {
        match record {
            Record::Start(_) => {}
            Record::Registration(seed) => self.registrations.add(seed),
            Record::Mappings { registration, change } => {
                if let Some(registration) = self.registrations.get_mut(&registration) {
                    registration.change(change, Duration::ZERO);
                }
            }
            Record::Subscription { subscription, tenant } => self.directory.seed(subscription, tenant),
            Record::Token { token, grant } => self.tokens.know(token, grant),
            Record::TokensExpired { at } => self.tokens.expire_all(at),
        }
    }

    /// From now on keeps the state in a file, which is written anew.
    pub(crate) fn keep(&mut self, mut file: StateFile, start: Start) -> std::io::Result<()> {
        file.rewrite(self.records(&start))?;
        self.kept = Some(Kept { file, start });
        Ok(())
    }

    /// Keeps nothing any more: what changes from now on must not be answered.
    pub(crate) fn close(&mut self) {
        if let Some(kept) = &mut self.kept {
            kept.file.close();
        }
    }

    /// Everything as at the start but for the tokens; this one is valid again.
    pub(crate) fn reset(&mut self, options: &Options, token: &str) {
        let mut tokens = std::mem::take(&mut self.tokens);
        tokens.revive(token);
        let kept = self.kept.take();
        *self = Self { tokens, ..Self::new(options) };
        self.generate(options);
        if let Some(Kept { file, start }) = kept {
            self.keep(file, start).unwrap_or_else(|error| cannot_keep(&error));
        }
    }

    /// The tenant that a subscription belongs to, as the directory and the registrations know it.
    pub(crate) fn tenant_of(&self, subscription: &str) -> Option<String> {
        if self.registrations.holds_subscription(subscription) {
            return Some(self.tenant.clone());
        }
        self.directory.tenant_of(Uuid::parse_str(subscription).ok()?)
    }

    /// Adds or overwrites a customer subscription. None if there is no such registration.
    pub(crate) fn put(&mut self, scope: &RegistrationScope, id: &str, tenant: &str) -> Option<Put> {
        let put = self.put_unwritten(scope, id, tenant);
        self.write();
        put
    }

    /// Removes a customer subscription, if there is one.
    pub(crate) fn delete(&mut self, scope: &RegistrationScope, id: &str) {
        let registration = self.registrations.get(scope);
        if let Some(change) = registration.and_then(|found| found.mappings().plan_delete(id, &self.switches))
        {
            self.change(scope, change);
            self.write();
        }
    }

    /// Empties a registration.
    pub(crate) fn clear(&mut self, scope: &RegistrationScope) {
        self.change(scope, Change::Clear);
        self.write();
    }

    /// Puts customer subscriptions into registrations past the service's checks; those without a tenant get the
    /// directory's, or the registrations' where the directory has none.
    pub(crate) fn seed(
        &mut self,
        scopes: &[RegistrationScope],
        seeds: impl IntoIterator<Item = MappingSeed>,
    ) {
        for MappingSeed { customer_subscription_id: id, tenant_id } in seeds {
            let tenant = tenant_id.or_else(|| self.tenant_of(&id)).unwrap_or_else(|| self.tenant.clone());
            for scope in scopes {
                // The scopes are those of registrations that there are.
                let _ = self.put_unwritten(scope, &id, &tenant);
            }
        }
        self.write();
    }

    /// Adds a registration; one that is there already keeps its customer subscriptions.
    pub(crate) fn add_registration(&mut self, seed: RegistrationSeed) {
        self.line(|| Record::Registration(seed.clone()));
        self.registrations.add(seed);
        self.write();
    }

    /// Tells the directory the tenant of a subscription, or that there is no such subscription.
    pub(crate) fn set_tenant_of(&mut self, subscription: Uuid, tenant: Option<String>) {
        self.line(|| Record::Subscription { subscription, tenant: tenant.clone() });
        self.directory.seed(subscription, tenant);
        self.write();
    }

    /// Issues a token.
    pub(crate) fn issue_token(
        &mut self,
        tenant: &str,
        client: &str,
        audience: &str,
        lifetime: Duration,
    ) -> IssuedToken {
        let issued = self.tokens.issue(tenant, client, audience, lifetime);
        if let Some(grant) = self.tokens.grant(&issued.token).cloned() {
            self.line(|| Record::Token { token: issued.token.clone(), grant });
        }
        self.write();
        issued
    }

    /// Expires every token issued so far.
    pub(crate) fn expire_tokens(&mut self) {
        let at = SystemTime::now();
        self.line(|| Record::TokensExpired { at });
        self.tokens.expire_all(at);
        self.write();
    }

    fn put_unwritten(&mut self, scope: &RegistrationScope, id: &str, tenant: &str) -> Option<Put> {
        let (put, change) = self.registrations.get(scope)?.mappings().plan_put(id, tenant, &self.switches);
        self.change(scope, change);
        Some(put)
    }

    fn change(&mut self, scope: &RegistrationScope, change: Change) {
        self.line(|| Record::Mappings { registration: scope.clone(), change: change.clone() });
        if let Some(registration) = self.registrations.get_mut(scope) {
            registration.change(change, self.switches.list_lag());
        }
    }

    fn line(&mut self, record: impl FnOnce() -> Record) {
        if let Some(kept) = &mut self.kept {
            kept.file.add(&record());
        }
    }

    /// Nobody has the lock on the state, and so an answer, before this is through.
    fn write(&mut self) {
        if let Some(kept) = &mut self.kept {
            kept.file.flush().unwrap_or_else(|error| cannot_keep(&error));
        }
    }

    /// The lines that give the state as it is.
    fn records(&self, start: &Start) -> impl Iterator<Item = Record> {
        let registrations = self.registrations.iter().flat_map(|registration| {
            let scope = RegistrationScope::of(&registration.seed);
            let changes = registration.mappings().changes();
            [Record::Registration(registration.seed.clone())]
                .into_iter()
                .chain(changes.map(move |change| Record::Mappings { registration: scope.clone(), change }))
        });
        let directory = self
            .directory
            .seeded()
            .map(|(subscription, tenant)| Record::Subscription { subscription, tenant: tenant.clone() });
        let tokens = self
            .tokens
            .iter()
            .map(|(token, grant)| Record::Token { token: token.clone(), grant: grant.clone() });
        [Record::Start(start.clone())].into_iter().chain(registrations).chain(directory).chain(tokens)
    }
}

/// An effect that is answered but not kept would be a lie: the panic ends the request, whose connection is then cut.
fn cannot_keep(error: &std::io::Error) -> ! {
    panic!("the state cannot be kept: {error}")
}
