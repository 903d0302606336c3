//! When to send again, and after how long.

use std::time::Duration;

use super::{Run, Wait};
use crate::clock::Random;
use crate::error::{Category, Error};

/// How patient the engine is.
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// The longest first pause; each further one is twice as long.
    pub first_pause: Duration,
    /// The longest pause that the engine chooses itself. The service may ask for a longer one.
    pub longest_pause: Duration,
    /// How often one request is sent at most, pauses that the service asked for not counted.
    pub most_sendings: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy {
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(30),
            most_sendings: 8,
        }
    }
}

/// A pause before something is sent again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pause {
    pub(super) duration: Duration,
    pub(super) wait: Wait,
}

/// The patience that is left for one request of an item.
pub(super) struct Retries<'a> {
    policy: RetryPolicy,
    run: &'a Run,
    sendings: u32,
    asked: u32,
}

/// How often the service may ask for a pause, or say that it has too much, before an item fails.
const MOST_ASKED: u32 = 60;
/// The longest pause that the service is allowed to ask for: a proxy's day is nobody's wish.
const LONGEST_ASKED: Duration = Duration::from_secs(3600);

impl RetryPolicy {
    pub(super) fn start(self, run: &Run) -> Retries<'_> {
        Retries { policy: self, run, sendings: 0, asked: 0 }
    }
}

impl Retries<'_> {
    /// The pause before the next sending, or `None` where the patience has ended. `asked` is what the service asked
    /// for: it is honoured. Neither it nor a pause because the service has too much counts against the patience.
    pub(super) fn pause(
        &mut self,
        asked: Option<Duration>,
        category: Category,
        random: &dyn Random,
    ) -> Option<Pause> {
        let left = self.run.patience();
        if asked.is_some() || category == Category::Throttled {
            self.asked += 1;
            let duration = match asked {
                // A little longer, so that many clients told the same do not come back at the same moment.
                Some(asked) => asked.min(LONGEST_ASKED).mul_f64(1.0 + 0.1 * random.fraction()),
                None => self.growing(self.asked, random),
            };
            let patient = self.asked <= MOST_ASKED && !left.is_zero();
            return patient.then_some(Pause { duration, wait: Wait::Throttled });
        }
        self.sendings += 1;
        if self.sendings >= self.policy.most_sendings {
            return None;
        }
        let duration = self.growing(self.sendings, random);
        if duration > left {
            return None;
        }
        self.run.spend(duration);
        Some(Pause { duration, wait: Wait::Retry })
    }

    /// The pause before the sending after this one: twice as long each time.
    fn growing(&self, sendings: u32, random: &dyn Random) -> Duration {
        let doubled = self.policy.first_pause.saturating_mul(1 << (sendings - 1).min(16));
        let longest = doubled.min(self.policy.longest_pause);
        // Half of it is certain: a pause of nearly nothing would only add to the load.
        longest.mul_f64(0.5 + 0.5 * random.fraction())
    }
}

/// Whether a read that ended so is worth repeating (RPC, "Retrying REST Calls": 408, 429 and 5xx), by code as well
/// as by status.
pub(super) fn may_read_again(error: &Error) -> bool {
    matches!(error.category(), Category::Throttled | Category::Service | Category::Timeout)
        || asks_for_patience(error)
}

/// Codes that ask to try again later, whatever status they come with.
pub(super) fn asks_for_patience(error: &Error) -> bool {
    matches!(error.code(), "MetadataResolverBadGatewayError" | "AnotherOperationInProgress")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::super::Silent;
    use super::*;

    struct Fixed(f64);

    impl Random for Fixed {
        fn fraction(&self) -> f64 {
            self.0
        }
        fn guid(&self) -> Uuid {
            Uuid::nil()
        }
    }

    fn run(seconds: u64) -> Run {
        Run::new(String::new(), Duration::from_secs(seconds), Arc::new(Silent))
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_end_with_the_patience() {
        let run = run(20);
        let mut retries = RetryPolicy::default().start(&run);
        let mut pauses = Vec::new();
        while let Some(pause) = retries.pause(None, Category::Service, &Fixed(1.0)) {
            pauses.push(pause.duration.as_millis());
        }
        assert_eq!(pauses, [500, 1000, 2000, 4000, 8000]);
    }

    #[test]
    fn a_pause_that_the_service_asks_for_does_not_count_and_has_an_end() {
        let run = run(1);
        let mut retries = RetryPolicy::default().start(&run);
        for (asked, granted) in [(60, 60), (u64::MAX, 3600)] {
            let pause =
                retries.pause(Some(Duration::from_secs(asked)), Category::Throttled, &Fixed(0.0)).unwrap();
            assert_eq!((pause.duration, pause.wait), (Duration::from_secs(granted), Wait::Throttled));
        }
    }

    #[test]
    fn the_time_of_sending_counts_for_all_requests_of_an_item() {
        let run = run(20);
        run.spend(Duration::from_secs(30));
        let mut retries = RetryPolicy::default().start(&run);
        assert!(retries.pause(None, Category::Service, &Fixed(0.0)).is_none());
        assert!(retries.pause(Some(Duration::ZERO), Category::Throttled, &Fixed(0.0)).is_none());
        let next = run.for_item();
        assert!(RetryPolicy::default().start(&next).pause(None, Category::Service, &Fixed(0.0)).is_some());
    }
}
