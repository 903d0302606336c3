//! Faults on purpose, for the proof that the sanitizers see them.

use std::hint::black_box;

/// Reads memory after it was freed.
#[unsafe(no_mangle)]
pub extern "C" fn planted_use_after_free() -> u8 {
    let freed = Box::into_raw(Box::new([7_u8; 64]));
    // SAFETY: none, on purpose: it is read after it was freed.
    unsafe {
        drop(Box::from_raw(black_box(freed)));
        black_box(freed).cast::<u8>().add(32).read_volatile()
    }
}

/// Forgets memory.
#[unsafe(no_mangle)]
pub extern "C" fn planted_leak() {
    for _ in 0..16 {
        std::mem::forget(black_box(vec![7_u8; 4096]));
    }
}

/// Does nothing wrong.
#[unsafe(no_mangle)]
pub extern "C" fn planted_nothing() {
    drop(black_box(vec![7_u8; 4096]));
}
