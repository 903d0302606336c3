//! Processor time, where there is a `/proc` to tell.

/// What this process has spent.
pub(crate) fn own_seconds() -> Option<f64> {
    seconds_of(Some("self"))
}

/// What the process of this id has spent.
pub(crate) fn seconds_of(process: Option<&str>) -> Option<f64> {
    let process = process?;
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some(ticks / 100.0)
}
