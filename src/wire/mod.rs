//! What Azure Resource Manager's answers look like, and how far they may differ from that.
//!
//! The articles, the OpenAPI files and ARM's RPC disagree about bodies and status codes, so reading is tolerant of the
//! form and strict about meaning: an item without an id is an error, never skipped.

mod arm_error;
pub(crate) mod challenge;
mod json;
mod mapping;
mod page;
mod registration;

pub(crate) use arm_error::{ArmError, header, retry_after};
pub(crate) use json::{Body, read_body};
pub(crate) use mapping::MappingItem;
pub(crate) use page::{Item, Page};
pub(crate) use registration::RegistrationItem;

/// A text that is not blank, without the blanks round it.
fn text(value: Option<&serde_json::Value>) -> Option<String> {
    let text = value.and_then(serde_json::Value::as_str)?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
