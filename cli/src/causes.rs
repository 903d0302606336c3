//! Why items did not end as was asked for: a cause that many of them have is said once.

use std::collections::HashMap;

use azs_registration::error::Category;
use azs_registration::tenants::{Finished, Mapping, Outcome};

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
        // Two moves of bills are never the same.
        if finished.outcome == Outcome::Unknown || finished.old.is_some() {
            messages::not_reached(finished);
            return;
        }
        let parts = error.parts();
        let cause = Cause {
            outcome,
            code: parts.code.clone(),
            http_status: parts.http_status,
            message: without_own(&parts.message, parts.row, &finished.mapping),
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

/// A message without the ids of its item and without its place in the input. Ids of others stay: which they are is what is told.
fn without_own(message: &str, row: u64, item: &Mapping) -> String {
    let is_of_row = |place: &str| {
        place == format!("Row {row}")
            || place.starts_with(&format!("Row {row} (line ")) && place.ends_with(')')
    };
    let rest = match message.split_once(": ") {
        Some((place, rest)) if row > 0 && is_of_row(place) => rest,
        _ => message,
    };
    let own = [&item.customer_subscription, &item.tenant];
    own.into_iter().flatten().fold(rest.to_owned(), |message, id| without(&message, id))
}

/// A text with an asterisk for each place where an id stands, whatever its casing.
fn without(text: &str, id: &str) -> String {
    // Neither changes where a letter begins.
    let (searched, id) = (text.to_ascii_lowercase(), id.to_ascii_lowercase());
    if id.is_empty() {
        return text.to_owned();
    }
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    for (at, _) in searched.match_indices(&id) {
        kept.push_str(&text[from..at]);
        kept.push('*');
        from = at + id.len();
    }
    kept.push_str(&text[from..]);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_ids_and_rows_make_no_other_cause_and_ids_of_others_do() {
        let (one, other) = ("11111111-2222-4333-8444-000000000001", "e09a4e93-29a7-4eba-a6d4-76202383f07f");
        let item = |id: &str| Mapping { customer_subscription: Some(id.to_owned()), ..Mapping::default() };
        let first = without_own(&format!("Row 3: no access to '/x/{one}' (grün)"), 3, &item(one));
        assert_eq!(first, "no access to '/x/*' (grün)");
        let second = format!("Row 12 (line 14): no access to '/x/{}' (grün)", other.to_uppercase());
        assert_eq!(without_own(&second, 12, &item(other)), first);
        assert_ne!(
            without_own(&format!("of {one}"), 0, &item(other)),
            without_own(&format!("of {other}"), 0, &item(one))
        );
        assert_eq!(without_own("Row 4: of another", 0, &item(one)), "Row 4: of another");
    }
}
