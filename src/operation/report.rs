//! What became of each change of an operation: also after the operation is gone, and however many there were.
//!
//! The first ends are kept in memory and all further ones in a file, so that a long batch does not grow. Ids, outcomes and
//! errors are in it, never a secret.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Parts};
use crate::resource_id::ResourceId;
use crate::tenants::{Finished, Mapping, Old, Outcome};
use serde::{Deserialize, Serialize};

/// How many ends are kept in memory.
const MOST_IN_MEMORY: usize = 10_000;

/// What became of the changes of an operation so far. Clones are the same report.
#[derive(Clone)]
pub struct Report(Arc<Mutex<State>>);

struct State {
    begun: u64,
    pending: BTreeMap<u64, Entry>,
    counts: Vec<(Outcome, u64)>,
    ended: Vec<Entry>,
    most_in_memory: usize,
    spilled: Option<Spilled>,
}

/// The ends that are in the file.
struct Spilled {
    /// It has no name, so that nobody can take it away.
    file: File,
    bytes: u64,
}

/// One change.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The tag that it was submitted with.
    pub tag: u64,
    /// How it ended; `None`: it has not. What it is about is known in any case.
    pub finished: Option<Finished>,
    /// What it is about, where it has not ended.
    pub mapping: Mapping,
    /// Its row, counted from 1; 0 where it came from none.
    pub row: u64,
}

/// How many changes there are, and what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Changes that were accepted.
    pub begun: u64,
    /// Those that have not ended.
    pub pending: u64,
    /// Those that ended, by outcome.
    pub ended: Vec<(Outcome, u64)>,
}

impl Summary {
    /// How many ended so.
    pub fn count(&self, outcome: Outcome) -> u64 {
        self.ended.iter().find(|(of, _)| *of == outcome).map_or(0, |(_, count)| *count)
    }
}

impl Default for Report {
    fn default() -> Report {
        Report::keeping(MOST_IN_MEMORY)
    }
}

impl Report {
    fn keeping(most_in_memory: usize) -> Report {
        Report(Arc::new(Mutex::new(State {
            begun: 0,
            pending: BTreeMap::new(),
            counts: Vec::new(),
            ended: Vec::new(),
            most_in_memory,
            spilled: None,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a change that was accepted, and gives its number.
    pub(super) fn begin(&self, tag: u64, mapping: Mapping, row: u64) -> u64 {
        let mut state = self.state();
        let number = state.begun;
        state.begun += 1;
        state.pending.insert(number, Entry { tag, finished: None, mapping, row });
        number
    }

    /// Notes the end of a change.
    pub(super) fn end(&self, number: u64, finished: &Finished) {
        let mut state = self.state();
        let Some(entry) = state.pending.remove(&number) else { return };
        match state.counts.iter_mut().find(|(outcome, _)| *outcome == finished.outcome) {
            Some((_, count)) => *count += 1,
            None => state.counts.push((finished.outcome, 1)),
        }
        let entry = Entry { finished: Some(finished.clone()), mapping: Mapping::default(), ..entry };
        // Where no file can be written, memory has to do.
        if state.ended.len() < state.most_in_memory || !state.spill(&entry) {
            state.ended.push(entry);
        }
    }

    /// How many changes there are, and what became of them.
    pub fn summary(&self) -> Summary {
        let state = self.state();
        Summary { begun: state.begun, pending: state.pending.len() as u64, ended: state.counts.clone() }
    }

    /// The changes that have not ended, in the order in which they were submitted.
    pub fn pending(&self) -> Vec<Entry> {
        self.state().pending.values().cloned().collect()
    }

    /// The changes that have ended so far, in the order of their ends, then those that have not. An error where the file
    /// cannot be read.
    pub fn entries(&self) -> Entries {
        Entries { report: self.clone(), in_memory: 0, read: 0, lines: VecDeque::new(), after: Some(0) }
    }
}

impl State {
    /// Writes an end to the file. `false` where that cannot be done.
    fn spill(&mut self, entry: &Entry) -> bool {
        if self.spilled.is_none() {
            self.spilled = tempfile::tempfile().ok().map(|file| Spilled { file, bytes: 0 });
        }
        let (Some(spilled), Some(line)) = (&mut self.spilled, Line::of(entry)) else { return false };
        let Ok(mut text) = serde_json::to_vec(&line) else { return false };
        text.push(b'\n');
        // A line that was written in part is overwritten by the next one, and never read.
        let file = &mut spilled.file;
        let written = file.seek(SeekFrom::Start(spilled.bytes)).and_then(|_| file.write_all(&text));
        if written.is_ok() {
            spilled.bytes += text.len() as u64;
        }
        written.is_ok()
    }
}

/// Goes through a report.
pub struct Entries {
    report: Report,
    in_memory: usize,
    /// How much of the file was read, and what of it was not given yet.
    read: u64,
    lines: VecDeque<u8>,
    /// The first number of a pending change to give next.
    after: Option<u64>,
}

/// How much of the file is read at once.
const CHUNK: u64 = 64 << 10;

impl Entries {
    /// The next line of the file, without its end.
    fn next_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let Some(end) = self.lines.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.lines.drain(..=end).collect();
                line.pop();
                return Ok(Some(line));
            }
            let mut state = self.report.state();
            let Some(spilled) = state.spilled.as_mut().filter(|spilled| spilled.bytes > self.read) else {
                return Ok(None);
            };
            let mut chunk = vec![0; usize::try_from((spilled.bytes - self.read).min(CHUNK)).unwrap_or(1)];
            spilled.file.seek(SeekFrom::Start(self.read))?;
            spilled.file.read_exact(&mut chunk)?;
            self.read += chunk.len() as u64;
            self.lines.extend(chunk);
        }
    }

    fn next_in_file(&mut self) -> io::Result<Option<Entry>> {
        let Some(line) = self.next_line()? else { return Ok(None) };
        let line: Line = serde_json::from_slice(&line).map_err(io::Error::other)?;
        Ok(Some(line.into_entry()))
    }
}

impl Iterator for Entries {
    type Item = io::Result<Entry>;

    fn next(&mut self) -> Option<io::Result<Entry>> {
        let kept = self.report.state().ended.get(self.in_memory).cloned();
        if let Some(kept) = kept {
            self.in_memory += 1;
            return Some(Ok(kept));
        }
        if let Some(entry) = self.next_in_file().transpose() {
            return Some(entry);
        }
        let after = self.after?;
        let state = self.report.state();
        let (number, entry) = state.pending.range(after..).next()?;
        self.after = Some(number + 1);
        Some(Ok(entry.clone()))
    }
}

/// An end as a line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    tag: u64,
    row: u64,
    outcome: Outcome,
    resource_id: Option<String>,
    customer_subscription: Option<String>,
    tenant: Option<String>,
    name: Option<String>,
    etag: Option<String>,
    old: Option<Old>,
    error: Option<Parts>,
    confirmed_by_lookup: bool,
    replaced_unasked: bool,
    replacement_unsaid: bool,
    took_effect: bool,
    also: Option<Old>,
    http_requests: u32,
}

impl Line {
    fn of(entry: &Entry) -> Option<Line> {
        let finished = entry.finished.as_ref()?;
        let mapping = &finished.mapping;
        Some(Line {
            tag: entry.tag,
            row: entry.row,
            outcome: finished.outcome,
            resource_id: mapping.registration.as_ref().map(|registration| registration.to_string()),
            customer_subscription: mapping.customer_subscription.clone(),
            tenant: mapping.tenant.clone(),
            name: mapping.name.clone(),
            etag: mapping.etag.clone(),
            old: finished.old.clone(),
            error: finished.error.as_ref().map(|error| error.parts().clone()),
            confirmed_by_lookup: finished.confirmed_by_lookup,
            replaced_unasked: finished.replaced_unasked,
            replacement_unsaid: finished.replacement_unsaid,
            took_effect: finished.took_effect,
            also: finished.also.clone(),
            http_requests: finished.http_requests,
        })
    }

    fn into_entry(self) -> Entry {
        let registration = self.resource_id.and_then(|id| ResourceId::parse(&id).ok());
        let mapping = Mapping {
            registration: registration.map(|id| Arc::new(id.registration)),
            customer_subscription: self.customer_subscription,
            tenant: self.tenant,
            name: self.name,
            etag: self.etag,
        };
        let finished = Finished {
            outcome: self.outcome,
            mapping,
            old: self.old,
            error: self.error.map(Error::from_parts),
            confirmed_by_lookup: self.confirmed_by_lookup,
            replaced_unasked: self.replaced_unasked,
            replacement_unsaid: self.replacement_unsaid,
            took_effect: self.took_effect,
            also: self.also,
            http_requests: self.http_requests,
            item_count: 0,
            row: self.row,
            intended: None,
        };
        Entry { tag: self.tag, row: self.row, finished: Some(finished), mapping: Mapping::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Category;
    use crate::tenants::{Purpose, TargetInput};

    fn finished(row: u64) -> Finished {
        let target = TargetInput {
            resource_id: Some(format!(
                "/subscriptions/dd8597b4-8739-4467-8b10-f8679f62bfbf/resourceGroups/grüne(1)/providers/\
                 Microsoft.AzureStack/registrations/hub/customerSubscriptions/11111111-2222-4333-8444-{row:012}"
            )),
            row,
            ..TargetInput::default()
        };
        let target = target.resolve(None, Purpose::Add).unwrap();
        let mut error =
            Error::input("Code", "CustomerSubscriptionId", "given", "A \"message\"\nof two lines.");
        error = error.with_row(row).with_correlation_id("correlation");
        let outcome = if row.is_multiple_of(2) { Outcome::Failed } else { Outcome::Replaced };
        let old = Old { customer_subscription: "old".to_owned(), tenant: None };
        let mut finished = Finished::with_error(outcome, target.mapping(), error).meeting(Some(old));
        finished.row = row;
        finished.http_requests = 3;
        finished
    }

    #[test]
    fn what_goes_to_the_file_comes_back_as_it_was() {
        let report = Report::keeping(2);
        let numbers: Vec<u64> = (0..6).map(|row| report.begin(row + 100, Mapping::default(), row)).collect();
        for (row, number) in (0..5).zip(&numbers) {
            report.end(*number, &finished(row));
        }
        let entries: Vec<Entry> = report.entries().map(Result::unwrap).collect();
        assert_eq!(entries.len(), 6);
        for (row, entry) in (0..5).zip(&entries) {
            let ended = entry.finished.as_ref().unwrap();
            assert_eq!((entry.tag, entry.row), (row + 100, row));
            assert_eq!(format!("{ended:?}"), format!("{:?}", finished(row)));
        }
        assert!(entries[5].finished.is_none());
        let error = entries[4].finished.as_ref().unwrap().error.as_ref().unwrap();
        assert_eq!(
            (error.category(), error.parts().column.as_deref()),
            (Category::Input, Some("CustomerSubscriptionId"))
        );
        let summary = report.summary();
        assert_eq!((summary.begun, summary.pending), (6, 1));
        assert_eq!((summary.count(Outcome::Failed), summary.count(Outcome::Replaced)), (3, 2));
    }

    #[test]
    fn entries_that_end_while_they_are_read_are_not_missed() {
        let report = Report::keeping(1);
        let numbers: Vec<u64> = (0..3).map(|row| report.begin(row, Mapping::default(), row)).collect();
        report.end(numbers[0], &finished(0));
        report.end(numbers[1], &finished(1));
        let mut entries = report.entries();
        assert_eq!([entries.next().unwrap().unwrap().tag, entries.next().unwrap().unwrap().tag], [0, 1]);
        report.end(numbers[2], &finished(2));
        let last = entries.next().unwrap().unwrap();
        assert_eq!((last.tag, last.finished.is_some()), (2, true));
        assert!(entries.next().is_none());
    }
}
