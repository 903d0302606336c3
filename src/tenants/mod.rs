//! The workflows: add, list, get and remove the tenants of a registration, with the rules that keep a bill from
//! moving unseen.

mod add;
mod challenge;
mod doubtful;
mod get;
mod in_flight;
mod list;
mod listings;
mod look;
mod mapping;
mod outcome;
mod pairs;
mod remove;
mod session;
mod shared_views;
mod target;
mod turns;
mod view;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use uuid::Uuid;

pub use add::Expectation;
pub(crate) use doubtful::Doubtful;
pub use list::Items;
pub use listings::FailedListing;
pub use mapping::Mapping;
pub(crate) use outcome::Intended;
pub use outcome::{Finished, Old, Outcome};
pub use session::{RequestTurn, Session};
pub use target::{Purpose, Target, TargetInput};

use crate::engine::{Engine, Run};
use in_flight::InFlight;
use listings::Listings;
use session::RegistrationSession;
use shared_views::SharedViews;

/// The workflows of one client.
#[derive(Clone)]
pub struct Tenants {
    engine: Arc<Engine>,
    discovery: bool,
    listings: Arc<Listings>,
    in_flight: Arc<InFlight>,
    shared: Arc<SharedViews>,
    /// Tenants by customer subscription, as their challenges said.
    challenged: Arc<Mutex<HashMap<Uuid, Option<Uuid>>>>,
}

impl Tenants {
    /// The workflows over an engine. `discovery`: whether challenges are asked for a subscription's tenant.
    pub fn new(engine: Arc<Engine>, discovery: bool) -> Tenants {
        Tenants {
            engine,
            discovery,
            listings: Arc::default(),
            in_flight: Arc::default(),
            shared: Arc::default(),
            challenged: Arc::default(),
        }
    }

    /// The end of a change: counts its requests, and closes the registration where its error ends the batch.
    fn finish(
        &self,
        shared: &RegistrationSession,
        run: &Run,
        target: &Target,
        mut finished: Finished,
    ) -> Finished {
        finished.http_requests = run.requests();
        finished.row = target.row;
        if let Some(error) = finished.error.take() {
            if error.ends_batch() {
                shared.close(&error);
            }
            finished.error = Some(error.with_row(target.row));
        }
        finished
    }
}
