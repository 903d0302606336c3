//! What adds cost in memory: for each mapping that the registration has before, and for each row.

use super::programs::{self, AbiBench};
use super::{Options, table};
use crate::Fallible;

/// Rows that fill what is kept of a batch whatever its length, the report's first entries above all.
const FIRST_ROWS: u32 = 20_000;
/// How many requests are on their way at once.
const AT_ONCE: &str = "64";

/// The peak of a process that makes so many adds to a registration with so many mappings, in bytes.
fn peak(mappings: u32, adds: u32) -> Fallible<f64> {
    eprintln!("{adds} adds beside {mappings} mappings");
    let emulator = programs::emulator(&["--generate", &mappings.to_string()])?;
    let figures = AbiBench::only(&emulator, &["adds", AT_ONCE, &adds.to_string()])?;
    if figures.count("failed") > 0.0 {
        return Err(format!("{} adds failed", figures.count("failed")).into());
    }
    Ok(figures.get("peak_kib")? * 1024.0)
}

/// Measures, and prints the table.
pub(super) fn measure(options: &Options) -> Fallible {
    let (mappings, rows) = (options.items, options.items);
    let nothing = peak(0, 1)?;
    let mapped = peak(mappings, 1)?;
    let first = peak(0, FIRST_ROWS)?;
    let all = peak(0, FIRST_ROWS + rows)?;
    let line = |what: String, from: f64, to: f64, count: u32| {
        let megabytes = |bytes: f64| format!("{:.1} MB", bytes / 1024.0 / 1024.0);
        vec![what, megabytes(from), megabytes(to), format!("{:.0} bytes", (to - from) / f64::from(count))]
    };
    table::print(
        &["what is more", "peak memory without", "with", "each"],
        &[
            line(format!("{mappings} mappings before one add"), nothing, mapped, mappings),
            line(format!("{rows} rows after {FIRST_ROWS}"), first, all, rows),
        ],
    );
    Ok(())
}
