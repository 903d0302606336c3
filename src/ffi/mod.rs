//! The C ABI: C types to Rust types and back, handles, and the panic guard. No decision is taken here.
//!
//! This is the only place with unsafe code. `include/azs_registration.h` is generated from it by
//! `cargo xtask header`; the comments of the functions are its documentation.
//!
//! Rules that hold for every function, and that callers build on:
//! - Text is UTF-8 with a length and is copied before the function returns.
//! - Enumerations arrive as `int32_t`, booleans as `uint8_t`; both are checked, so that no byte of a caller can make
//!   an invalid Rust value. Pointers are checked for NULL.
//! - A struct that is passed by pointer begins with its size, so that it can grow at its end: a caller built for an older
//!   minor version passes, or reads, a smaller one. The structs inside others (`azs_str`, `azs_tenant_target`,
//!   `azs_mapping`, `azs_error`) never change within a major version; what they would need comes to the end of the outer one.
//! - A panic never leaves a function ([`guard`]).

#![allow(unsafe_code, non_camel_case_types)]

mod advice;
mod client;
mod error;
mod event;
mod guard;
mod operation;
mod outgoing;
mod plan;
mod read;
mod registration;
mod report;
mod row;
mod status;
mod tenant;
mod text;
mod version;

pub use advice::*;
pub use client::*;
pub use error::*;
pub use event::*;
pub use operation::*;
pub use plan::*;
pub use registration::*;
pub use report::*;
pub use row::*;
pub use status::*;
pub use tenant::*;
pub use text::azs_str;
pub use version::*;
