//! Compares what was reported with what the emulator holds and received, item by item.

use std::collections::{BTreeMap, BTreeSet};

use azs_emulator::JournalEntry;
use azs_registration::operation::Operation;
use azs_registration::tenants::{Finished, Outcome};

use crate::rough_batch::{Batch, RowEnd, Wish, tenant};

/// What a tenant can be mapped to.
type Possible = BTreeSet<Option<String>>;

/// Follows the reported ends in the order of the input. A tenant has one subscription or none; an end that leaves it open
/// leaves both possible.
pub(crate) struct Judge {
    possible: BTreeMap<String, Possible>,
    complaints: Vec<String>,
}

impl Judge {
    /// A judge who knows what was there before.
    pub(crate) fn of(batch: &Batch) -> Judge {
        let seeded = |seed: &u32| (tenant(*seed), Possible::from([Some(crate::emulated::id(*seed))]));
        Judge { possible: batch.seeds.iter().map(seeded).collect(), complaints: Vec::new() }
    }

    /// Hears how rows ended, in the order of the input.
    pub(crate) fn hear(&mut self, ends: &[RowEnd<'_>]) {
        for (row, finished) in ends {
            let before = self.possible.entry(row.tenant.clone()).or_insert_with(|| Possible::from([None]));
            let customer = Some(row.customer().to_owned());
            let met = finished.old.as_ref().map(|old| old.customer_subscription.clone());
            let (told_truly, after) = match (&row.wish, finished.outcome) {
                (Wish::Mapped(_), Outcome::Added) => (before.contains(&None), [customer].into()),
                (Wish::Mapped(_), Outcome::Replaced) => {
                    (met.is_some() && before.contains(&met), [customer].into())
                }
                (Wish::Mapped(_), Outcome::Unchanged) => (before.contains(&customer), [customer].into()),
                (Wish::Mapped(_), Outcome::WouldReplace) => (before.contains(&met), [met].into()),
                (Wish::Mapped(_), Outcome::Unknown) => (true, union(before, customer)),
                (Wish::Gone(_), Outcome::Removed) => (before.contains(&customer), [None].into()),
                (Wish::Gone(_), Outcome::NotFound) => {
                    let without = without(before, &customer);
                    (!without.is_empty(), without)
                }
                (Wish::Gone(_), Outcome::Unknown) => (before.contains(&customer), union(before, None)),
                (_, Outcome::Failed | Outcome::NotStarted) => (true, before.clone()),
                (_, Outcome::TenantMismatch) => (says_that_nothing_changed(finished), before.clone()),
                _ => (false, before.clone()),
            };
            if !told_truly {
                self.complaints.push(format!("{} could be {before:?}", told(row, finished)));
            }
            *before = after;
        }
    }

    /// Compares with the mappings that there are, by customer subscription and tenant.
    pub(crate) fn compare(&mut self, stored: &[(String, String)]) {
        for (tenant, possible) in &self.possible {
            let held: Vec<_> = stored.iter().filter(|(_, of)| of == tenant).map(|(id, _)| id).collect();
            let fits = match held[..] {
                [] => possible.contains(&None),
                [one] => possible.contains(&Some(one.clone())),
                _ => false,
            };
            if !fits {
                self.complaints.push(format!("tenant {tenant} has {held:?}; reported was {possible:?}"));
            }
        }
        for (customer, tenant) in stored.iter().filter(|(_, tenant)| !self.possible.contains_key(tenant)) {
            self.complaints.push(format!("{customer} of {tenant} is nobody's wish"));
        }
    }

    /// Compares with the requests that the service received: what is said not to have been sent was not, what is said not
    /// to have had an effect was refused, and what is unknown was in flight.
    pub(crate) fn compare_requests(&mut self, ends: &[RowEnd<'_>], journal: &[JournalEntry]) {
        for (row, finished) in ends {
            // A subscription that several rows are about is judged by what there is in the end.
            if ends.iter().filter(|(other, _)| other.customer() == row.customer()).count() > 1 {
                continue;
            }
            let writes: Vec<&JournalEntry> = journal
                .iter()
                .filter(|entry| entry.method != "GET" && entry.path.ends_with(row.customer()))
                .collect();
            let refused = |write: &&JournalEntry| write.status.is_some_and(|it| (400..500).contains(&it));
            let fits = match finished.outcome {
                Outcome::WouldReplace | Outcome::Unchanged | Outcome::NotFound | Outcome::TenantMismatch => {
                    writes.is_empty()
                }
                Outcome::NotStarted => writes.iter().all(refused),
                Outcome::Unknown => !writes.iter().all(refused),
                Outcome::Added | Outcome::Replaced | Outcome::Removed => !writes.is_empty(),
                _ => true,
            };
            if !fits {
                let received: Vec<_> = writes.iter().map(|write| (&write.method, write.status)).collect();
                self.complaints.push(format!("{}; received was {received:?}", told(row, finished)));
            }
        }
    }

    /// Notes a complaint where something does not hold.
    pub(crate) fn must(&mut self, holds: bool, complaint: impl FnOnce() -> String) {
        if !holds {
            self.complaints.push(complaint());
        }
    }

    /// Whether everything is as it was reported.
    pub(crate) fn agrees(&self) -> bool {
        self.complaints.is_empty()
    }

    /// Ends the test where something was not as reported.
    pub(crate) fn decide(self, about: &str) {
        assert!(self.complaints.is_empty(), "{about}:\n{}", self.complaints.join("\n"));
    }
}

fn union(before: &Possible, also: Option<String>) -> Possible {
    before.iter().cloned().chain([also]).collect()
}

fn without(before: &Possible, gone: &Option<String>) -> Possible {
    before.iter().filter(|held| *held != gone).cloned().collect()
}

fn told(row: &crate::rough_batch::Row, finished: &Finished) -> String {
    let why = finished.error.as_ref().map(|error| format!(" ({error})")).unwrap_or_default();
    format!("row {} {:?} of {}: {:?}{why}", row.tag, row.wish, row.tenant, finished.outcome)
}

fn says_that_nothing_changed(finished: &Finished) -> bool {
    let message = finished.error.as_ref().map(|error| error.to_string()).unwrap_or_default();
    message.contains("Nothing was sent.") || message.contains("Nothing was removed.")
}

/// The ends as a text that shows every part of them.
fn shown<'a>(ends: impl Iterator<Item = (u64, &'a Finished)>) -> Vec<String> {
    let mut shown: Vec<_> = ends.map(|(tag, finished)| format!("{tag:>5}: {finished:?}")).collect();
    shown.sort();
    shown
}

/// The report of an operation says what its events said, and counts it.
pub(crate) fn the_report_says_the_same(operation: &Operation, ends: &[RowEnd<'_>]) {
    let report = operation.report();
    let entries: Vec<_> = report.entries().map(Result::unwrap).collect();
    let reported = entries.iter().map(|entry| (entry.tag, entry.finished.as_ref().unwrap()));
    assert_eq!(shown(reported), shown(ends.iter().map(|(row, finished)| (row.tag, finished))));
    let summary = report.summary();
    assert_eq!((summary.begun, summary.pending), (ends.len() as u64, 0));
    let mut counts = BTreeMap::<&str, u64>::new();
    for (_, finished) in ends {
        *counts.entry(finished.outcome.name()).or_default() += 1;
    }
    let counted = summary.ended.iter().map(|(outcome, count)| (outcome.name(), *count)).collect();
    assert_eq!(counts, counted);
}
