//! Which changes' results were given, for the last words of a program that is made to leave.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The numbers of changes in the library's report whose results were dealt with. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Given(Arc<Mutex<Numbers>>);

/// Results come nearly in the order of the numbers, so that few have to be kept one by one.
#[derive(Debug, Default)]
struct Numbers {
    /// All numbers up to this one are given.
    up_to: u64,
    beyond: BTreeSet<u64>,
}

impl Given {
    /// Notes a result.
    pub(crate) fn note(&self, number: u64) {
        let mut numbers = self.numbers();
        if number <= numbers.up_to {
            return;
        }
        numbers.beyond.insert(number);
        while numbers.beyond.first() == Some(&(numbers.up_to + 1)) {
            numbers.beyond.pop_first();
            numbers.up_to += 1;
        }
    }

    /// Whether the result of this number was given.
    pub(crate) fn has(&self, number: u64) -> bool {
        let numbers = self.numbers();
        number <= numbers.up_to || numbers.beyond.contains(&number)
    }

    fn numbers(&self) -> MutexGuard<'_, Numbers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_kept_one_by_one_only_where_one_before_them_is_missing() {
        let given = Given::default();
        for number in [1, 4, 3] {
            given.note(number);
        }
        assert_eq!([1, 2, 3, 4, 5].map(|number| given.has(number)), [true, false, true, true, false]);
        assert_eq!(given.numbers().beyond.len(), 2);
        given.note(2);
        assert_eq!(given.numbers().up_to, 4);
        assert_eq!(given.numbers().beyond.len(), 0);
    }
}
