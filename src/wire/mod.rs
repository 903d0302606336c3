//! What Azure Resource Manager's answers look like, and how far they may differ from that.
//!
//! The articles, the OpenAPI files and ARM's RPC disagree about bodies and status codes, so reading is tolerant of the
//! form and strict about meaning: an item without an id is an error, never skipped.

mod arm_error;
mod json;
mod mapping;

pub(crate) use arm_error::{ArmError, header, retry_after};
pub(crate) use json::{Body, read_body};
pub(crate) use mapping::{MappingItem, MappingPage};
