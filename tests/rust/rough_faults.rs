//! Which requests meet which fault: drawn for each request from a seed, in shares of a hundred.

use azs_emulator::{Emulator, Fault, FaultAction};

use crate::chance::Chance;

/// So many requests of each kind are drawn for. A batch sends fewer.
const REQUESTS: u64 = 400;

/// A share of a hundred requests, and what they meet.
pub(crate) type Share = (u64, Fault);

/// Has each request of these methods meet what is drawn for it: at most one of the shares.
pub(crate) fn draw(emulator: &Emulator, seed: u64, methods: &[&str], shares: &[Share]) {
    let mut chance = Chance::of(seed);
    for method in methods {
        for number in 1..=REQUESTS {
            let mut drawn = chance.below(100);
            for (share, fault) in shares {
                if drawn < *share {
                    // Challenges and the registration itself are left alone: a batch ends with them.
                    let fault = fault.clone().method(*method).path_contains("/customerSubscriptions");
                    emulator.add_fault(fault.nth(number));
                    break;
                }
                drawn -= share;
            }
        }
    }
}

pub(crate) fn reset_before_effect(effect_after_ms: Option<u64>) -> Fault {
    Fault::new(FaultAction::ResetBeforeEffect { effect_after_ms })
}

pub(crate) fn reset_after_effect() -> Fault {
    Fault::new(FaultAction::ResetAfterEffect)
}

pub(crate) fn truncated() -> Fault {
    Fault::new(FaultAction::TruncatedBody)
}

pub(crate) fn html(after_effect: bool) -> Fault {
    Fault::new(FaultAction::NonJsonBody { status: 200, after_effect })
}

pub(crate) fn hang(after_effect: bool) -> Fault {
    Fault::new(FaultAction::Hang { after_effect })
}

pub(crate) fn half_open() -> Fault {
    Fault::new(FaultAction::HalfOpen { after_effect: true })
}
