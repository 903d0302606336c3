//! The benchmarks: tables of Markdown on standard output, as docs/performance.md has them.
//!
//! Server and clients share one machine, so what counts are ratios of runs that take turns.

mod adds;
mod bucket;
mod cancel;
mod clients;
mod figures;
mod list;
mod machine;
mod memory;
mod peers;
mod programs;
mod rows;
mod table;

use crate::Fallible;

/// How much is measured.
struct Options {
    repetitions: u32,
    adds: u32,
    /// Adds that are answered at once, too: on two cores server and client then take them from each other.
    unhindered: bool,
    samples: u32,
    items: u32,
    throttled_adds: u32,
}

/// A benchmark: its name, its heading, and what measures and prints it.
struct Bench {
    name: &'static str,
    heading: &'static str,
    measure: fn(&Options) -> Fallible,
    /// It takes many minutes, and what the others do without: it runs when it is named.
    by_name: bool,
}

const BENCHES: &[Bench] = &[
    Bench { name: "adds", heading: "Adds", measure: adds::measure, by_name: false },
    Bench { name: "cancel", heading: "Cancellation", measure: cancel::measure, by_name: false },
    Bench { name: "list", heading: "Lists", measure: list::measure, by_name: false },
    Bench { name: "bucket", heading: "A token bucket", measure: bucket::measure, by_name: false },
    Bench { name: "memory", heading: "Memory of adds", measure: memory::measure, by_name: true },
    Bench { name: "peers", heading: "Beside other clients", measure: peers::measure, by_name: true },
    Bench { name: "rows", heading: "Rows through PowerShell", measure: rows::measure, by_name: true },
];

/// Whether a benchmark is to run.
fn is_wanted(bench: &Bench, only: &[String]) -> bool {
    if only.is_empty() { !bench.by_name } else { only.iter().any(|name| name == bench.name) }
}

/// Runs the benchmarks with these names, or all that are short; `full` with more adds.
pub(crate) fn run(only: &[String], full: bool) -> Fallible {
    if cfg!(windows) {
        return Err("the benchmarks use POSIX threads and processes".into());
    }
    if let Some(unknown) = only.iter().find(|name| BENCHES.iter().all(|bench| bench.name != *name)) {
        let names: Vec<_> = BENCHES.iter().map(|bench| bench.name).collect();
        return Err(format!("there is no benchmark '{unknown}'; there are: {}", names.join(", ")).into());
    }
    let options = if full {
        Options {
            repetitions: 5,
            adds: 16_000,
            unhindered: true,
            samples: 500,
            items: 100_000,
            throttled_adds: 1_000,
        }
    } else {
        Options {
            repetitions: 3,
            adds: 8_000,
            unhindered: false,
            samples: 100,
            items: 100_000,
            throttled_adds: 400,
        }
    };
    programs::build()?;
    table::line(&format!("Machine: {}.", machine::shown()));
    for bench in BENCHES.iter().filter(|bench| is_wanted(bench, only)) {
        table::line(&format!("### {}", bench.heading));
        (bench.measure)(&options)?;
    }
    table::line(&format!("Load average at the end: {}.", machine::load()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_long_benchmarks_run_by_name_alone() {
        let wanted = |only: &[String]| -> Vec<_> {
            BENCHES.iter().filter(|bench| is_wanted(bench, only)).map(|bench| bench.name).collect()
        };
        assert_eq!(wanted(&[]), ["adds", "cancel", "list", "bucket"]);
        assert_eq!(wanted(&["rows".to_owned(), "list".to_owned()]), ["list", "rows"]);
    }
}
