//! A client that nobody here wrote: the azure-mgmt-azurestack package of PyPI against the emulator.

use std::process::Command;

use super::{Context, End};
use crate::emulator::Emulator;
use crate::{Fallible, place, tools};

/// The newest stable version when the test was written; azure-core's requests transport verifies the emulator's CA.
const PACKAGES: [&str; 1] = ["azure-mgmt-azurestack==1.0.1"];

pub(super) fn sdk(_: &Context) -> Fallible<End> {
    let Some(python) = ["python3", "python"].into_iter().find_map(tools::on_path) else {
        return Ok(End::Skipped("no Python".to_owned()));
    };
    let environment = place::target().join("python-sdk");
    let inner = environment.join(if cfg!(windows) { r"Scripts\python.exe" } else { "bin/python" });
    if !environment.join("complete").is_file() {
        let made = Command::new(&python).args(["-m", "venv"]).arg(&environment).output()?;
        if !made.status.success() {
            return Ok(End::Skipped("Python cannot make a virtual environment".to_owned()));
        }
        let install = Command::new(&inner)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(PACKAGES)
            .output()?;
        if !install.status.success() {
            return Ok(End::Skipped(format!("pip cannot install {}", PACKAGES.join(" "))));
        }
        std::fs::write(environment.join("complete"), PACKAGES.join("\n"))?;
    }
    // It takes status 200 alone for an answer to PUT, and a page without items only where it is written out.
    let emulator = Emulator::start(&["--put-answer", "ok-body"])?;
    let script = place::root().join("tests/python/sdk_agrees.py");
    tools::run(Command::new(&inner).arg(script).arg(emulator.file()))?;
    Ok(End::Ran { passed: 1, failed: 0 })
}
