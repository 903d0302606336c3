//! Pacing: requests go out at the rate that Azure Resource Manager allows, instead of running into its refusals.
//!
//! ARM keeps a token bucket for each subscription, principal and kind of request; the numbers are those of its page on
//! request limits ("Azure Resource Manager throttling", from 2024 on). A client has one endpoint and one principal, so its
//! lanes are named by subscription and kind. A lane begins with ARM's numbers and is corrected by what the answers say: the
//! remaining-requests headers, and 429 with Retry-After, which pauses the whole lane.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{HeaderMap, Method};
use tokio::sync::{Mutex as AsyncMutex, Notify};
use tokio::time::Instant;

use super::{Call, Wait};
use crate::clock::Clock;
use crate::wire::header;

/// The kinds of requests that ARM counts on their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Read,
    Write,
    Delete,
}

impl Kind {
    fn of(method: &Method) -> Kind {
        match *method {
            Method::GET | Method::HEAD => Kind::Read,
            Method::DELETE => Kind::Delete,
            _ => Kind::Write,
        }
    }

    /// Size of the bucket, and what flows in each second.
    fn bucket(self) -> (f64, f64) {
        match self {
            Kind::Read => (250.0, 25.0),
            Kind::Write | Kind::Delete => (200.0, 10.0),
        }
    }

    /// The headers that say what is left. The one for deletes is not in ARM's page; the others are.
    fn remaining_headers(self) -> [&'static str; 2] {
        match self {
            Kind::Read => {
                ["x-ms-ratelimit-remaining-subscription-reads", "x-ms-ratelimit-remaining-tenant-reads"]
            }
            Kind::Write => {
                ["x-ms-ratelimit-remaining-subscription-writes", "x-ms-ratelimit-remaining-tenant-writes"]
            }
            Kind::Delete => {
                ["x-ms-ratelimit-remaining-subscription-deletes", "x-ms-ratelimit-remaining-tenant-deletes"]
            }
        }
    }
}

/// The lanes of a client.
#[derive(Default)]
pub(super) struct Pacer {
    lanes: Mutex<HashMap<(String, Kind), Arc<Lane>>>,
}

impl Pacer {
    /// The lane of a request; `None` where ARM does not count it: without a token, nobody's bucket is used.
    pub(super) fn lane(&self, call: &Call, now: Instant) -> Option<Arc<Lane>> {
        if !call.authenticated {
            return None;
        }
        let mut segments = call.url.path_segments()?;
        let subscription =
            (segments.next()?.eq_ignore_ascii_case("subscriptions")).then(|| segments.next())?;
        let kind = Kind::of(&call.method);
        let key = (subscription.unwrap_or_default().to_ascii_lowercase(), kind);
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        Some(lanes.entry(key).or_insert_with(|| Arc::new(Lane::new(kind, now))).clone())
    }
}

/// One bucket of ARM's, as far as it is known here.
pub(super) struct Lane {
    kind: Kind,
    /// Whoever holds it waits for the next token; the others wait behind, in their order.
    gate: AsyncMutex<()>,
    state: Mutex<Bucket>,
    /// What the answers said has changed the state.
    corrected: Notify,
}

struct Bucket {
    tokens: f64,
    capacity: f64,
    refill: f64,
    counted_at: Instant,
    paused_until: Option<Instant>,
    /// Requests let through so far.
    let_through: u64,
    /// The numbers of those whose answer has not been seen.
    on_their_way: BTreeSet<u64>,
}

impl Bucket {
    fn refill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.counted_at).as_secs_f64();
        self.tokens = (self.tokens + passed * self.refill).min(self.capacity);
        self.counted_at = now;
    }

    /// Takes a token and gives the request's number, or says how long to wait and whether the service asked for that.
    fn take(&mut self, now: Instant) -> Result<u64, (Duration, Wait)> {
        if let Some(until) = self.paused_until.filter(|until| *until > now) {
            return Err((until - now, Wait::Throttled));
        }
        self.refill(now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            let number = self.let_through;
            self.let_through += 1;
            self.on_their_way.insert(number);
            return Ok(number);
        }
        // A microsecond more, for what rounding leaves out.
        let missing = Duration::from_secs_f64((1.0 - self.tokens) / self.refill) + Duration::from_micros(1);
        Err((missing, Wait::Pacing))
    }
}

impl Lane {
    fn new(kind: Kind, now: Instant) -> Lane {
        let (capacity, refill) = kind.bucket();
        let state = Bucket {
            tokens: capacity,
            capacity,
            refill,
            counted_at: now,
            paused_until: None,
            let_through: 0,
            on_their_way: BTreeSet::new(),
        };
        Lane { kind, gate: AsyncMutex::default(), state: Mutex::new(state), corrected: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, Bucket> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the service is likely to take another request. `wait` is told about a pause, for as long as what it
    /// gives back lives.
    pub(super) async fn pass<W>(
        self: &Arc<Lane>,
        clock: &dyn Clock,
        wait: impl Fn(Wait, Duration) -> W,
    ) -> Pass {
        let _gate = self.gate.lock().await;
        loop {
            let taken = self.state().take(clock.now());
            match taken {
                Ok(number) => return Pass { lane: self.clone(), number, sent: false },
                Err((pause, why)) => {
                    let _waiting = wait(why, pause);
                    tokio::select! {
                        biased;
                        () = clock.sleep(pause) => {}
                        () = self.corrected.notified() => {}
                    }
                }
            }
        }
    }

    /// Nothing more goes out before then.
    pub(super) fn pause(&self, now: Instant, pause: Duration) {
        let mut state = self.state();
        state.refill(now);
        // The service refused because it has not even one. What flows in during the pause is there after it.
        state.tokens = state.tokens.min(0.0);
        let until = now + pause;
        state.paused_until = Some(state.paused_until.map_or(until, |before| before.max(until)));
    }

    /// Takes over what the answer to a request says is left.
    fn correct(&self, number: u64, headers: &HeaderMap, now: Instant) {
        let left = self.kind.remaining_headers().into_iter().filter_map(|name| {
            let text = header(headers, name)?;
            text.trim().parse::<u32>().ok()
        });
        let Some(left) = left.min() else { return };
        let mut state = self.state();
        state.refill(now);
        // Answers overtake each other: what this one says does not count the requests after it, answered or not, and
        // perhaps not those before it that are still on their way.
        let before = state.on_their_way.range(..number).count();
        let after = usize::try_from(state.let_through - number - 1).unwrap_or(usize::MAX);
        state.tokens = f64::from(left) - before as f64 - after as f64;
        state.capacity = state.capacity.max(f64::from(left));
        drop(state);
        self.corrected.notify_one();
    }
}

/// The leave to send one request. Given back where the request was not sent.
pub(super) struct Pass {
    lane: Arc<Lane>,
    number: u64,
    sent: bool,
}

impl Pass {
    /// The request goes out.
    pub(super) fn sent(&mut self) {
        self.sent = true;
    }

    /// The answer to the request, or `None` where there is none.
    pub(super) fn ended(self, headers: Option<&HeaderMap>, now: Instant) {
        let (lane, number) = (self.lane.clone(), self.number);
        drop(self);
        if let Some(headers) = headers {
            lane.correct(number, headers, now);
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut state = self.lane.state();
        state.on_their_way.remove(&self.number);
        if !self.sent {
            state.tokens = (state.tokens + 1.0).min(state.capacity);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane() -> (Arc<Lane>, Instant) {
        let now = Instant::now();
        (Arc::new(Lane::new(Kind::Write, now)), now)
    }

    fn let_through(lane: &Arc<Lane>, now: Instant) -> Pass {
        let number = lane.state().take(now).expect("there are tokens");
        Pass { lane: lane.clone(), number, sent: true }
    }

    fn left(count: &'static str) -> HeaderMap {
        let name = http::HeaderName::from_static(Kind::Write.remaining_headers()[0]);
        HeaderMap::from_iter([(name, http::HeaderValue::from_static(count))])
    }

    #[test]
    fn an_answer_that_was_overtaken_gives_no_tokens_back() {
        let (lane, now) = lane();
        let [first, second, third] = [0; 3].map(|_| let_through(&lane, now));
        third.ended(Some(&left("7")), now);
        assert_eq!(lane.state().tokens, 5.0, "those before it may not have been counted yet");
        second.ended(Some(&left("8")), now);
        assert_eq!(lane.state().tokens, 6.0);
        first.ended(Some(&left("9")), now);
        assert_eq!(lane.state().tokens, 7.0);
    }

    #[test]
    fn after_a_pause_there_is_what_flowed_in() {
        let (lane, now) = lane();
        lane.pause(now, Duration::from_secs(1));
        assert!(lane.state().take(now).is_err());
        let later = now + Duration::from_secs(1);
        let passes: Vec<_> = (0..10).map(|_| let_through(&lane, later)).collect();
        assert!(lane.state().take(later).is_err());
        drop(passes);
    }
}
