//! Adds a second beside what the server can answer, and what they cost.

use super::figures::{Figures, median};
use super::programs::{self, AbiBench};
use super::{Options, table};
use crate::Fallible;

/// The answer time: every answer waits so long, the challenge's and the write's alike.
const ANSWER_MS: u32 = 20;

/// What is done at one number of requests at once.
struct Case {
    answer_ms: u32,
    at_once: u32,
    adds: u32,
}

/// Who makes the adds.
#[derive(Default)]
struct Row {
    adds_a_second: Vec<f64>,
    share: Vec<f64>,
    cpu_us: Vec<f64>,
    peak_mb: Vec<f64>,
    failed: f64,
}

impl Row {
    fn add(&mut self, figures: &Figures, requests: f64, server: f64) -> Fallible<f64> {
        let adds_a_second = figures.get("adds")? / figures.get("seconds")?;
        self.adds_a_second.push(adds_a_second);
        self.share.push(if server > 0.0 { adds_a_second / server } else { 1.0 });
        self.cpu_us.push(figures.get("cpu_seconds")? * 1e6 / requests);
        self.peak_mb.push(figures.count("peak_kib") / 1024.0);
        self.failed += figures.count("failed");
        Ok(adds_a_second)
    }

    fn cells(self, case: &Case, name: &str) -> Vec<String> {
        let adds_a_second = median(self.adds_a_second);
        let peak = median(self.peak_mb);
        vec![
            format!("{} ms", case.answer_ms),
            case.at_once.to_string(),
            name.to_owned(),
            format!("{adds_a_second:.0}"),
            format!("{:.0}", 2.0 * adds_a_second),
            format!("{:.0} %", 100.0 * median(self.share)),
            format!("{:.0} µs", median(self.cpu_us)),
            if peak > 0.0 { format!("{peak:.1} MB") } else { String::new() },
            if peak > 0.0 { format!("{:.0}", self.failed) } else { String::new() },
        ]
    }
}

/// Measures, and prints the table.
pub(super) fn measure(options: &Options) -> Fallible {
    let mut cases = vec![
        Case { answer_ms: ANSWER_MS, at_once: 16, adds: options.adds / 2 },
        Case { answer_ms: ANSWER_MS, at_once: 64, adds: options.adds },
    ];
    if options.unhindered {
        cases.push(Case { answer_ms: 0, at_once: 64, adds: options.adds });
    }
    let mut rows = Vec::new();
    for case in &cases {
        rows.extend(one(case, options.repetitions)?);
    }
    table::print(
        &[
            "answer time",
            "at once",
            "client",
            "adds/s",
            "requests/s",
            "of the server's",
            "CPU a request",
            "peak memory",
            "failed",
        ],
        &rows,
    );
    Ok(())
}

fn one(case: &Case, repetitions: u32) -> Fallible<Vec<Vec<String>>> {
    let fault = format!(r#"{{"match": {{}}, "action": {{"kind": "delay", "ms": {}}}}}"#, case.answer_ms);
    let options: Vec<&str> = if case.answer_ms > 0 { vec!["--fault", &fault] } else { vec![] };
    let (at_once, adds) = (case.at_once.to_string(), case.adds.to_string());
    let (mut raw, mut abi, mut azsreg) = (Row::default(), Row::default(), Row::default());
    for repetition in 1..=repetitions {
        eprintln!("{} ms, {at_once} at once, {adds} adds: {repetition} of {repetitions}", case.answer_ms);
        let fresh = || programs::emulator(&options);
        let emulator = fresh()?;
        let figures = programs::raw(&emulator, &["adds", &adds, &at_once])?;
        let server = raw.add(&figures, figures.get("requests")?, 0.0)?;

        let emulator = fresh()?;
        let figures = AbiBench::only(&emulator, &["adds", &at_once, &adds])?;
        // All of them, those for the registration and its list too.
        let requests = programs::raw(&emulator, &["counts"])?.get("received")?;
        abi.add(&figures, requests, server)?;

        let emulator = fresh()?;
        let figures = programs::azsreg_adds(&emulator, case.at_once, 0..case.adds)?;
        let requests = programs::raw(&emulator, &["counts"])?.get("received")?;
        azsreg.add(&figures, requests, server)?;
    }
    Ok(vec![
        raw.cells(case, "none: the server's limit"),
        abi.cells(case, "C ABI"),
        azsreg.cells(case, "azsreg"),
    ])
}
