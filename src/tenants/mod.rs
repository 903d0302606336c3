//! The workflows: add, list, get and remove the tenants of a registration, with the rules that keep a bill from
//! moving unseen.

mod add;
mod challenge;
mod get;
mod list;
mod listings;
mod mapping;
mod outcome;
mod remove;
mod target;
mod view;

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Mutex;

pub use add::Expectation;
pub use list::Items;
pub use mapping::Mapping;
pub use outcome::{Finished, Old, Outcome};
pub use target::{Purpose, Target, TargetInput};

use crate::engine::{Engine, Run};
use crate::error::Error;
use crate::resource_id::RegistrationKey;
use listings::Listings;
use view::View;

/// The workflows of one client.
#[derive(Clone)]
pub struct Tenants {
    engine: Arc<Engine>,
    listings: Arc<Listings>,
    /// Tenants by customer subscription, as their challenges said.
    challenged: Arc<Mutex<HashMap<uuid::Uuid, Option<uuid::Uuid>>>>,
}

/// What the changes of one operation have learned about its registrations.
#[derive(Default)]
pub struct Session {
    views: Mutex<HashMap<RegistrationKey, View>>,
    /// Errors that every further change of a registration would meet too.
    closed: std::sync::Mutex<HashMap<RegistrationKey, Error>>,
}

impl Tenants {
    /// The workflows over an engine.
    pub fn new(engine: Arc<Engine>) -> Tenants {
        Tenants { engine, listings: Arc::default(), challenged: Arc::default() }
    }

    /// The end of a change: counts its requests, and closes the registration where its error ends the batch.
    fn finish(&self, session: &Session, run: &Run, target: &Target, mut finished: Finished) -> Finished {
        finished.http_requests = run.requests();
        finished.row = target.row;
        if let Some(error) = finished.error.take() {
            if error.ends_batch() {
                session.close(&target.registration.key(), &error);
            }
            finished.error = Some(error.with_row(target.row));
        }
        finished
    }
}

impl Session {
    fn close(&self, registration: &RegistrationKey, error: &Error) {
        let mut closed = self.closed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        closed.entry(registration.clone()).or_insert_with(|| error.clone());
    }

    /// What a further change of a closed registration ends with.
    fn refusal(&self, target: &Target) -> Option<Finished> {
        let closed = self.closed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let why = closed.get(&target.registration.key())?;
        let error =
            why.clone().preceded_by("Not started, because an earlier change of the registration met:");
        let mut finished = Finished::new(Outcome::NotStarted, target.mapping());
        finished.error = Some(error.with_row(target.row));
        finished.row = target.row;
        Some(finished)
    }
}
