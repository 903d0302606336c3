//! Texts that cross the ABI: UTF-8 with a length, never NUL-terminated.

use super::status::AZS_E_UTF8;

/// UTF-8 text. NULL `data` is "not given"; a length of 0 behind another pointer is an empty text.
///
/// In arguments the bytes are copied before the function returns. In events and errors they belong to the event or
/// the error and end with it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct azs_str {
    /// First byte, or NULL.
    pub data: *const u8,
    /// Number of bytes.
    pub len: usize,
}

impl azs_str {
    /// "Not given".
    pub(crate) const NONE: azs_str = azs_str { data: std::ptr::null(), len: 0 };

    /// A view of `text`, which must outlive it.
    pub(crate) fn view(text: &str) -> azs_str {
        azs_str { data: text.as_ptr(), len: text.len() }
    }

    /// A view of `text`, or "not given".
    pub(crate) fn view_option(text: Option<&str>) -> azs_str {
        text.map_or(azs_str::NONE, azs_str::view)
    }

    /// Copies the text; `None` where it was not given.
    ///
    /// # Safety
    /// `data` is NULL, or `len` bytes can be read from it.
    pub(crate) unsafe fn copy(self) -> Result<Option<String>, i32> {
        if self.data.is_null() {
            return Ok(None);
        }
        // SAFETY: the caller promises that the bytes can be read; a slice is at most isize::MAX bytes long.
        let bytes = match isize::try_from(self.len) {
            Ok(_) => unsafe { std::slice::from_raw_parts(self.data, self.len) },
            Err(_) => return Err(super::status::AZS_E_VALUE),
        };
        std::str::from_utf8(bytes).map(|text| Some(text.to_owned())).map_err(|_| AZS_E_UTF8)
    }
}
