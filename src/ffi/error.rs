//! Errors, inside a finished event or as a handle of their own.

use std::borrow::Cow;

use super::status::AZS_E_VALUE;
use super::text::azs_str;
use crate::Category;
use crate::advice::Words;

/// `category`: the input is wrong; nothing was sent.
pub const AZS_ERROR_INPUT: i32 = 1;
/// `category`: the service did not accept who is asking (401), or no credential was at hand.
pub const AZS_ERROR_AUTHENTICATION: i32 = 2;
/// `category`: the one who asks may not do it (403).
pub const AZS_ERROR_PERMISSION: i32 = 3;
/// `category`: what was asked for does not exist (404).
pub const AZS_ERROR_NOT_FOUND: i32 = 4;
/// `category`: the state of the service forbids it: a lock, another operation, an expectation that does not hold.
pub const AZS_ERROR_CONFLICT: i32 = 5;
/// `category`: too many requests (429), still after waiting.
pub const AZS_ERROR_THROTTLED: i32 = 6;
/// `category`: the service refused the request for another reason (4xx).
pub const AZS_ERROR_REFUSED: i32 = 7;
/// `category`: the service failed (5xx).
pub const AZS_ERROR_SERVICE: i32 = 8;
/// `category`: the network, TLS or a proxy: no answer came.
pub const AZS_ERROR_CONNECTION: i32 = 9;
/// `category`: no answer came in time.
pub const AZS_ERROR_TIMEOUT: i32 = 10;
/// `category`: an answer came that is none of Azure Resource Manager's.
pub const AZS_ERROR_INVALID_ANSWER: i32 = 11;
/// `category`: the caller cancelled it.
pub const AZS_ERROR_CANCELLED: i32 = 12;
/// `category`: a fault of this library.
pub const AZS_ERROR_INTERNAL: i32 = 13;

/// An error, complete enough to be shown and acted on.
///
/// The texts belong to the event or handle that the struct is part of. A secret is never in them.
#[repr(C)]
pub struct azs_error {
    /// Bytes of this struct.
    pub size: u32,
    /// One of `AZS_ERROR_...`.
    pub category: i32,
    /// HTTP status of the answer; 0 where there was none.
    pub http_status: i32,
    /// The row number that the error is about, counted from 1; 0 where it is about no row.
    pub row: u64,
    /// Azure Resource Manager's code (as `AuthorizationFailed`), or one of this library's own. Never empty.
    pub code: azs_str,
    /// What happened, as one or more sentences. Never empty.
    pub message: azs_str,
    /// What to do about it; NULL where nothing useful is known.
    pub recommended_action: azs_str,
    /// What the error is about: a resource id, a URL without its query, or the given value; NULL where unknown.
    pub target: azs_str,
    /// The column or parameter at fault, by its PowerShell name, as `CustomerSubscriptionId`; NULL where none is.
    pub column: azs_str,
    /// `x-ms-request-id` of the answer; NULL where there was none.
    pub request_id: azs_str,
    /// `x-ms-correlation-request-id` of the answer, else of the request; NULL where nothing was sent.
    pub correlation_id: azs_str,
}

/// An error with its texts. Opaque; read it with `azs_error_get`, free it with `azs_error_free`.
pub struct azs_error_handle {
    /// Keeps the texts that `view` points to.
    _error: crate::Error,
    _action: Option<Cow<'static, str>>,
    view: azs_error,
}

impl azs_error {
    /// The struct where there is no error: everything is 0 or NULL.
    pub(super) fn none() -> azs_error {
        azs_error {
            size: std::mem::size_of::<azs_error>() as u32,
            category: 0,
            http_status: 0,
            row: 0,
            code: azs_str::NONE,
            message: azs_str::NONE,
            recommended_action: azs_str::NONE,
            target: azs_str::NONE,
            column: azs_str::NONE,
            request_id: azs_str::NONE,
            correlation_id: azs_str::NONE,
        }
    }
}

/// An error whose texts point into `error` and `action`.
pub(super) fn view_error(error: &crate::Error, action: Option<&str>) -> azs_error {
    let parts = error.parts();
    azs_error {
        category: category(parts.category),
        http_status: parts.http_status.map_or(0, i32::from),
        row: parts.row,
        code: azs_str::view(&parts.code),
        message: azs_str::view(&parts.message),
        recommended_action: azs_str::view_option(action),
        target: azs_str::view_option(parts.target.as_deref()),
        column: azs_str::view_option(parts.column.as_deref()),
        request_id: azs_str::view_option(parts.request_id.as_deref()),
        correlation_id: azs_str::view_option(parts.correlation_id.as_deref()),
        ..azs_error::none()
    }
}

/// Each category has its number here: a new one does not compile without.
fn category(category: Category) -> i32 {
    match category {
        Category::Input => AZS_ERROR_INPUT,
        Category::Authentication => AZS_ERROR_AUTHENTICATION,
        Category::Permission => AZS_ERROR_PERMISSION,
        Category::NotFound => AZS_ERROR_NOT_FOUND,
        Category::Conflict => AZS_ERROR_CONFLICT,
        Category::Throttled => AZS_ERROR_THROTTLED,
        Category::Refused => AZS_ERROR_REFUSED,
        Category::Service => AZS_ERROR_SERVICE,
        Category::Connection => AZS_ERROR_CONNECTION,
        Category::Timeout => AZS_ERROR_TIMEOUT,
        Category::InvalidAnswer => AZS_ERROR_INVALID_ANSWER,
        Category::Cancelled => AZS_ERROR_CANCELLED,
        Category::Internal => AZS_ERROR_INTERNAL,
    }
}

/// A category by its number.
pub(super) fn category_of(number: i32) -> Result<Category, i32> {
    Ok(match number {
        AZS_ERROR_INPUT => Category::Input,
        AZS_ERROR_AUTHENTICATION => Category::Authentication,
        AZS_ERROR_PERMISSION => Category::Permission,
        AZS_ERROR_NOT_FOUND => Category::NotFound,
        AZS_ERROR_CONFLICT => Category::Conflict,
        AZS_ERROR_THROTTLED => Category::Throttled,
        AZS_ERROR_REFUSED => Category::Refused,
        AZS_ERROR_SERVICE => Category::Service,
        AZS_ERROR_CONNECTION => Category::Connection,
        AZS_ERROR_TIMEOUT => Category::Timeout,
        AZS_ERROR_INVALID_ANSWER => Category::InvalidAnswer,
        AZS_ERROR_CANCELLED => Category::Cancelled,
        AZS_ERROR_INTERNAL => Category::Internal,
        _ => return Err(AZS_E_VALUE),
    })
}

/// Puts an error where the caller asked for it, with advice in these words.
///
/// # Safety
/// `place` is NULL, or a place for a pointer.
pub(super) unsafe fn hand_out(error: crate::Error, words: Words, place: *mut *mut azs_error_handle) {
    if place.is_null() {
        return;
    }
    let action = error.recommended_action(words);
    // The parts of an error are boxed, as is the text of its advice: the view stays valid when they move.
    let view = view_error(&error, action.as_deref());
    // SAFETY: checked for NULL; the caller promises a place.
    unsafe {
        place.write(Box::into_raw(Box::new(azs_error_handle { _error: error, _action: action, view })))
    };
}

/// The error behind a handle, valid until the handle is freed. NULL gives NULL. Any thread.
///
/// # Safety
/// `handle` is NULL, or a live handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_error_get(handle: *const azs_error_handle) -> *const azs_error {
    if handle.is_null() {
        return std::ptr::null();
    }
    // SAFETY: the caller promises a live handle.
    unsafe { &raw const (*handle).view }
}

/// Frees an error. NULL is fine. Any thread.
///
/// # Safety
/// `handle` is NULL, or a live handle that no other call is using.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_error_free(handle: *mut azs_error_handle) {
    let _ = super::guard::guard(|| {
        if !handle.is_null() {
            // SAFETY: it came from Box::into_raw, and the caller gives it up.
            drop(unsafe { Box::from_raw(handle) });
        }
        Ok(super::status::AZS_OK)
    });
}
