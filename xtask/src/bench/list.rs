//! The time that an item takes through a list, and the memory that a list takes.

use super::figures::median;
use super::programs::{self, AbiBench};
use super::{Options, table};
use crate::Fallible;

/// Measures, and prints the table.
pub(super) fn measure(options: &Options) -> Fallible {
    let mut rows = Vec::new();
    for items in [options.items / 10, options.items] {
        eprintln!("list of {items}");
        let emulator = programs::emulator(&["--generate", &items.to_string()])?;
        let (mut server, mut item, mut own, mut cpu, mut peak) = (vec![], vec![], vec![], vec![], vec![]);
        let each = f64::from(items) / 1e6;
        for _ in 0..options.repetitions {
            let raw = programs::raw(&emulator, &["pages"])?.get("seconds")?;
            let figures = AbiBench::only(&emulator, &["list"])?;
            if figures.get("items")? != f64::from(items) {
                return Err(format!("a list gave {} of {items} items", figures.get("items")?).into());
            }
            let seconds = figures.get("seconds")?;
            server.push(raw / each);
            item.push(seconds / each);
            own.push((seconds - raw) / each);
            cpu.push(figures.get("cpu_seconds")? / each);
            peak.push(figures.get("peak_kib")? / 1024.0);
        }
        rows.push(vec![
            items.to_string(),
            format!("{:.2} µs", median(item)),
            format!("{:.2} µs", median(server)),
            format!("{:.2} µs", median(own)),
            format!("{:.2} µs", median(cpu)),
            format!("{:.1} MB", median(peak)),
        ]);
    }
    table::print(
        &["items", "time an item", "of it the server's", "difference", "CPU an item", "peak memory"],
        &rows,
    );
    Ok(())
}
