//! The library in thousands of schedules: faults, other writers, cancellations, restarts and late effects, in paused time
//! against a service in memory, judged by one who knows the truth.
//!
//! | file | job |
//! |---|---|
//! | `chance` | numbers from a seed; the client's clock and chance |
//! | `arm` | Azure Resource Manager in memory, and what can happen on the way to it |
//! | `schedule`, `draw` | what happens in one simulation; how it comes from a seed |
//! | `drive` | runs a schedule |
//! | `truth`, `history` | what really happened, and what was reported |
//! | `judge` | which promises that breaks |
//! | `agreement` | the service in memory and the emulator say the same |
//! | `forged`, `planted` | the judge itself: forged reports, rules broken on purpose |
//! | `schedules` | the tests over many seeds |

mod agreement;
mod arm;
mod chance;
mod draw;
mod drive;
mod forged;
mod history;
mod judge;
mod planted;
mod schedule;
mod schedules;
mod truth;
