//! The control API: how a test in another process changes the emulator and looks into it.

mod routes;
mod seeding;

pub(crate) use routes::answer;
pub(crate) use seeding::{seed, state};

/// The path of the control API on the TLS listener.
pub(crate) const PREFIX: &str = "/emulator/";
