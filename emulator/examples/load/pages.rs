//! A list read to its end by somebody who only looks for the next page.

use std::time::Instant;

use azs_emulator::Manifest;

use crate::connection::{Connection, collection};
use crate::{Outcome, processor};

/// Reads all pages, and prints how long that took.
pub(crate) async fn measure(manifest: &Manifest) -> Outcome<()> {
    let mut connection = Connection::open(manifest).await?;
    let before = processor::own_seconds();
    let started = Instant::now();
    let (mut pages, mut bytes) = (0_usize, 0_usize);
    let mut next = Some(format!("{}?api-version=2017-06-01", collection(manifest)));
    while let Some(target) = next {
        let (status, body) = connection.send("GET", &target).await?;
        if status != 200 {
            return Err(format!("a page was answered {status}").into());
        }
        pages += 1;
        bytes += body.len();
        next = next_link(std::str::from_utf8(&body)?, &manifest.arm_endpoint)?;
    }
    let seconds = started.elapsed().as_secs_f64();
    let cpu = before.zip(processor::own_seconds()).map_or(0.0, |(before, after)| after - before);
    println!("pages={pages} bytes={bytes} seconds={seconds:.4} cpu_seconds={cpu:.4}");
    Ok(())
}

/// Where the next page is, without reading the items.
fn next_link(page: &str, endpoint: &str) -> Outcome<Option<String>> {
    let Some((_, rest)) = page.split_once("\"nextLink\":\"") else { return Ok(None) };
    let (link, _) = rest.split_once('"').ok_or("a page breaks off")?;
    let target = link.strip_prefix(endpoint.trim_end_matches('/')).ok_or("a page leads elsewhere")?;
    Ok(Some(target.to_owned()))
}
