//! From a cancellation to the return of next, and in PowerShell from Ctrl+C to the prompt.

use super::clients::{self, PowerShell};
use super::figures::Figures;
use super::programs::{self, AbiBench};
use super::{Options, table};
use crate::Fallible;

/// All that a run adds fit on one page: the lists before the adds are not what is measured.
const PAGE_SIZE: &str = "100000";

/// In PowerShell: what the command is stopped in, for benches/cancel/prompt.ps1, the emulator's options that bring it there,
/// and the requests at once.
const MOMENTS: [(&str, &str, &[&str], &str); 4] = [
    // Answered later than the cancellation comes.
    ("in-flight", "writes in flight", &["--answer-delay-ms", "1000"], "16"),
    ("in-flight", "writes in flight", &["--answer-delay-ms", "1000"], "64"),
    (
        "retry",
        "a retry pending",
        &[
            "--fault",
            r#"{"match": {"method": "PUT"}, "action": {"kind": "status", "status": 503, "retryAfterSeconds": 60}}"#,
        ],
        "16",
    ),
    // The bucket holds as many as are sent at once.
    ("paced", "paced, the bucket empty", &["--throttle", "writes=16/0.1"], "16"),
];

/// Measures, and prints the table.
pub(super) fn measure(options: &Options) -> Fallible {
    let mut rows = Vec::new();
    for at_once in ["16", "64"] {
        eprintln!("cancel, {at_once} at once");
        let emulator = programs::emulator(&["--answer-delay-ms", "250", "--page-size", PAGE_SIZE])?;
        let samples = options.samples.to_string();
        let figures = AbiBench::only(&emulator, &["cancel", at_once, &samples])?;
        rows.push(cells("C ABI, to the return of next", "writes in flight", at_once, &figures)?);
    }
    let powershell = PowerShell::with_module()?;
    if let Ok(powershell) = &powershell {
        for (moment, shown, answers, at_once) in MOMENTS {
            eprintln!("cancel in PowerShell, {shown}, {at_once} at once");
            let emulator = programs::emulator(answers)?;
            let mut command = powershell.module_script("cancel/prompt.ps1", &emulator);
            let samples = (options.samples / 5).to_string();
            command.args(["-While", moment, "-AtOnce", at_once, "-Samples", &samples]);
            rows.push(cells("PowerShell, to the prompt", shown, at_once, &clients::figures(command)?)?);
        }
    }
    table::print(
        &["through", "while", "at once", "samples", "writes in flight, at least", "median", "95 %", "worst"],
        &rows,
    );
    if let Err(why) = powershell {
        table::line(&format!("Skipped: PowerShell ({why})."));
    }
    Ok(())
}

fn cells(through: &str, moment: &str, at_once: &str, figures: &Figures) -> Fallible<Vec<String>> {
    let ms = |name| Ok::<_, crate::Error>(format!("{:.2} ms", figures.get(name)? / 1000.0));
    let in_flight = figures.count("in_flight");
    Ok(vec![
        through.to_owned(),
        moment.to_owned(),
        at_once.to_owned(),
        format!("{:.0}", figures.get("samples")?),
        if in_flight > 0.0 { format!("{in_flight:.0}") } else { String::new() },
        ms("median_us")?,
        ms("p95_us")?,
        ms("worst_us")?,
    ])
}
