//! What the figures were measured on, without its name.

use std::fs;
use std::thread::available_parallelism;

/// Cores, processor and system, as far as they are known, and how busy the machine was.
pub(super) fn shown() -> String {
    let cores = available_parallelism().map_or_else(|_| "unknown".to_owned(), |count| count.to_string());
    let processor = value_of("/proc/cpuinfo", "model name", ':').unwrap_or_default();
    let system = value_of("/etc/os-release", "PRETTY_NAME", '=').unwrap_or_default();
    let system = system.trim_matches('"');
    let kind = std::env::consts::OS;
    format!("{cores} cores ({processor}), {kind} ({system}); load average {}", load())
}

/// How busy the machine was in the last minute.
pub(super) fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split_whitespace().next().unwrap_or("unknown").to_owned()
}

/// The processor time that a process has spent so far, where there is a `/proc` to tell.
pub(super) fn processor_seconds(process: u32) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in parentheses, may have blanks in it; user and system time are the 12th and 13th after it, in 1/100 s.
    let mut times = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut next = || times.next()?.parse::<f64>().ok();
    Some((next()? + next()?) / 100.0)
}

fn value_of(file: &str, name: &str, separator: char) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(separator)?.1.trim().to_owned())
}
