//! Rows that come through a pipe, read by a thread of its own: whoever writes them may take long, and an interruption must not
//! wait for that.

use std::io::Read;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use azs_registration::Result;
use azs_registration::rows::{Reader, Row};

use crate::interrupt::Interrupt;

/// How many rows are read ahead.
const AHEAD: usize = 256;

/// How long a row is waited for before results of others are looked at.
const LOOK: Duration = Duration::from_millis(20);

/// What a pipe has to say.
pub(super) enum Fed {
    Row(Box<Result<Row>>),
    /// The next row is still to be written.
    NotYet,
    /// What reads the rows has come to no end: nobody knows what follows.
    Broken,
    /// There are no more rows, or an interruption came: what is written without an end is not read to one.
    End,
}

/// The rows of a pipe.
pub(super) struct Feed {
    /// `None` is the end of the rows.
    rows: Receiver<Option<Result<Row>>>,
    interrupt: Interrupt,
    was_interrupted: bool,
    has_ended: bool,
}

impl Feed {
    /// Begins to read. The thread ends with the input, or with the program.
    pub(super) fn start<R: Read + Send + 'static>(reader: Reader<R>) -> Feed {
        Feed::of(reader)
    }

    fn of(reader: impl Iterator<Item = Result<Row>> + Send + 'static) -> Feed {
        let (read, rows) = mpsc::sync_channel(AHEAD);
        thread::spawn(move || {
            // The end is said: a thread that is gone without a word has not reached it.
            for row in reader.map(Some).chain([None]) {
                if read.send(row).is_err() {
                    break;
                }
            }
        });
        Feed { rows, interrupt: Interrupt::default(), was_interrupted: false, has_ended: false }
    }

    /// Nothing to read.
    pub(super) fn empty() -> Feed {
        Feed {
            rows: mpsc::sync_channel(0).1,
            interrupt: Interrupt::default(),
            was_interrupted: false,
            has_ended: true,
        }
    }

    /// Has an interruption end the wait.
    pub(super) fn watch(&mut self, interrupt: &Interrupt) {
        self.interrupt = interrupt.clone();
    }

    /// Whether an interruption came before the end.
    pub(super) fn was_interrupted(&self) -> bool {
        self.was_interrupted
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Fed {
        match self.rows.recv_timeout(LOOK) {
            Ok(None) => {
                self.has_ended = true;
                Fed::End
            }
            Err(RecvTimeoutError::Disconnected) if self.has_ended => Fed::End,
            _ if self.interrupt.pressed() => {
                self.was_interrupted = true;
                Fed::End
            }
            Ok(Some(row)) => Fed::Row(Box::new(row)),
            Err(RecvTimeoutError::Disconnected) => Fed::Broken,
            Err(RecvTimeoutError::Timeout) => Fed::NotYet,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end_of(mut feed: Feed) -> Fed {
        loop {
            match feed.next() {
                Fed::NotYet => {}
                end => return end,
            }
        }
    }

    #[test]
    fn only_an_end_that_is_said_is_one() {
        assert!(matches!(end_of(Feed::of(std::iter::empty())), Fed::End));
        assert!(matches!(end_of(Feed::empty()), Fed::End));
        let breaks = std::iter::from_fn(|| -> Option<Result<Row>> { panic!("on purpose") });
        assert!(matches!(end_of(Feed::of(breaks)), Fed::Broken));
    }
}
