//! What really happened, in order: every request and every effect. The judge reads it, and a person after a failure.

use std::time::Duration;

use azs_registration::transport::Reach;
use http::Method;
use uuid::Uuid;

use super::arm::store::Store;

/// A point in time. What happens at the same time has an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    pub(crate) at: Duration,
    order: u64,
}

impl Moment {
    /// The last moment before which everything so long ago happened.
    pub(crate) fn earlier(self, by: Duration) -> Moment {
        match self.at.checked_sub(by) {
            Some(at) => Moment { at, order: 0 },
            None => Moment::BEGIN,
        }
    }

    /// The moment before it.
    pub(crate) fn previous(self) -> Moment {
        Moment { order: self.order - 1, ..self }
    }

    pub(crate) const BEGIN: Moment = Moment { at: Duration::ZERO, order: 0 };
}

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Registration,
    /// The first page of the list, or a further one.
    List {
        first: bool,
    },
    Mapping(Uuid),
    /// The sign-in challenge of a subscription.
    Challenge(Uuid),
    /// An accepted write's progress.
    Poll,
    Nothing,
}

/// How a request ended for the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivered {
    /// An answer; whether it says for certain what became of the request.
    Answer {
        status: u16,
        certain: bool,
    },
    Lost(Reach),
    /// The client gave it up.
    Dropped,
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) at: Moment,
    /// Its x-ms-correlation-request-id: which operation sent it.
    pub(crate) correlation: Uuid,
    pub(crate) method: Method,
    pub(crate) subject: Subject,
    /// The tenant that its body names.
    pub(crate) body_tenant: Option<Uuid>,
    /// When the first byte of it was written.
    pub(crate) written: Option<Moment>,
    pub(crate) ended: Option<(Moment, Delivered)>,
    /// What was to happen to it.
    pub(crate) fate: String,
}

impl Sent {
    /// The customer subscription that it writes.
    pub(crate) fn writes(&self) -> Option<Uuid> {
        match self.subject {
            Subject::Mapping(customer) if self.method != Method::GET => Some(customer),
            _ => None,
        }
    }

    /// Whether its client cannot know from its own end what became of it. A request that was given up may have been
    /// written.
    pub(crate) fn in_doubt(&self) -> bool {
        match self.ended {
            None | Some((_, Delivered::Dropped)) => true,
            Some((_, Delivered::Answer { certain, .. })) => !certain,
            Some((_, Delivered::Lost(reach))) => reach != Reach::NeverWritten,
        }
    }
}

/// Whose change it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// That of the request with this number.
    Request(usize),
    /// Another writer's.
    Another,
}

/// A write's effect, also where it changed nothing.
#[derive(Debug, Clone)]
pub(crate) struct Effect {
    pub(crate) at: Moment,
    pub(crate) cause: Cause,
    pub(crate) customer: Uuid,
    /// The tenant that it maps; `None` for a removal.
    pub(crate) tenant: Option<Uuid>,
    /// What the registration held before, and after.
    pub(crate) before: Store,
    pub(crate) after: Store,
}

/// Everything that happened.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    pub(crate) order: u64,
    pub(crate) initial: Store,
    pub(crate) sent: Vec<Sent>,
    pub(crate) effects: Vec<Effect>,
    /// What else a reader of the history wants to know.
    pub(crate) notes: Vec<(Moment, String)>,
}

impl Truth {
    pub(crate) fn moment(&mut self, at: Duration) -> Moment {
        self.order += 1;
        Moment { at, order: self.order }
    }

    pub(crate) fn note(&mut self, at: Duration, text: impl Into<String>) {
        let moment = self.moment(at);
        self.notes.push((moment, text.into()));
    }

    /// The state at a moment.
    pub(crate) fn state_at(&self, moment: Moment) -> &Store {
        let before = self.effects.partition_point(|effect| effect.at <= moment);
        before.checked_sub(1).map_or(&self.initial, |last| &self.effects[last].after)
    }

    /// Whether something was so at some moment from the first to the last.
    pub(crate) fn was_ever(&self, first: Moment, last: Moment, holds: impl Fn(&Store) -> bool) -> bool {
        holds(self.state_at(first)) || self.effects_between(first, last).any(|effect| holds(&effect.after))
    }

    pub(crate) fn effects_between(&self, first: Moment, last: Moment) -> impl Iterator<Item = &Effect> {
        self.effects.iter().filter(move |effect| first <= effect.at && effect.at <= last)
    }

    pub(crate) fn last_state(&self) -> &Store {
        self.effects.last().map_or(&self.initial, |last| &last.after)
    }

    /// Since when the mapping has been in force that is so at a moment.
    pub(crate) fn in_force_since(&self, customer: Uuid, tenant: Uuid, moment: Moment) -> Option<Moment> {
        let is = |store: &Store| store.in_force(tenant).is_some_and(|entry| entry.customer == customer);
        if !is(self.state_at(moment)) {
            return None;
        }
        let before = self.effects.iter().filter(|effect| effect.at <= moment);
        let began = before.rev().find(|effect| !is(&effect.before)).map(|effect| effect.at);
        Some(began.unwrap_or(Moment::BEGIN))
    }
}
