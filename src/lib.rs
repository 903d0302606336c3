//! Adds, lists, gets and removes the tenants of Azure Stack Hub registrations.
//!
//! The layers, each knowing only those below it (see `docs/architecture.md`):
//!
//! | module | job |
//! |---|---|
//! | [`ffi`] | the C ABI: types, handles, panic guard |
//! | [`operation`], [`client`] | requests in, events out; owns the runtime |
//! | `audit` | a line for each change that was attempted |
//! | [`rows`] | files and objects: what their rows say |
//! | [`plan`] | desired state: what differs from it |
//! | [`tenants`], [`registrations`] | the workflows and their rules |
//! | `paging` | lists, page by page |
//! | [`engine`] | sending, evidence, retries |
//! | [`credential`], [`transport`], [`clock`] | the traits towards the outside, and their real halves |
//! | `wire` | what answers look like |
//! | `changes` | waiting for one another |
//! | [`resource_id`], [`guid`], [`cloud`], [`error`], [`advice`] | the vocabulary |

#![deny(unsafe_code)]

pub mod advice;
mod audit;
mod changes;
pub mod client;
pub mod clock;
pub mod cloud;
pub mod credential;
pub mod engine;
pub mod error;
pub mod ffi;
pub mod guid;
pub mod operation;
mod paging;
pub mod plan;
pub mod registrations;
pub mod resource_id;
pub mod rows;
pub mod tenants;
pub mod transport;
mod wire;

pub use error::{Category, Error, Result};
