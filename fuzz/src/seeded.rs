//! Sequences from a seed, for a compiler without libFuzzer.

use std::time::{Duration, Instant};

use arbitrary::{Arbitrary, Unstructured};

use crate::{Sequence, play};

/// A sequence that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Plays so many sequences, and says how many calls they made.
pub fn play_from_seed(seed: u64, sequences: u64) -> u64 {
    let (began, mut calls) = (Instant::now(), 0);
    let (alive, watched) = std::sync::mpsc::channel::<u64>();
    // A hang has no other end: the watch names what hangs.
    std::thread::spawn(move || {
        let mut last = 0;
        loop {
            match watched.recv_timeout(PATIENCE) {
                Ok(number) => last = number,
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                    eprintln!("sequence {last} of seed {seed} hangs");
                    std::process::exit(124);
                }
            }
        }
    });
    for number in 0..sequences {
        let _ = alive.send(number);
        let bytes = bytes(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        // Bytes always come to some sequence.
        let Ok(sequence) = Sequence::arbitrary(&mut Unstructured::new(&bytes)) else { continue };
        if std::env::var_os("AZS_FUZZ_SHOW").is_some() {
            eprintln!("{number}: {sequence:#?}");
        }
        calls += sequence.0.len() as u64;
        if std::panic::catch_unwind(|| play(&sequence)).is_err() {
            eprintln!("sequence {number} of seed {seed}: {sequence:#?}");
            // What the sequence left would be reported as leaks.
            std::process::abort();
        }
    }
    println!("{sequences} sequences from seed {seed}, {calls} calls, {:.0} s", began.elapsed().as_secs_f64());
    calls
}

/// The bytes that a sequence is drawn from.
fn bytes(seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        // SplitMix64: small, and good enough to draw from.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    };
    let words = 8 + next() % 96;
    (0..words).flat_map(|_| next().to_le_bytes()).collect()
}
