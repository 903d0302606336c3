//! As many requests as the emulator answers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use azs_emulator::{Manifest, MappingSeed};
use tokio::task::JoinSet;

use crate::connection::{Connection, collection};
use crate::{Outcome, processor};

/// Sends for some seconds over some connections, and prints what was answered.
pub(crate) async fn measure(manifest: Arc<Manifest>, arguments: &[&str]) -> Outcome<()> {
    let connections: u64 = arguments.first().unwrap_or(&"64").parse()?;
    let seconds: u64 = arguments.get(1).unwrap_or(&"5").parse()?;
    let process = arguments.get(2).copied();
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(Connection::open(&manifest).await?);
    }
    let before = processor::seconds_of(process);
    let started = Instant::now();
    let end = started + Duration::from_secs(seconds);
    let mut clients = JoinSet::new();
    for (number, connection) in (0..).zip(open) {
        clients.spawn(send_until(end, Arc::clone(&manifest), connection, (number + 1) * 1_000_000));
    }
    let mut answered = 0_u32;
    while let Some(count) = clients.join_next().await {
        answered += count??;
    }
    let elapsed = started.elapsed().as_secs_f64();
    println!("{answered} answers in {elapsed:.2} s: {:.0} requests/s", f64::from(answered) / elapsed);
    if let (Some(before), Some(after)) = (before, processor::seconds_of(process)) {
        let spent = (after - before) * 1e6 / f64::from(answered);
        println!("{spent:.0} us of the emulator's processor time for each");
    }
    Ok(())
}

/// Sends one request after the other until the time is over; returns how many were answered well.
async fn send_until(
    end: Instant,
    manifest: Arc<Manifest>,
    mut connection: Connection,
    first: u64,
) -> Outcome<u32> {
    let collection = collection(&manifest);
    let mut answered = 0;
    for (index, seed) in (0_u64..).zip(MappingSeed::generate(first..u64::MAX)) {
        if Instant::now() >= end {
            break;
        }
        let (method, expected) = if index % 4 == 3 { ("GET", 404) } else { ("PUT", 201) };
        let target = format!("{collection}/{}?api-version=2017-06-01", seed.customer_subscription_id);
        let (status, _) = connection.send(method, &target).await?;
        if status != expected {
            return Err(format!("{method} was answered {status}").into());
        }
        answered += 1;
    }
    Ok(answered)
}
