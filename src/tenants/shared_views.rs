//! What the operations of a client know about the same registrations: what one of them changes, the others learn at once,
//! so that none of them replaces it in the belief that it is not there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};

use uuid::Uuid;

use super::session::{RegistrationSession, lock};
use crate::guid::Guid;
use crate::resource_id::RegistrationKey;

/// The views of all operations of a client.
#[derive(Default)]
pub(super) struct SharedViews(Mutex<HashMap<RegistrationKey, Vec<Weak<RegistrationSession>>>>);

impl SharedViews {
    /// Lets an operation learn what others change in the registration.
    pub(super) fn join(&self, registration: &RegistrationKey, session: &Arc<RegistrationSession>) {
        if session.has_joined() {
            return;
        }
        let mut all = lock(&self.0);
        // Operations that are gone leave nothing behind.
        all.retain(|_, sessions| {
            sessions.retain(|session| session.strong_count() > 0);
            !sessions.is_empty()
        });
        all.entry(registration.clone()).or_default().push(Arc::downgrade(session));
    }

    fn each(&self, registration: &RegistrationKey, tell: impl Fn(&RegistrationSession)) {
        let sessions: Vec<_> = {
            let all = lock(&self.0);
            all.get(registration).into_iter().flatten().filter_map(Weak::upgrade).collect()
        };
        sessions.iter().for_each(|session| tell(session));
    }

    /// A change made a mapping.
    pub(super) fn put(&self, registration: &RegistrationKey, customer: &Guid, tenant: Option<Uuid>) {
        self.each(registration, |session| session.view.put(customer, tenant));
    }

    /// A change was made of which nobody says what it replaced.
    pub(super) fn forget(&self, registration: &RegistrationKey) {
        self.each(registration, |session| session.view.forget());
    }

    /// A change took a mapping away.
    pub(super) fn removed(&self, registration: &RegistrationKey, customer: Uuid) {
        self.each(registration, |session| session.view.remove(customer));
    }
}
