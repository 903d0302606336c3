//! The order of results: that of the input. Requests are worked off side by side, and whoever reads the results compares them
//! with what went in. Whoever interrupts the work wants them at once: then they are given as they come.

use std::collections::{BTreeMap, VecDeque};

use crate::session::{Report, Tag};

/// Gives reports in the order of the input. What ended before its turn is held.
#[derive(Default)]
pub(crate) struct InputOrder {
    /// The item whose reports are given as they come; those before it have ended once.
    current: Tag,
    held: BTreeMap<Tag, VecDeque<Report>>,
    /// Nothing is held any more.
    is_given_up: bool,
}

impl InputOrder {
    /// Takes a report, and gives it back where it is not held.
    pub(crate) fn take(&mut self, tag: Tag, report: Report) -> Option<Report> {
        if tag <= self.current || self.is_given_up {
            return Some(self.pass(tag, report));
        }
        self.hold(tag, report);
        None
    }

    /// Holds a report until its turn.
    pub(crate) fn hold(&mut self, tag: Tag, report: Report) {
        self.held.entry(tag).or_default().push_back(report);
    }

    /// From now on reports are given as they come; those that are held can be taken at once.
    pub(crate) fn give_up(&mut self) {
        self.is_given_up = true;
    }

    /// What was held and need not be any more.
    pub(crate) fn held(&mut self) -> Option<Report> {
        if self.is_given_up {
            let mut first = self.held.first_entry()?;
            let report = first.get_mut().pop_front();
            if first.get().is_empty() {
                first.remove();
            }
            return report;
        }
        let tag = self.current;
        let report = self.held.get_mut(&tag)?.pop_front()?;
        Some(self.pass(tag, report))
    }

    fn pass(&mut self, tag: Tag, report: Report) -> Report {
        if tag == self.current && matches!(report, Report::Finished(..)) {
            self.held.remove(&tag);
            self.current += 1;
        }
        report
    }
}
