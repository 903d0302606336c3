//! Questions, on a terminal.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags, open};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::*;

/// `azsreg` with somebody in front of it.
pub(crate) struct Terminal<'a> {
    stage: &'a Stage,
    pub(crate) child: Child,
    keyboard: File,
    screen: Receiver<String>,
    seen: String,
}

impl<'a> Terminal<'a> {
    pub(crate) fn start(stage: &'a Stage, arguments: &[&str]) -> Terminal<'a> {
        Terminal::start_with_results(stage, arguments, false)
    }

    /// The same; the results go to the terminal too, or to a pipe.
    pub(crate) fn start_with_results(
        stage: &'a Stage,
        arguments: &[&str],
        results_too: bool,
    ) -> Terminal<'a> {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keyboard).unwrap();
        unlockpt(&keyboard).unwrap();
        let name = ptsname(&keyboard, Vec::new()).unwrap();
        let inside = open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        let mut command = stage.azsreg(arguments);
        let results = if results_too { Stdio::from(inside.try_clone().unwrap()) } else { Stdio::piped() };
        command.stdin(inside.try_clone().unwrap()).stdout(results).stderr(inside);
        let child = command.spawn().unwrap();
        let keyboard = File::from(keyboard);
        let mut reader = keyboard.try_clone().unwrap();
        let (shown, screen) = mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            // An error says that nobody is on the other side any more.
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                if shown.send(String::from_utf8_lossy(&buffer[..length]).into_owned()).is_err() {
                    break;
                }
            }
        });
        Terminal { stage, child, keyboard, screen, seen: String::new() }
    }

    /// Waits for a text on the screen, which counts as seen from then on.
    #[track_caller]
    pub(crate) fn shows(&mut self, text: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(at) = self.seen.find(text) {
                self.seen.drain(..at + text.len());
                return;
            }
            match self.screen.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(more) => self.seen.push_str(&more.replace("\r\n", "\n")),
                Err(why) => panic!("{text:?} is not shown ({why}): {:?}", self.seen),
            }
        }
    }

    pub(crate) fn types(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).unwrap();
    }

    pub(crate) fn ends(self) -> Ran {
        // The command holds the inner side no more, so what was said is all there once the program has ended.
        let Terminal { stage, child, screen, mut seen, .. } = self;
        let mut output = child.wait_with_output().unwrap();
        seen.extend(screen.iter());
        output.stderr = seen.replace("\r\n", "\n").into_bytes();
        stage.read(output)
    }
}

pub(crate) const QUESTION: &str = "[y]es, [N]o, yes to [a]ll: ";

#[test]
fn a_move_is_asked_about_and_made() {
    let stage = Stage::new().seed(&[OLD]);
    let mut terminal = Terminal::start(&stage, &["tenant", "add", NEW]);
    terminal.shows(&format!(
        "In registration '{REGISTRATION}' the usage of tenant {TENANT} is charged to subscription"
    ));
    terminal.shows(&format!("{OLD} now. Charge it to {NEW} from now on? {QUESTION}"));
    stage.assert_nothing_was_changed();
    terminal.types("y\n");
    let ran = terminal.ends().ends_with(0).does_not_say("warning");
    ran.writes(&format!("{}{NEW}  {TENANT}  Replaced\n  charged before to {OLD}\n", heading("OUTCOME")));
    assert_eq!(stage.stored(), [NEW]);
}

#[test]
fn a_subscription_that_changes_its_tenant_is_shown_with_both() {
    let stage = Stage::new();
    let seed = azs_emulator::MappingSeed::with_tenant(NEW, OTHER_TENANT);
    assert!(stage.emulator.seed(stage.emulator.registration(), [seed]));
    let add = ["tenant", "add", NEW, "--tenant-id", TENANT];
    let mut terminal = Terminal::start(&stage, &add);
    terminal.shows(&format!("customer subscription {NEW} is mapped to tenant {OTHER_TENANT}."));
    terminal.shows(&format!("Map it to tenant {TENANT} instead? {QUESTION}"));
    terminal.types("n\n");
    terminal.ends().ends_with(3).writes(&format!(
        "{}{NEW}  {TENANT}  WouldReplace\n  mapped to tenant {OTHER_TENANT}\n",
        heading("OUTCOME")
    ));
}

#[test]
fn no_is_the_default() {
    let stage = Stage::new().seed(&[OLD]);
    let mut terminal = Terminal::start(&stage, &["tenant", "add", NEW]);
    terminal.shows(QUESTION);
    terminal.types("\n");
    terminal.ends().ends_with(3);
    stage.assert_nothing_was_changed();
}

#[test]
fn what_came_between_question_and_answer_is_asked_about_again() {
    let stage = Stage::new().seed(&[OLD]);
    let third = "7c7c7c7c-1111-4222-8333-444444444444";
    stage.emulator.set_tenant_of(third, Some(TENANT));
    let mut terminal = Terminal::start(&stage, &["tenant", "add", NEW]);
    terminal.shows(&format!("{OLD} now."));
    terminal.shows(QUESTION);
    // Somebody else moves the bill while the operator thinks.
    stage.put(&[third]);
    terminal.types("y\n");
    terminal.shows(&format!("{third} now. Charge it to {NEW} from now on? {QUESTION}"));
    stage.assert_nothing_was_changed();
    terminal.types("n\n");
    terminal.ends().ends_with(3);
    assert_eq!(stage.stored(), [third]);
}

#[test]
fn two_items_for_one_tenant_contradict_each_other() {
    let stage = Stage::new().seed(&[OLD]);
    let third = "7c7c7c7c-1111-4222-8333-444444444444";
    stage.emulator.set_tenant_of(third, Some(TENANT));
    let mut terminal = Terminal::start(&stage, &["tenant", "add", NEW, third]);
    for to in [NEW, third] {
        terminal.shows(&format!("{OLD} now. Charge it to {to} from now on? {QUESTION}"));
        terminal.types("y\n");
    }
    terminal.ends().ends_with(1).says("RowsContradict");
    assert_eq!(stage.stored(), [NEW]);
}

#[test]
fn a_fresh_addition_asks_nothing_on_a_terminal_either() {
    let stage = Stage::new();
    Terminal::start(&stage, &["tenant", "add", NEW]).ends().ends_with(0).does_not_say(QUESTION);
}

#[test]
fn all_holds_for_what_follows_which_is_warned_of() {
    let stage = Stage::new().seed(&[OLD, OTHER]);
    let other_new = "5e5e5e5e-1111-4222-8333-444444444444";
    stage.emulator.set_tenant_of(other_new, Some(OTHER_TENANT));
    let mut terminal = Terminal::start(&stage, &["tenant", "add", NEW, other_new]);
    terminal.shows(QUESTION);
    terminal.types("a\n");
    let ran = terminal.ends().ends_with(0).does_not_say(QUESTION);
    let ran = ran.says(&format!("the usage of tenant {OTHER_TENANT} moved: {OTHER} -> {other_new}"));
    ran.does_not_say(&format!("moved: {OLD}"));
    let mut stored = stage.stored();
    stored.sort();
    assert_eq!(stored, [other_new, NEW]);
}

#[test]
fn a_removal_is_asked_about_before_anything_is_sent() {
    let stage = Stage::new().seed(&[OLD]);
    let mut terminal = Terminal::start(&stage, &["tenant", "remove", OLD]);
    terminal.shows(&format!("Remove customer subscription {OLD} in registration '{REGISTRATION}'"));
    terminal.shows(&format!("charged to subscription {SUBSCRIPTION} of the registration. {QUESTION}"));
    stage.assert_nothing_was_sent();
    terminal.types("n\n");
    let ran = terminal.ends().ends_with(3);
    ran.writes(&format!("{}{OLD}  -{:35}  NotStarted\n", heading("OUTCOME"), ""));
    stage.assert_nothing_was_sent();

    let mut terminal = Terminal::start(&stage, &["tenant", "remove", "--tenant-id", TENANT]);
    terminal.shows(&format!("Remove tenant {TENANT} in registration"));
    terminal.shows(QUESTION);
    terminal.types("yes\n");
    terminal.ends().ends_with(0);
    assert_eq!(stage.stored().len(), 0);
}

#[test]
fn yes_to_one_removal_is_not_yes_to_the_next() {
    let stage = Stage::new().seed(&[OLD, OTHER]);
    let mut terminal = Terminal::start(&stage, &["tenant", "remove", OLD, OTHER]);
    terminal.shows(QUESTION);
    terminal.types("n\n");
    terminal.shows(QUESTION);
    terminal.types("y\n");
    terminal.ends().ends_with(3);
    assert_eq!(stage.stored(), [OLD]);
}

#[test]
fn ctrl_c_at_a_question_leaves_everything_as_it_was() {
    let stage = Stage::new().seed(&[OLD, OTHER]);
    let mut terminal = Terminal::start(&stage, &["tenant", "remove", OLD, OTHER]);
    terminal.shows(QUESTION);
    terminal.types("y\n");
    terminal.shows(QUESTION);
    kill_process(Pid::from_child(&terminal.child), Signal::INT).unwrap();
    terminal.ends().ends_with(130).says("Interrupted: 0 done, 0 failed, 0 unknown, 2 not started.");
    stage.assert_nothing_was_sent();

    let mut terminal = Terminal::start(&stage, &["tenant", "add", NEW]);
    terminal.shows(QUESTION);
    kill_process(Pid::from_child(&terminal.child), Signal::INT).unwrap();
    let ran = terminal.ends().ends_with(130);
    ran.says("Interrupted: 0 done, 0 failed, 0 unknown, 1 not started.");
    stage.assert_nothing_was_changed();
}

#[test]
fn rows_to_remove_are_asked_about_before_the_first_is_sent_and_a_yes_to_all_lets_the_rest_through() {
    let stage = Stage::new().seed(&[OLD, OTHER]);
    let rows = format!("CustomerSubscriptionId\n{OTHER}\n{OLD}\njunk\n{NEW}\n{NEW}\n");
    std::fs::write(stage.path("rows.csv"), rows).unwrap();
    let mut terminal = Terminal::start(&stage, &["tenant", "remove", "-i", "rows.csv", "--skip-invalid"]);
    terminal.shows(&format!("Remove customer subscription {OTHER} in"));
    terminal.shows(QUESTION);
    terminal.types("n\n");
    terminal.shows(&format!("Remove customer subscription {OLD} in"));
    terminal.shows(QUESTION);
    terminal.types("y\n");
    terminal.shows(&format!("Remove customer subscription {NEW} in"));
    terminal.shows(QUESTION);
    stage.assert_nothing_was_sent();
    terminal.types("a\n");
    let ran = terminal.ends().ends_with(1).does_not_say(QUESTION);
    let outcomes: Vec<&str> = ran.stdout.lines().filter_map(|line| line.get(76..)).collect();
    assert_eq!(
        outcomes,
        ["OUTCOME", "NotStarted", "Removed", "Failed (GuidNotValid)", "NotFound", "NotFound"]
    );
    assert_eq!(stage.stored(), [OTHER]);
}
