//! Many rows through PowerShell: the time that each takes beside what a pipeline costs anyway, and the memory of all.

use std::fmt::Write as _;
use std::fs;

use super::clients::{self, PowerShell};
use super::figures::Figures;
use super::programs;
use super::{Options, table};
use crate::Fallible;
use crate::emulator::Emulator;

/// Requests at once: what the emulator can answer is the limit then.
const AT_ONCE: &str = "64";

/// What is done with the rows of a file: for benches/rows/csv.ps1, and as it is shown.
const OF_A_FILE: [(&str, &str); 3] = [
    ("add", "`Import-Csv \\| New-AzsRegistrationTenant`"),
    ("add-on", "`Import-Csv \\| New-AzsRegistrationTenant \\| ForEach-Object { $_ }`"),
    ("hand-on", "`Import-Csv \\| ForEach-Object { $_ }`"),
];

/// A command over so many rows.
struct Run {
    command: &'static str,
    rows: u32,
    figures: Figures,
    /// The seconds that the emulator alone takes to answer as much.
    server: f64,
}

impl Run {
    fn cells(&self) -> Fallible<Vec<String>> {
        let us = |seconds: f64| format!("{:.1} µs", seconds * 1e6 / f64::from(self.rows));
        let mb = |what| self.figures.get(what).map(|kib| format!("{:.0} MB", kib / 1024.0));
        let seconds = self.figures.get("seconds")?;
        Ok(vec![
            self.command.to_owned(),
            self.rows.to_string(),
            us(seconds),
            if self.server > 0.0 { us(self.server) } else { String::new() },
            us(seconds - self.server),
            us(self.figures.get("cpu_seconds")?),
            mb("before_kib")?,
            mb("peak_kib")?,
            format!("{:.0}", self.figures.count("failed")),
        ])
    }
}

/// Measures, and prints the tables.
pub(super) fn measure(options: &Options) -> Fallible {
    let powershell = match PowerShell::with_module()? {
        Ok(powershell) => powershell,
        Err(why) => {
            table::line(&format!("Skipped: {why}."));
            return Ok(());
        }
    };
    let (few, many) = (options.items / 10, options.items);
    let mut runs = Vec::new();
    for count in [many, 10 * many] {
        eprintln!("{count} listed");
        runs.extend(listed(&powershell, count)?);
    }
    let (mut fewer_added, mut added) = (Vec::new(), Vec::new());
    for (count, runs) in [(few, &mut fewer_added), (many, &mut added)] {
        eprintln!("{count} added");
        runs.extend(of_a_file(&powershell, count)?);
    }
    // What a file of as many rows grows it by in any case, too: .NET collects late where there is memory.
    let (first, last) = (0, OF_A_FILE.len() - 1);
    let memory = [first, last].map(|index| growth(&fewer_added[index], &added[index]));
    let head = ["command", "rows", "time a row", "of it the server's", "beyond", "CPU a row"];
    let head = [&head[..], &["memory before", "peak memory", "failed"]].concat();
    let cells: Fallible<Vec<_>> = runs.iter().chain(&fewer_added).chain(&added).map(Run::cells).collect();
    table::print(&head, &cells?);
    table::print(
        &["command", "rows from", "to", "peak memory grows by", "memory kept by", "of it objects of .NET"],
        &memory,
    );
    Ok(())
}

fn emulator(mappings: u32) -> Fallible<Emulator> {
    programs::emulator(&["--generate", &mappings.to_string()])
}

/// A list, and as many objects from a cmdlet that does nothing else.
fn listed(powershell: &PowerShell, rows: u32) -> Fallible<[Run; 2]> {
    let emulator = emulator(rows)?;
    let server = programs::raw(&emulator, &["pages"])?.get("seconds")?;
    let list = clients::figures(powershell.module_script("rows/list.ps1", &emulator))?;
    if list.get("rows")? != f64::from(rows) {
        return Err(format!("a list gave {} of {rows} rows", list.get("rows")?).into());
    }
    let mut write = powershell.plain_script("rows/objects.ps1");
    write.args(["-Count", &rows.to_string()]);
    let only = "a cmdlet that only writes objects `\\| Measure-Object`";
    Ok([
        Run { command: "`Get-AzsRegistrationTenant \\| Measure-Object`", rows, figures: list, server },
        Run { command: only, rows, figures: clients::figures(write)?, server: 0.0 },
    ])
}

/// The rows of a file: added to a registration that has none, or only handed on.
fn of_a_file(powershell: &PowerShell, rows: u32) -> Fallible<Vec<Run>> {
    let server = programs::raw(&emulator(0)?, &["adds", &rows.to_string(), AT_ONCE])?.get("seconds")?;
    let mut text = "CustomerSubscriptionId\n".to_owned();
    for number in 0..rows {
        writeln!(text, "{}", programs::customer(number))?;
    }
    let mut runs = Vec::new();
    for (kind, command) in OF_A_FILE {
        let emulator = emulator(0)?;
        let csv = emulator.folder().join("tenants.csv");
        fs::write(&csv, &text)?;
        let mut script = powershell.module_script("rows/csv.ps1", &emulator);
        script.args(["-Kind", kind, "-AtOnce", AT_ONCE, "-Csv"]).arg(&csv);
        let server = if kind == "hand-on" { 0.0 } else { server };
        runs.push(Run { command, rows, figures: clients::figures(script)?, server });
    }
    Ok(runs)
}

/// What each further row adds to the memory.
fn growth(few: &Run, many: &Run) -> Vec<String> {
    let each = |what| {
        let kib = many.figures.count(what) - few.figures.count(what);
        let bytes = kib * 1024.0 / f64::from(many.rows - few.rows);
        // Less than half a byte less is none, not -0.
        format!("{:.0} B a row", bytes.round() + 0.0)
    };
    let (from, to) = (few.rows.to_string(), many.rows.to_string());
    vec![few.command.to_owned(), from, to, each("peak_kib"), each("after_kib"), each("managed_kib")]
}
