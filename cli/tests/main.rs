//! `azsreg` as it is run: the built program against the emulator, over TLS.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod add;
mod get;
mod help;
mod input;
#[cfg(unix)]
mod interrupt;
mod list;
#[cfg(unix)]
mod progress;
mod proxy;
mod refusals;
mod remove;
mod sign_in;
mod support;
#[cfg(unix)]
mod terminal;
mod token;
