//! Runs a schedule: a client of the library over the service in memory, and a caller that submits and collects.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use azs_registration::client::{Client, ClientOptions, Surroundings};
use azs_registration::cloud::Cloud;
use azs_registration::credential::{AccessToken, SuppliedToken};
use azs_registration::operation::{Event, Next, Operation, OperationOptions, Submitted};
use azs_registration::transport::Transport;
use tokio::time::{sleep, timeout};

use super::arm::{Fates, MemoryArm};
use super::chance::{Chance, ClientChance, SimulatedClock, unix_time_at};
use super::history::{History, Item, Ran};
use super::schedule::{Plan, Schedule, When};

/// After the last operation: until every effect has landed.
const AFTERMATH: Duration = Duration::from_secs(120);
/// How often a caller that waits with a token looks for other events.
const LOOK: Duration = Duration::from_millis(10);
/// When a caller that has no token cancels.
const NO_TOKEN: Duration = Duration::from_secs(20);

/// Runs a schedule to its end.
pub(crate) fn run(schedule: Schedule) -> History {
    run_through(schedule, |arm| Arc::new(arm))
}

/// The same, with something between the client and the service.
pub(crate) fn run_through(
    schedule: Schedule,
    between: impl FnOnce(MemoryArm) -> Arc<dyn Transport>,
) -> History {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(simulate(schedule, between))
}

async fn simulate(schedule: Schedule, between: impl FnOnce(MemoryArm) -> Arc<dyn Transport>) -> History {
    let mut chance = Chance::new(!schedule.seed);
    let fates = Fates::Drawn(schedule.weather, chance.fork());
    let arm = MemoryArm::new(schedule.behaviour.clone(), schedule.initial.clone(), fates);
    arm.world().outage = schedule.outage;
    let surroundings = Surroundings {
        transport: between(arm.clone()),
        clock: Arc::new(SimulatedClock::begin()),
        random: Arc::new(ClientChance(Mutex::new(chance.fork()))),
    };
    let cloud = Cloud::new(None, None).unwrap();
    let options = ClientOptions::new(cloud, SuppliedToken::new(schedule.token.may_ask));
    let client = Client::within(surroundings, options);
    let caller = Arc::new(Caller { arm: arm.clone(), client, schedule, supplied: Mutex::new(None) });
    caller.first_token();
    caller.clone().interfere();

    let mut rans: Vec<Arc<Mutex<Ran>>> = Vec::new();
    let mut running = Vec::new();
    for plan in &caller.schedule.operations {
        let ran = Arc::new(Mutex::new(Ran { correlation: chance.guid(), ..Ran::default() }));
        ran.lock().unwrap().items = plan.requests.iter().cloned().map(Item::new).collect();
        rans.push(ran.clone());
        running.push(caller.clone().operate(plan.clone(), ran));
    }
    let bound = caller.schedule.bound();
    let all = async {
        if caller.schedule.at_once {
            let tasks: Vec<_> = running.into_iter().map(tokio::spawn).collect();
            for task in tasks {
                task.await.unwrap();
            }
        } else {
            for operation in running {
                operation.await;
            }
        }
    };
    // What has not ended by then never will: the judge sees it.
    let _ = timeout(bound, all).await;
    sleep(AFTERMATH).await;

    let truth = std::mem::take(&mut arm.world().truth);
    let operations = rans.iter().map(|ran| std::mem::take(&mut *ran.lock().unwrap())).collect();
    History { schedule: caller.schedule.clone(), truth, operations }
}

struct Caller {
    arm: MemoryArm,
    client: Client,
    schedule: Schedule,
    /// How many tokens were supplied, and whether another is under way; `None`: nobody asked yet.
    supplied: Mutex<Option<(usize, bool)>>,
}

impl Caller {
    /// The token at the beginning.
    fn first_token(&self) {
        let expires = self.schedule.token.expires;
        let expiry = expires.map_or(Duration::MAX, |(at, _)| at);
        self.arm.world().service.tokens.insert("token-0".to_owned(), expiry);
        let known = expires.filter(|(_, known)| *known).map_or(0, |(at, _)| unix_time_at(at));
        self.client.set_token(AccessToken::new("token-0".to_owned(), known).unwrap());
    }

    /// What others do meanwhile.
    fn interfere(self: Arc<Self>) {
        for interference in self.schedule.interferences.clone() {
            let arm = self.arm.clone();
            tokio::spawn(async move {
                until(&arm, interference.when).await;
                let spelling = interference.customer.to_string();
                let put = interference.tenant.map(|tenant| (tenant, spelling.as_str()));
                arm.change_as_another(interference.customer, put);
            });
        }
        if let Some((at, drops)) = self.schedule.restart {
            let arm = self.arm.clone();
            tokio::spawn(async move {
                sleep(at).await;
                arm.restart(drops);
            });
        }
    }

    /// Runs an operation.
    async fn operate(self: Arc<Self>, plan: Plan, ran: Arc<Mutex<Ran>>) {
        let correlation = ran.lock().unwrap().correlation;
        let options = OperationOptions {
            max_outstanding: plan.max_outstanding,
            throttle_limit: self.schedule.throttle_limit,
            correlation_id: Some(correlation.to_string()),
            ..OperationOptions::default()
        };
        let operation = Arc::new(Operation::new(&self.client, options).unwrap());
        ran.lock().unwrap().began = Some(self.arm.moment());
        if let Some(when) = plan.cancel {
            let (caller, operation, ran) = (self.clone(), operation.clone(), ran.clone());
            tokio::spawn(async move {
                until(&caller.arm, when).await;
                caller.cancel(&operation, &ran);
            });
        }
        let mut to_submit = plan.requests.iter().enumerate().peekable();
        loop {
            while let Some((tag, planned)) = to_submit.peek() {
                let tag = *tag;
                match operation.submit(tag as u64, planned.request(tag as u64 + 1)) {
                    Submitted::Accepted => {
                        ran.lock().unwrap().items[tag].accepted = Some(self.arm.moment());
                        to_submit.next();
                    }
                    Submitted::Full => break,
                    Submitted::Cancelled => while to_submit.next().is_some() {},
                }
            }
            match operation.wait_next().await {
                Next::Event(event) => self.take(event, &operation, &ran).await,
                Next::Timeout => {}
                Next::Idle | Next::Drained if to_submit.peek().is_none() => break,
                Next::Idle => {}
                Next::Drained => {
                    ran.lock().unwrap().strange.push("drained before its cancellation".to_owned())
                }
            }
        }
        ran.lock().unwrap().ended = Some(self.arm.moment());
    }

    async fn take(self: &Arc<Self>, event: Event, operation: &Arc<Operation>, ran: &Arc<Mutex<Ran>>) {
        let moment = self.arm.moment();
        let mut strange = None;
        match event {
            Event::Finished { tag, finished } => match ran.lock().unwrap().items.get_mut(tag as usize) {
                Some(item) => item.ends.push((moment, *finished)),
                None => strange = Some(format!("the end of {tag}, which nobody submitted")),
            },
            Event::Mapping { tag, mapping } => match ran.lock().unwrap().items.get_mut(tag as usize) {
                Some(item) => item.mappings.push(mapping),
                None => strange = Some(format!("an item of {tag}, which nobody submitted")),
            },
            Event::CredentialNeeded(_) => {
                self.supply(operation, ran);
                sleep(LOOK).await;
            }
            Event::Progress(_) | Event::Log(_) => {}
            Event::Registration { .. } | Event::Difference { .. } => unreachable!("none was asked for"),
        }
        ran.lock().unwrap().strange.extend(strange);
    }

    /// Supplies the next token after a while, or cancels where there is none left.
    fn supply(self: &Arc<Self>, operation: &Arc<Operation>, ran: &Arc<Mutex<Ran>>) {
        let number = {
            let mut supplied = self.supplied.lock().unwrap();
            match *supplied {
                Some((_, true)) => return,
                Some((number, false)) => {
                    *supplied = Some((number + 1, true));
                    number + 1
                }
                None => {
                    *supplied = Some((0, true));
                    0
                }
            }
        };
        let (caller, operation, ran) = (self.clone(), operation.clone(), ran.clone());
        let planned = self.schedule.token.supplied.get(number).copied();
        tokio::spawn(async move {
            match planned {
                Some((after, good)) => {
                    sleep(after).await;
                    let token = format!("token-{}", number + 1);
                    caller
                        .arm
                        .note(format!("a token is supplied, which is {}", if good { "good" } else { "bad" }));
                    if good {
                        caller.arm.world().service.tokens.insert(token.clone(), Duration::MAX);
                    }
                    caller.client.set_token(AccessToken::new(token, 0).unwrap());
                }
                None => {
                    sleep(NO_TOKEN).await;
                    caller.cancel(&operation, &ran);
                }
            }
            *caller.supplied.lock().unwrap() = Some((number, false));
        });
    }

    fn cancel(&self, operation: &Operation, ran: &Mutex<Ran>) {
        operation.cancel();
        let moment = self.arm.moment();
        ran.lock().unwrap().cancelled.get_or_insert(moment);
    }
}

async fn until(arm: &MemoryArm, when: When) {
    match when {
        When::At(at) => sleep(at.saturating_sub(arm.now())).await,
        When::Sent(count) => arm.sent(count).await,
    }
}
