//! Reading what a caller passes by pointer.

use std::mem::{MaybeUninit, size_of};

use super::status::{AZS_E_NULL, AZS_E_SIZE, AZS_E_VALUE};

/// What a pointer leads to, or `AZS_E_NULL`.
///
/// # Safety
/// `given` is NULL, or points to a live value for as long as the result is used.
pub(super) unsafe fn required<'a, T>(given: *const T) -> Result<&'a T, i32> {
    if !given.is_null() && !given.is_aligned() {
        return Err(AZS_E_VALUE);
    }
    // SAFETY: aligned, and the caller promises the rest.
    unsafe { given.as_ref() }.ok_or(AZS_E_NULL)
}

/// A struct whose first member is its size in bytes, for callers of every minor version: what an older caller does not
/// have is 0 or NULL, what a newer one has besides is passed over. `least` is the size that the struct had in the
/// first minor version of this major version of the ABI.
///
/// # Safety
/// `given` is NULL, or points to a struct of at least as many bytes as its first member says. `T` is made of integers
/// and pointers alone, for which all bits 0 is a value.
pub(super) unsafe fn read_struct<T>(given: *const T, least: usize) -> Result<T, i32> {
    if given.is_null() {
        return Err(AZS_E_NULL);
    }
    // SAFETY: each struct of the ABI begins with its size, a u32.
    let size = unsafe { given.cast::<u32>().read_unaligned() } as usize;
    if size < least {
        return Err(AZS_E_SIZE);
    }
    let mut copy = MaybeUninit::<T>::zeroed();
    // SAFETY: the smaller of both sizes can be read and written; the rest is 0, which is a value of T.
    unsafe {
        std::ptr::copy_nonoverlapping(
            given.cast::<u8>(),
            copy.as_mut_ptr().cast::<u8>(),
            size.min(size_of::<T>()),
        );
        Ok(copy.assume_init())
    }
}

/// Fills in a struct whose first member is its size in bytes, as the caller set it, for callers of every minor version: of
/// what an older caller does not have nothing is written.
///
/// # Safety
/// `place` is NULL, or points to a struct of at least as many writable bytes as its first member says.
pub(super) unsafe fn write_struct<T>(filled: T, place: *mut T, least: usize) -> Result<(), i32> {
    if place.is_null() {
        return Err(AZS_E_NULL);
    }
    // SAFETY: each struct of the ABI begins with its size, a u32.
    let size = unsafe { place.cast::<u32>().read_unaligned() } as usize;
    if size < least {
        return Err(AZS_E_SIZE);
    }
    let (after, written) = (size_of::<u32>(), size.min(size_of::<T>()));
    let filled = std::ptr::from_ref(&filled).cast::<u8>();
    // SAFETY: the smaller of both sizes can be read and written; the caller's size stays as it is.
    unsafe {
        std::ptr::copy_nonoverlapping(filled.add(after), place.cast::<u8>().add(after), written - after);
    }
    Ok(())
}

/// Puts NULL where a handle is to be written; `None` where there is no such place.
///
/// # Safety
/// `place` is NULL, or a place for a pointer.
pub(super) unsafe fn clear<T>(place: *mut *mut T) -> Option<()> {
    if place.is_null() {
        return None;
    }
    // SAFETY: checked for NULL; the caller promises a place.
    unsafe { place.write(std::ptr::null_mut()) };
    Some(())
}

/// A boolean that crossed the ABI as a byte.
pub(super) fn boolean(given: u8) -> Result<bool, i32> {
    match given {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(AZS_E_VALUE),
    }
}
