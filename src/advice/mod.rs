//! What an operator can do about an error: one table for all callers, in the words of each.
//!
//! The advice is the same for everybody, but what it is called is not: `-Force` in PowerShell is `--force` in a shell. So
//! the texts have named places, as `{force}`, which are filled in for whoever shows them.

mod places;
mod sign_in;
mod table;

use std::sync::OnceLock;

use crate::error::Category;
pub use table::{GROUPS, Group, Known};

/// In whose words advice is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Words {
    /// Nobody's in particular.
    #[default]
    Neutral,
    /// Those of the cmdlets.
    PowerShell,
    /// Those of `azsreg`.
    CommandLine,
    /// Those of the cmdlets, with those of `azsreg` where they differ: for the documentation.
    Both,
}

/// How many kinds of words there are.
const KINDS: usize = 4;

/// What to do about an error with this code, or of this category where nothing is known for the code.
pub fn recommended_action(code: &str, category: Category, words: Words) -> Option<&'static str> {
    let place = position(code)
        // What answered is not Azure Resource Manager: what its status means there is no advice.
        .filter(|_| category != Category::InvalidAnswer || code != "NotFound")
        .filter(|place| known(*place).is_some_and(|it| it.action.is_some()))
        .or_else(|| position(of_category(category)?));
    // A table of constants, filled in once.
    static FILLED: OnceLock<Vec<[Option<String>; KINDS]>> = OnceLock::new();
    let filled = FILLED.get_or_init(|| {
        let in_all = |known: &Known| {
            [Words::Neutral, Words::PowerShell, Words::CommandLine, Words::Both]
                .map(|words| known.action.map(|action| fill(action, words)))
        };
        all().map(in_all).collect()
    });
    filled.get(place?)?[words as usize].as_deref()
}

/// A text with its places filled in.
pub(crate) fn fill(text: &str, words: Words) -> String {
    let mut filled = text.to_owned();
    for place in places::PLACES {
        if filled.contains(place.name) {
            filled = filled.replace(place.name, place.text(words));
        }
    }
    filled
}

/// All codes that are known.
pub fn all() -> impl Iterator<Item = &'static Known> {
    GROUPS.iter().flat_map(|group| group.codes)
}

fn position(code: &str) -> Option<usize> {
    all().position(|known| known.code.eq_ignore_ascii_case(code))
}

fn known(place: usize) -> Option<&'static Known> {
    all().nth(place)
}

/// The row of the table for a category, where nothing is known for the code.
fn of_category(category: Category) -> Option<&'static str> {
    match category {
        Category::Authentication => Some("(401)"),
        Category::Permission => Some("AuthorizationFailed"),
        Category::Throttled => Some("TooManyRequests"),
        Category::Service => Some("(5xx)"),
        Category::Connection | Category::Timeout | Category::InvalidAnswer => Some("(no answer)"),
        Category::Internal => Some("(a fault of Azs.Registration)"),
        Category::Input
        | Category::NotFound
        | Category::Conflict
        | Category::Refused
        | Category::Cancelled => None,
    }
}
