//! From a cancellation to the return of next, with writes in flight.

use super::programs::{self, AbiBench};
use super::{Options, table};
use crate::Fallible;

/// How late writes are answered: later than the cancellation comes.
const ANSWER_DELAY_MS: &str = "250";
/// All that a run adds fit on one page: the lists before the adds are not what is measured.
const PAGE_SIZE: &str = "100000";

/// Measures, and prints the table.
pub(super) fn measure(options: &Options) -> Fallible {
    let mut rows = Vec::new();
    for at_once in ["16", "64"] {
        eprintln!("cancel, {at_once} at once");
        let emulator = programs::emulator(&["--answer-delay-ms", ANSWER_DELAY_MS, "--page-size", PAGE_SIZE])?;
        let samples = options.samples.to_string();
        let figures = AbiBench::only(&emulator, &["cancel", at_once, &samples])?;
        let ms = |name| Ok::<_, crate::Error>(format!("{:.2} ms", figures.get(name)? / 1000.0));
        rows.push(vec![
            at_once.to_owned(),
            samples,
            format!("{:.0}", figures.get("in_flight")?),
            ms("median_us")?,
            ms("p95_us")?,
            ms("worst_us")?,
        ]);
    }
    table::print(&["at once", "samples", "writes in flight, at least", "median", "95 %", "worst"], &rows);
    Ok(())
}
