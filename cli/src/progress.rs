//! How far a command has come: a line at the foot of a terminal, plain lines now and then elsewhere, and nothing for work that
//! is done in a moment.

use std::fmt::Write;
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use azs_registration::engine::Wait;
use azs_registration::operation::Progress;

use crate::{messages, status_line};

/// How long a command runs before the terminal shows how far it has come.
const PATIENCE: Duration = Duration::from_secs(1);
/// The time between two plain lines.
const INTERVAL: Duration = Duration::from_secs(10);
/// A wait of this length is said when it begins.
const LONG_WAIT: Duration = Duration::from_secs(10);
/// The width of the bar, without its brackets.
const BAR: usize = 20;

/// What became of the items of the command so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    /// Items that ended.
    pub(crate) ended: u64,
    /// Those of them that did not end as was asked for.
    pub(crate) failed: u64,
    /// Items in all, where that is known.
    pub(crate) total: Option<u64>,
}

/// Where progress is shown.
pub(crate) struct ProgressDisplay {
    form: Form,
    began: Instant,
}

enum Form {
    /// Not at all.
    None,
    /// At the foot of a terminal.
    Terminal,
    /// As lines.
    Lines { last: Instant, said: Option<Wait> },
}

impl ProgressDisplay {
    /// The display for standard error as it is.
    pub(crate) fn new(is_wanted: bool) -> ProgressDisplay {
        let began = Instant::now();
        let form = if !is_wanted {
            Form::None
        } else if io::stderr().is_terminal() {
            Form::Terminal
        } else {
            Form::Lines { last: began, said: None }
        };
        ProgressDisplay { form, began }
    }

    /// Whether there is any use for progress.
    pub(crate) fn is_wanted(&self) -> bool {
        !matches!(self.form, Form::None)
    }

    /// Shows progress, where it is time to.
    pub(crate) fn show(&mut self, progress: &Progress, counts: Counts) {
        match &mut self.form {
            Form::None => {}
            Form::Terminal if self.began.elapsed() < PATIENCE => {}
            Form::Terminal => status_line::show(&line(progress, counts, status_line::room())),
            Form::Lines { last, said } => {
                let wait = progress.wait.filter(|wait| is_long(wait.kind, wait.left)).map(|wait| wait.kind);
                let is_new = wait.is_some() && wait != *said;
                if is_new || last.elapsed() >= INTERVAL {
                    messages::line(format_args!("progress: {}", text(progress, counts)));
                    *last = Instant::now();
                    *said = wait;
                }
            }
        }
    }

    /// Takes away what a terminal shows.
    pub(crate) fn end(&self) {
        status_line::take_away();
    }
}

impl Drop for ProgressDisplay {
    fn drop(&mut self) {
        self.end();
    }
}

fn is_long(kind: Wait, left: Option<Duration>) -> bool {
    // Pacing is the pace, and no stop.
    kind != Wait::Pacing && left.map_or(kind == Wait::Outage, |left| left >= LONG_WAIT)
}

/// The line for a terminal with so much room.
fn line(progress: &Progress, counts: Counts, room: usize) -> String {
    let mut line = String::new();
    if let Some(total) = counts.total.filter(|total| *total > 1) {
        let done = BAR as u64 * counts.ended.min(total) / total;
        // At most 20.
        let done = usize::try_from(done).unwrap_or(BAR);
        line = format!("[{}{}] ", "#".repeat(done), "-".repeat(BAR - done));
    }
    line.push_str(&text(progress, counts));
    // What a narrow terminal cannot show is at the end. Only ASCII is in it.
    line.truncate(room);
    line
}

/// What is done, how fast, how long yet, and what is waited for.
fn text(progress: &Progress, counts: Counts) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    if progress.listed > 0 {
        let _ = write!(text, "{} listed", grouped(progress.listed));
        if let Some(rate) = progress.listing_rate {
            let _ = write!(text, ", {} a second", rate_text(rate));
        }
    } else {
        let _ = match counts.total {
            Some(total) => write!(text, "{} of {} done", grouped(counts.ended), grouped(total)),
            None => write!(text, "{} done", grouped(counts.ended)),
        };
        if counts.failed > 0 {
            let _ = write!(text, " ({} failed)", grouped(counts.failed));
        }
        let waiting = progress.outstanding - progress.in_flight;
        if progress.in_flight > 0 || waiting > 0 {
            let _ = write!(text, ", {} in flight", grouped(progress.in_flight));
        }
        if let Some(rate) = progress.rate {
            let _ = write!(text, ", {} a second", rate_text(rate));
        }
        let left = counts.total.map(|total| total.saturating_sub(counts.ended));
        if let Some(time) = left.filter(|left| *left > 0).and_then(|left| progress.time_for(left)) {
            let _ = write!(text, ", {} left", duration(time));
        }
    }
    if let Some(wait) = progress.wait {
        let _ = write!(text, "; {}", wait.kind.describe());
        // The next moment that the service's limit lets one through comes at once.
        if let Some(left) = wait.left.filter(|_| wait.kind != Wait::Pacing) {
            let _ = write!(text, " ({})", duration(left));
        }
    }
    text
}

fn rate_text(rate: f64) -> String {
    if rate < 10.0 { format!("{rate:.1}") } else { grouped(rate.round() as u64) }
}

/// A number with its thousands apart.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A time as people say it.
fn duration(time: Duration) -> String {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{} h {minutes} min", grouped(hours)),
    }
}

#[cfg(test)]
mod tests {
    use azs_registration::operation::CurrentWait;

    use super::*;

    fn paced() -> (Progress, Counts) {
        let mut progress = Progress::default();
        (progress.outstanding, progress.in_flight, progress.rate) = (1_024, 5, Some(9.94));
        let seconds = Duration::from_secs(41);
        progress.wait =
            Some(CurrentWait { kind: Wait::Throttled, expected: Some(seconds), left: Some(seconds) });
        (progress, Counts { ended: 1_234, failed: 3, total: Some(5_000) })
    }

    #[test]
    fn the_text_says_what_is_done_how_fast_how_long_yet_and_what_is_waited_for() {
        let (progress, counts) = paced();
        assert_eq!(
            text(&progress, counts),
            "1,234 of 5,000 done (3 failed), 5 in flight, 9.9 a second, 6 min 19 s left; \
             waiting because the service asked for it (41 s)"
        );
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let counts = Counts { ended: 7, failed: 0, total: None };
        assert_eq!(text(&Progress::default(), counts), "7 done");
        let mut listed = Progress::default();
        (listed.listed, listed.listing_rate) = (12_345_678, Some(980.4));
        assert_eq!(text(&listed, counts), "12,345,678 listed, 980 a second");
    }

    #[test]
    fn the_line_has_a_bar_and_ends_where_the_terminal_does() {
        let (progress, counts) = paced();
        assert_eq!(line(&progress, counts, 40), "[####----------------] 1,234 of 5,000 do");
        let all = Counts { ended: 8, failed: 0, total: Some(8) };
        assert_eq!(line(&Progress::default(), all, 99), "[####################] 8 of 8 done");
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        let said =
            [1_u64, 60, 3_599, 7_260, 36_000_000].map(|seconds| duration(Duration::from_secs(seconds)));
        assert_eq!(said, ["1 s", "1 min 0 s", "59 min 59 s", "2 h 1 min", "10,000 h 0 min"]);
        assert_eq!(duration(Duration::from_millis(200)), "1 s");
    }

    #[test]
    fn only_waits_that_stop_the_work_for_long_are_long() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert!(is_long(Wait::Outage, None) && is_long(Wait::Throttled, seconds(10)));
        assert!(!is_long(Wait::Throttled, seconds(9)) && !is_long(Wait::Credential, None));
        assert!(!is_long(Wait::Pacing, seconds(60)));
    }
}
