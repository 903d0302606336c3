//! Sequences of calls over the C ABI: drawn by libFuzzer under `cargo fuzz run abi_calls`, else from a seed:
//! `abi_calls [SEED [SEQUENCES]]`.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|sequence: azs_registration_fuzz::Sequence| azs_registration_fuzz::play(
    &sequence
));

#[cfg(not(fuzzing))]
fn main() {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse().expect("a number"));
    let seed = numbers.next().unwrap_or(1);
    azs_registration_fuzz::play_from_seed(seed, numbers.next().unwrap_or(300));
}
