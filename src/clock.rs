//! Time and chance, behind traits: the tests run whole schedules in simulated time, and replay them.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;
use uuid::Uuid;

/// A future in a box, as the traits of this library need it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// A point in time, for measuring.
    fn now(&self) -> Instant;
    /// Seconds since 1970-01-01 UTC, for the expiry of tokens.
    fn unix_time(&self) -> u64;
    /// The time since 1970-01-01 UTC, as fine as the clock knows it: for what is written down.
    fn since_1970(&self) -> Duration {
        Duration::from_secs(self.unix_time())
    }
    /// Waits.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;
}

/// Where chance comes from: jitter, and ids that must be new.
pub trait Random: Send + Sync {
    /// A number from 0 up to, not including, 1.
    fn fraction(&self) -> f64;
    /// A new GUID.
    fn guid(&self) -> Uuid;
}

/// The time of this machine. Under tokio's paused time it is simulated.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn unix_time(&self) -> u64 {
        self.since_1970().as_secs()
    }

    fn since_1970(&self) -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// The system's random numbers.
#[derive(Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fraction(&self) -> f64 {
        // 53 bits are what an f64 holds exactly.
        let bits = (Uuid::new_v4().as_u128() >> 75) as u64 & ((1 << 53) - 1);
        bits as f64 / (1_u64 << 53) as f64
    }

    fn guid(&self) -> Uuid {
        Uuid::new_v4()
    }
}
