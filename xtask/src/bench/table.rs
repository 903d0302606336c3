//! Tables of Markdown, on standard output.

use std::io::Write;

/// Prints a table. That it cannot be written, as into a pipe that was closed, has no remedy.
pub(super) fn print(head: &[&str], rows: &[Vec<String>]) {
    let mut output = std::io::stdout().lock();
    let _ = writeln!(output, "| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        let _ = writeln!(output, "| {} |", row.join(" | "));
    }
    let _ = writeln!(output);
}

/// Prints a heading, or any other line.
pub(super) fn line(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}\n");
}
