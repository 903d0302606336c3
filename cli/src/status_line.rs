//! The last line of the terminal: shown below everything that is written, and gone before a question.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the line shows now; empty where there is none. There is one terminal, and more than one thread that writes to it.
static SHOWN: Mutex<String> = Mutex::new(String::new());

fn shown() -> MutexGuard<'static, String> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The columns of a terminal whose size is not known.
const USUAL_COLUMNS: usize = 80;

/// How much fits into the line: a character in the last column would begin the next one.
pub(crate) fn room() -> usize {
    let columns = terminal_size::terminal_size_of(io::stderr()).map(|(columns, _)| usize::from(columns.0));
    // A size of 0 is what a terminal says that does not know.
    columns.filter(|columns| *columns > 0).unwrap_or(USUAL_COLUMNS) - 1
}

/// Shows a text of printable ASCII in place of what the line showed before.
pub(crate) fn show(text: &str) {
    let mut shown = shown();
    erase(&shown);
    draw(text);
    text.clone_into(&mut shown);
}

/// Takes the line away.
pub(crate) fn take_away() {
    let mut shown = shown();
    erase(&shown);
    shown.clear();
}

/// Writes something, whole lines, to standard error or standard output while the line is out of the way.
pub(crate) fn aside<T>(write: impl FnOnce() -> T) -> T {
    let shown = shown();
    erase(&shown);
    let written = write();
    draw(&shown);
    written
}

/// Blanks instead of an escape sequence: every terminal knows them.
fn erase(text: &str) {
    if !text.is_empty() {
        put(&format!("\r{:width$}\r", "", width = text.len()));
    }
}

fn draw(text: &str) {
    if !text.is_empty() {
        put(text);
    }
}

fn put(text: &str) {
    let mut terminal = io::stderr().lock();
    let _ = terminal.write_all(text.as_bytes());
    let _ = terminal.flush();
}
