//! A client that nobody here wrote: the azure-mgmt-azurestack package of PyPI against the emulator.

use std::process::Command;

use super::{Context, End};
use crate::emulator::Emulator;
use crate::{Fallible, foreign, place, tools};

/// The newest stable version when the test was written; azure-core's requests transport verifies the emulator's CA.
const PACKAGES: [&str; 1] = ["azure-mgmt-azurestack==1.0.1"];

pub(super) fn sdk(_: &Context) -> Fallible<End> {
    let python = match foreign::python(&place::target().join("python-sdk"), &PACKAGES) {
        Ok(python) => python,
        Err(why) => return Ok(End::Skipped(why)),
    };
    // It takes status 200 alone for an answer to PUT, and a page without items only where it is written out.
    let emulator = Emulator::start(&["--put-answer", "ok-body"])?;
    let script = place::root().join("tests/python/sdk_agrees.py");
    tools::run(Command::new(python).arg(script).arg(emulator.file()))?;
    Ok(End::Ran { passed: 1, failed: 0 })
}
