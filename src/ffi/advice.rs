//! What an operator can do about an error, in the words of the caller.

use super::error::category_of;
use super::guard::guard;
use super::status::{AZS_E_NULL, AZS_E_VALUE, AZS_OK};
use super::text::azs_str;
use crate::advice::{self, Words};

/// `advice_words`: nobody's in particular.
pub const AZS_WORDS_NEUTRAL: i32 = 0;
/// `advice_words`: those of the cmdlets, as `-Force`.
pub const AZS_WORDS_POWERSHELL: i32 = 1;
/// `advice_words`: those of `azsreg`, as `--force`.
pub const AZS_WORDS_COMMAND_LINE: i32 = 2;

/// Words by their number.
pub(super) fn words(number: i32) -> Result<Words, i32> {
    match number {
        AZS_WORDS_NEUTRAL => Ok(Words::Neutral),
        AZS_WORDS_POWERSHELL => Ok(Words::PowerShell),
        AZS_WORDS_COMMAND_LINE => Ok(Words::CommandLine),
        _ => Err(AZS_E_VALUE),
    }
}

/// What to do about an error of the caller's own with this code, from the table that the library's own errors take it from.
///
/// `category` is one of `AZS_ERROR_...`, for codes that are not known; `advice_words` one of `AZS_WORDS_...`. `action` receives
/// a static text, or NULL where nothing useful is known. Any thread.
///
/// # Safety
/// The text can be read; `action` points to a place for a text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_recommended_action(
    code: azs_str,
    category: i32,
    advice_words: i32,
    action: *mut azs_str,
) -> i32 {
    guard(|| {
        if action.is_null() {
            return Err(AZS_E_NULL);
        }
        // SAFETY: checked for NULL; the caller promises a place.
        unsafe { action.write(azs_str::NONE) };
        let (category, words) = (category_of(category)?, words(advice_words)?);
        // SAFETY: the caller promises that the text can be read.
        let code = unsafe { code.copy() }?.ok_or(AZS_E_NULL)?;
        let found = advice::recommended_action(&code, category, words);
        // SAFETY: as above.
        unsafe { action.write(azs_str::view_option(found)) };
        Ok(AZS_OK)
    })
}
