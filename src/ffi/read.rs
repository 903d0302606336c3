//! Reading what a caller passes by pointer.

use super::status::{AZS_E_NULL, AZS_E_SIZE, AZS_E_VALUE};

/// The handle behind a pointer, or `AZS_E_NULL`.
///
/// # Safety
/// `handle` is NULL, or points to a live handle for as long as the result is used.
pub(super) unsafe fn required<'a, T>(handle: *const T) -> Result<&'a T, i32> {
    // SAFETY: the caller promises it.
    unsafe { handle.as_ref() }.ok_or(AZS_E_NULL)
}

/// The struct behind a pointer, whose first member is its size in bytes. `least` is the size that the first minor
/// version of this major version of the ABI had.
///
/// # Safety
/// `given` is NULL, or points to a struct of at least as many bytes as its first member says.
pub(super) unsafe fn read_struct<'a, T>(given: *const T, least: usize) -> Result<&'a T, i32> {
    if given.is_null() {
        return Err(AZS_E_NULL);
    }
    // SAFETY: each struct of the ABI begins with its size, a u32.
    let size = unsafe { given.cast::<u32>().read_unaligned() };
    if (size as usize) < least {
        return Err(AZS_E_SIZE);
    }
    if !given.is_aligned() {
        return Err(AZS_E_VALUE);
    }
    // SAFETY: not NULL, aligned, and large enough; integers and pointers have no invalid bytes.
    Ok(unsafe { &*given })
}

/// A boolean that crossed the ABI as a byte.
pub(super) fn boolean(given: u8) -> Result<bool, i32> {
    match given {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(AZS_E_VALUE),
    }
}
