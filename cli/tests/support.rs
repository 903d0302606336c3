//! What the tests share: an emulator, and `azsreg` set up for it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use azs_emulator::{Emulator, JournalEntry, JournalQuery, MappingSeed, Options, Switches};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// Customer subscriptions of two tenants: `OLD` and `NEW` belong to `TENANT`, `OTHER` to `OTHER_TENANT`.
pub(crate) const OLD: &str = "0b9c2f5e-6f0d-4b53-a2c5-54a4e4a2d9a1";
pub(crate) const NEW: &str = "e09a4e93-29a7-4eba-a6d4-76202383f07f";
pub(crate) const TENANT: &str = "dbab3982-796f-4d03-9908-044c08aef8a2";
pub(crate) const OTHER: &str = "3f1e7c52-8a6b-4d0f-9b7e-2c5d8e4f6a13";
pub(crate) const OTHER_TENANT: &str = "a4c1d2e3-5b6f-4789-8abc-0d1e2f3a4b5c";

/// The registration of the emulator.
pub(crate) const SUBSCRIPTION: &str = "dd8597b4-8739-4467-8b10-f8679f62bfbf";
pub(crate) const REGISTRATION: &str = "azurestack-8f4ba54b-7a44-4d0e-9a1c-6d0f5c1f2b7e";

/// An emulator, and a directory for `azsreg`.
pub(crate) struct Stage {
    pub(crate) emulator: Emulator,
    directory: TempDir,
    runtime: Runtime,
}

impl Stage {
    pub(crate) fn new() -> Stage {
        Stage::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Switches)) -> Stage {
        let mut options = Options::default();
        change(&mut options.switches);
        Stage::starting(options)
    }

    pub(crate) fn starting(options: Options) -> Stage {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let emulator = runtime.block_on(Emulator::start(options)).unwrap();
        for (subscription, tenant) in [(OLD, TENANT), (NEW, TENANT), (OTHER, OTHER_TENANT)] {
            emulator.set_tenant_of(subscription, Some(tenant));
        }
        let directory = TempDir::new().unwrap();
        std::fs::write(directory.path().join("ca.pem"), emulator.ca_pem()).unwrap();
        std::fs::write(directory.path().join("token"), format!("{}\n", emulator.token())).unwrap();
        Stage { emulator, directory, runtime }
    }

    /// Puts customer subscriptions into the registration.
    pub(crate) fn seed(self, customers: &[&str]) -> Stage {
        self.put(customers);
        self
    }

    /// The same, as somebody else does it meanwhile.
    pub(crate) fn put(&self, customers: &[&str]) {
        let seeds = customers.iter().map(|customer| MappingSeed::new(*customer));
        assert!(self.emulator.seed(self.emulator.registration(), seeds));
    }

    /// What the registration holds, in the order of adding.
    pub(crate) fn stored(&self) -> Vec<String> {
        let mappings = self.emulator.mappings(self.emulator.registration());
        mappings.into_iter().map(|mapping| mapping.customer_subscription_id).collect()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// `azsreg` with the environment of somebody who works with this registration.
    pub(crate) fn azsreg(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare_azsreg(arguments);
        command
            .args(["--arm-endpoint", &self.emulator.arm_endpoint()])
            .arg("--ca-certificate")
            .arg(self.path("ca.pem"));
        command.env("AZSREG_SUBSCRIPTION", SUBSCRIPTION);
        command.env("AZSREG_RESOURCE_GROUP", "azurestack");
        command.env("AZSREG_REGISTRATION", REGISTRATION);
        command.env("AZSREG_ACCESS_TOKEN_FILE", self.path("token"));
        command
    }

    /// `azsreg` without any of it.
    pub(crate) fn bare_azsreg(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        command.args(arguments).current_dir(self.directory.path());
        command
    }

    /// Runs `azsreg` with nobody to be asked.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.end(self.azsreg(arguments))
    }

    /// Runs a command to its end, and makes sure that it does not tell the token.
    pub(crate) fn end(&self, mut command: Command) -> Ran {
        self.read(command.stdin(Stdio::null()).output().unwrap())
    }

    /// Reads what a command that ended wrote.
    pub(crate) fn read(&self, output: Output) -> Ran {
        let ran = Ran {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        // The middle part alone says who signs in; the last one is the signature.
        for secret in self.emulator.token().split('.').skip(1).chain([self.emulator.token()]) {
            assert!(!ran.stdout.contains(secret), "the token is in standard output: {ran:?}");
            assert!(!ran.stderr.contains(secret), "the token is in standard error: {ran:?}");
        }
        ran
    }

    /// The requests of these methods.
    pub(crate) fn sent(&self, methods: &[&str]) -> Vec<JournalEntry> {
        methods.iter().flat_map(|method| self.emulator.journal_of(&JournalQuery::method(*method))).collect()
    }

    pub(crate) fn assert_nothing_was_sent(&self) {
        assert_eq!(self.emulator.journal().len(), 0, "{:?}", self.emulator.journal());
    }

    pub(crate) fn assert_nothing_was_changed(&self) {
        let changes = self.sent(&["PUT", "DELETE", "POST", "PATCH"]);
        assert_eq!(changes.len(), 0, "{changes:?}");
    }

    /// Waits until so many requests of a method have come.
    #[cfg(unix)]
    pub(crate) fn wait_for(&self, method: &str, count: usize) {
        let query = JournalQuery::method(method);
        let waiting = self.emulator.wait_for(&query, count, std::time::Duration::from_secs(20));
        assert!(self.runtime.block_on(waiting), "no {method} came");
    }
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The exit code, asserted with everything that was said.
    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Ran {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Ran {
        assert!(self.stderr.contains(text), "{text:?} is not in {self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn does_not_say(self, text: &str) -> Ran {
        assert!(!self.stderr.contains(text), "{text:?} is in {self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn writes(self, text: &str) -> Ran {
        assert_eq!(self.stdout, text, "{self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|why| panic!("{why}: {self:#?}"))
    }
}

/// The built program in an environment of its own.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_azsreg"));
    for (name, _) in std::env::vars_os() {
        let upper = name.to_string_lossy().to_uppercase();
        if upper.starts_with("AZSREG_") || upper.ends_with("_PROXY") {
            command.env_remove(name);
        }
    }
    command
}

/// The lines above a table of the emulator's registration.
pub(crate) fn heading(last: &str) -> String {
    format!(
        "Registration    {REGISTRATION}\nResource group  azurestack\nSubscription    {SUBSCRIPTION}\n\n{}\n",
        format!("{:<36}  {:<36}  {last}", "CUSTOMER SUBSCRIPTION", "TENANT").trim_end()
    )
}

/// The resource id of a customer subscription.
pub(crate) fn resource_id(customer: &str) -> String {
    format!("{}/customerSubscriptions/{customer}", registration_id())
}

pub(crate) fn registration_id() -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/azurestack/providers/Microsoft.AzureStack/registrations/{REGISTRATION}"
    )
}

/// A file as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
