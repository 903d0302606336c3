//! The library through its public surface: against the emulator over TLS, against a scripted transport, and against a
//! service in memory in simulated time.

#![allow(clippy::unwrap_used, missing_docs)]

mod adding;
mod advice;
mod answers;
mod auditing;
mod cancelling;
mod chance;
mod clouds;
mod credentials;
mod doubts;
mod emulated;
mod faults;
mod listing;
mod network_errors;
mod pacing;
mod planning;
mod planning_rules;
mod progress;
mod refreshing;
mod registrations;
mod removing;
mod replacing;
mod resolving;
mod resource_ids;
mod rough_batch;
mod rough_faults;
mod rough_judging;
mod rough_service;
mod rows;
mod rows_drawn;
mod scripted;
mod sign_in;
mod simulated_time;
mod simulation;
mod small;
mod targets;
