//! Ctrl+C, and the signals that ask for the same.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStderr, ChildStdout, Output, Stdio};

use azs_emulator::{Fault, FaultAction};
use rustix::process::{Pid, Signal, kill_process};

use crate::support::*;

fn start(stage: &Stage, arguments: &[&str]) -> Child {
    let mut command = stage.azsreg(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn press(child: &Child) {
    signal(child, Signal::INT);
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

#[test]
fn what_is_in_flight_ends_and_the_rest_is_not_started() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        what_is_in_flight_ends_after(signal);
    }
}

fn what_is_in_flight_ends_after(asked: Signal) {
    let stage = Stage::with(|switches| switches.answer_delay_ms = 1500);
    let child = start(&stage, &["tenant", "add", NEW, OTHER, "--output", "json", "--throttle-limit", "1"]);
    stage.wait_for("PUT", 1);
    signal(&child, asked);
    let ran = stage.read(child.wait_with_output().unwrap()).ends_with(130);
    // What is known first comes first.
    assert_eq!(ran.json()[0]["outcome"], "NotStarted", "{ran:#?}");
    assert_eq!(ran.json()[0]["customerSubscriptionId"], OTHER);
    assert_eq!(ran.json()[1]["outcome"], "Added");
    ran.says("Interrupted: 1 done, 0 failed, 0 unknown, 1 not started.");
    assert_eq!(stage.stored(), [NEW]);
    assert_eq!(stage.sent(&["PUT"]).len(), 1);
}

#[test]
fn what_never_answers_is_unknown() {
    let stage = Stage::new();
    stage.emulator.add_fault(Fault::new(FaultAction::Hang { after_effect: true }).method("PUT"));
    let child = start(&stage, &["tenant", "add", NEW]);
    stage.wait_for("PUT", 1);
    press(&child);
    let ran = stage.read(child.wait_with_output().unwrap()).ends_with(130);
    ran.says("Interrupted: 0 done, 0 failed, 1 unknown, 0 not started.")
        .says(&format!("Unknown: customer subscription {NEW} in registration '{REGISTRATION}'"))
        .writes(&format!("{}{NEW}  {TENANT}  Unknown\n", heading("OUTCOME")));
}

/// `azsreg` whose lines are read while it runs.
struct Heard {
    child: Child,
    results: Lines<BufReader<ChildStdout>>,
    said: Lines<BufReader<ChildStderr>>,
    stdout: String,
    stderr: String,
}

impl Heard {
    fn start(stage: &Stage, arguments: &[&str]) -> Heard {
        let mut child = start(stage, arguments);
        let results = BufReader::new(child.stdout.take().unwrap()).lines();
        let said = BufReader::new(child.stderr.take().unwrap()).lines();
        Heard { child, results, said, stdout: String::new(), stderr: String::new() }
    }

    /// Presses Ctrl+C, and waits for a line that begins so.
    fn presses_and_says(&mut self, beginning: &str) {
        press(&self.child);
        for line in self.said.by_ref().map(Result::unwrap) {
            self.stderr += &format!("{line}\n");
            if line.starts_with(beginning) {
                return;
            }
        }
        panic!("{beginning:?} was not said: {}", self.stderr);
    }

    fn writes_lines(&mut self, count: usize) {
        for line in self.results.by_ref().take(count).map(Result::unwrap) {
            self.stdout += &format!("{line}\n");
        }
    }

    /// Reads the results last: until the program has ended, nobody takes them.
    fn ends(mut self, stage: &Stage) -> Ran {
        for line in self.said.by_ref().map(Result::unwrap) {
            self.stderr += &format!("{line}\n");
        }
        self.writes_lines(usize::MAX);
        let status = self.child.wait().unwrap();
        let output = Output { status, stdout: self.stdout.into_bytes(), stderr: self.stderr.into_bytes() };
        stage.read(output)
    }
}

#[test]
fn the_second_one_leaves_at_once_and_what_had_ended_was_written_before() {
    let stage = Stage::new();
    let hang = Fault::new(FaultAction::Hang { after_effect: false }).method("PUT");
    stage.emulator.add_fault(hang.path_contains(format!("customerSubscriptions/{NEW}")));
    let others: Vec<String> = (0..5).map(|number| format!("aaaaaaaa-1111-4222-8333-{number:012}")).collect();
    let mut arguments = vec!["tenant", "add", "--output", "jsonl", "--no-progress", NEW];
    arguments.extend(others.iter().map(String::as_str));
    let mut heard = Heard::start(&stage, &arguments);
    stage.wait_for("PUT", 6);
    heard.presses_and_says("Interrupted: ");
    heard.writes_lines(others.len());
    press(&heard.child);
    let ran = heard.ends(&stage).ends_with(130);
    for other in &others {
        assert!(ran.stdout.contains(&format!("\"customerSubscriptionId\":\"{other}\"")), "{other}: {ran:#?}");
        assert!(!ran.stderr.contains(other), "{other}: {ran:#?}");
    }
    assert_eq!(ran.stdout.matches("\"outcome\":\"Added\"").count(), 5, "{ran:#?}");
    ran.says("Nobody knows what became of 1 change:\n")
        .says(&format!("  customer subscription {NEW} in registration '{REGISTRATION}'"));
}

#[test]
fn what_ended_and_could_not_be_written_is_named_by_the_second_one() {
    let stage = Stage::new();
    // More results than a pipe takes that nobody reads.
    let customers: Vec<String> =
        (0..400).map(|number| format!("aaaaaaaa-1111-4222-8333-{number:012}")).collect();
    let mut arguments = vec!["tenant", "add", "--output", "json", "--no-progress", "--throttle-limit", "64"];
    arguments.extend(customers.iter().map(String::as_str));
    let heard = Heard::start(&stage, &arguments);
    stage.wait_for("PUT", customers.len());
    // The first one is answered by nothing that could be waited for, and two signals of one kind might come as one.
    press(&heard.child);
    signal(&heard.child, Signal::TERM);
    let ran = heard.ends(&stage).ends_with(130);
    assert!(!ran.stdout.ends_with("]\n"), "all was written: {ran:#?}");
    for customer in &customers {
        let is_written = ran.stdout.contains(&format!("\"customerSubscriptionId\":\"{customer}\""));
        let is_named = ran.stderr.contains(&format!("  Added: customer subscription {customer} in "))
            || ran.stderr.contains(&format!("  customer subscription {customer} in "));
        assert!(is_written || is_named, "{customer} is lost: {ran:#?}");
    }
    ran.says("changes ended, and their results were not written:\n");
}

#[test]
fn a_list_that_is_cut_short_is_still_an_array() {
    let stage = Stage::with(|switches| switches.page_size = 1).seed(&[OLD, OTHER]);
    stage.emulator.add_fault(Fault::new(FaultAction::Delay { ms: 8000 }).path_contains("skipToken"));
    let child = start(&stage, &["tenant", "list", "-o", "json"]);
    stage.wait_for("GET", 2);
    press(&child);
    let ran = stage.read(child.wait_with_output().unwrap()).ends_with(130);
    assert_eq!(ran.json().as_array().unwrap().len(), 1);
    ran.says("Interrupted: not everything was read.").does_not_say("Cancelled");
}
