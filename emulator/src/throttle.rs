//! Throttling: ARM's token buckets, one for each subscription, principal and kind of request.
//!
//! Source: Microsoft's article on request limits and throttling of Azure Resource Manager.

use std::collections::HashMap;
use std::fmt;

use hyper::Method;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// Whether requests are throttled, and by which numbers; see [`Switches::throttle`](crate::Switches::throttle).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", from = "ThrottleForm", into = "ThrottleForm")]
pub enum Throttle {
    /// Not at all.
    #[default]
    Off,
    /// By ARM's numbers: 250 reads and 25 more each second, 200 writes and 10, 200 deletes and 10.
    Arm,
    /// By other numbers.
    Own(Buckets),
}

/// A bucket for each kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Buckets {
    /// For GET and HEAD.
    pub reads: Bucket,
    /// For PUT, POST and PATCH.
    pub writes: Bucket,
    /// For DELETE.
    pub deletes: Bucket,
}

/// How many requests a full bucket holds, and how fast it fills.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Bucket {
    /// The requests that a full bucket holds.
    pub capacity: u32,
    /// The requests that come back each second; less than one is allowed, none is not.
    pub refill_per_second: f64,
}

impl Buckets {
    /// ARM's numbers for a subscription.
    pub const ARM: Self = Self {
        reads: Bucket::new(250, 25.0),
        writes: Bucket::new(200, 10.0),
        deletes: Bucket::new(200, 10.0),
    };
}

impl Default for Buckets {
    fn default() -> Self {
        Self::ARM
    }
}

impl Bucket {
    /// A bucket of so many requests, of which so many come back each second.
    pub const fn new(capacity: u32, refill_per_second: f64) -> Self {
        Self { capacity, refill_per_second }
    }

    fn check(self) -> Result<(), String> {
        if self.capacity == 0 || !self.refill_per_second.is_finite() || self.refill_per_second <= 0.0 {
            return Err("a bucket of throttle holds at least 1 request and fills".to_owned());
        }
        Ok(())
    }
}

impl Throttle {
    /// Reads `off`, `arm`, or `reads=50/100,writes=20/50,deletes=20/50`: what a full bucket holds, and what comes back
    /// each second. A kind that is left out has ARM's numbers.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "off" => return Ok(Self::Off),
            "arm" => return Ok(Self::Arm),
            _ => {}
        }
        let mut buckets = Buckets::ARM;
        for part in text.split(',') {
            let expected = || format!("expected off, arm or KIND=CAPACITY/PER-SECOND, not '{part}'");
            let (kind, numbers) = part.split_once('=').ok_or_else(expected)?;
            let (capacity, refill) = numbers.split_once('/').ok_or_else(expected)?;
            let bucket = Bucket::new(
                capacity.parse().map_err(|_| expected())?,
                refill.parse().map_err(|_| expected())?,
            );
            match kind {
                "reads" => buckets.reads = bucket,
                "writes" => buckets.writes = bucket,
                "deletes" => buckets.deletes = bucket,
                _ => return Err(expected()),
            }
        }
        let throttle = Self::Own(buckets);
        throttle.check()?;
        Ok(throttle)
    }

    pub(crate) fn check(self) -> Result<(), String> {
        let Self::Own(Buckets { reads, writes, deletes }) = self else { return Ok(()) };
        [reads, writes, deletes].into_iter().try_for_each(Bucket::check)
    }

    fn bucket(self, kind: Kind) -> Option<Bucket> {
        let buckets = match self {
            Self::Off => return None,
            Self::Arm => Buckets::ARM,
            Self::Own(buckets) => buckets,
        };
        Some(match kind {
            Kind::Reads => buckets.reads,
            Kind::Writes => buckets.writes,
            Kind::Deletes => buckets.deletes,
        })
    }
}

/// [`Throttle`] as JSON has it: a word, or an object of numbers.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(untagged)]
enum ThrottleForm {
    Word(Word),
    Own(Buckets),
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Off,
    Arm,
}

impl From<ThrottleForm> for Throttle {
    fn from(form: ThrottleForm) -> Self {
        match form {
            ThrottleForm::Word(Word::Off) => Self::Off,
            ThrottleForm::Word(Word::Arm) => Self::Arm,
            ThrottleForm::Own(buckets) => Self::Own(buckets),
        }
    }
}

impl From<Throttle> for ThrottleForm {
    fn from(throttle: Throttle) -> Self {
        match throttle {
            Throttle::Off => Self::Word(Word::Off),
            Throttle::Arm => Self::Word(Word::Arm),
            Throttle::Own(buckets) => Self::Own(buckets),
        }
    }
}

/// What ARM counts apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Reads,
    Writes,
    Deletes,
}

impl Kind {
    pub(crate) fn of(method: &Method) -> Self {
        match *method {
            Method::PUT | Method::POST | Method::PATCH => Self::Writes,
            Method::DELETE => Self::Deletes,
            _ => Self::Reads,
        }
    }

    /// What a full bucket of ARM's holds.
    pub(crate) fn arm_capacity(self) -> u32 {
        match self {
            Self::Reads => Buckets::ARM.reads.capacity,
            Self::Writes => Buckets::ARM.writes.capacity,
            Self::Deletes => Buckets::ARM.deletes.capacity,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Reads => "read",
            Self::Writes => "write",
            Self::Deletes => "delete",
        })
    }
}

/// What asking a bucket comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// Served, and so many are left.
    Left(u32),
    /// Refused; the next one is there after so many seconds.
    Empty { retry_after: u64 },
}

/// The buckets as they stand.
#[derive(Debug, Default)]
pub(crate) struct Throttles {
    /// The numbers that the levels go by; with others all buckets begin full.
    rule: Throttle,
    levels: HashMap<(String, String, Kind), Level>,
}

#[derive(Debug)]
struct Level {
    tokens: f64,
    at: Instant,
}

impl Throttles {
    /// Takes one request out of a bucket. `None` where there is no throttling.
    pub(crate) fn take(
        &mut self,
        rule: Throttle,
        subscription: &str,
        principal: &str,
        kind: Kind,
    ) -> Option<Taken> {
        if self.rule != rule {
            *self = Self { rule, levels: HashMap::new() };
        }
        let bucket = rule.bucket(kind)?;
        let capacity = f64::from(bucket.capacity);
        let now = Instant::now();
        let key = (subscription.to_ascii_lowercase(), principal.to_ascii_lowercase(), kind);
        let level = self.levels.entry(key).or_insert(Level { tokens: capacity, at: now });
        let come_back = now.duration_since(level.at).as_secs_f64() * bucket.refill_per_second;
        *level = Level { tokens: (level.tokens + come_back).min(capacity), at: now };
        if level.tokens >= 1.0 {
            level.tokens -= 1.0;
            return Some(Taken::Left(whole(level.tokens)));
        }
        let seconds = ((1.0 - level.tokens) / bucket.refill_per_second).ceil().max(1.0);
        Some(Taken::Empty { retry_after: u64::from(whole(seconds)) })
    }
}

/// The whole part of a number that is not negative.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what a u32 holds")]
fn whole(number: f64) -> u32 {
    number.clamp(0.0, f64::from(u32::MAX)) as u32
}
