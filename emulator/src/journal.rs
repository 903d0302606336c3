//! The journal of the requests received.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::{Method, StatusCode, Version};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::watch;

use crate::request::ServiceRequest;

/// The headers that the journal keeps. `Authorization` is not one of them: no token gets into a journal.
const KEPT_HEADERS: [&str; 10] = [
    "accept",
    "accept-language",
    "content-type",
    "if-match",
    "if-none-match",
    "user-agent",
    "x-ms-client-request-id",
    "x-ms-correlation-request-id",
    "x-ms-return-client-request-id",
    "metadata",
];

/// A request received.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalEntry {
    /// Its number, from 1, in the order of receipt.
    pub n: u64,
    /// When it was received whole, RFC 3339 in UTC.
    pub time: String,
    /// The same in milliseconds since the emulator started.
    pub elapsed_ms: u64,
    /// Its method.
    pub method: String,
    /// Its path as received.
    pub path: String,
    /// Its query as received.
    pub query: Option<String>,
    /// Its headers of interest, names in lower case. Never the token.
    pub headers: BTreeMap<String, String>,
    /// Whether it carried a token that was valid then.
    pub authenticated: bool,
    /// `HTTP/1.1` or `HTTP/2.0`.
    pub http_version: String,
    /// Its body as text, the client secret of a sign-in left out.
    pub body: String,
    /// The status it was answered with; none if it is not answered, or was cut.
    pub status: Option<u16>,
    /// When the answer was given to the connection, in milliseconds since the emulator started.
    pub answered_ms: Option<u64>,
    /// The connection it came on.
    pub connection: u64,
}

/// Which entries of the journal are meant.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JournalQuery {
    /// Only this method, compared without case.
    pub method: Option<String>,
    /// Only paths and queries that contain this, compared without case.
    pub path_contains: Option<String>,
    /// Only entries after this number.
    pub since: u64,
    /// Only entries that are answered.
    pub answered: bool,
}

impl JournalQuery {
    /// Requests of this method.
    pub fn method(method: impl Into<String>) -> Self {
        Self { method: Some(method.into()), ..Self::default() }
    }

    /// Requests whose path and query contain this.
    pub fn path_contains(mut self, part: impl Into<String>) -> Self {
        self.path_contains = Some(part.into());
        self
    }

    fn matches(&self, n: u64, entry: &Kept) -> bool {
        n > self.since
            && (!self.answered || entry.status.is_some())
            && self.chooses_method(&entry.method)
            && self.path_contains.as_ref().is_none_or(|part| {
                let target = format!("{}?{}", entry.path, entry.query.as_deref().unwrap_or_default());
                target.to_ascii_lowercase().contains(&part.to_ascii_lowercase())
            })
    }

    fn chooses_method(&self, method: &Method) -> bool {
        self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method.as_str()))
    }
}

/// How many requests there were since the start, or since the journal was cleared; with those that it keeps no more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalCounts {
    /// Requests received.
    pub received: u64,
    /// Requests answered.
    pub answered: u64,
    /// Requests received whose entries are kept no more.
    pub dropped: u64,
    /// Requests received by method.
    pub by_method: BTreeMap<String, u64>,
    /// Answers by status.
    pub by_status: BTreeMap<u16, u64>,
}

/// The requests received, in order.
#[derive(Debug)]
pub(crate) struct Journal {
    /// How many entries are kept.
    limit: usize,
    started: Instant,
    entries: Mutex<Entries>,
    changes: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Entries {
    /// The number of the entry before the first that is kept.
    before: u64,
    /// The number of the last entry that was cleared away.
    cleared: u64,
    kept: VecDeque<Kept>,
    /// By method, since the last clearing, dropped entries too.
    tallies: HashMap<Method, Tally>,
    by_status: BTreeMap<u16, u64>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    received: u64,
    answered: u64,
}

/// An entry as it is kept: small, and written out only when it is looked at.
#[derive(Debug)]
struct Kept {
    time: OffsetDateTime,
    elapsed_ms: u64,
    method: Method,
    path: Box<str>,
    query: Option<Box<str>>,
    headers: Vec<(&'static str, Box<str>)>,
    authenticated: bool,
    version: Version,
    body: Box<str>,
    status: Option<u16>,
    answered_ms: Option<u64>,
    connection: u64,
}

impl Kept {
    fn entry(&self, n: u64) -> JournalEntry {
        let headers = self.headers.iter().map(|(name, value)| ((*name).to_owned(), value.to_string()));
        JournalEntry {
            n,
            time: self.time.format(&Rfc3339).unwrap_or_default(),
            elapsed_ms: self.elapsed_ms,
            method: self.method.to_string(),
            path: self.path.to_string(),
            query: self.query.as_ref().map(ToString::to_string),
            headers: headers.collect(),
            authenticated: self.authenticated,
            http_version: if self.version == Version::HTTP_2 { "HTTP/2.0" } else { "HTTP/1.1" }.to_owned(),
            body: self.body.to_string(),
            status: self.status,
            answered_ms: self.answered_ms,
            connection: self.connection,
        }
    }
}

impl Entries {
    /// The entries kept with their numbers, those after this number.
    fn after(&self, n: u64) -> impl Iterator<Item = (u64, &Kept)> {
        let skipped = usize::try_from(n.saturating_sub(self.before)).unwrap_or(usize::MAX);
        (n.max(self.before) + 1..).zip(self.kept.iter().skip(skipped))
    }

    fn last(&self) -> u64 {
        self.before + self.kept.len() as u64
    }

    /// How many match. Entries that are dropped count where method and answer alone decide.
    fn count(&self, query: &JournalQuery) -> usize {
        if query.path_contains.is_some() || query.since > self.cleared {
            return self.after(query.since).filter(|(n, entry)| query.matches(*n, entry)).count();
        }
        let chosen = self.tallies.iter().filter(|(method, _)| query.chooses_method(method));
        let sum: u64 =
            chosen.map(|(_, tally)| if query.answered { tally.answered } else { tally.received }).sum();
        usize::try_from(sum).unwrap_or(usize::MAX)
    }
}

impl Journal {
    /// A journal that keeps so many entries, the last ones.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, started: Instant::now(), entries: Mutex::default(), changes: watch::Sender::new(()) }
    }

    /// Writes a request down and returns its number.
    pub(crate) fn received(&self, request: &ServiceRequest, authenticated: bool, connection: u64) -> u64 {
        let kept = Kept {
            time: OffsetDateTime::now_utc(),
            elapsed_ms: self.elapsed_ms(),
            method: request.method.clone(),
            path: request.path.as_str().into(),
            query: request.query.as_deref().map(Into::into),
            headers: kept_headers(request),
            authenticated,
            version: request.version,
            body: without_secret(&String::from_utf8_lossy(&request.body)).into(),
            status: None,
            answered_ms: None,
            connection,
        };
        let mut entries = self.entries();
        entries.tallies.entry(request.method.clone()).or_default().received += 1;
        entries.kept.push_back(kept);
        let n = entries.last();
        if entries.kept.len() > self.limit {
            entries.kept.pop_front();
            entries.before += 1;
        }
        drop(entries);
        self.changes.send_replace(());
        n
    }

    /// Writes down what a request was answered with; one that was cleared away meanwhile is passed over.
    pub(crate) fn answered(&self, n: u64, method: &Method, status: StatusCode) {
        let elapsed = self.elapsed_ms();
        let mut entries = self.entries();
        if n <= entries.cleared {
            return;
        }
        entries.tallies.entry(method.clone()).or_default().answered += 1;
        *entries.by_status.entry(status.as_u16()).or_default() += 1;
        let index = n.checked_sub(entries.before + 1).and_then(|index| usize::try_from(index).ok());
        if let Some(entry) = index.and_then(|index| entries.kept.get_mut(index)) {
            entry.status = Some(status.as_u16());
            entry.answered_ms = Some(elapsed);
        }
        drop(entries);
        self.changes.send_replace(());
    }

    pub(crate) fn select(&self, query: &JournalQuery) -> Vec<JournalEntry> {
        let entries = self.entries();
        let chosen = entries.after(query.since).filter(|(n, entry)| query.matches(*n, entry));
        chosen.map(|(n, entry)| entry.entry(n)).collect()
    }

    pub(crate) fn counts(&self) -> JournalCounts {
        let entries = self.entries();
        let received = entries.tallies.values().map(|tally| tally.received).sum();
        JournalCounts {
            received,
            answered: entries.tallies.values().map(|tally| tally.answered).sum(),
            dropped: received - entries.kept.len() as u64,
            by_method: entries
                .tallies
                .iter()
                .map(|(method, tally)| (method.to_string(), tally.received))
                .collect(),
            by_status: entries.by_status.clone(),
        }
    }

    /// Forgets all entries; numbers go on, so that `since` keeps its meaning.
    pub(crate) fn clear(&self) {
        let mut entries = self.entries();
        let last = entries.last();
        *entries = Entries { before: last, cleared: last, ..Entries::default() };
    }

    /// Waits until so many requests match, or for so long; returns how many do.
    pub(crate) async fn wait(&self, query: &JournalQuery, count: usize, timeout: Duration) -> usize {
        let mut changes = self.changes.subscribe();
        let enough = async {
            while self.entries().count(query) < count {
                if changes.changed().await.is_err() {
                    return;
                }
            }
        };
        // Reached or not, the caller learns the number.
        let _ = tokio::time::timeout(timeout, enough).await;
        self.entries().count(query)
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn kept_headers(request: &ServiceRequest) -> Vec<(&'static str, Box<str>)> {
    let mut kept = Vec::new();
    for name in KEPT_HEADERS {
        if let Some(value) = request.header(name) {
            kept.push((name, value.into()));
        }
    }
    kept
}

/// A body without the value of `client_secret` or `client_assertion`.
fn without_secret(body: &str) -> String {
    body.split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name @ ("client_secret" | "client_assertion"), _)) => format!("{name}=***"),
            _ => pair.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("&")
}
