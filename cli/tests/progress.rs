//! How far the work has come: at the foot of a terminal, and as lines elsewhere.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use azs_emulator::{Fault, FaultAction};
use rustix::process::{Pid, Signal, kill_process};

use crate::support::*;
use crate::terminal::{QUESTION, Terminal};

/// What a terminal shows after all of this was written to it.
fn screen(written: &str) -> Vec<String> {
    let mut lines = vec![Vec::new()];
    let mut column = 0;
    for next in written.chars() {
        let line = lines.last_mut().unwrap();
        match next {
            '\n' => {
                lines.push(Vec::new());
                column = 0;
            }
            '\r' => column = 0,
            next => {
                line.resize(line.len().max(column + 1), ' ');
                line[column] = next;
                column += 1;
            }
        }
    }
    lines.into_iter().map(|line| line.into_iter().collect::<String>().trim_end().to_owned()).collect()
}

fn slow() -> Stage {
    let stage = Stage::new();
    stage.emulator.add_fault(Fault::new(FaultAction::Delay { ms: 700 }));
    stage
}

#[test]
fn a_terminal_shows_a_bar_that_is_gone_in_the_end() {
    for results_too in [false, true] {
        let stage = slow();
        let arguments = ["tenant", "add", NEW, OTHER, "--throttle-limit", "1"];
        let mut terminal = Terminal::start_with_results(&stage, &arguments, results_too);
        terminal.shows("[--------------------] 0 of 2 done");
        terminal.shows("[##########----------] 1 of 2 done");
        let ran = terminal.ends().ends_with(0);
        let shown = screen(&ran.stderr);
        assert!(shown.iter().all(|line| !line.contains(" done")), "{shown:#?}");
        if results_too {
            assert!(shown.contains(&format!("{OTHER}  {OTHER_TENANT}  Added")), "{shown:#?}");
        }
    }
}

#[test]
fn the_bar_is_gone_before_a_question() {
    let stage = slow().seed(&[OLD]);
    let mut terminal = Terminal::start(&stage, &["tenant", "add", NEW]);
    // The width of the blanks is that of the bar before.
    terminal.shows("0 of 1 done, 1 in flight");
    terminal.shows(" \rIn registration");
    terminal.shows(QUESTION);
    terminal.types("y\n");
    terminal.ends().ends_with(0);
}

#[test]
fn what_is_done_in_a_moment_shows_no_progress() {
    let stage = Stage::new();
    let began = Instant::now();
    let ran = Terminal::start(&stage, &["tenant", "add", NEW]).ends().ends_with(0);
    // On a machine that is busy it may have taken longer than that.
    if began.elapsed() < Duration::from_secs(1) {
        ran.does_not_say(" done");
    }
    stage.run(&["tenant", "add", OTHER]).ends_with(0).does_not_say("progress: ");
}

#[test]
fn a_bar_that_is_not_wanted_is_not_shown() {
    let stage = slow();
    let arguments = ["tenant", "add", NEW, OTHER, "--throttle-limit", "1", "--no-progress"];
    Terminal::start(&stage, &arguments).ends().ends_with(0).does_not_say(" done");
}

#[test]
fn a_long_wait_is_said_when_it_begins_where_there_is_no_terminal() {
    let stage = Stage::new();
    stage.emulator.add_fault(Fault::status_retry_after(429, 60).method("PUT"));
    let mut command = stage.azsreg(&["tenant", "add", NEW]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let said = said.skip_while(|line| !line.starts_with("progress: ")).inspect(|line| {
        if line.starts_with("progress: ") {
            kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        }
    });
    let said: Vec<String> = said.collect();
    let expected = "progress: 0 of 1 done, 0 in flight; waiting because the service asked for it (";
    assert!(said[0].starts_with(expected), "{said:?}");
    // Once, and what follows is about the interruption.
    assert!(said[1..].iter().all(|line| !line.starts_with("progress: ")), "{said:?}");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
