//! Running a test runner while showing its output, and counting what it says.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::End;
use crate::{Fallible, tools};

/// Runs a test runner. `count` finds the passed and failed tests in a line of its output. A runner that fails without
/// saying that a test failed counts as one failure.
pub(super) fn run(command: &mut Command, count: impl Fn(&str) -> Option<(u32, u32)>) -> Fallible<End> {
    let mut running = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|why| format!("{} cannot be started: {why}", tools::shown(command)))?;
    let (mut passed, mut failed) = (0, 0);
    for line in BufReader::new(running.stdout.take().ok_or("the runner has no output")?).lines() {
        let line = line?;
        if let Some((more, wrong)) = count(&line) {
            passed += more;
            failed += wrong;
        }
        eprintln!("{line}");
    }
    let status = running.wait()?;
    if !status.success() && failed == 0 {
        eprintln!("{} ended with {status}", tools::shown(command));
        failed = 1;
    }
    Ok(End::Ran { passed, failed })
}

/// The number in front of a word, as in `12 passed`.
pub(super) fn number_before(line: &str, word: &str) -> Option<u32> {
    let mut before = None;
    for part in line.split([' ', ';', ',', ':']).filter(|part| !part.is_empty()) {
        if part == word {
            return before;
        }
        before = part.parse().ok();
    }
    None
}
