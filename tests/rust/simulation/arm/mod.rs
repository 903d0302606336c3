//! An Azure Resource Manager in memory, behind the client's transport, in tokio's paused time.
//!
//! Effects are detached from the request, as in the emulator: they happen though the client has gone.

pub(crate) mod behaviour;
mod bucket;
pub(crate) mod fate;
mod service;
pub(crate) mod store;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use azs_registration::clock::BoxFuture;
use azs_registration::transport::{
    HttpRequest, HttpResponse, Reach, Transport, TransportError, TransportFault,
};
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep, sleep_until};
use uuid::Uuid;

use super::chance::Chance;
use super::truth::{Cause, Delivered, Moment, Sent, Subject, Truth};
use behaviour::Behaviour;
use fate::{Fate, Landing, Told, Weather, lost};
use service::{Admission, Asked, Service, canned};
use store::Store;

pub(crate) const ENDPOINT: &str = "https://management.azure.com/";
pub(crate) const SUBSCRIPTION: &str = "dd8597b4-8739-4467-8b10-f8679f62bfbf";
pub(crate) const GROUP: &str = "azurestack";
pub(crate) const NAME: &str = "hub";

/// How long a client waits for an answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(90);
/// After so many requests nothing is answered any more: a client that asks without end would never let time pass.
const MOST_REQUESTS: usize = 30_000;

pub(crate) type Answer = Result<HttpResponse, TransportError>;

/// Where a request's fate comes from.
pub(crate) enum Fates {
    Drawn(Weather, Chance),
    /// The next one's, and calm for all others: for single cases.
    Next(Option<Fate>),
}

/// The service and the way to it. Clones are the same one.
#[derive(Clone)]
pub(crate) struct MemoryArm {
    shared: Arc<Shared>,
}

struct Shared {
    began: Instant,
    world: Mutex<World>,
    /// How many requests were sent.
    count: watch::Sender<usize>,
    /// How often the service was started anew.
    restarts: watch::Sender<u32>,
}

pub(crate) struct World {
    pub(crate) service: Service,
    pub(crate) truth: Truth,
    pub(crate) fates: Fates,
    /// No connection is made from the first to the second, once something was answered.
    pub(crate) outage: Option<(Duration, Duration)>,
    answered: bool,
    /// Restarts whose requests take no effect any more.
    dropped: Vec<u32>,
}

impl MemoryArm {
    pub(crate) fn new(behaviour: Behaviour, store: Store, fates: Fates) -> MemoryArm {
        let truth = Truth { initial: store.clone(), ..Truth::default() };
        let service = Service::new(behaviour, store);
        let world = World { service, truth, fates, outage: None, answered: false, dropped: Vec::new() };
        MemoryArm {
            shared: Arc::new(Shared {
                began: Instant::now(),
                world: Mutex::new(world),
                count: watch::Sender::new(0),
                restarts: watch::Sender::new(0),
            }),
        }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world.lock().unwrap()
    }

    /// Since the beginning.
    pub(crate) fn now(&self) -> Duration {
        self.shared.began.elapsed()
    }

    /// The moment that it is.
    pub(crate) fn moment(&self) -> Moment {
        let now = self.now();
        self.world().truth.moment(now)
    }

    pub(crate) fn note(&self, text: impl Into<String>) {
        let now = self.now();
        self.world().truth.note(now, text);
    }

    /// Waits until so many requests were sent.
    pub(crate) async fn sent(&self, count: usize) {
        let mut counted = self.shared.count.subscribe();
        // The sender lives as long as self.
        let _ = counted.wait_for(|sent| *sent >= count).await;
    }

    /// Another writer's change.
    pub(crate) fn change_as_another(&self, customer: Uuid, put: Option<(Uuid, &str)>) {
        let now = self.now();
        let World { service, truth, .. } = &mut *self.world();
        service.change(truth, Cause::Another, now, customer, put);
    }

    /// Cuts everything in flight. What was not done then is done later, or never.
    pub(crate) fn restart(&self, drops: bool) {
        self.note(format!(
            "the service restarts; outstanding effects are {}",
            if drops { "dropped" } else { "kept" }
        ));
        let before = *self.shared.restarts.borrow();
        if drops {
            self.world().dropped.push(before);
        }
        self.shared.restarts.send_replace(before + 1);
    }

    fn begin(&self, request: &HttpRequest) -> (Flight, Asked, Fate) {
        let asked = Asked::read(request);
        let now = self.now();
        let mut world = self.world();
        let World { truth, fates, .. } = &mut *world;
        let mut fate = match fates {
            Fates::Drawn(weather, chance) => weather.fate(chance),
            Fates::Next(fate) => fate.take().unwrap_or(Fate::CALM),
        };
        if truth.sent.len() >= MOST_REQUESTS {
            fate = Fate { told: Told::Silence, landing: Landing::Never, ..fate };
        }
        let at = truth.moment(now);
        let number = truth.sent.len();
        truth.sent.push(Sent {
            at,
            correlation: asked.correlation,
            method: asked.method.clone(),
            subject: asked.subject,
            body_tenant: asked.body_tenant(),
            written: None,
            ended: None,
            fate: if fate.told == Told::Served {
                String::new()
            } else {
                format!("{:?} {:?}", fate.told, fate.landing)
            },
        });
        drop(world);
        self.shared.count.send_replace(number + 1);
        (Flight { arm: self.clone(), number }, asked, fate)
    }

    /// Works on a request, detached from who sent it.
    async fn work(self, asked: Asked, fate: Fate, number: usize, told: oneshot::Sender<Answer>) {
        let written = Instant::now();
        let start = *self.shared.restarts.borrow();
        sleep(fate.there).await;
        let dropped = |arm: &MemoryArm| arm.world().dropped.contains(&start);
        if dropped(&self) {
            return;
        }
        let now = self.now();
        let admission = self.world().service.admit(&asked, now);
        let mut landing = fate.landing;
        let own = match admission {
            Admission::Refused(refused) => {
                landing = Landing::Never;
                Some(refused)
            }
            Admission::Granted { header, left } if landing == Landing::Before => {
                let mut answer = self.perform(&asked, number);
                if answer.status.is_success() {
                    service::set(&mut answer, header, &left.to_string());
                }
                Some(answer)
            }
            Admission::Granted { .. } => None,
        };
        sleep(fate.back).await;
        let end = match (fate.told, own) {
            (Told::Served, Some(own)) => Some(Ok(own)),
            (Told::Truncated, _) => Some(Err(lost(Reach::Answered, TransportFault::AnswerTruncated))),
            (Told::Canned(answer), _) => Some(Ok(canned(answer))),
            (Told::Silence, _) => None,
            // What is served has been done, so there is an answer.
            (Told::Cut | Told::Served, _) => Some(Err(lost(Reach::Written, TransportFault::ConnectionLost))),
        };
        let silent = match end {
            Some(end) => {
                // The client may have gone.
                let _ = told.send(end);
                None
            }
            None => Some(told),
        };
        if let Landing::Late(after) = landing {
            sleep_until(written + after).await;
            if !dropped(&self) {
                self.perform(&asked, number);
            }
        }
        if let Some(mut silent) = silent {
            silent.closed().await;
        }
    }

    fn perform(&self, asked: &Asked, number: usize) -> HttpResponse {
        let now = self.now();
        let World { service, truth, .. } = &mut *self.world();
        let (answer, later) = service.perform(asked, truth, Cause::Request(number), now);
        if let Some(later) = later {
            let (arm, asked) = (self.clone(), asked.clone());
            tokio::spawn(async move {
                sleep(later.after).await;
                let now = arm.now();
                let World { service, truth, .. } = &mut *arm.world();
                service.end_accepted(&later, &asked, truth, Cause::Request(number), now);
            });
        }
        answer
    }

    /// Whether no connection is made now.
    fn is_out(&self) -> bool {
        let now = self.now();
        let world = self.world();
        world.answered && world.outage.is_some_and(|(from, to)| from <= now && now < to)
    }
}

impl Transport for MemoryArm {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Answer> {
        Box::pin(async move {
            let (flight, asked, fate) = self.begin(&request);
            sleep(fate.connect).await;
            let unreachable = match fate.unreachable {
                None if self.is_out() => Some(TransportFault::ConnectionRefused),
                unreachable => unreachable,
            };
            if let Some(fault) = unreachable {
                return flight.end(Err(lost(Reach::NeverWritten, fault)));
            }
            flight.written();
            let mut restarts = self.shared.restarts.subscribe();
            restarts.mark_unchanged();
            let (told, end) = oneshot::channel();
            tokio::spawn(self.clone().work(asked, fate, flight.number, told));
            let end = tokio::select! {
                biased;
                end = end => end.ok(),
                _ = restarts.changed() => None,
                () = sleep(ANSWER_TIMEOUT) => Some(Err(lost(Reach::Written, TransportFault::AnswerTimeout))),
            };
            flight.end(end.unwrap_or_else(|| Err(lost(Reach::Written, TransportFault::ConnectionLost))))
        })
    }
}

/// A request in flight; dropped, it was given up.
struct Flight {
    arm: MemoryArm,
    number: usize,
}

impl Flight {
    fn written(&self) {
        let now = self.arm.now();
        let truth = &mut self.arm.world().truth;
        let moment = truth.moment(now);
        truth.sent[self.number].written = Some(moment);
    }

    fn end(self, end: Answer) -> Answer {
        let delivered = match &end {
            Ok(answer) => Delivered::Answer { status: answer.status.as_u16(), certain: is_certain(answer) },
            Err(lost) => Delivered::Lost(lost.reach),
        };
        self.record(delivered);
        end
    }

    fn record(&self, delivered: Delivered) {
        let now = self.arm.now();
        let mut world = self.arm.world();
        world.answered |= matches!(delivered, Delivered::Answer { .. });
        let moment = world.truth.moment(now);
        world.truth.sent[self.number].ended.get_or_insert((moment, delivered));
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.record(Delivered::Dropped);
    }
}

/// Whether an answer says for certain what became of its request: a 2xx with nothing or an object in it that is not the
/// beginning of something, or an error of the client's.
fn is_certain(answer: &HttpResponse) -> bool {
    let status = answer.status.as_u16();
    match status {
        202 => false,
        200..300 => answer.body.is_empty() || answer.body.starts_with(b"{"),
        408 => false,
        400..500 => true,
        _ => false,
    }
}

/// What a subject is called in a history.
pub(crate) fn shown(subject: Subject) -> String {
    match subject {
        Subject::Registration => "registration".to_owned(),
        Subject::List { first: true } => "list".to_owned(),
        Subject::List { first: false } => "further page".to_owned(),
        Subject::Mapping(customer) => format!("mapping {customer}"),
        Subject::Challenge(subscription) => format!("challenge {subscription}"),
        Subject::Poll => "progress".to_owned(),
        Subject::Nothing => "nothing of ours".to_owned(),
    }
}
