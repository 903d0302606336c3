//! Sequences of calls over the C ABI (`fuzz/`), from seeds, with AddressSanitizer. libFuzzer draws better ones:
//! CONTRIBUTING.md says how.

use std::process::Command;

use super::{Context, End, c_abi};
use crate::{Fallible, place, tools};

/// How many sequences are played, from one seed after the other.
const SEQUENCES: (u64, u64) = (100, 1_000);

pub(super) fn sequences(context: &Context) -> Fallible<End> {
    if !context.full && !context.named {
        return Ok(End::Skipped("it takes longer than the rest may; --full or its name runs it".to_owned()));
    }
    let cc = match tools::cc() {
        Ok(cc) => cc,
        Err(why) => return Ok(End::Skipped(why)),
    };
    if let Err(why) = c_abi::sanitizer(&cc) {
        return Ok(End::Skipped(format!("AddressSanitizer: {why}")));
    }
    let manifest = place::root().join("fuzz").join("Cargo.toml");
    let mut fetch = tools::cargo();
    fetch.args(["fetch", "--locked", "--quiet", "--manifest-path"]).arg(&manifest);
    if !fetch.status()?.success() {
        return Ok(End::Skipped("the crates of fuzz/ cannot be fetched".to_owned()));
    }
    let mut build = c_abi::sanitizing();
    build.args(["build", "--quiet", "--locked", "--bins", "--target", c_abi::SANITIZED_TARGET]);
    tools::run(build.arg("--manifest-path").arg(&manifest))?;
    let mut play = Command::new(c_abi::sanitized_folder().join("abi_calls"));
    // Leaks are what the C programs look for, and not every machine can.
    play.env("ASAN_OPTIONS", "detect_leaks=0:detect_stack_use_after_return=1");
    // The machine's proxy has nothing to do with an emulator on the same machine.
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        play.env_remove(name).env_remove(name.to_lowercase());
    }
    let (some, many) = SEQUENCES;
    tools::run(play.args(["1", &(if context.full { many } else { some }).to_string()]))?;
    Ok(End::Ran { passed: 1, failed: 0 })
}
