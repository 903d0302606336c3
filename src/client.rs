//! A client: one sign-in, with the runtime, the connections and the credential that its operations share.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::advice::Words;
use crate::clock::{Clock, Random, SystemClock, SystemRandom};
use crate::cloud::{ApiVersion, Cloud};
use crate::credential::{AccessToken, SignIn, TokenSource};
use crate::engine::{DEFAULT_CONNECT_TIMEOUT, Engine};
use crate::error::{Category, Error, Result};
use crate::registrations::Registrations;
use crate::tenants::Tenants;
use crate::transport::{HttpClient, HttpClientOptions, Transport};

/// How long the endpoint of a managed identity may take to accept a connection.
const NEARBY_CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// How a client reaches Azure Resource Manager.
pub struct ClientOptions {
    /// Which Azure is talked to.
    pub cloud: Cloud,
    /// How it signs in.
    pub sign_in: SignIn,
    /// The api-version to send.
    pub api_version: ApiVersion,
    /// Certificates (PEM) that are trusted beside those of the system.
    pub ca_certificate_path: Option<PathBuf>,
    /// What calls the library, for the User-Agent header.
    pub caller: Option<String>,
    /// In whose words what to do about an error is said over the C ABI.
    pub advice_words: Words,
    /// Whether the tenant of a customer subscription is asked for: from the sign-in challenge that Azure Resource Manager
    /// gives to an unauthenticated GET of the subscription. Without it, adds whose tenant nothing else tells run one by one.
    pub tenant_discovery: bool,
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// How long an answer may take.
    pub answer_timeout: Duration,
}

impl ClientOptions {
    /// A client with the tokens of a source.
    pub fn new(cloud: Cloud, tokens: Arc<dyn TokenSource>) -> ClientOptions {
        ClientOptions::signing_in(cloud, SignIn::Tokens(tokens))
    }

    /// The defaults of the design: 20 s for a connection, 90 s for an answer (the resource provider has 60).
    pub fn signing_in(cloud: Cloud, sign_in: SignIn) -> ClientOptions {
        ClientOptions {
            cloud,
            sign_in,
            api_version: ApiVersion::default(),
            ca_certificate_path: None,
            caller: None,
            advice_words: Words::Neutral,
            tenant_discovery: true,
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            answer_timeout: Duration::from_secs(90),
        }
    }
}

impl ClientOptions {
    fn http(&self) -> Result<HttpClientOptions> {
        Ok(HttpClientOptions {
            user_agent: user_agent(self.caller.as_deref())?,
            ca_certificate_path: self.ca_certificate_path.clone(),
            connect_timeout: self.connect_timeout,
            answer_timeout: self.answer_timeout,
        })
    }
}

/// What a client has instead of the network, the time and the chance of this machine.
pub struct Surroundings {
    /// Sends the requests.
    pub transport: Arc<dyn Transport>,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where chance comes from.
    pub random: Arc<dyn Random>,
}

impl Surroundings {
    /// A transport, with the time and the chance of this machine.
    pub fn of(transport: Arc<dyn Transport>) -> Surroundings {
        Surroundings { transport, clock: Arc::new(SystemClock), random: Arc::new(SystemRandom) }
    }
}

/// A client. Clones are the same client; the runtime ends with the last of them and of its operations.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    cloud: Cloud,
    runtime: WorkRuntime,
    tenants: Tenants,
    registrations: Registrations,
    tokens: Arc<dyn TokenSource>,
    clock: Arc<dyn Clock>,
    advice_words: Words,
}

impl Client {
    /// Makes a client over the network. Nothing is sent yet.
    pub fn new(options: ClientOptions) -> Result<Client> {
        let transport = HttpClient::new(&options.http()?)?;
        Client::over(Arc::new(transport), options)
    }

    /// Makes a client over a transport of one's own.
    pub fn over(transport: Arc<dyn Transport>, options: ClientOptions) -> Result<Client> {
        let runtime = WorkRuntime::start()?;
        Client::on(runtime, Surroundings::of(transport), options)
    }

    /// Makes a client whose work runs on the runtime that the caller is on, with a transport, a clock and a chance of
    /// the caller's: for tests in simulated time.
    ///
    /// # Panics
    /// Outside of a tokio runtime, and where the options are refused.
    pub fn within(surroundings: Surroundings, options: ClientOptions) -> Client {
        let made = Client::on(WorkRuntime::Callers(Handle::current()), surroundings, options);
        made.unwrap_or_else(|refused| panic!("{refused}"))
    }

    fn on(runtime: WorkRuntime, surroundings: Surroundings, options: ClientOptions) -> Result<Client> {
        let http = options.http()?;
        let nearby = || -> Result<Arc<dyn Transport>> {
            // What is next to this machine is there at once or not at all.
            let connect_timeout = NEARBY_CONNECT_TIMEOUT.min(http.connect_timeout);
            Ok(Arc::new(HttpClient::without_proxy(&HttpClientOptions { connect_timeout, ..http })?))
        };
        let Surroundings { transport, clock, random } = surroundings;
        let tokens = options.sign_in.into_source(&options.cloud, &transport, nearby, &clock, &random)?;
        let cloud = options.cloud.clone();
        let engine =
            Engine::new(options.cloud, options.api_version, transport, tokens.clone(), clock.clone(), random)
                .with_connect_timeout(options.connect_timeout);
        let engine = Arc::new(engine);
        let registrations = Registrations::new(engine.clone());
        let tenants = Tenants::new(engine, options.tenant_discovery);
        let advice_words = options.advice_words;
        let shared = Shared { cloud, runtime, tenants, registrations, tokens, clock, advice_words };
        Ok(Client { shared: Arc::new(shared) })
    }

    /// Which Azure it talks to.
    pub fn cloud(&self) -> &Cloud {
        &self.shared.cloud
    }

    /// Gives the client a token, for all its operations; `false` where it signs in by itself.
    pub fn set_token(&self, token: AccessToken) -> bool {
        self.shared.tokens.supply(token)
    }

    /// Says that no token will be given any more: requests that wait for one fail. What has a valid token goes on.
    pub fn close_credential(&self) {
        self.shared.tokens.close();
    }

    pub(crate) fn handle(&self) -> Handle {
        self.shared.runtime.handle()
    }

    pub(crate) fn tenants(&self) -> &Tenants {
        &self.shared.tenants
    }

    pub(crate) fn registrations(&self) -> &Registrations {
        &self.shared.registrations
    }

    pub(crate) fn tokens(&self) -> &Arc<dyn TokenSource> {
        &self.shared.tokens
    }

    pub(crate) fn advice_words(&self) -> Words {
        self.shared.advice_words
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.shared.clock
    }
}

/// A write to a connection that the other side has closed raises SIGPIPE, which ends a host that does not ignore it:
/// .NET and Rust programs do, C programs do not. On the library's own threads it is held back; the write fails instead.
fn block_broken_pipe_signal() {
    #[cfg(unix)]
    {
        use nix::sys::signal::{SigSet, Signal};
        let mut signals = SigSet::empty();
        signals.add(Signal::SIGPIPE);
        // It fails for unknown signals alone.
        let _ = signals.thread_block();
    }
}

/// Where a client's work runs. Its own runtime can be dropped on one of its threads, by the last task that held the
/// client.
enum WorkRuntime {
    Own(Option<Runtime>),
    Callers(Handle),
}

impl WorkRuntime {
    fn start() -> Result<WorkRuntime> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("azs-registration")
            .on_thread_start(block_broken_pipe_signal)
            .enable_all()
            .build()
            .map_err(|why| {
                Error::new(Category::Internal, "RuntimeFailed", format!("No thread could be started: {why}."))
            })?;
        Ok(WorkRuntime::Own(Some(runtime)))
    }

    fn handle(&self) -> Handle {
        match self {
            WorkRuntime::Own(Some(runtime)) => runtime.handle().clone(),
            WorkRuntime::Callers(handle) => handle.clone(),
            // Taken by drop alone.
            WorkRuntime::Own(None) => unreachable!("the runtime is there until it is dropped"),
        }
    }
}

impl Drop for WorkRuntime {
    fn drop(&mut self) {
        if let WorkRuntime::Own(runtime) = self
            && let Some(runtime) = runtime.take()
        {
            runtime.shutdown_background();
        }
    }
}

fn user_agent(caller: Option<&str>) -> Result<String> {
    let own = format!("Azs.Registration/{}", env!("CARGO_PKG_VERSION"));
    match caller.map(str::trim).filter(|caller| !caller.is_empty()) {
        None => Ok(own),
        Some(caller) if caller.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) => {
            Ok(format!("{own} {caller}"))
        }
        Some(caller) => Err(Error::input(
            "CallerNotValid",
            "Caller",
            caller,
            "The name of the caller has characters that no header may hold.",
        )),
    }
}
