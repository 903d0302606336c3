//! The README's commands, run as they stand there against an emulator.

use std::fs;
use std::process::Command;

use super::{Context, End};
use crate::emulator::Emulator;
use crate::{Fallible, place, tools};

/// Where the README lets the emulator write.
const FOLDER: &str = "target/emulator";
/// In front of a block that is not run: it starts the emulator, which goes on until it is stopped.
const NOT_RUN: &str = "<!-- not run";

pub(super) fn azsreg(_: &Context) -> Fallible<End> {
    let Some(shell) = tools::on_path("bash") else {
        return Ok(End::Skipped("no bash".to_owned()));
    };
    // The first block is the two commands, one of which this is part of.
    let script = blocks("sh")?.into_iter().skip(1).collect::<String>();
    run(
        Command::new(shell).args(["-euo", "pipefail", "-c"]),
        &script,
        &["Added", "\"customerSubscriptionId\"", "Removed"],
    )
}

pub(super) fn powershell(context: &Context) -> Fallible<End> {
    if let Some(why) = &context.without_module {
        return Ok(End::Skipped(why.clone()));
    }
    let pwsh = match tools::pwsh() {
        Ok(pwsh) => pwsh,
        Err(why) => return Ok(End::Skipped(why)),
    };
    let script = format!("$ErrorActionPreference = 'Stop'\n{}", blocks("powershell")?.concat());
    run(
        Command::new(pwsh).args(["-NoProfile", "-NonInteractive", "-Command"]),
        &script,
        &["Added", "What if:", "Removed"],
    )
}

fn run(command: &mut Command, script: &str, expected: &[&str]) -> Fallible<End> {
    let emulator = Emulator::start(&[])?;
    let folder = emulator.folder().display().to_string();
    let script = script.replace(&format!("./{FOLDER}"), &folder).replace(FOLDER, &folder);
    let ran = command.arg(script).current_dir(place::root()).output()?;
    let output = String::from_utf8_lossy(&ran.stdout);
    let errors = String::from_utf8_lossy(&ran.stderr);
    let missing: Vec<_> =
        expected.iter().filter(|text| !output.contains(**text) && !errors.contains(**text)).collect();
    if ran.status.success() && missing.is_empty() {
        return Ok(End::Ran { passed: 1, failed: 0 });
    }
    eprintln!("{output}\n{errors}");
    Err(format!("the README's commands ended with {}; missing in their output: {missing:?}", ran.status)
        .into())
}

/// The blocks of a language, each with a line feed at its end.
fn blocks(language: &str) -> Fallible<Vec<String>> {
    let text = fs::read_to_string(place::root().join("README.md"))?;
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    let mut left_out = false;
    while let Some(line) = lines.next() {
        left_out |= line.starts_with(NOT_RUN);
        let Some(found) = line.strip_prefix("```") else { continue };
        let block: String =
            lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
        if !std::mem::take(&mut left_out) && found == language {
            blocks.push(block);
        }
    }
    Ok(blocks)
}
