//! Loads an emulator and says what it stands: with the least client that can be, which checks nothing and repeats nothing.
//!
//! `cargo run --release -p azs-emulator --example load -- DIR WHAT`, where DIR is the emulator's directory and WHAT
//!
//! - `[CONNECTIONS [SECONDS [PROCESS]]]`: requests a second, and on Linux, given the emulator's process id, its processor
//!   time for each: PUTs and, every fourth, a GET;
//! - `adds N CONNECTIONS`: N adds as a careful client makes them, each a GET of the sign-in challenge and a PUT;
//! - `pages`: the list of the first registration, to its end;
//! - `counts`: what the emulator has received so far.
//!
//! The last three print names and numbers, as `adds=400 seconds=1.25`.

#![allow(clippy::print_stdout, reason = "what it measured is what it is for")]

mod adds;
mod connection;
mod counts;
mod pages;
mod processor;
mod requests;

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use azs_emulator::Manifest;

/// What the parts end with.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (directory, what) = arguments.split_first().ok_or("the emulator's directory is missing")?;
    let manifest = std::fs::read(Path::new(directory).join("emulator.json"))?;
    let manifest: Arc<Manifest> = Arc::new(serde_json::from_slice(&manifest)?);
    let what: Vec<&str> = what.iter().map(String::as_str).collect();
    match what[..] {
        ["adds", count, connections] => adds::measure(manifest, count.parse()?, connections.parse()?).await,
        ["pages"] => pages::measure(&manifest).await,
        ["counts"] => counts::show(&manifest).await,
        _ => requests::measure(manifest, &what).await,
    }
}
