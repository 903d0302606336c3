//! Questions to the operator, on a terminal alone.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::interrupt::Interrupt;
use crate::messages::printable;
use crate::status_line;

/// How often Ctrl+C is looked for while an answer is waited for.
const LOOK: Duration = Duration::from_millis(50);

/// What the operator said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    No,
    /// Yes, and to all further questions of this run.
    All,
    /// Ctrl+C.
    Interrupted,
}

/// Whether somebody is there to be asked: nobody is where standard input is a pipe, such as one with the token, and a
/// question in a log is none.
pub(crate) fn is_possible() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks, with No as the default.
pub(crate) fn ask(question: &str, interrupt: &Interrupt) -> Answer {
    status_line::take_away();
    let mut terminal = io::stderr();
    let _ = write!(terminal, "{} [y]es, [N]o, yes to [a]ll: ", printable(question));
    let _ = terminal.flush();
    let (said, hear) = mpsc::channel();
    // A thread of its own, for reading a line cannot be given up; after Ctrl+C it ends with the program.
    thread::spawn(move || {
        let mut line = String::new();
        let _ = io::stdin().read_line(&mut line);
        let _ = said.send(line);
    });
    loop {
        match hear.recv_timeout(LOOK) {
            Ok(line) => return read(&line),
            Err(RecvTimeoutError::Timeout) if interrupt.pressed() => {
                let _ = writeln!(terminal);
                return Answer::Interrupted;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Answer::No,
        }
    }
}

fn read(line: &str) -> Answer {
    match line.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Answer::Yes,
        "a" | "all" => Answer::All,
        _ => Answer::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_not_yes_is_no() {
        for (line, answer) in [
            ("y\n", Answer::Yes),
            (" YES \r\n", Answer::Yes),
            ("a\n", Answer::All),
            ("All\n", Answer::All),
            ("\n", Answer::No),
            ("", Answer::No),
            ("n\n", Answer::No),
            ("yy\n", Answer::No),
            ("always\n", Answer::No),
        ] {
            assert_eq!(read(line), answer, "{line:?}");
        }
    }
}
