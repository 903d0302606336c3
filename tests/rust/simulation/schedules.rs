//! Many seeds, each a schedule of its own.

use std::sync::atomic::{AtomicU64, Ordering};

use super::draw::draw;
use super::drive::run;
use super::history::History;
use super::judge::{Broken, judge};

/// Schedules in an ordinary run, and in a long one.
const ORDINARY: u64 = 2_000;
const FULL: u64 = 100_000;
/// How many failing schedules are shown.
const SHOWN: usize = 3;
/// How many are named.
const MOST_NAMED: usize = 50;

#[test]
fn no_schedule_breaks_a_promise() {
    if let Some(seed) = number("AZS_SIMULATION_SEED") {
        let history = run(draw(seed));
        eprintln!("{history}");
        let broken = judge(&history);
        assert!(broken.is_empty(), "{}", told(&history, &broken));
        return;
    }
    let full = std::env::var_os("AZS_TEST_FULL").is_some();
    let count = number("AZS_SIMULATION_SCHEDULES").unwrap_or(if full { FULL } else { ORDINARY });
    let first = number("AZS_SIMULATION_FIRST").unwrap_or(0);
    let failed = many(first..first + count, |seed| {
        let history = run(draw(seed));
        let broken = judge(&history);
        let first = broken.first()?.to_string();
        Some((first, told(&history, &broken)))
    });
    let shown: String = failed.iter().take(SHOWN).map(|(_, (_, told))| format!("{told}\n\n")).collect();
    let all: String =
        failed.iter().take(MOST_NAMED).map(|(seed, (first, _))| format!("\n    {seed}: {first}")).collect();
    assert!(failed.is_empty(), "{shown}{} of {count} schedules break a promise:{all}", failed.len());
}

#[test]
fn a_seed_replays() {
    for seed in 0..20 {
        let (first, second) = (run(draw(seed)).to_string(), run(draw(seed)).to_string());
        let differs = first.lines().zip(second.lines()).find(|(first, second)| first != second);
        assert_eq!(differs, None, "seed {seed}");
        assert_eq!(first.len(), second.len(), "seed {seed}");
    }
}

/// Runs something for many seeds on all processors, and gives what it gave, by seed.
pub(super) fn many<T: Send>(
    seeds: std::ops::Range<u64>,
    try_one: impl Fn(u64) -> Option<T> + Sync,
) -> Vec<(u64, T)> {
    let next = AtomicU64::new(seeds.start);
    let workers = std::thread::available_parallelism().map_or(2, usize::from).min(8);
    let mut found: Vec<(u64, T)> = std::thread::scope(|scope| {
        let work = || {
            let mut found = Vec::new();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= seeds.end {
                    return found;
                }
                found.extend(try_one(seed).map(|it| (seed, it)));
            }
        };
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    found.sort_by_key(|(seed, _)| *seed);
    found
}

/// What went wrong, with what happened and how to see it again.
fn told(history: &History, broken: &[Broken]) -> String {
    let broken: String = broken.iter().map(|broken| format!("\n    {broken}")).collect();
    let seed = history.schedule.seed;
    format!(
        "{history}\nThe schedule of seed {seed} breaks a promise:{broken}\nTo see it again:\n    \
         AZS_SIMULATION_SEED={seed} cargo test -p azs-registration --test library no_schedule_breaks_a_promise"
    )
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}
