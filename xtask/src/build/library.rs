//! The native library that ships.
//!
//! cargo does link-time optimisation only for a package that is built as a cdylib alone, so there is one command that
//! makes this file, and the tests load what it made. How it was compiled is written beside it, for the test that asks.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::Stdio;

use crate::{Fallible, place, tools};

/// Builds the library and copies it into the module folder.
pub(crate) fn build() -> Fallible {
    let mut cargo = tools::cargo();
    cargo.args([
        "rustc",
        "--package",
        "azs-registration",
        "--lib",
        "--crate-type",
        "cdylib",
        "--release",
        "--verbose",
    ]);
    let mut running = cargo.stderr(Stdio::piped()).spawn()?;
    let mut compiled = None;
    for line in BufReader::new(running.stderr.take().ok_or("cargo has no output")?).lines() {
        let line = line?;
        let calls_compiler = line.trim_start().starts_with("Running `");
        if calls_compiler && line.contains("--crate-name azs_registration ") {
            compiled = Some(line.clone());
        }
        // cargo's own words, without the calls and without the crates that were built before.
        if !calls_compiler
            && !line.trim_start().starts_with("Fresh ")
            && !line.trim_start().starts_with("Dirty ")
        {
            eprintln!("{line}");
        }
    }
    if !running.wait()?.success() {
        return Err("the native library could not be built".into());
    }
    let made = place::target().join("release").join(place::library_file());
    let shipped = place::module_library();
    fs::create_dir_all(shipped.parent().ok_or("the module has no folder")?)?;
    // A running PowerShell may have the old file open: a new one takes its name.
    let part = shipped.with_extension("part");
    fs::copy(&made, &part)?;
    fs::rename(&part, &shipped)?;
    if let Some(call) = compiled {
        fs::write(call_file(), call)?;
    }
    Ok(())
}

/// The compiler's call that made the library.
pub(crate) fn call() -> Fallible<String> {
    Ok(fs::read_to_string(call_file())?)
}

fn call_file() -> PathBuf {
    place::target().join("release").join("azs_registration.call")
}
