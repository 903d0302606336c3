//! What keeps a panic inside the library.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard};

use super::status::AZS_E_PANIC;

/// Runs the body of an exported function. A panic becomes `AZS_E_PANIC`: unwinding into C is undefined behaviour.
pub(super) fn guard(body: impl FnOnce() -> Result<i32, i32>) -> i32 {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(status) | Err(status)) => status,
        Err(_) => AZS_E_PANIC,
    }
}

/// Takes a lock whose holder may have panicked: the data behind these locks is whole between statements.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
