//! An emulator process for a demo or a suite.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{Fallible, place};

/// How long one may take to be ready: with a million mappings, on a busy machine, that is long.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running emulator; it ends when this is dropped.
pub(crate) struct Emulator {
    process: Child,
    folder: tempfile::TempDir,
    manifest: Value,
}

impl Emulator {
    /// Starts one with these options, and waits until it is ready.
    pub(crate) fn start(options: &[&str]) -> Fallible<Emulator> {
        Emulator::start_program(&place::program("azs-emulator"), options)
    }

    /// Starts one that was built in another way.
    pub(crate) fn start_program(program: &Path, options: &[&str]) -> Fallible<Emulator> {
        let folder = tempfile::tempdir()?;
        let mut process = Command::new(program)
            .arg("--dir")
            .arg(folder.path())
            // It must not outlive a demo that is interrupted.
            .arg("--exit-with-parent")
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .map_err(|why| format!("the emulator cannot be started: {why}"))?;
        let file = folder.path().join("emulator.json");
        let patience = Instant::now() + PATIENCE;
        while !file.is_file() {
            if let Some(status) = process.try_wait()? {
                return Err(format!("the emulator ended before it was ready ({status})").into());
            }
            if Instant::now() > patience {
                process.kill()?;
                return Err(format!("the emulator was not ready within {} s", PATIENCE.as_secs()).into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let manifest = serde_json::from_slice(&fs::read(&file)?)?;
        Ok(Emulator { process, folder, manifest })
    }

    /// Its process id.
    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }

    /// Tells a C program over the ABI where it is (tests/c/test_common.h reads these).
    pub(crate) fn describe_to(&self, command: &mut Command) {
        for (name, key) in [
            ("AZS_TEST_ENDPOINT", "armEndpoint"),
            ("AZS_TEST_CA_FILE", "caFile"),
            ("AZS_TEST_TOKEN", "token"),
            ("AZS_TEST_TENANT", "tenantId"),
            ("AZS_TEST_SUBSCRIPTION", "subscriptionId"),
            ("AZS_TEST_RESOURCE_GROUP", "resourceGroup"),
            ("AZS_TEST_REGISTRATION", "registrationName"),
        ] {
            command.env(name, self.value(key));
        }
    }

    /// A value of emulator.json.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.manifest[name].as_str().unwrap_or_default()
    }

    /// The emulator.json file.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("emulator.json")
    }

    /// A folder for files of the caller's, which goes with the emulator.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It has no state worth an orderly end; an error says that it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
