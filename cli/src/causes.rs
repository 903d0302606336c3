//! Why items did not end as was asked for: a cause that many of them have is said once.

use std::collections::HashMap;

use azs_registration::error::Category;
use azs_registration::tenants::{Finished, Outcome};

use crate::messages;

/// The causes that were said, in their order.
#[derive(Default)]
pub(crate) struct Causes {
    places: HashMap<Cause, usize>,
    said: Vec<Said>,
}

/// What makes two items fail the same way.
#[derive(PartialEq, Eq, Hash)]
struct Cause {
    outcome: &'static str,
    code: String,
    http_status: Option<u16>,
    /// The message without what is the item's own.
    message: String,
}

struct Said {
    outcome: &'static str,
    code: String,
    more: u64,
}

impl Causes {
    /// Says why an item did not end as was asked for, unless the same was said of another one.
    pub(crate) fn say(&mut self, finished: &Finished) {
        let Some(error) = &finished.error else { return };
        // Whoever interrupted it knows why, and the counts at the end say how many there are. What may have taken effect is
        // named in any case.
        if error.category() == Category::Cancelled && finished.outcome != Outcome::Unknown {
            return;
        }
        let outcome = finished.outcome.name();
        if finished.outcome == Outcome::Unknown {
            messages::not_reached(finished);
            return;
        }
        let parts = error.parts();
        let cause = Cause {
            outcome,
            code: parts.code.clone(),
            http_status: parts.http_status,
            message: without_ids(&parts.message),
        };
        if let Some(place) = self.places.get(&cause) {
            self.said[*place].more += 1;
            return;
        }
        messages::not_reached(finished);
        self.places.insert(cause, self.said.len());
        self.said.push(Said { outcome, code: parts.code.clone(), more: 0 });
    }

    /// Says how many there were of each cause.
    pub(crate) fn end(&self) {
        for said in self.said.iter().filter(|said| said.more > 0) {
            messages::line(format_args!(
                "{}: {}, and {} more with the same cause.",
                said.outcome, said.code, said.more
            ));
        }
    }
}

/// A message without GUIDs and without the number of its row.
fn without_ids(message: &str) -> String {
    const GUID: usize = 36;
    let mut rest = message;
    if let Some(after) = rest.strip_prefix("Row ")
        && let Some((number, after)) = after.split_once(':')
        && number.bytes().all(|byte| byte.is_ascii_digit())
    {
        rest = after;
    }
    let mut kept = String::with_capacity(rest.len());
    while let Some(next) = rest.chars().next() {
        if rest.get(..GUID).is_some_and(is_guid) {
            kept.push('*');
            rest = &rest[GUID..];
        } else {
            kept.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    kept
}

fn is_guid(text: &str) -> bool {
    text.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_rows_make_no_other_cause() {
        let first = "Row 3: no access to '/x/11111111-2222-4333-8444-000000000001' (grün)";
        let second = "Row 1204: no access to '/x/E09a4e93-29a7-4eba-a6d4-76202383f07f' (grün)";
        assert_eq!(without_ids(first), " no access to '/x/*' (grün)");
        assert_eq!(without_ids(first), without_ids(second));
        assert_ne!(without_ids("'a' is no GUID"), without_ids("'b' is no GUID"));
    }
}
