//! Adds as a careful client makes them: the sign-in challenge of the subscription says its tenant, then comes the PUT.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use azs_emulator::{Manifest, MappingSeed};
use tokio::task::JoinSet;

use crate::connection::{Connection, collection};
use crate::{Outcome, processor};

/// Adds `count` mappings over open connections, and prints how long that took. No answer may be another than the best one.
pub(crate) async fn measure(manifest: Arc<Manifest>, count: usize, connections: usize) -> Outcome<()> {
    let ids: Vec<String> =
        MappingSeed::generate(0..count as u64).map(|seed| seed.customer_subscription_id).collect();
    let ids = Arc::new(ids);
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(Connection::open(&manifest).await?);
    }
    let next = Arc::new(AtomicUsize::new(0));
    let before = processor::own_seconds();
    let started = Instant::now();
    let mut clients = JoinSet::new();
    for connection in open {
        let (ids, next, manifest) = (Arc::clone(&ids), Arc::clone(&next), Arc::clone(&manifest));
        clients.spawn(add_while_there_are(ids, next, connection, collection(&manifest)));
    }
    while let Some(added) = clients.join_next().await {
        added??;
    }
    let seconds = started.elapsed().as_secs_f64();
    let cpu = before.zip(processor::own_seconds()).map_or(0.0, |(before, after)| after - before);
    println!("adds={count} requests={} seconds={seconds:.4} cpu_seconds={cpu:.4}", 2 * count);
    Ok(())
}

async fn add_while_there_are(
    ids: Arc<Vec<String>>,
    next: Arc<AtomicUsize>,
    mut connection: Connection,
    collection: String,
) -> Outcome<()> {
    while let Some(id) = ids.get(next.fetch_add(1, Ordering::Relaxed)) {
        let (status, _) =
            connection.ask_unknown(&format!("/subscriptions/{id}?api-version=2016-06-01")).await?;
        if status != 401 {
            return Err(format!("the challenge was answered {status}").into());
        }
        let (status, _) =
            connection.send("PUT", &format!("{collection}/{id}?api-version=2017-06-01")).await?;
        // Created, or with the switch ok-body well done.
        if status != 201 && status != 200 {
            return Err(format!("a PUT was answered {status}").into());
        }
    }
    Ok(())
}
