//! What became of each change of an operation: also after the operation is gone, and however many there were.
//!
//! The first ends are kept in memory and all further ones in a file, so that a long batch does not grow. Ids, outcomes and
//! errors are in it, never a secret.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::changes::Changes;
use crate::error::{Error, Parts};
use crate::resource_id::ResourceId;
use crate::tenants::{Doubtful, Finished, Mapping, Old, Outcome};
use serde::{Deserialize, Serialize};

/// How many ends are kept in memory.
const MOST_IN_MEMORY: usize = 10_000;

/// What became of the changes of an operation so far. Clones are the same report.
#[derive(Clone)]
pub struct Report(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// Tells that a change has ended.
    ended: Changes,
}

struct State {
    begun: u64,
    pending: BTreeMap<u64, Entry>,
    /// What a later look needs of those that ended as unknown: no more than were in flight.
    doubtful: HashMap<u64, Doubtful>,
    /// What a later look has shown of them.
    resolved: HashMap<u64, Finished>,
    /// Those whose lines in the audit log could not be written: no more than were in flight.
    unaudited: BTreeSet<u64>,
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

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report").field("summary", &self.summary()).finish_non_exhaustive()
    }
}

/// One change.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its number in the report, counted from 1.
    pub number: u64,
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
        let state = State {
            begun: 0,
            pending: BTreeMap::new(),
            doubtful: HashMap::new(),
            resolved: HashMap::new(),
            unaudited: BTreeSet::new(),
            counts: Vec::new(),
            ended: Vec::new(),
            most_in_memory,
            spilled: None,
        };
        Report(Arc::new(Shared { state: Mutex::new(state), ended: Changes::default() }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a change that was accepted, and gives its number.
    pub(super) fn begin(&self, tag: u64, mapping: Mapping, row: u64) -> u64 {
        let mut state = self.state();
        state.begun += 1;
        let number = state.begun;
        state.pending.insert(number, Entry { number, tag, finished: None, mapping, row });
        number
    }

    /// Notes the end of a change.
    pub(super) fn end(&self, number: u64, finished: &Finished) {
        let mut state = self.state();
        let Some(entry) = state.pending.remove(&number) else { return };
        state.count(finished.outcome);
        if let Some(doubtful) = &finished.doubtful {
            state.doubtful.insert(number, doubtful.clone());
        }
        if finished.audit_missing {
            state.unaudited.insert(number);
        }
        let finished = Finished { doubtful: None, intended: None, ..finished.clone() };
        let entry = Entry { finished: Some(finished), mapping: Mapping::default(), ..entry };
        // Where no file can be written, memory has to do.
        if state.ended.len() < state.most_in_memory || !state.spill(&entry) {
            state.ended.push(entry);
        }
        drop(state);
        self.0.ended.tell();
    }

    /// Waits until a change has ended, and gives what a later look needs, where its end is unknown and a look can tell more.
    /// The number is one of the report's.
    pub(super) async fn doubtful(&self, number: u64) -> Option<Doubtful> {
        let ended = || {
            let state = self.state();
            (!state.pending.contains_key(&number)).then(|| state.doubtful.get(&number).cloned())
        };
        self.0.ended.wait_for(ended).await
    }

    /// Notes what a later look has shown of a change that had ended as unknown.
    pub(super) fn resolve(&self, number: u64, finished: &Finished) {
        let mut state = self.state();
        // Two looks at once can come to an end.
        if state.doubtful.remove(&number).is_none() {
            return;
        }
        if let Some((_, count)) = state.counts.iter_mut().find(|(outcome, _)| *outcome == Outcome::Unknown) {
            *count -= 1;
        }
        state.count(finished.outcome);
        state.resolved.insert(number, Finished { doubtful: None, intended: None, ..finished.clone() });
    }

    /// The change of this number, as it is now. `None` where there is none, or the file cannot be read.
    pub(super) fn entry(&self, number: u64) -> Option<Entry> {
        self.entries().map_while(Result::ok).find(|entry| entry.number == number)
    }

    /// Whether the line of this change in the audit log could not be written.
    pub(super) fn lacks_line(&self, number: u64) -> bool {
        self.state().unaudited.contains(&number)
    }

    /// Whether it has a change of this number.
    pub fn has(&self, number: u64) -> bool {
        (1..=self.state().begun).contains(&number)
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

    /// The changes that have ended so far, in the order of their ends, then those that have not: each of them once, as it is
    /// when its turn comes. Read on after the end, it gives what has ended since. An error where the file cannot be read; then
    /// nothing comes any more.
    pub fn entries(&self) -> Entries {
        Entries {
            report: self.clone(),
            in_memory: 0,
            read: 0,
            lines: VecDeque::new(),
            after: Some(0),
            given_as_pending: HashSet::new(),
            ended_since: VecDeque::new(),
            due: VecDeque::new(),
        }
    }
}

impl State {
    fn count(&mut self, outcome: Outcome) {
        match self.counts.iter_mut().find(|(of, _)| *of == outcome) {
            Some((_, count)) => *count += 1,
            None => self.counts.push((outcome, 1)),
        }
    }

    /// Whether more have ended than so many in memory, and so many bytes of them in the file.
    fn has_more_than(&self, in_memory: usize, bytes: u64) -> bool {
        self.ended.len() > in_memory || self.spilled.as_ref().is_some_and(|spilled| spilled.bytes > bytes)
    }

    /// An entry as it is now.
    fn now(&self, entry: Entry) -> Entry {
        match self.resolved.get(&entry.number) {
            Some(finished) => Entry { finished: Some(finished.clone()), ..entry },
            None => entry,
        }
    }

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
    /// The first number of a pending change to give next; `None`: the file could not be read.
    after: Option<u64>,
    /// Those that were given as pending, and may end before the end is reached.
    given_as_pending: HashSet<u64>,
    /// Those of them that have: once in a reading is enough, and whoever reads on learns how they ended.
    ended_since: VecDeque<Entry>,
    /// Those of the reading before, which come first.
    due: VecDeque<Entry>,
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
        Ok(Some(self.report.state().now(line.into_entry())))
    }
}

impl Entries {
    /// The next change that has ended.
    fn next_ended(&mut self) -> io::Result<Option<Entry>> {
        let kept = {
            let state = self.report.state();
            state.ended.get(self.in_memory).cloned().map(|kept| state.now(kept))
        };
        if kept.is_some() {
            self.in_memory += 1;
            return Ok(kept);
        }
        self.next_in_file()
    }
}

impl Iterator for Entries {
    type Item = io::Result<Entry>;

    fn next(&mut self) -> Option<io::Result<Entry>> {
        let after = self.after?;
        if let Some(due) = self.due.pop_front() {
            return Some(Ok(self.report.state().now(due)));
        }
        loop {
            match self.next_ended() {
                Ok(Some(entry)) if self.given_as_pending.remove(&entry.number) => {
                    self.ended_since.push_back(entry);
                    continue;
                }
                Ok(Some(entry)) => return Some(Ok(entry)),
                Ok(None) => {}
                Err(error) => {
                    self.after = None;
                    return Some(Err(error));
                }
            }
            let state = self.report.state();
            if state.has_more_than(self.in_memory, self.read) {
                // It has ended since, and is not pending any more.
                continue;
            }
            let Some((number, entry)) = state.pending.range(after..).next() else {
                self.given_as_pending.clear();
                self.due = std::mem::take(&mut self.ended_since);
                return None;
            };
            self.after = Some(number + 1);
            self.given_as_pending.insert(*number);
            return Some(Ok(entry.clone()));
        }
    }
}

/// An end as a line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    number: u64,
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
    audit_missing: bool,
}

impl Line {
    fn of(entry: &Entry) -> Option<Line> {
        let finished = entry.finished.as_ref()?;
        let mapping = &finished.mapping;
        Some(Line {
            number: entry.number,
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
            audit_missing: finished.audit_missing,
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
            entry: self.number,
            resolved: false,
            audit_missing: self.audit_missing,
            doubtful: None,
            intended: None,
        };
        Entry {
            number: self.number,
            tag: self.tag,
            row: self.row,
            finished: Some(finished),
            mapping: Mapping::default(),
        }
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
        finished.entry = row + 1;
        finished.http_requests = 3;
        finished.audit_missing = row.is_multiple_of(3);
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
    fn what_a_later_look_shows_is_told_wherever_the_entry_is_kept() {
        let report = Report::keeping(1);
        let numbers: Vec<u64> = (0..3).map(|row| report.begin(row, Mapping::default(), row)).collect();
        for (row, number) in (0..3).zip(&numbers) {
            let doubtful = Some(Doubtful::for_tests());
            report.end(*number, &Finished { outcome: Outcome::Unknown, doubtful, ..finished(row) });
        }
        for number in &numbers[..2] {
            let resolved = Finished { outcome: Outcome::Replaced, resolved: true, ..finished(number - 1) };
            report.resolve(*number, &resolved);
            // A second look at the same time says the same.
            report.resolve(*number, &resolved);
        }
        let outcomes: Vec<_> = report
            .entries()
            .map(|entry| (entry.as_ref().unwrap().number, entry.unwrap().finished.unwrap()))
            .map(|(number, ended)| (number, ended.entry, ended.outcome, ended.resolved))
            .collect();
        assert_eq!(
            outcomes,
            [
                (1, 1, Outcome::Replaced, true),
                (2, 2, Outcome::Replaced, true),
                (3, 3, Outcome::Unknown, false)
            ]
        );
        let summary = report.summary();
        assert_eq!((summary.count(Outcome::Unknown), summary.count(Outcome::Replaced)), (1, 2));
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

    #[test]
    fn an_entry_is_given_once_in_a_reading_and_its_end_to_whoever_reads_on() {
        let report = Report::keeping(1);
        let numbers: Vec<u64> = (0..3).map(|row| report.begin(row, Mapping::default(), row)).collect();
        let mut entries = report.entries();
        assert!(entries.next().unwrap().unwrap().finished.is_none());
        for (row, number) in (0..2).zip(&numbers) {
            report.end(*number, &finished(row));
        }
        let rest: Vec<_> = entries.by_ref().map(|entry| entry.unwrap().number).collect();
        assert_eq!(rest, [2, 3]);
        // Read on after the end, it gives what has ended since, also where that was before the end.
        report.end(numbers[2], &finished(2));
        let since: Vec<_> = entries
            .by_ref()
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.number, entry.finished.is_some()))
            .collect();
        assert_eq!(since, [(1, true), (3, true)]);
        assert!(entries.next().is_none());
    }

    #[test]
    fn a_file_that_cannot_be_read_is_said_once() {
        let report = Report::keeping(1);
        for row in 0..4 {
            let number = report.begin(row, Mapping::default(), row);
            if row < 3 {
                report.end(number, &finished(row));
            }
        }
        report.state().spilled.as_mut().unwrap().bytes += 1;
        let given: Vec<_> =
            report.entries().take(5).map(|entry| entry.map(|entry| entry.number).ok()).collect();
        assert_eq!(given, [Some(1), None]);
        assert!(report.entry(3).is_none());
    }
}
