//! Tests of the emulator through its front doors: TLS, HTTP, the control API, the library and the program.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it should be; helpers too")]

mod access;
mod answers;
mod connections;
mod control_api;
mod customer_subscriptions;
mod faults;
mod front_door;
mod journal;
mod managed_identity;
mod openapi;
mod other_writers;
mod paging;
mod program;
mod sign_in;
mod state;
mod support;
mod throttle;
mod timing;
mod tls;
