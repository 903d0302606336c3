//! Ctrl+C, and the signals that ask for the same (SIGTERM, SIGHUP): the first one asks the work to end, the second one ends the
//! program.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use azs_registration::operation::Report;

use crate::exit_code::ExitCode;
use crate::messages;

/// How long the program takes for its last words: the terminal may take none.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How many of the items that are left open are named.
const MOST_NAMED: usize = 20;

/// Whether an interruption was asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupt {
    pressed: Arc<AtomicBool>,
}

impl Interrupt {
    /// Begins to watch; before, it ends the program as it ends any other.
    pub(crate) fn watch(report: Report) -> Interrupt {
        let interrupt = Interrupt::default();
        let pressed = interrupt.pressed.clone();
        let watching = ctrlc::set_handler(move || {
            if pressed.swap(true, Ordering::SeqCst) {
                leave(&report);
            }
        });
        if let Err(why) = watching {
            messages::warning(format_args!("Ctrl+C will end the program without a report ({why})."));
        }
        interrupt
    }

    /// Whether it was asked for.
    pub(crate) fn pressed(&self) -> bool {
        self.pressed.load(Ordering::SeqCst)
    }
}

/// Ends the program, and says what it leaves open.
fn leave(report: &Report) -> ! {
    let report = report.clone();
    let (said, hear) = mpsc::channel();
    // A thread of its own: a terminal that was stopped takes no word, and must not keep the program.
    thread::spawn(move || {
        say_what_is_open(&report);
        let _ = said.send(());
    });
    let _ = hear.recv_timeout(LAST_WORDS);
    process::exit(ExitCode::Interrupted as i32);
}

fn say_what_is_open(report: &Report) {
    let open = report.pending();
    if open.is_empty() {
        messages::line("Left at once. No change was in flight.");
        return;
    }
    messages::line(format_args!(
        "Left at once. Nobody knows what became of {}:",
        if open.len() == 1 { "1 change".to_owned() } else { format!("{} changes", open.len()) }
    ));
    for entry in open.iter().take(MOST_NAMED) {
        messages::line(format_args!("  {}", messages::subject(&entry.mapping)));
    }
    if open.len() > MOST_NAMED {
        messages::line(format_args!("  and {} more", open.len() - MOST_NAMED));
    }
    messages::line(
        "Each of them can take effect for 90 s from now on. After that, run the same command again: what is done is left as it is.",
    );
}
