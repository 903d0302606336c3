//! Differences as they are told: with ids in the service's spelling, and in words where nothing is planned.

use std::sync::Arc;

use super::differences::{Difference, DifferenceKind, Why};
use super::listed::{Listed, Pair};
use crate::error::{Category, Error};
use crate::resource_id::RegistrationId;
use crate::tenants::Expectation;

/// One side of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The customer's subscription: in the service's spelling where it is listed, else in lower case.
    pub customer_subscription: String,
    /// The tenant, where somebody said it.
    pub tenant: Option<String>,
}

/// A difference, with what is needed to apply it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpelledDifference {
    /// What kind it is.
    pub kind: DifferenceKind,
    /// The registration.
    pub registration: Arc<RegistrationId>,
    /// What is wanted; `None` where no row wants it.
    pub wanted: Option<Side>,
    /// What is listed and would go, or is in the way. To remove it, name both parts, so that they must belong together.
    pub old: Option<Side>,
    /// What an add may replace.
    pub expectation: Expectation,
    /// Whether it only holds after the differences before it have been applied.
    pub in_order: bool,
    /// The row, counted from 1; 0 where it is about none.
    pub row: u64,
    /// Why nothing is planned.
    pub error: Option<Error>,
}

impl SpelledDifference {
    pub(super) fn of(
        difference: &Difference,
        listed: &Listed,
        registration: &Arc<RegistrationId>,
    ) -> SpelledDifference {
        let side = |pair: &Pair| Side {
            customer_subscription: listed.spelling_of(pair.customer),
            tenant: pair.tenant.map(|tenant| tenant.to_string()),
        };
        SpelledDifference {
            kind: difference.kind,
            registration: registration.clone(),
            wanted: difference.wanted.as_ref().map(side),
            old: difference.old.as_ref().map(side),
            expectation: match (difference.expectation(), &difference.old) {
                (Expectation::Exactly(_), Some(old)) => {
                    Expectation::Exactly(listed.spelling_of(old.customer))
                }
                (expectation, _) => expectation,
            },
            in_order: difference.in_order,
            row: difference.row,
            error: difference.why.as_ref().map(|why| explain(why, difference, listed, registration)),
        }
    }
}

/// Nothing is planned: in the words and with the codes that applying it would be refused with.
fn explain(why: &Why, difference: &Difference, listed: &Listed, registration: &Arc<RegistrationId>) -> Error {
    let name = registration.name();
    let shown = |pair: &Pair| {
        let tenant = pair.tenant.map_or_else(|| "(unknown)".to_owned(), |tenant| tenant.to_string());
        format!("tenant {tenant} to subscription {}", listed.spelling_of(pair.customer))
    };
    let wanted = difference.wanted.as_ref().map(|pair| listed.spelling_of(pair.customer)).unwrap_or_default();
    let (code, message) = match why {
        Why::ListedTwice(customer) => (
            "SpellingAmbiguous",
            format!(
                "Registration '{name}' lists customer subscription {customer} more than once ({}), so it cannot be told which \
                 mapping counts. Remove one of them by its exact ResourceId first.",
                listed.spellings_of(*customer).join(", ")
            ),
        ),
        Why::ListedTenantsUnsaid(count) => (
            "TenantNotSaid",
            format!(
                "Registration '{name}' lists {count} mapping(s) whose tenant nobody says, so it cannot be told whether \
                 adding {wanted} would replace one of them."
            ),
        ),
        Why::TenantUnsaid => (
            "TenantNotSaid",
            format!(
                "Registration '{name}' maps {}: neither the service nor the subscription's sign-in challenge says whose it \
                 is, so it is not removed.",
                difference.old.as_ref().map(shown).unwrap_or_default()
            ),
        ),
        Why::WantedTenantsUnsaid(count) => (
            "TenantNotSaid",
            format!(
                "Registration '{name}' maps {}, which no row wants. The tenant of {count} wanted subscription(s) is not \
                 known, so it cannot be told whether one of them takes its place. Name the TenantId of these rows.",
                difference.old.as_ref().map(shown).unwrap_or_default()
            ),
        ),
        Why::ReplacesTwo(other, own) => (
            "WouldReplaceTwo",
            format!(
                "In registration '{name}' adding {wanted} would replace two mappings: that of {}, and that of {}.",
                shown(other),
                shown(own)
            ),
        ),
        Why::AnotherRowFirst(tenant, row) => {
            let row = if *row > 0 { format!("row {row}") } else { "another item".to_owned() };
            (
                "AnotherRowFirst",
                format!(
                    "In registration '{name}' subscription {wanted} is still mapped to tenant {tenant}, which {row} is to move \
                     away, and it cannot be told that this succeeds. Apply that one, then compare again."
                ),
            )
        }
        Why::NotAGuid(text) => (
            "CustomerSubscriptionNotValid",
            format!(
                "Registration '{name}' lists '{text}', which is not a GUID, so nothing can be said about it."
            ),
        ),
    };
    let target = difference.wanted.as_ref().or(difference.old.as_ref()).map_or_else(
        || registration.to_string(),
        |pair| registration.customer_subscription(&listed.spelling_of(pair.customer)),
    );
    Error::new(Category::Conflict, code, message).with_target(target).with_row(difference.row)
}
