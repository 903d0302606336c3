//! Rows: what the columns of a file, or the properties of an object, say about a mapping.
//!
//! The names of the columns and the rules for them are here once, for `azsreg`, which reads files with [`Reader`], and for
//! the cmdlets, which read objects and hand over their [`Cells`]. What comes of a row is a
//! [`TargetInput`](crate::tenants::TargetInput), whatever it is for: a request, or a row of a desired state.

mod cells;
mod column;
mod csv;
mod json_lines;
mod misspelt;
mod reader;
mod records;
mod text;

pub use cells::{Cells, Given, RowKind};
pub use column::{Column, EXPECTED};
pub use reader::{Format, Reader, Row};
