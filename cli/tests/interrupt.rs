//! Ctrl+C, and the signals that ask for the same.

use std::process::{Child, Stdio};

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
    assert_eq!(ran.json()[0]["outcome"], "Added", "{ran:#?}");
    assert_eq!(ran.json()[1]["outcome"], "NotStarted");
    assert_eq!(ran.json()[1]["customerSubscriptionId"], OTHER);
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

#[test]
fn the_second_one_leaves_at_once() {
    let stage = Stage::new();
    stage.emulator.add_fault(Fault::new(FaultAction::Hang { after_effect: false }).method("PUT"));
    let child = start(&stage, &["tenant", "add", NEW]);
    stage.wait_for("PUT", 1);
    let began = std::time::Instant::now();
    press(&child);
    // Two signals at one moment may come as one.
    std::thread::sleep(std::time::Duration::from_millis(300));
    press(&child);
    let ran = stage.read(child.wait_with_output().unwrap()).ends_with(130);
    ran.says("Nobody knows what became of 1 change:\n")
        .says(&format!("  customer subscription {NEW} in registration '{REGISTRATION}'"));
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
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
