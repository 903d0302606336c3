//! The build steps: `cargo xtask build | test | demo | bench | header`.

mod bench;
mod build;
mod demo;
mod emulator;
mod foreign;
mod header;
mod place;
mod suites;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What the steps fail with: a sentence for the person who ran them.
type Fallible<T = ()> = Result<T, Error>;
/// Such a sentence.
type Error = Box<dyn std::error::Error + Send + Sync>;

/// The build steps of Azs.Registration.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    step: Step,
}

#[derive(Subcommand)]
enum Step {
    /// Build the PowerShell module into target/module/Azs.Registration/<version>, and azsreg and the emulator.
    Build,
    /// Run every test that this machine can run, and name each suite that was skipped and why.
    Test {
        /// Only the suites with these names.
        #[arg(value_name = "SUITE")]
        only: Vec<String>,
        /// List the suites.
        #[arg(long)]
        list: bool,
        /// Add the long matrices.
        #[arg(long)]
        full: bool,
    },
    /// Show the main job end to end against the emulator: in PowerShell where there is one, else with azsreg.
    Demo {
        /// Show it with azsreg in any case.
        #[arg(long)]
        azsreg: bool,
    },
    /// Measure speed, processor time and memory against the emulator; docs/performance.md says what the tables mean.
    Bench {
        /// Only the benchmarks with these names: adds, cancel, list, bucket, and those that run by name alone: memory, peers, rows.
        #[arg(value_name = "BENCHMARK")]
        only: Vec<String>,
        /// Measure longer.
        #[arg(long)]
        full: bool,
    },
    /// Generate include/azs_registration.h from src/ffi.
    Header {
        /// Change nothing; fail where the committed header differs.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().step {
        Step::Build => build::everything().map(|_| true),
        Step::Test { list: true, .. } => suites::list().map(|()| true),
        Step::Test { only, full, .. } => suites::run(&only, full),
        Step::Demo { azsreg } => demo::show(azsreg).map(|()| true),
        Step::Bench { only, full } => bench::run(&only, full).map(|()| true),
        Step::Header { check: true } => header::check().map(|()| true),
        Step::Header { check: false } => header::write().map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}
