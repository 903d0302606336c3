//! An emulator of the parts of Azure that tenant registrations of Azure Stack Hub use: Azure Resource Manager
//! (ARM) with the resource provider `Microsoft.AzureStack`, the sign-in service, and the managed identity endpoint.
//!
//! Tests start one in their own process with [`Emulator::start`]; scripts start the program `azs-emulator`.
//! Everything that the real service leaves open is a field of [`Switches`]; everything that can go wrong between
//! a client and the service is a [`Fault`]. Nothing here is shared with the client library: a mistake in one must
//! not hide the same mistake in the other.

#![forbid(unsafe_code)]

mod arm;
mod assertions;
mod certificate;
mod connection;
mod control;
mod directory;
mod emulator;
mod faults;
mod journal;
mod listener;
mod managed_identity;
mod manifest;
mod mappings;
mod one_or_many;
mod options;
mod outage;
mod past;
mod record;
mod registrations;
mod reply;
mod request;
mod service;
mod sign_in;
mod state_file;
mod switches;
mod throttle;
mod tokens;
mod world;

pub use emulator::{Emulator, MappingState, RegistrationState, StateFilter};
pub use faults::{ChangeTime, Fault, FaultAction, FaultMatch, FaultStatus, WriterChange};
pub use journal::{JournalCounts, JournalEntry, JournalQuery};
pub use manifest::Manifest;
pub use options::{MappingSeed, Options, RegistrationSeed};
pub use outage::Outage;
pub use switches::{
    DeleteAnswer, DeleteMissing, EmptyList, ItemForm, Lagging, LastNextLink, NextLinkForm, Overwritten,
    PageToken, PutAnswer, RpError, Switches, TenantIdRule,
};
pub use throttle::{Bucket, Buckets, Throttle};
pub use tokens::IssuedToken;
