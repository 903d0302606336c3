//! JSON for programs. The names of the members are a promise; every member is always there.

use std::borrow::Cow;

use azs_registration::Error;
use azs_registration::advice::Words;
use azs_registration::tenants::Mapping;
use serde::Serialize;

use super::Shown;

/// One array, written as its items come.
#[derive(Default)]
pub(crate) struct Array {
    begun: bool,
}

/// One object on each line.
pub(crate) struct Lines;

impl Array {
    pub(super) fn mapping(&mut self, mapping: &Mapping) -> String {
        self.item(&mapping_row(mapping))
    }

    pub(super) fn result(&mut self, shown: &Shown<'_>) -> String {
        self.item(&result_row(shown))
    }

    /// The end, also of an array without items.
    pub(super) fn end(&mut self) -> String {
        if self.begun { "\n]\n".to_owned() } else { "[]\n".to_owned() }
    }

    fn item(&mut self, row: &impl Serialize) -> String {
        let before = if self.begun { ",\n  " } else { "[\n  " };
        self.begun = true;
        format!("{before}{}", object(row))
    }
}

impl Lines {
    pub(super) fn mapping(&self, mapping: &Mapping) -> String {
        format!("{}\n", object(&mapping_row(mapping)))
    }

    pub(super) fn result(&self, shown: &Shown<'_>) -> String {
        format!("{}\n", object(&result_row(shown)))
    }
}

/// An object on one line.
fn object(row: &impl Serialize) -> String {
    // The rows are plain structs of texts and numbers, which always serialize.
    serde_json::to_string(row).unwrap_or_default()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MappingRow<'a> {
    registration_subscription_id: Option<&'a str>,
    resource_group_name: Option<&'a str>,
    registration_name: Option<&'a str>,
    customer_subscription_id: Option<&'a str>,
    tenant_id: Option<&'a str>,
    resource_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultRow<'a> {
    #[serde(flatten)]
    mapping: MappingRow<'a>,
    outcome: &'a str,
    old_customer_subscription_id: Option<&'a str>,
    row: Option<u64>,
    audit_missing: bool,
    error: Option<ErrorRow<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorRow<'a> {
    code: &'a str,
    message: &'a str,
    http_status: Option<u16>,
    recommended_action: Option<Cow<'static, str>>,
    request_id: Option<&'a str>,
    correlation_id: Option<&'a str>,
}

fn mapping_row(mapping: &Mapping) -> MappingRow<'_> {
    let registration = mapping.registration.as_deref();
    MappingRow {
        registration_subscription_id: registration.map(|of| of.subscription().spelling()),
        resource_group_name: registration.map(|of| of.resource_group()),
        registration_name: registration.map(|of| of.name()),
        customer_subscription_id: mapping.customer_subscription.as_deref(),
        tenant_id: mapping.tenant.as_deref(),
        // Where the customer is not known, the id would be that of the registration, which the names say already.
        resource_id: mapping.customer_subscription.as_ref().and_then(|_| mapping.resource_id()),
    }
}

fn result_row<'a>(shown: &'a Shown<'_>) -> ResultRow<'a> {
    ResultRow {
        mapping: MappingRow { tenant_id: shown.tenant(), ..mapping_row(&shown.finished.mapping) },
        outcome: shown.outcome,
        old_customer_subscription_id: shown.old(),
        row: Some(shown.finished.row).filter(|row| *row > 0),
        audit_missing: shown.finished.audit_missing,
        error: shown.finished.error.as_ref().map(error_row),
    }
}

fn error_row(error: &Error) -> ErrorRow<'_> {
    let parts = error.parts();
    ErrorRow {
        code: &parts.code,
        message: &parts.message,
        http_status: parts.http_status,
        recommended_action: error.recommended_action(Words::CommandLine),
        request_id: parts.request_id.as_deref(),
        correlation_id: parts.correlation_id.as_deref(),
    }
}
