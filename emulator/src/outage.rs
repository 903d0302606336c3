//! Outages of the TLS listener while the process lives on.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::connection::Connection;

/// What a listener does that is out of order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outage {
    /// It resets new connections at once, and has cut those that there were.
    Refuse,
    /// It accepts new connections and reads from them, but never says a word: no TLS handshake ends. Connections that
    /// there were go on.
    AcceptOnly,
}

/// The outage that there is, if there is one.
#[derive(Debug)]
pub(crate) struct Outages {
    current: watch::Sender<Option<Current>>,
}

#[derive(Clone, Copy, Debug)]
struct Current {
    outage: Outage,
    until: Option<Instant>,
}

impl Current {
    fn is_on(self) -> bool {
        self.until.is_none_or(|until| Instant::now() < until)
    }
}

impl Default for Outages {
    fn default() -> Self {
        Self { current: watch::Sender::new(None) }
    }
}

impl Outages {
    /// Begins an outage, which ends by itself after `lasting`.
    pub(crate) fn begin(&self, outage: Outage, lasting: Option<Duration>) {
        let until = lasting.map(|lasting| Instant::now() + lasting);
        self.current.send_replace(Some(Current { outage, until }));
    }

    pub(crate) fn end(&self) {
        self.current.send_replace(None);
    }

    /// The outage that there is now, and how long it still lasts if that is laid down.
    pub(crate) fn now(&self) -> Option<(Outage, Option<Duration>)> {
        let current = (*self.current.borrow())?;
        let left = current.until.map(|until| until.saturating_duration_since(Instant::now()));
        current.is_on().then_some((current.outage, left))
    }

    /// Returns when an outage is to cut a connection. Those that carry control calls are spared: over them it can be
    /// ended.
    pub(crate) async fn cut(&self, connection: &Connection) {
        let mut changes = self.current.subscribe();
        let refuses =
            |current: &Option<Current>| current.is_some_and(|it| it.outage == Outage::Refuse && it.is_on());
        // An error means that there is no emulator any more, which cuts the connection as well.
        while changes.wait_for(refuses).await.is_ok() && connection.is_spared() {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }
}
