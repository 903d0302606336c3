//! Tables for people, at most 120 columns wide for ids as they should be: the registration stands above its rows.

use azs_registration::resource_id::RegistrationKey;
use azs_registration::tenants::Mapping;

use super::Shown;
use crate::messages::printable;
use crate::moved::Moved;

/// A table under way.
#[derive(Default)]
pub(crate) struct Table {
    /// The registration of the rows above.
    registration: Option<RegistrationKey>,
}

impl Table {
    /// A mapping's row.
    pub(super) fn mapping(&mut self, mapping: &Mapping) -> String {
        let mut text = self.heading(mapping, "");
        text.push_str(&row(mapping.customer_subscription.as_deref(), mapping.tenant.as_deref(), ""));
        text
    }

    /// A result's row.
    pub(super) fn result(&mut self, shown: &Shown<'_>) -> String {
        let mapping = &shown.finished.mapping;
        let mut text = self.heading(mapping, "OUTCOME");
        let unaudited = if shown.finished.audit_missing { ", not in the audit log" } else { "" };
        text.push_str(&row(
            mapping.customer_subscription.as_deref(),
            shown.tenant(),
            &printable(&(shown.outcome_with_code() + unaudited)),
        ));
        if let Some(moved) = Moved::of(shown.finished) {
            let before = if shown.outcome == "Replaced" { " before" } else { "" };
            // A third id in the row would not fit.
            let line = if moved.changes_tenant {
                format!("mapped{before} to {}", moved.tenant_shown())
            } else {
                format!("charged{before} to {}", moved.old.customer_subscription)
            };
            text.push_str(&format!("  {}\n", printable(&line)));
        }
        text
    }

    fn heading(&mut self, mapping: &Mapping, last: &str) -> String {
        let Some(registration) = &mapping.registration else { return String::new() };
        let key = registration.key();
        if self.registration.as_ref() == Some(&key) {
            return String::new();
        }
        let blank = if self.registration.is_some() { "\n" } else { "" };
        self.registration = Some(key);
        format!(
            "{blank}Registration    {}\nResource group  {}\nSubscription    {}\n\n{}",
            registration.name(),
            registration.resource_group(),
            registration.subscription(),
            row(Some("CUSTOMER SUBSCRIPTION"), Some("TENANT"), last),
        )
    }
}

fn row(customer: Option<&str>, tenant: Option<&str>, last: &str) -> String {
    let [customer, tenant] = [customer, tenant].map(|value| printable(value.unwrap_or("-")));
    let line = format!("{customer:<36}  {tenant:<36}  {last}");
    format!("{}\n", line.trim_end())
}
