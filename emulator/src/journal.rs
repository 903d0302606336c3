//! The journal of the requests received.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::{StatusCode, Version};
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

    fn matches(&self, entry: &JournalEntry) -> bool {
        entry.n > self.since
            && (!self.answered || entry.status.is_some())
            && self.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(&entry.method))
            && self.path_contains.as_ref().is_none_or(|part| {
                let target = format!("{}?{}", entry.path, entry.query.as_deref().unwrap_or_default());
                target.to_ascii_lowercase().contains(&part.to_ascii_lowercase())
            })
    }
}

/// The requests received, in order.
#[derive(Debug)]
pub(crate) struct Journal {
    started: Instant,
    entries: Mutex<Entries>,
    changes: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Entries {
    /// The number of the entry before the first that is kept.
    before: u64,
    kept: Vec<JournalEntry>,
}

impl Default for Journal {
    fn default() -> Self {
        Self { started: Instant::now(), entries: Mutex::default(), changes: watch::Sender::new(()) }
    }
}

impl Journal {
    /// Writes a request down and returns its number.
    pub(crate) fn received(&self, request: &ServiceRequest, authenticated: bool, connection: u64) -> u64 {
        let mut entries = self.entries();
        let n = entries.before + entries.kept.len() as u64 + 1;
        entries.kept.push(JournalEntry {
            n,
            time: OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default(),
            elapsed_ms: self.elapsed_ms(),
            method: request.method.to_string(),
            path: request.path.clone(),
            query: request.query.clone(),
            headers: kept_headers(request),
            authenticated,
            http_version: if request.version == Version::HTTP_2 { "HTTP/2.0" } else { "HTTP/1.1" }.to_owned(),
            body: without_secret(&String::from_utf8_lossy(&request.body)),
            status: None,
            answered_ms: None,
            connection,
        });
        drop(entries);
        self.changes.send_replace(());
        n
    }

    /// Writes down what a request was answered with; one that was cleared away meanwhile is passed over.
    pub(crate) fn answered(&self, n: u64, status: StatusCode) {
        let elapsed = self.elapsed_ms();
        let mut entries = self.entries();
        let before = entries.before;
        let index = n.checked_sub(before + 1).and_then(|index| usize::try_from(index).ok());
        if let Some(entry) = index.and_then(|index| entries.kept.get_mut(index)) {
            entry.status = Some(status.as_u16());
            entry.answered_ms = Some(elapsed);
        }
        drop(entries);
        self.changes.send_replace(());
    }

    pub(crate) fn select(&self, query: &JournalQuery) -> Vec<JournalEntry> {
        self.entries().kept.iter().filter(|entry| query.matches(entry)).cloned().collect()
    }

    /// Forgets all entries; numbers go on, so that `since` keeps its meaning.
    pub(crate) fn clear(&self) {
        let mut entries = self.entries();
        entries.before += entries.kept.len() as u64;
        entries.kept.clear();
    }

    /// Waits until so many requests match, or for so long; returns how many do.
    pub(crate) async fn wait(&self, query: &JournalQuery, count: usize, timeout: Duration) -> usize {
        let mut changes = self.changes.subscribe();
        let enough = async {
            while self.count(query) < count {
                if changes.changed().await.is_err() {
                    return;
                }
            }
        };
        // Reached or not, the caller learns the number.
        let _ = tokio::time::timeout(timeout, enough).await;
        self.count(query)
    }

    fn count(&self, query: &JournalQuery) -> usize {
        self.entries().kept.iter().filter(|entry| query.matches(entry)).count()
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn kept_headers(request: &ServiceRequest) -> BTreeMap<String, String> {
    KEPT_HEADERS
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), request.header(name)?.to_owned())))
        .collect()
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
