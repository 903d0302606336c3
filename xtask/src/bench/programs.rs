//! The programs that are measured, as they ship, and those that measure.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::figures::Figures;
use crate::emulator::Emulator;
use crate::{Fallible, build, place, tools};

/// A customer subscription by number, as benches/abi_bench.c and tests/c/test_common.h number them.
pub(super) fn customer(number: u32) -> String {
    format!("c0000000-0000-4000-8000-{number:012x}")
}

/// Builds everything, optimised: azsreg, the emulator and its load as cargo does, the library as it ships, and the C
/// programs over that.
pub(super) fn build() -> Fallible {
    tools::run(tools::cargo().args([
        "build",
        "--release",
        "--package",
        "azsreg",
        "--package",
        "azs-emulator",
    ]))?;
    tools::run(tools::cargo().args([
        "build",
        "--release",
        "--package",
        "azs-emulator",
        "--example",
        "load",
    ]))?;
    build::library::build()?;
    fs::create_dir_all(folder())?;
    let cc = tools::cc()?;
    compile(&cc, "measured", &[])?;
    let library = place::module_library();
    let library = library.parent().ok_or("the library has no folder")?;
    let mut path = OsString::from("-Wl,-rpath,");
    path.push(library);
    compile(&cc, "abi_bench", &["-L".into(), library.into(), "-lazs_registration".into(), path])
}

fn compile(cc: &Path, name: &str, link: &[OsString]) -> Fallible {
    let mut command = Command::new(cc);
    command.current_dir(place::root());
    command.args(["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread", "-Iinclude", "-Itests/c"]);
    command.arg(Path::new("benches").join(format!("{name}.c"))).arg("-o").arg(folder().join(name));
    tools::run(command.args(link))
}

/// Where the C programs and what they write are put.
pub(super) fn folder() -> PathBuf {
    place::target().join("bench")
}

/// An emulator, optimised.
pub(super) fn emulator(options: &[&str]) -> Fallible<Emulator> {
    Emulator::start_program(&place::optimised_program("azs-emulator"), options)
}

/// A run of the least client that can be; see emulator/examples/load.
pub(super) fn raw(emulator: &Emulator, what: &[&str]) -> Fallible<Figures> {
    let load = place::optimised_program("examples/load");
    let output = Command::new(load).arg(emulator.folder()).args(what).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("the load '{}' ended with {}", what.join(" "), output.status).into());
    }
    Ok(Figures::read(&String::from_utf8_lossy(&output.stdout)))
}

/// How many answers with status 429 there were so far.
pub(super) fn too_many(emulator: &Emulator) -> Fallible<f64> {
    Ok(raw(emulator, &["counts"])?.count("status_429"))
}

/// The C program over the ABI, at work.
pub(super) struct AbiBench {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<std::process::ChildStdout>,
}

impl AbiBench {
    /// Starts it.
    pub(super) fn start(emulator: &Emulator, arguments: &[&str]) -> Fallible<AbiBench> {
        let mut command = Command::new(folder().join("abi_bench"));
        emulator.describe_to(&mut command);
        without_proxy(&mut command);
        let mut process = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = process.stdin.take();
        let output = BufReader::new(process.stdout.take().ok_or("abi_bench has no output")?);
        Ok(AbiBench { process, input, output })
    }

    /// The figures of its next run, when that has ended.
    pub(super) fn figures(&mut self) -> Fallible<Figures> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        if !line.contains('=') {
            return Err(format!("abi_bench ended with {}: {line}", self.process.wait()?).into());
        }
        Ok(Figures::read(&line))
    }

    /// Lets it begin its next run.
    pub(super) fn go_on(&mut self) -> Fallible {
        Ok(self.input.as_mut().ok_or("abi_bench takes no input")?.write_all(b"\n")?)
    }

    /// Its one run.
    pub(super) fn only(emulator: &Emulator, arguments: &[&str]) -> Fallible<Figures> {
        let mut program = AbiBench::start(emulator, arguments)?;
        let figures = program.figures()?;
        program.process.wait()?;
        Ok(figures)
    }
}

impl Drop for AbiBench {
    fn drop(&mut self) {
        // It has ended, or waits for a run that nobody wants any more.
        drop(self.input.take());
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Adds so many mappings with azsreg: its figures, with `adds` and `failed`.
pub(super) fn azsreg_adds(
    emulator: &Emulator,
    limit: u32,
    numbers: std::ops::Range<u32>,
) -> Fallible<Figures> {
    let token = emulator.folder().join("token");
    fs::write(&token, emulator.value("token"))?;
    let (needed, results) = (emulator.folder().join("needed"), emulator.folder().join("results"));
    let mut command = Command::new(folder().join("measured"));
    command.arg(&needed).arg(place::optimised_program("azsreg"));
    command.args(["tenant", "add", "--output", "jsonl", "--throttle-limit", &limit.to_string()]);
    command.args(numbers.clone().map(customer));
    command.env("AZSREG_SUBSCRIPTION", emulator.value("subscriptionId"));
    command.env("AZSREG_RESOURCE_GROUP", emulator.value("resourceGroup"));
    command.env("AZSREG_REGISTRATION", emulator.value("registrationName"));
    command.env("AZSREG_ACCESS_TOKEN_FILE", &token);
    command.env("AZSREG_ARM_ENDPOINT", emulator.value("armEndpoint"));
    command.env("AZSREG_CA_CERTIFICATE", emulator.value("caFile"));
    without_proxy(&mut command);
    command.stdin(Stdio::null()).stdout(File::create(&results)?).status()?;
    let added = fs::read_to_string(&results)?.lines().filter(|line| line.contains("\"Added\"")).count();
    let failed = numbers.len() - added;
    let needed = fs::read_to_string(&needed)?;
    Ok(Figures::read(&format!("adds={} failed={failed} {needed}", numbers.len())))
}

/// The machine's proxy has nothing to do with an emulator on the same machine.
pub(super) fn without_proxy(command: &mut Command) {
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
}
