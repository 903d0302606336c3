//! The cmdlet and azsreg beside what operators use without them: adds a second, and what they cost.

use std::process::Command;

use super::clients::{self, PowerShell};
use super::figures::{Figures, median};
use super::{Options, machine, programs, table};
use crate::Fallible;
use crate::emulator::Emulator;

/// The answer time of every request.
const DELAY: &str = r#"{"match": {}, "action": {"kind": "delay", "ms": 20}}"#;
/// The SDKs take status 200 alone for an answer to PUT.
const ANSWER: &str = "ok-body";

/// What an add leaves out that the cmdlet does, in words that the line below the table explains.
const PYTHON_LEAVES_OUT: &str = "list, tenant, look-up, ids, 201";
const JAVASCRIPT_LEAVES_OUT: &str = "list, tenant, look-up, ids, 201, 429";
const LOOP_LEAVES_OUT: &str = "list, tenant, look-up, ids, 429";

/// Who adds.
#[derive(Clone, Copy, PartialEq)]
enum Who {
    Server,
    Cmdlet,
    Azsreg,
    Loop(&'static str),
    Python(&'static str),
    JavaScript,
}

/// A client, with so many requests at once.
struct Peer {
    who: Who,
    name: &'static str,
    at_once: u32,
    /// How many adds it makes: this part of the most, so that none takes much longer than the others.
    part: u32,
    /// Adds a second, and so on, of each repetition.
    adds_a_second: Vec<f64>,
    behind: Vec<f64>,
    requests: Vec<f64>,
    cpu_ms: Vec<f64>,
    cores: Vec<f64>,
    server_cores: Vec<f64>,
    peak_mb: Vec<f64>,
    failed: f64,
}

impl Peer {
    fn new(who: Who, name: &'static str, at_once: u32, part: u32) -> Peer {
        Peer {
            who,
            name,
            at_once,
            part,
            adds_a_second: vec![],
            behind: vec![],
            requests: vec![],
            cpu_ms: vec![],
            cores: vec![],
            server_cores: vec![],
            peak_mb: vec![],
            failed: 0.0,
        }
    }

    fn kind(&self) -> Kind {
        match self.who {
            Who::Loop(_) => Kind::Loop,
            Who::Python(_) | Who::JavaScript => Kind::Sdk,
            _ => Kind::Ours,
        }
    }

    fn leaves_out(&self) -> &'static str {
        match self.who {
            Who::Server => "all but the two requests",
            Who::Cmdlet | Who::Azsreg => "",
            Who::Python(_) => PYTHON_LEAVES_OUT,
            Who::JavaScript => JAVASCRIPT_LEAVES_OUT,
            Who::Loop(_) => LOOP_LEAVES_OUT,
        }
    }

    fn called(&self) -> String {
        format!("{}, {} at once", self.name, self.at_once)
    }

    fn cells(&self, adds: u32) -> Vec<String> {
        let of = |values: &Vec<f64>| median(values.clone());
        let peak = of(&self.peak_mb);
        vec![
            self.name.to_owned(),
            self.at_once.to_string(),
            (adds / self.part).to_string(),
            format!("{:.0}", of(&self.adds_a_second)),
            if self.who == Who::Server { String::new() } else { format!("{:.2}", of(&self.behind)) },
            format!("{:.2}", of(&self.requests)),
            format!("{:.2} ms", of(&self.cpu_ms)),
            format!("{:.2} + {:.2}", of(&self.cores), of(&self.server_cores)),
            if peak > 0.0 { format!("{peak:.0} MB") } else { String::new() },
            format!("{:.0}", self.failed),
            self.leaves_out().to_owned(),
        ]
    }
}

/// What the cmdlet is compared with.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Ours,
    Sdk,
    Loop,
}

/// Measures, and prints the table.
pub(super) fn measure(options: &Options) -> Fallible {
    let mut skipped = Vec::new();
    let powershell =
        PowerShell::with_module()?.map_err(|why| skipped.push(format!("PowerShell ({why})"))).ok();
    let python = clients::python().map_err(|why| skipped.push(format!("the SDK of PyPI ({why})"))).ok();
    let node = clients::node().map_err(|why| skipped.push(format!("the SDK of npm ({why})"))).ok();
    let mut peers: Vec<Peer> = all()
        .into_iter()
        .filter(|peer| match peer.who {
            Who::Cmdlet | Who::Loop(_) => powershell.is_some(),
            Who::Python(_) => python.is_some(),
            Who::JavaScript => node.is_some(),
            Who::Server | Who::Azsreg => true,
        })
        .collect();
    let run = |peer: &Peer, emulator: &Emulator, adds: u32| -> Fallible<Figures> {
        let (count, at_once) = (adds.to_string(), peer.at_once.to_string());
        let numbers = [count.as_str(), at_once.as_str()];
        let command = match peer.who {
            Who::Server => return programs::raw(emulator, &["adds", &count, &at_once]),
            Who::Azsreg => return programs::azsreg_adds(emulator, peer.at_once, 0..adds),
            Who::Cmdlet | Who::Loop(_) => {
                let powershell = powershell.as_ref().ok_or("no PowerShell")?;
                let mut command = match peer.who {
                    Who::Loop(kind) => {
                        let mut command = powershell.script("peers/loops.ps1", emulator);
                        command.args(["-Kind", kind]);
                        command
                    }
                    _ => powershell.module_script("peers/cmdlet.ps1", emulator),
                };
                command.args(["-Count", &count, "-AtOnce", &at_once]);
                command
            }
            Who::Python(kind) => {
                let mut command = Command::new(python.as_ref().ok_or("no Python")?);
                command.arg(clients::in_benches("peers/sdk.py")).arg(kind).arg(emulator.file()).args(numbers);
                command
            }
            Who::JavaScript => {
                let (node, modules) = node.as_ref().ok_or("no Node.js")?;
                let mut command = Command::new(node);
                command.arg(clients::in_benches("peers/sdk.js")).arg(emulator.file()).args(numbers);
                command.env("NODE_PATH", modules);
                command
            }
        };
        clients::figures(clients::trusting(command, emulator))
    };
    for repetition in 1..=options.repetitions {
        let mut reference = None;
        for peer in &mut peers {
            let adds = options.adds / peer.part;
            eprintln!("{}, {adds} adds: {repetition} of {}", peer.called(), options.repetitions);
            let emulator = programs::emulator(&["--put-answer", ANSWER, "--fault", DELAY])?;
            let before = machine::processor_seconds(emulator.process());
            let figures = run(peer, &emulator, adds)?;
            let after = machine::processor_seconds(emulator.process());
            let received = programs::raw(&emulator, &["counts"])?.get("received")?;
            let (seconds, cpu) = (figures.get("seconds")?, figures.get("cpu_seconds")?);
            let adds_a_second = f64::from(adds) / seconds;
            // The first of them, which is the cmdlet at the highest limit where there is a PowerShell, else azsreg.
            if peer.who != Who::Server {
                reference.get_or_insert(adds_a_second);
            }
            peer.adds_a_second.push(adds_a_second);
            peer.behind.push(reference.map_or(f64::NAN, |reference| reference / adds_a_second));
            peer.requests.push(received / f64::from(adds));
            peer.cpu_ms.push(cpu * 1e3 / received);
            peer.cores.push(cpu / seconds);
            peer.server_cores
                .push(before.zip(after).map_or(f64::NAN, |(before, after)| (after - before) / seconds));
            peer.peak_mb.push(figures.count("peak_kib") / 1024.0);
            peer.failed += figures.count("failed");
        }
    }
    show(&peers, options.adds, &skipped);
    Ok(())
}

/// Everybody who is measured; the one that the others are compared with comes right after the server.
fn all() -> Vec<Peer> {
    let mut all = vec![Peer::new(Who::Server, "none: the server's limit", 64, 1)];
    let cmdlet = |at_once, part| Peer::new(Who::Cmdlet, "New-AzsRegistrationTenant", at_once, part);
    let azsreg = |at_once, part| Peer::new(Who::Azsreg, "azsreg", at_once, part);
    all.extend([
        cmdlet(64, 1),
        cmdlet(128, 1),
        cmdlet(16, 2),
        cmdlet(5, 8),
        azsreg(64, 1),
        azsreg(16, 2),
        azsreg(5, 8),
    ]);
    all.push(Peer::new(Who::Loop("loop"), "Invoke-RestMethod, a loop, one web session", 1, 32));
    for at_once in [5, 16, 64] {
        all.push(Peer::new(Who::Loop("parallel"), "ForEach-Object -Parallel, each id", at_once, 16));
    }
    for at_once in [5, 16, 64] {
        all.push(Peer::new(
            Who::Loop("shares"),
            "ForEach-Object -Parallel, a share of the ids each",
            at_once,
            8,
        ));
    }
    all.push(Peer::new(Who::Python("sync"), "Python SDK, a loop", 1, 32));
    all.push(Peer::new(Who::Python("async"), "Python SDK, asyncio", 64, 2));
    all.push(Peer::new(Who::JavaScript, "JavaScript SDK, promises", 64, 2));
    all
}

fn show(peers: &[Peer], adds: u32, skipped: &[String]) {
    table::print(
        &[
            "client",
            "at once",
            "adds",
            "adds/s",
            "the cmdlet's at 64 ÷ these",
            "requests an add",
            "CPU a request",
            "cores: client + emulator",
            "peak memory",
            "failed",
            "leaves out",
        ],
        &peers.iter().map(|peer| peer.cells(adds)).collect::<Vec<_>>(),
    );
    table::line(
        "Leaves out: *list*: reads no list, so a second subscription for a tenant moves its bill without a word; *tenant*: does not \
         ask whose the subscription is; *look-up*: a write whose answer is lost is sent again blindly, or given up; *ids*: sends \
         what is no GUID; *201*: calls the documented answer to an add, 201 without a body, a failure; *429*: does not wait \
         when it is asked to, and loses the add.",
    );
    if !skipped.is_empty() {
        table::line(&format!("Skipped: {}.", skipped.join("; ")));
        return;
    }
    for (kind, what) in [(Kind::Loop, "the best PowerShell loop"), (Kind::Sdk, "the best SDK")] {
        let best = peers
            .iter()
            .filter(|peer| peer.kind() == kind)
            .min_by(|one, other| median(one.behind.clone()).total_cmp(&median(other.behind.clone())));
        if let Some(best) = best {
            let times = median(best.behind.clone());
            table::line(&format!(
                "The cmdlet at 64 makes {times:.1} times as many as {what} ({}).",
                best.called()
            ));
        }
    }
}
