//! What a measured program says of itself: a line of names and numbers.

use std::collections::HashMap;

use crate::Fallible;

/// The figures of one run.
pub(super) struct Figures(HashMap<String, f64>);

impl Figures {
    /// Reads a line as `adds=400 seconds=1.25`; words without a number are passed over.
    pub(super) fn read(line: &str) -> Figures {
        let pairs = line.split_whitespace().filter_map(|pair| pair.split_once('='));
        Figures(
            pairs.filter_map(|(name, value)| Some((name.to_owned(), value.parse::<f64>().ok()?))).collect(),
        )
    }

    /// A figure that has to be there.
    pub(super) fn get(&self, name: &str) -> Fallible<f64> {
        self.0.get(name).copied().ok_or_else(|| format!("a measured program did not say '{name}'").into())
    }

    /// A figure that may be left out where it is nought.
    pub(super) fn count(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or_default()
    }
}

/// The middle one; of two in the middle the greater one. Not a number where there is none.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_and_the_middle_one_is_found() {
        let figures = Figures::read("adds=400 seconds=1.25 why=none");
        assert_eq!(figures.get("seconds").unwrap(), 1.25);
        assert_eq!(figures.count("status_429"), 0.0);
        assert!(figures.get("why").is_err());
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
    }
}
