//! Chance from a seed, and the clock and the chance that a client gets: the same seed gives the same run.

use std::sync::Mutex;
use std::time::Duration;

use azs_registration::clock::{BoxFuture, Clock, Random};
use tokio::time::Instant;
use uuid::Uuid;

/// 2026-01-01: when every simulation begins.
const BEGIN_UNIX: u64 = 1_767_225_600;

/// Numbers from a seed (splitmix64).
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Chance {
        let mut chance = Chance(seed ^ 0x5851_f42d_4c95_7f2d);
        chance.number();
        chance
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Another chance, whose numbers do not depend on how many are drawn here.
    pub(crate) fn fork(&mut self) -> Chance {
        Chance::new(self.number())
    }

    /// From 0 up to, not including, `end`, which is not 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.number() % end
    }

    /// From the first to the last, both included.
    pub(crate) fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last - first + 1)
    }

    /// True so many times of a thousand.
    pub(crate) fn permille(&mut self, of_thousand: u32) -> bool {
        self.below(1000) < u64::from(of_thousand)
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let at = self.below(from.len() as u64);
        &from[usize::try_from(at).unwrap()]
    }

    pub(crate) fn millis(&mut self, first: u64, last: u64) -> Duration {
        Duration::from_millis(self.between(first, last))
    }

    pub(crate) fn guid(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.number(), self.number())
    }
}

/// The chance of a client.
pub(crate) struct ClientChance(pub(crate) Mutex<Chance>);

impl Random for ClientChance {
    fn fraction(&self) -> f64 {
        // 53 bits are what an f64 holds exactly.
        (self.0.lock().unwrap().number() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn guid(&self) -> Uuid {
        self.0.lock().unwrap().guid()
    }
}

/// Tokio's paused time, and a calendar that begins with the simulation.
pub(crate) struct SimulatedClock {
    began: Instant,
}

impl SimulatedClock {
    pub(crate) fn begin() -> SimulatedClock {
        SimulatedClock { began: Instant::now() }
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn unix_time(&self) -> u64 {
        BEGIN_UNIX + self.began.elapsed().as_secs()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A point of a simulation's calendar.
pub(crate) fn unix_time_at(since_begin: Duration) -> u64 {
    BEGIN_UNIX + since_begin.as_secs()
}
