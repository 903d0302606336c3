//! The test suites, each run or skipped with its reason.

mod c_abi;
mod counted;
mod dotnet;
mod fuzz;
mod powershell;
mod python;
mod readme;
mod rust;
mod shipped_library;
mod sources;

use std::io::{self, Write};
use std::time::Instant;

use crate::{Fallible, build};

/// How a suite ended.
pub(crate) enum End {
    /// It ran: this many of its tests passed and failed.
    Ran {
        /// How many passed.
        passed: u32,
        /// How many failed.
        failed: u32,
    },
    /// It could not run here.
    Skipped(String),
}

/// What the suites know of the run.
pub(crate) struct Context {
    /// The long matrices too.
    pub(crate) full: bool,
    /// Suites were asked for by name.
    pub(crate) named: bool,
    /// Why there is no module to test, where there is none.
    pub(crate) without_module: Option<String>,
}

/// A suite: its name, what it shows, and what runs it.
struct Suite {
    name: &'static str,
    shows: &'static str,
    run: fn(&Context) -> Fallible<End>,
}

const SUITES: &[Suite] = &[
    Suite { name: "format", shows: "the Rust sources are formatted", run: sources::format },
    Suite { name: "lints", shows: "clippy has nothing to say", run: sources::lints },
    Suite { name: "header", shows: "the committed header is what src/ffi gives", run: sources::header },
    Suite { name: "deny", shows: "dependencies are maintained and licensed", run: sources::deny },
    Suite { name: "rust", shows: "library, azsreg, emulator and xtask", run: rust::tests },
    Suite {
        name: "library",
        shows: "the native library that ships: exports, TLS, LTO",
        run: shipped_library::check,
    },
    Suite { name: "c", shows: "C programs over the ABI, under AddressSanitizer", run: c_abi::programs },
    Suite {
        name: "fuzz",
        shows: "sequences of calls over the ABI, under AddressSanitizer",
        run: fuzz::sequences,
    },
    Suite { name: "dotnet", shows: "the managed half", run: dotnet::tests },
    Suite { name: "powershell", shows: "the module in fresh PowerShell processes", run: powershell::tests },
    Suite { name: "readme", shows: "the README's azsreg commands run as they stand", run: readme::azsreg },
    Suite {
        name: "readme-ps",
        shows: "the README's PowerShell commands run as they stand",
        run: readme::powershell,
    },
    Suite { name: "python", shows: "azure-mgmt-azurestack agrees with the emulator", run: python::sdk },
];

/// Prints the suites.
pub(crate) fn list() -> Fallible {
    for suite in SUITES {
        eprintln!("{:<12} {}", suite.name, suite.shows);
    }
    Ok(())
}

/// Runs the suites with these names, or all. `false` where something failed.
pub(crate) fn run(only: &[String], full: bool) -> Fallible<bool> {
    if let Some(unknown) = only.iter().find(|name| SUITES.iter().all(|suite| suite.name != *name)) {
        return Err(format!("there is no suite '{unknown}'; see: cargo xtask test --list").into());
    }
    let began = Instant::now();
    let built = if only.is_empty() { build::everything_and_tests()? } else { build::everything()? };
    let context = Context { full, named: !only.is_empty(), without_module: built.without_module };
    let (mut passed, mut failed, mut skipped) = (0, 0, Vec::new());
    for suite in SUITES.iter().filter(|suite| only.is_empty() || only.iter().any(|name| name == suite.name)) {
        eprintln!("\n=== {}: {}", suite.name, suite.shows);
        let suite_began = Instant::now();
        let end = (suite.run)(&context).unwrap_or_else(|why| {
            eprintln!("FAILED: {why}");
            End::Ran { passed: 0, failed: 1 }
        });
        let seconds = suite_began.elapsed().as_secs_f64();
        match end {
            End::Ran { passed: more, failed: wrong } => {
                eprintln!("=== {}: {more} passed, {wrong} failed ({seconds:.0} s)", suite.name);
                passed += more;
                failed += wrong;
            }
            End::Skipped(why) => {
                eprintln!("=== {}: SKIPPED: {why}", suite.name);
                skipped.push((suite.name, why));
            }
        }
    }
    let mut end = io::stdout().lock();
    for (name, why) in &skipped {
        writeln!(end, "skipped: {name}: {why}")?;
    }
    writeln!(end, "time: {:.0} s", began.elapsed().as_secs_f64())?;
    writeln!(end, "{passed} passed, {failed} failed")?;
    Ok(failed == 0)
}
