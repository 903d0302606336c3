//! What the clients are led to: one for all sequences, for a start costs more than a sequence.

use std::net::TcpListener;
use std::path::Path;
use std::sync::OnceLock;

use azs_emulator::{Emulator, Options, RegistrationSeed};
use tokio::runtime::Runtime;

use crate::calls::Endpoint;
use crate::play::customer;

/// The services of this process.
pub(crate) struct Services {
    answering: Emulator,
    late: Emulator,
    closed: String,
    silent: String,
    certificates: tempfile::TempDir,
    texts: Vec<String>,
    _silent: TcpListener,
    _runtime: Runtime,
}

/// How many requests are written down, of which nobody asks.
const JOURNAL: usize = 16;
/// How late the late one is.
const DELAY_MS: u64 = 30;

impl Services {
    pub(crate) fn get() -> &'static Services {
        static SERVICES: OnceLock<Services> = OnceLock::new();
        SERVICES.get_or_init(|| Services::start().expect("the services start"))
    }

    fn start() -> std::io::Result<Services> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let options = || {
            let mut options = Options { journal_entries: JOURNAL, generate: 7, ..Options::default() };
            options.switches.page_size = 3;
            options
        };
        let mut delayed = options();
        delayed.switches.delay_ms = DELAY_MS;
        delayed.switches.list_delay_ms = DELAY_MS;
        delayed.switches.answer_delay_ms = DELAY_MS;
        let answering = runtime.block_on(Emulator::start(options()))?;
        let late = runtime.block_on(Emulator::start(delayed))?;
        let certificates = tempfile::tempdir()?;
        std::fs::write(certificates.path().join("ca.pem"), [answering.ca_pem(), late.ca_pem()].concat())?;
        let silent = TcpListener::bind("127.0.0.1:0")?;
        // Bound and let go: the port is nobody's for a while.
        let closed = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        Ok(Services {
            closed: format!("https://{closed}/"),
            silent: format!("https://{}/", silent.local_addr()?),
            texts: texts(answering.registration(), answering.ca_pem()),
            answering,
            late,
            certificates,
            _silent: silent,
            _runtime: runtime,
        })
    }

    pub(crate) fn url(&self, endpoint: Endpoint) -> String {
        match endpoint {
            Endpoint::Answering => self.answering.arm_endpoint(),
            Endpoint::Late => self.late.arm_endpoint(),
            Endpoint::Closed => self.closed.clone(),
            Endpoint::Silent => self.silent.clone(),
        }
    }

    pub(crate) fn ca_file(&self) -> String {
        let file: &Path = &self.certificates.path().join("ca.pem");
        file.display().to_string()
    }

    /// Texts that mean something somewhere.
    pub(crate) fn texts(&self) -> &[String] {
        &self.texts
    }

    /// The token of the service there.
    pub(crate) fn token_of(&self, endpoint: Endpoint) -> &str {
        match endpoint {
            Endpoint::Late => self.late.token(),
            _ => self.answering.token(),
        }
    }

    /// The names of the registration, which both have.
    pub(crate) fn registration(&self) -> [&str; 3] {
        let seed = self.answering.registration();
        [&seed.subscription_id, &seed.resource_group, &seed.name]
    }
}

fn texts(registration: &RegistrationSeed, certificate: &str) -> Vec<String> {
    let id = registration.resource_id();
    let mut texts = vec![
        id.clone(),
        id.to_uppercase(),
        format!("{id}/customerSubscriptions/{}", customer(1)),
        format!("{id}/customerSubscriptions/nonsense"),
        registration.subscription_id.clone(),
        registration.resource_group.clone(),
        registration.name.clone(),
        customer(1),
        customer(2).to_uppercase(),
        format!("{{{}}}", customer(3)),
        "x".repeat(5000),
        certificate.to_owned(),
    ];
    let others = [
        "",
        " ",
        "nonsense",
        "azurestack-elsewhere",
        "../..",
        "%2e%2e/%00?#",
        "a\0b",
        "\u{202e}\u{10ffff}",
        "2017-06-01",
        "2020-06-01-preview",
        "2017-09-03",
        "https://operator:password@localhost/",
        "http://127.0.0.1:1/",
        "https://127.0.0.1:1/",
        "/dev/null",
        "/no/such/file",
        "shell\r\nAuthorization: x",
        "00000000-0000-0000-0000-000000000000",
        "a-token",
    ];
    texts.extend(others.map(str::to_owned));
    texts
}
