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
    /// There are no more rows, or an interruption came: what is written without an end is not read to one.
    End,
}

/// The rows of a pipe.
pub(super) struct Feed {
    rows: Receiver<Result<Row>>,
    interrupt: Interrupt,
    was_interrupted: bool,
}

impl Feed {
    /// Begins to read. The thread ends with the input, or with the program.
    pub(super) fn start<R: Read + Send + 'static>(reader: Reader<R>) -> Feed {
        let (read, rows) = mpsc::sync_channel(AHEAD);
        thread::spawn(move || {
            for row in reader {
                if read.send(row).is_err() {
                    break;
                }
            }
        });
        Feed { rows, interrupt: Interrupt::default(), was_interrupted: false }
    }

    /// Nothing to read.
    pub(super) fn empty() -> Feed {
        Feed { rows: mpsc::sync_channel(0).1, interrupt: Interrupt::default(), was_interrupted: false }
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
            Err(RecvTimeoutError::Disconnected) => Fed::End,
            _ if self.interrupt.pressed() => {
                self.was_interrupted = true;
                Fed::End
            }
            Ok(row) => Fed::Row(Box::new(row)),
            Err(RecvTimeoutError::Timeout) => Fed::NotYet,
        }
    }
}
