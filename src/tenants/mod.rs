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
use uuid::Uuid;

pub use add::Expectation;
pub use list::Items;
pub use listings::FailedListing;
pub use mapping::Mapping;
pub use outcome::{Finished, Old, Outcome};
pub use target::{Purpose, Target, TargetInput};

use crate::engine::{Engine, Run};
use crate::error::{Category, Error};
use crate::resource_id::RegistrationKey;
use listings::Listings;
use view::View;

/// The workflows of one client.
#[derive(Clone)]
pub struct Tenants {
    engine: Arc<Engine>,
    listings: Arc<Listings>,
    /// Tenants by customer subscription, as their challenges said.
    challenged: Arc<Mutex<HashMap<Uuid, Option<Uuid>>>>,
}

/// What the changes of one operation have learned about its registrations.
#[derive(Default)]
pub struct Session {
    views: Mutex<HashMap<RegistrationKey, View>>,
    /// Errors that every further change of a registration would meet too.
    closed: std::sync::Mutex<HashMap<RegistrationKey, Error>>,
    /// What earlier rows mapped tenants to: the customer subscription and its row.
    mapped: std::sync::Mutex<HashMap<(RegistrationKey, Uuid), (Uuid, u64)>>,
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
    /// Notes what a row mapped its tenant to.
    fn note(&self, target: &Target, finished: &Finished) {
        let made = matches!(finished.outcome, Outcome::Added | Outcome::Replaced | Outcome::Unchanged);
        let (true, Some(tenant), Some(customer)) = (made, finished.mapping.tenant_guid(), &target.customer)
        else {
            return;
        };
        let key = (target.registration.key(), tenant.value());
        lock(&self.mapped).insert(key, (customer.value(), target.row));
    }

    /// The error of a row that wants another subscription for a tenant than an earlier row of the same input: one of
    /// both is a mistake, and the later one must not win by coming later.
    fn contradicts(&self, target: &Target, tenant: Uuid) -> Option<Error> {
        let mapped = lock(&self.mapped);
        let (earlier, row) = mapped.get(&(target.registration.key(), tenant))?;
        let customer = target.customer.as_ref().filter(|customer| customer.value() != *earlier)?;
        let earlier_row = if *row > 0 { format!("row {row}") } else { "an earlier item".to_owned() };
        let message = format!(
            "The usage of tenant {tenant} was mapped to subscription {earlier} by {earlier_row} of the same input, and would \
             move to {customer} now. A tenant has one subscription. Nothing was sent."
        );
        Some(Error::new(Category::Conflict, "RowsContradict", message))
    }

    fn close(&self, registration: &RegistrationKey, error: &Error) {
        lock(&self.closed).entry(registration.clone()).or_insert_with(|| error.clone());
    }

    /// What a further change of a closed registration ends with.
    fn refusal(&self, target: &Target) -> Option<Finished> {
        let closed = lock(&self.closed);
        let why = closed.get(&target.registration.key())?;
        let error =
            why.clone().preceded_by("Not started, because an earlier change of the registration met:");
        let mut finished = Finished::new(Outcome::NotStarted, target.mapping());
        finished.error = Some(error.with_row(target.row));
        finished.row = target.row;
        Some(finished)
    }
}

/// Takes a lock whose holder may have panicked: each of its changes is one statement.
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
