//! What an emulator has received.

use azs_emulator::Manifest;
use serde_json::Value;

use crate::Outcome;
use crate::connection::Connection;

/// Prints how many requests there were, and how many of them were answered with which status.
pub(crate) async fn show(manifest: &Manifest) -> Outcome<()> {
    let mut connection = Connection::open(manifest).await?;
    let (_, body) = connection.send("GET", "/emulator/journal/counts").await?;
    let counts: Value = serde_json::from_slice(&body)?;
    print!("received={}", counts["received"]);
    for (status, count) in counts["byStatus"].as_object().into_iter().flatten() {
        print!(" status_{status}={count}");
    }
    println!();
    Ok(())
}
