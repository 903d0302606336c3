//! A bucket of tokens, as ARM limits requests with.

use std::time::Duration;

use super::behaviour::BucketSize;

/// What is left of a bucket.
#[derive(Debug)]
pub(crate) struct Bucket {
    size: BucketSize,
    left: f64,
    looked_at: Duration,
}

impl Bucket {
    pub(crate) fn full(size: BucketSize) -> Bucket {
        Bucket { size, left: size.capacity, looked_at: Duration::ZERO }
    }

    /// Takes a token and says how many are left; else how many seconds until there is one.
    pub(crate) fn take(&mut self, now: Duration) -> Result<u64, u64> {
        let passed = now.saturating_sub(self.looked_at).as_secs_f64();
        self.looked_at = now;
        self.left = (self.left + passed * self.size.refill_per_second).min(self.size.capacity);
        if self.left >= 1.0 {
            self.left -= 1.0;
            return Ok(self.left as u64);
        }
        let seconds = ((1.0 - self.left) / self.size.refill_per_second).ceil();
        Err((seconds as u64).max(1))
    }
}
