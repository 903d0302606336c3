//! A token bucket in the way: how near to what it allows, and how often the service had to refuse.

use super::figures::Figures;
use super::programs::{self, AbiBench};
use super::{Options, table};
use crate::Fallible;

/// Requests at once: more than a bucket of ARM's stands for long.
const AT_ONCE: u32 = 16;

/// A bucket of the server's.
struct Bucket {
    shown: &'static str,
    switch: &'static str,
    capacity: f64,
    refill: f64,
}

const ARM: Bucket = Bucket { shown: "ARM's: 200, 10 a second", switch: "arm", capacity: 200.0, refill: 10.0 };
const SMALLER: Bucket = Bucket {
    shown: "another: 50, 5 a second",
    switch: "reads=60/6,writes=50/5,deletes=50/5",
    capacity: 50.0,
    refill: 5.0,
};

/// Measures, and prints the table.
pub(super) fn measure(options: &Options) -> Fallible {
    let mut rows = Vec::new();
    rows.extend(one(&ARM, options.throttled_adds, options.throttled_adds / 4)?);
    rows.extend(one(&SMALLER, options.throttled_adds / 4, options.throttled_adds / 8)?);
    table::print(
        &["the server's bucket", "run", "adds", "time", "the bucket allows", "ratio", "failed", "429s"],
        &rows,
    );
    Ok(())
}

fn one(bucket: &Bucket, first: u32, second: u32) -> Fallible<Vec<Vec<String>>> {
    eprintln!("bucket, {}: {first} adds, then {second}, then {second} with azsreg", bucket.shown);
    let emulator = programs::emulator(&["--throttle", bucket.switch])?;
    let mut refused = 0.0;
    let mut row = |run: &str, figures: &Figures, full: f64| -> Fallible<Vec<String>> {
        let (adds, seconds) = (figures.get("adds")?, figures.get("seconds")?);
        let allowed = (adds - full).max(0.0) / bucket.refill;
        let so_far = programs::too_many(&emulator)?;
        let met = so_far - std::mem::replace(&mut refused, so_far);
        Ok(vec![
            bucket.shown.to_owned(),
            run.to_owned(),
            format!("{adds:.0}"),
            format!("{seconds:.2} s"),
            format!("{allowed:.2} s"),
            format!("{:.3}", seconds / allowed),
            format!("{:.0}", figures.count("failed")),
            format!("{met:.0}"),
        ])
    };
    let (at_once, counts) = (AT_ONCE.to_string(), [first.to_string(), second.to_string()]);
    let mut program = AbiBench::start(&emulator, &["adds", &at_once, &counts[0], &counts[1]])?;
    let mut rows = vec![row("C ABI, the bucket full", &program.figures()?, bucket.capacity)?];
    program.go_on()?;
    rows.push(row("the same client right after", &program.figures()?, 0.0)?);
    let numbers = first + second..first + 2 * second;
    let figures = programs::azsreg_adds(&emulator, AT_ONCE, numbers)?;
    rows.push(row("azsreg, a new process, right after", &figures, 0.0)?);
    Ok(rows)
}
