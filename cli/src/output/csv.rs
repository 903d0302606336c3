//! Comma separated values for spreadsheets, and for the next command: the columns have the names that input files are read by.

use azs_registration::tenants::Mapping;

use super::Shown;

const OF_MAPPING: [&str; 6] = [
    "CustomerSubscriptionId",
    "TenantId",
    "RegistrationName",
    "ResourceGroupName",
    "RegistrationSubscriptionId",
    "ResourceId",
];

const OF_RESULT: [&str; 6] =
    ["Outcome", "OldCustomerSubscriptionId", "Row", "AuditMissing", "ErrorCode", "ErrorMessage"];

/// A table under way.
#[derive(Default)]
pub(crate) struct Csv {
    begun: bool,
}

impl Csv {
    pub(super) fn mapping(&mut self, mapping: &Mapping) -> String {
        self.begin(&[]) + &record(cells(mapping, mapping.tenant.as_deref()))
    }

    pub(super) fn result(&mut self, shown: &Shown<'_>) -> String {
        let error = shown.finished.error.as_ref();
        let row = Some(shown.finished.row).filter(|row| *row > 0);
        let of_result = [
            shown.outcome.to_owned(),
            shown.old().unwrap_or_default().to_owned(),
            row.map(|row| row.to_string()).unwrap_or_default(),
            shown.finished.audit_missing.to_string(),
            error.map(|error| error.code().to_owned()).unwrap_or_default(),
            error.map(|error| error.parts().message.clone()).unwrap_or_default(),
        ];
        let cells = cells(&shown.finished.mapping, shown.tenant());
        self.begin(&OF_RESULT) + &record(cells.into_iter().chain(of_result))
    }

    /// The end: a table without rows has a header.
    pub(super) fn end(&mut self) -> String {
        self.begin(&[])
    }

    fn begin(&mut self, more: &[&str]) -> String {
        if self.begun {
            return String::new();
        }
        self.begun = true;
        record(OF_MAPPING.iter().chain(more).map(|name| (*name).to_owned()))
    }
}

fn cells(mapping: &Mapping, tenant: Option<&str>) -> [String; 6] {
    let registration = mapping.registration.as_deref();
    [
        mapping.customer_subscription.as_deref(),
        tenant,
        registration.map(|of| of.name()),
        registration.map(|of| of.resource_group()),
        registration.map(|of| of.subscription().spelling()),
        // Where the customer is not known, the id would be that of the registration, which the names say already.
        mapping.customer_subscription.as_ref().and_then(|_| mapping.resource_id()).as_deref(),
    ]
    .map(|cell| cell.unwrap_or_default().to_owned())
}

fn record(cells: impl IntoIterator<Item = String>) -> String {
    let cells: Vec<String> = cells.into_iter().map(quoted).collect();
    format!("{}\n", cells.join(","))
}

/// A cell, in quotes where it would be read as more than one otherwise.
fn quoted(cell: String) -> String {
    if cell.contains(['"', ',', ';', '\t', '\n', '\r']) || cell.trim() != cell {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}
