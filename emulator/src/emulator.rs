//! A running emulator, as tests and the program hold it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::certificate::Identity;
use crate::faults::Fault;
use crate::journal::{JournalCounts, JournalEntry, JournalQuery};
use crate::manifest::{Manifest, write_whole};
use crate::options::{MappingSeed, Options, RegistrationSeed};
use crate::outage::Outage;
use crate::record::{Record, Start};
use crate::service::{Addresses, Service};
use crate::state_file::StateFile;
use crate::switches::Switches;
use crate::tokens::IssuedToken;
use crate::world::World;
use crate::{control, listener};

/// A running emulator. Dropping it stops it; several can run in one process.
#[derive(Debug)]
pub struct Emulator {
    service: Arc<Service>,
    ca_pem: String,
    listeners: JoinSet<()>,
}

impl Emulator {
    /// Starts an emulator on loopback ports. It answers when this returns.
    pub async fn start(options: Options) -> io::Result<Self> {
        options.check().map_err(|message| io::Error::new(io::ErrorKind::InvalidInput, message))?;
        let mut options = options;
        let state = options.state.as_deref().map(StateFile::open).transpose()?;
        let (file, records) = state.map_or((None, Vec::new()), |(file, records)| (Some(file), records));
        let before = match records.first() {
            Some(Record::Start(start)) => Some(start.clone()),
            _ => None,
        };
        let identity = match &before {
            Some(before) => before.identity.clone(),
            None => Identity::make()?,
        };
        let secure = listener::bind_again(options.port, before.as_ref().map(|before| before.port)).await?;
        let plain = listener::bind_again(0, before.as_ref().map(|before| before.imds_port)).await?;
        let addresses = Addresses { arm: listener::address(&secure)?, imds: listener::address(&plain)? };
        let acceptor = TlsAcceptor::from(identity.server_config()?);
        let ca_pem = identity.ca_pem.clone();
        if let Some(before) = &before {
            options.client_secret.clone_from(&before.client_secret);
        }
        let (mut world, token) = World::begin(&options, before, records);
        if let Some(file) = file {
            let start = Start {
                identity,
                client_secret: options.client_secret.clone(),
                token: token.clone(),
                port: addresses.arm.port(),
                imds_port: addresses.imds.port(),
            };
            world.keep(file, start)?;
        }
        let service = Arc::new(Service::new(options, addresses, world, token));
        let mut listeners = JoinSet::new();
        for socket in secure {
            listeners.spawn(listener::accept(Arc::clone(&service), socket, Some(acceptor.clone())));
        }
        for socket in plain {
            listeners.spawn(listener::accept(Arc::clone(&service), socket, None));
        }
        Ok(Self { service, ca_pem, listeners })
    }

    /// Stops the emulator. When this returns, its connections are gone, effects still to come do not happen, and the
    /// ports are free.
    pub async fn stop(mut self) {
        self.service.stopped.cancel();
        while self.listeners.join_next().await.is_some() {}
        // Not earlier: what the last connections were answered is kept.
        self.service.world().close();
    }

    /// Where ARM is, `https://localhost:PORT/`.
    pub fn arm_endpoint(&self) -> String {
        self.service.addresses.arm_url("/")
    }

    /// Where to sign in: the same listener.
    pub fn authority_host(&self) -> String {
        self.arm_endpoint()
    }

    /// Where the managed identity endpoint is, `http://127.0.0.1:PORT/`.
    pub fn imds_endpoint(&self) -> String {
        self.service.addresses.imds_url()
    }

    /// Where the control API is.
    pub fn control_endpoint(&self) -> String {
        self.service.addresses.arm_url(control::PREFIX)
    }

    /// The certificate authority to trust, as PEM.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// A bearer token for the registrations' tenant, valid for the whole run.
    pub fn token(&self) -> &str {
        &self.service.token
    }

    /// The options that the emulator was started with.
    pub fn options(&self) -> &Options {
        &self.service.options
    }

    /// The first registration.
    pub fn registration(&self) -> &RegistrationSeed {
        &self.service.options.registrations[0]
    }

    /// Changes the switches.
    pub fn switches(&self, change: impl FnOnce(&mut Switches)) {
        change(&mut self.service.world().switches);
    }

    /// Adds a fault to those in force.
    pub fn add_fault(&self, fault: Fault) {
        self.service.world().faults.add(fault);
    }

    /// Lifts all faults.
    pub fn clear_faults(&self) {
        self.service.world().faults.clear();
    }

    /// Begins an outage of the TLS listener, which ends by itself after `lasting`. The calls of this handle go on working.
    pub fn begin_outage(&self, outage: Outage, lasting: Option<Duration>) {
        self.service.outages.begin(outage, lasting);
    }

    /// Ends the outage, if there is one.
    pub fn end_outage(&self) {
        self.service.outages.end();
    }

    /// Adds a registration.
    pub fn add_registration(&self, seed: RegistrationSeed) {
        self.service.world().add_registration(seed);
    }

    /// Says which tenant a subscription belongs to, or with `None` that there is no such subscription. An id that is
    /// no GUID is passed over.
    pub fn set_tenant_of(&self, subscription_id: &str, tenant_id: Option<&str>) {
        if let Ok(id) = uuid::Uuid::parse_str(subscription_id) {
            self.service.world().set_tenant_of(id, tenant_id.map(str::to_owned));
        }
    }

    /// The tenant that a subscription belongs to, seeded or derived.
    pub fn tenant_of(&self, subscription_id: &str) -> Option<String> {
        self.service.world().tenant_of(subscription_id)
    }

    /// Puts customer subscriptions into a registration, past the service. False if there is no such registration.
    pub fn seed(
        &self,
        registration: &RegistrationSeed,
        seeds: impl IntoIterator<Item = MappingSeed>,
    ) -> bool {
        let filter = StateFilter::of(registration);
        control::seed(&mut self.service.world(), &filter, seeds) > 0
    }

    /// What the registrations hold; all of them with the default filter.
    pub fn state(&self, filter: &StateFilter) -> Vec<RegistrationState> {
        control::state(&self.service.world(), filter)
    }

    /// What one registration holds, in the order of adding.
    pub fn mappings(&self, registration: &RegistrationSeed) -> Vec<MappingState> {
        self.state(&StateFilter::of(registration)).into_iter().flat_map(|state| state.mappings).collect()
    }

    /// The requests received, in order, the last [`Options::journal_entries`] of them. Requests to the control API are not
    /// among them.
    pub fn journal(&self) -> Vec<JournalEntry> {
        self.service.journal.select(&JournalQuery::default())
    }

    /// How many requests there were, with those that the journal keeps no more.
    pub fn journal_counts(&self) -> JournalCounts {
        self.service.journal.counts()
    }

    /// Those of the requests received that match.
    pub fn journal_of(&self, query: &JournalQuery) -> Vec<JournalEntry> {
        self.service.journal.select(query)
    }

    /// Forgets the requests received so far; numbers go on.
    pub fn clear_journal(&self) {
        self.service.journal.clear();
    }

    /// Waits until so many matching requests were received. False if that did not happen in time.
    pub async fn wait_for(&self, query: &JournalQuery, count: usize, timeout: Duration) -> bool {
        self.service.journal.wait(query, count, timeout).await >= count
    }

    /// Waits until no effect is outstanding. False if that did not happen in time.
    pub async fn settled(&self, timeout: Duration) -> bool {
        tokio::time::timeout(timeout, self.service.settled()).await.is_ok()
    }

    /// Issues a token for a tenant, for ARM. A lifetime of zero gives one that has expired.
    pub fn issue_token(&self, tenant_id: &str, lifetime: Duration) -> IssuedToken {
        let Options { client_id, .. } = &self.service.options;
        let audience = self.arm_endpoint();
        self.service.world().issue_token(tenant_id, client_id, &audience, lifetime)
    }

    /// Expires every token issued so far, the run's own too.
    pub fn expire_tokens(&self) {
        self.service.world().expire_tokens();
    }

    /// Puts state, switches, faults, outage and journal back to the start.
    pub fn reset(&self) {
        self.service.reset();
    }

    /// What `emulator.json` says, with the place of `ca.pem`.
    pub fn manifest(&self, ca_file: impl Into<PathBuf>) -> Manifest {
        let registration = self.registration();
        Manifest {
            arm_endpoint: self.arm_endpoint(),
            authority_host: self.authority_host(),
            imds_endpoint: self.imds_endpoint(),
            ca_file: ca_file.into(),
            tenant_id: self.service.options.tenant_id.clone(),
            client_id: self.service.options.client_id.clone(),
            client_secret: self.service.options.client_secret.clone(),
            token: self.token().to_owned(),
            subscription_id: registration.subscription_id.clone(),
            resource_group: registration.resource_group.clone(),
            registration_name: registration.name.clone(),
            control_endpoint: self.control_endpoint(),
        }
    }

    /// Writes `ca.pem` and, all at once and last, `emulator.json` into a directory, which is made if need be.
    pub fn write_manifest(&self, directory: &Path) -> io::Result<Manifest> {
        std::fs::create_dir_all(directory)?;
        let directory = std::path::absolute(directory)?;
        let ca_file = directory.join("ca.pem");
        write_whole(&ca_file, self.ca_pem.as_bytes())?;
        let manifest = self.manifest(ca_file);
        let text = serde_json::to_vec_pretty(&manifest).map_err(io::Error::other)?;
        write_whole(&directory.join("emulator.json"), &text)?;
        Ok(manifest)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.service.stopped.cancel();
        self.service.world().close();
    }
}

/// A registration's state, for comparing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationState {
    /// Its ARM id.
    pub id: String,
    /// What it is.
    #[serde(flatten)]
    pub registration: RegistrationSeed,
    /// Its customer subscriptions in the order of adding.
    pub mappings: Vec<MappingState>,
}

/// A customer subscription of a registration, for comparing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MappingState {
    /// Its id in the stored spelling.
    pub customer_subscription_id: String,
    /// Its tenant.
    pub tenant_id: String,
    /// Whether the tenant's usage goes to it; false for one that was overwritten and stays in the list.
    pub in_force: bool,
}

/// Which registrations are meant; without any field all of them. Compared without case.
#[derive(Clone, Debug, Default)]
pub struct StateFilter {
    /// The subscription.
    pub subscription_id: Option<String>,
    /// The resource group.
    pub resource_group: Option<String>,
    /// The registration's name.
    pub name: Option<String>,
}

impl StateFilter {
    /// This one registration.
    pub fn of(registration: &RegistrationSeed) -> Self {
        Self {
            subscription_id: Some(registration.subscription_id.clone()),
            resource_group: Some(registration.resource_group.clone()),
            name: Some(registration.name.clone()),
        }
    }

    /// Reads `NAME` or `SUBSCRIPTION/RESOURCE-GROUP/NAME`, as the control API takes it.
    pub fn parse(text: &str) -> Self {
        match text.split('/').collect::<Vec<_>>()[..] {
            [subscription, resource_group, name] => Self {
                subscription_id: Some(subscription.to_owned()),
                resource_group: Some(resource_group.to_owned()),
                name: Some(name.to_owned()),
            },
            _ => Self { name: Some(text.to_owned()), ..Self::default() },
        }
    }

    pub(crate) fn matches(&self, registration: &RegistrationSeed) -> bool {
        let same = |wanted: &Option<String>, value: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted.to_lowercase() == value.to_lowercase())
        };
        same(&self.subscription_id, &registration.subscription_id)
            && same(&self.resource_group, &registration.resource_group)
            && same(&self.name, &registration.name)
    }
}
