//! What a registration held a while ago, for lists that lag behind.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::mappings::{Change, Mappings};

/// The customer subscriptions as they were, and the changes since. It begins with the first change of a registration
/// after the switch is on, and holds no more changes than happen in the time that it looks back.
#[derive(Debug)]
pub(crate) struct Past {
    mappings: Mappings,
    to_come: VecDeque<(Instant, Change)>,
}

impl Past {
    /// A past that is still the present.
    pub(crate) fn of(mappings: &Mappings) -> Self {
        Self { mappings: mappings.clone(), to_come: VecDeque::new() }
    }

    /// A change has happened, which shows after this long.
    pub(crate) fn happened(&mut self, change: &Change, lag: Duration) {
        self.as_of(lag);
        self.to_come.push_back((Instant::now(), change.clone()));
    }

    /// What there was so long ago.
    pub(crate) fn as_of(&mut self, lag: Duration) -> &Mappings {
        let now = Instant::now();
        while let Some((at, _)) = self.to_come.front()
            && now.duration_since(*at) >= lag
            && let Some((_, change)) = self.to_come.pop_front()
        {
            self.mappings.apply(change);
        }
        &self.mappings
    }
}
