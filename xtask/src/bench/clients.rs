//! The programs that are measured and are no Rust and no C: PowerShell with the module, and other people's SDKs.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::figures::Figures;
use super::programs;
use crate::emulator::Emulator;
use crate::{Fallible, build, foreign, place, tools};

/// The newest stable versions when the benchmark was written; aiohttp is what the asynchronous client sends with.
const OF_PYPI: [&str; 2] = ["azure-mgmt-azurestack==1.0.1", "aiohttp==3.14.5"];
const OF_NPM: [&str; 1] = ["@azure/arm-azurestack@2.1.1"];

/// PowerShell, and the module as it is built.
pub(super) struct PowerShell {
    program: PathBuf,
}

impl PowerShell {
    /// Builds the module, and finds PowerShell; or why there is none.
    pub(super) fn with_module() -> Fallible<Result<PowerShell, String>> {
        if let Some(why) = build::managed()? {
            return Ok(Err(why));
        }
        Ok(tools::pwsh().map(|program| PowerShell { program }))
    }

    /// A script of benches/, to be run in a fresh process; its further arguments are named ones.
    pub(super) fn script(&self, script: &str, emulator: &Emulator) -> Command {
        let mut command = self.plain_script(script);
        command.args(["-Emulator".as_ref(), emulator.file().as_os_str()]);
        trusting(command, emulator)
    }

    /// The same for a script that uses the module.
    pub(super) fn module_script(&self, script: &str, emulator: &Emulator) -> Command {
        let mut command = self.script(script, emulator);
        command.args(["-Module".as_ref(), place::module().join("Azs.Registration.psd1").as_os_str()]);
        command
    }

    /// A script that talks to nobody.
    pub(super) fn plain_script(&self, script: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["-NoProfile", "-NonInteractive", "-File"]).arg(in_benches(script));
        command
    }
}

/// Python with Microsoft's SDK, to be run with a script of benches/; or why there is none.
pub(super) fn python() -> Result<PathBuf, String> {
    foreign::python(&programs::folder().join("python"), &OF_PYPI)
}

/// Node.js with Microsoft's SDK; or why there is none.
pub(super) fn node() -> Result<(PathBuf, PathBuf), String> {
    foreign::node(&programs::folder().join("javascript"), &OF_NPM)
}

/// Lets a client trust the emulator's authority, and no proxy come between them.
pub(super) fn trusting(mut command: Command, emulator: &Emulator) -> Command {
    // .NET and Python read the one, Node.js the other.
    command.env("SSL_CERT_FILE", emulator.value("caFile"));
    command.env("NODE_EXTRA_CA_CERTS", emulator.value("caFile"));
    programs::without_proxy(&mut command);
    command
}

/// Where a script of benches/ is.
pub(super) fn in_benches(script: &str) -> PathBuf {
    place::root().join("benches").join(script)
}

/// Runs a program whose last line are its figures.
pub(super) fn figures(mut command: Command) -> Fallible<Figures> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    match text.lines().last() {
        Some(line) if output.status.success() && line.contains('=') => Ok(Figures::read(line)),
        _ => Err(format!("{} ended with {}: {text}", tools::shown(&command), output.status).into()),
    }
}
