//! Ctrl+C, and the signals that ask for the same (SIGTERM, SIGHUP): the first one asks the work to end, the second one ends the
//! program.

use std::collections::BTreeMap;
use std::io;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use azs_registration::operation::Report;
use azs_registration::tenants::{Mapping, Outcome};

use crate::exit_code::ExitCode;
use crate::given::Given;
use crate::messages;

/// How long the program waits for the next of its last words: the terminal may take none.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Whether an interruption was asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupt {
    pressed: Arc<AtomicBool>,
    /// The changes whose results were dealt with.
    given: Given,
}

impl Interrupt {
    /// Begins to watch; before, it ends the program as it ends any other.
    pub(crate) fn watch(report: Report) -> Interrupt {
        let interrupt = Interrupt::default();
        let seen = interrupt.clone();
        let watching = ctrlc::set_handler(move || {
            if seen.pressed.swap(true, Ordering::SeqCst) {
                leave(&report, &seen.given);
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

    /// Notes that the result of a change was dealt with, by its number in the report: it is not named where the program is
    /// made to leave.
    pub(crate) fn note_given(&self, number: u64) {
        self.given.note(number);
    }
}

/// Ends the program, and says what it leaves open, and what ended without its result having been written.
fn leave(report: &Report, given: &Given) -> ! {
    let (report, given) = (report.clone(), given.clone());
    let (said, hear) = mpsc::channel();
    // A thread of its own: a terminal that was stopped takes no word, and must not keep the program.
    thread::spawn(move || {
        // Nobody hears it where the program is about to end.
        let goes_on = || {
            let _ = said.send(());
        };
        let left = Left::read(&report, &given, goes_on);
        left.say(goes_on);
    });
    // It goes on as long as there is something to be heard of it, and ends with it.
    while hear.recv_timeout(LAST_WORDS).is_ok() {}
    process::exit(ExitCode::Interrupted as i32);
}

/// What a program that is made to leave has not told yet.
#[derive(Default)]
struct Left {
    /// The changes that have not ended.
    open: BTreeMap<u64, Mapping>,
    /// Those that have, each with its outcome, and whose results were not given.
    ended: BTreeMap<u64, (Outcome, Mapping)>,
    /// Why the report could not be read to its end.
    fault: Option<io::Error>,
}

impl Left {
    fn read(report: &Report, given: &Given, goes_on: impl Fn()) -> Left {
        let mut left = Left::default();
        for entry in report.entries() {
            goes_on();
            let entry = match entry {
                Ok(entry) => entry,
                Err(why) => {
                    left.fault = Some(why);
                    break;
                }
            };
            let Some(finished) = entry.finished else {
                left.open.insert(entry.number, entry.mapping);
                continue;
            };
            // It may have been open when the reading began.
            left.open.remove(&entry.number);
            if !given.has(entry.number) {
                left.ended.insert(entry.number, (finished.outcome, finished.mapping));
            }
        }
        left
    }

    fn say(&self, goes_on: impl Fn()) {
        let changes =
            |count: usize| if count == 1 { "1 change".to_owned() } else { format!("{count} changes") };
        let line = |text: String| {
            messages::line(text);
            goes_on();
        };
        if let Some(why) = &self.fault {
            line(format!(
                "What became of each change cannot be read to its end ({why}): what is named here is not all."
            ));
        }
        // Each of them has to be looked after, so that each is named.
        if !self.ended.is_empty() {
            line(format!("{} ended, and their results were not written:", changes(self.ended.len())));
        }
        for (outcome, mapping) in self.ended.values() {
            line(format!("  {}: {}", outcome.name(), messages::subject(mapping)));
        }
        if self.open.is_empty() {
            line("Left at once. No change was in flight.".to_owned());
            return;
        }
        line(format!("Left at once. Nobody knows what became of {}:", changes(self.open.len())));
        for mapping in self.open.values() {
            line(format!("  {}", messages::subject(mapping)));
        }
        line(
            "Each of them can take effect for 90 s from now on. After that, run the same command again: what is done is left \
             as it is."
                .to_owned(),
        );
    }
}
