//! Columns that are most likely misspelt: passed over without a word, what they say would be lost.

use super::column::Column;
use crate::error::{Category, Error};

/// A name must be so long to be compared: short ones are near to each other by chance.
const SHORTEST: usize = 6;

/// How many letters may differ.
const NEAR: usize = 2;

/// How many may be missing or too many: `Subscription` and `Tenant` are often the names of something else.
const LONGER: usize = 1;

/// The refusal of a name that is none of a column, and nearly one.
pub(super) fn refusal(name: &str) -> Option<Error> {
    let meant = meant(name)?;
    let message = format!("There is no column '{name}'. Expected '{}', if that is meant.", meant.name());
    Some(Error::new(Category::Input, "ColumnMisspelt", message).with_action(
        "Correct the name of the column; or, if it is about something else, rename it or leave it out.",
    ))
}

fn meant(name: &str) -> Option<Column> {
    let given = plain(name);
    if Column::named(name).is_some() || given.len() < SHORTEST {
        return None;
    }
    Column::ALL
        .into_iter()
        .map(|column| (distance(&given, &plain(column.name())), column))
        .filter(|(distance, _)| *distance <= NEAR)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, column)| column)
}

/// Letters and digits alone, in lower case: `Tenant ID` and `tenant_id` are meant alike.
fn plain(name: &str) -> Vec<char> {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How many letters are to be put in, taken out or changed to make one of the other (Levenshtein).
fn distance(one: &[char], other: &[char]) -> usize {
    if one.len().abs_diff(other.len()) > LONGER {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (below, with) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != with);
            diagonal = row[below + 1];
            row[below + 1] = changed.min(row[below] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_nearly_those_of_columns_are_refused() {
        for (name, column) in [
            ("Tenant ID", Column::TenantId),
            ("tenant_id", Column::TenantId),
            ("TenatId", Column::TenantId),
            ("Customer Subscription Id", Column::CustomerSubscriptionId),
            ("CustomerSubscriptionIds", Column::CustomerSubscriptionId),
            ("ResourceGroup Name", Column::ResourceGroupName),
        ] {
            assert_eq!(meant(name), Some(column), "{name}");
        }
    }

    #[test]
    fn other_names_are_passed_over() {
        // The columns of what this product writes itself among them.
        let names = "Name ResourceName ResourceType Type Properties Outcome OldCustomerSubscriptionId Row Error Etag Remark \
                     Subscription Tenant Kunde OldTenantId ErrorCode Location";
        for name in names.split_whitespace().chain(["", "Id", "TenantId", "tenantid"]) {
            assert_eq!(meant(name), None, "{name}");
        }
    }
}
