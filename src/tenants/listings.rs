//! Which registrations are being listed just now, and in which something is being removed: one waits for the other.
//!
//! With a page token that counts items, removing while paging makes the service skip some. The caller may be slow to
//! take the items, and may even wait for the removal (one PowerShell pipeline does both), so a removal that waits tells
//! the listing to read on without waiting for its caller.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::changes::Changes;
use crate::resource_id::RegistrationKey;

/// The listings of one client.
#[derive(Default)]
pub(crate) struct Listings {
    active: Mutex<HashMap<RegistrationKey, Active>>,
    /// Told when a listing or a removal ends.
    ended: Changes,
}

struct Active {
    listings: usize,
    /// Listings that wait for the removals on their way.
    wanted: usize,
    /// Removals on their way.
    removals: usize,
    /// Failed listings whose caller has not been told yet.
    failed: usize,
    /// How many removals wait.
    hurry: Arc<Hurried>,
}

/// How many removals wait for the listings of a registration.
#[derive(Default)]
struct Hurried {
    waiting: AtomicUsize,
    changed: Changes,
}

impl Listings {
    fn active(&self) -> MutexGuard<'_, HashMap<RegistrationKey, Active>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn entry<R>(&self, registration: &RegistrationKey, read: impl FnOnce(&mut Active) -> R) -> R {
        let mut active = self.active();
        read(active.entry(registration.clone()).or_insert_with(|| Active {
            listings: 0,
            wanted: 0,
            removals: 0,
            failed: 0,
            hurry: Arc::default(),
        }))
    }

    /// Begins a listing as soon as no removal is on its way; it ends when the result is dropped.
    pub(crate) async fn begin(self: &Arc<Listings>, registration: RegistrationKey) -> Listing {
        // No further removal begins before it.
        let _wanted = Wanted::by(self, &registration);
        let hurry = self
            .ended
            .wait_for(|| {
                self.entry(&registration, |entry| {
                    let free = entry.removals == 0;
                    entry.listings += usize::from(free);
                    free.then(|| entry.hurry.clone())
                })
            })
            .await;
        Listing { listings: self.clone(), registration, hurry }
    }

    /// Begins a removal, which ends when the result is dropped; `None` while a listing is under way.
    pub(crate) fn begin_removal(self: &Arc<Listings>, registration: &RegistrationKey) -> Option<Removal> {
        let begun = self.entry(registration, |entry| {
            let free = entry.listings == 0 && entry.wanted == 0;
            entry.removals += usize::from(free);
            free
        });
        begun.then(|| Removal { listings: self.clone(), registration: registration.clone() })
    }

    fn change(&self, registration: &RegistrationKey, change: impl FnOnce(&mut Active)) {
        let mut active = self.active();
        if let Some(entry) = active.get_mut(registration) {
            change(entry);
            if entry.listings == 0 && entry.wanted == 0 && entry.failed == 0 && entry.removals == 0 {
                active.remove(registration);
            }
        }
    }

    /// Whether a listing of the registration failed whose caller has not been told yet: what it removes now, it removes
    /// in the belief that the list was whole.
    pub(crate) fn has_failed(&self, registration: &RegistrationKey) -> bool {
        self.active().get(registration).is_some_and(|entry| entry.failed > 0)
    }

    /// Waits until nothing lists the registration. Gives `None` at once where nothing does.
    pub(crate) fn end_of(
        self: &Arc<Listings>,
        registration: &RegistrationKey,
    ) -> Option<impl Future<Output = ()> + use<>> {
        let hurry = self.listed(registration)?;
        let (listings, registration) = (self.clone(), registration.clone());
        Some(async move {
            let _hurry = Hurry::on(hurry);
            let of_another = |other: Arc<Hurried>| !Arc::ptr_eq(&other, &_hurry.0);
            listings
                .ended
                .wait_for(|| listings.listed(&registration).is_none_or(of_another).then_some(()))
                .await;
        })
    }

    fn listed(&self, registration: &RegistrationKey) -> Option<Arc<Hurried>> {
        let active = self.active();
        active
            .get(registration)
            .filter(|entry| entry.listings > 0 || entry.wanted > 0)
            .map(|entry| entry.hurry.clone())
    }
}

/// A listing that is wanted and has not begun.
struct Wanted {
    listings: Arc<Listings>,
    registration: RegistrationKey,
}

impl Wanted {
    fn by(listings: &Arc<Listings>, registration: &RegistrationKey) -> Wanted {
        listings.entry(registration, |entry| entry.wanted += 1);
        Wanted { listings: listings.clone(), registration: registration.clone() }
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        self.listings.change(&self.registration, |entry| entry.wanted -= 1);
        self.listings.ended.tell();
    }
}

/// Hurries the listings of a registration for as long as somebody waits for them.
struct Hurry(Arc<Hurried>);

impl Hurry {
    fn on(hurried: Arc<Hurried>) -> Hurry {
        hurried.waiting.fetch_add(1, Ordering::SeqCst);
        hurried.changed.tell();
        Hurry(hurried)
    }
}

impl Drop for Hurry {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A listing under way.
pub(crate) struct Listing {
    listings: Arc<Listings>,
    registration: RegistrationKey,
    hurry: Arc<Hurried>,
}

impl Listing {
    /// Ready when a removal waits for the end of this listing.
    pub(crate) async fn hurried(&self) {
        let waiting = || (self.hurry.waiting.load(Ordering::SeqCst) > 0).then_some(());
        self.hurry.changed.wait_for(waiting).await;
    }
}

impl Listing {
    /// The end of a listing that failed: removals are held back until its caller has been told, when the result is dropped.
    pub(crate) fn fail(self) -> FailedListing {
        let mut active = self.listings.active();
        if let Some(entry) = active.get_mut(&self.registration) {
            entry.failed += 1;
        }
        drop(active);
        FailedListing { listings: self.listings.clone(), registration: self.registration.clone() }
    }
}

impl Drop for Listing {
    fn drop(&mut self) {
        self.listings.change(&self.registration, |entry| {
            entry.listings -= 1;
        });
        self.listings.ended.tell();
    }
}

/// A removal under way.
pub(crate) struct Removal {
    listings: Arc<Listings>,
    registration: RegistrationKey,
}

impl Drop for Removal {
    fn drop(&mut self) {
        self.listings.change(&self.registration, |entry| {
            entry.removals -= 1;
        });
        self.listings.ended.tell();
    }
}

/// A listing that failed, until its caller has been told.
pub struct FailedListing {
    listings: Arc<Listings>,
    registration: RegistrationKey,
}

impl Drop for FailedListing {
    fn drop(&mut self) {
        self.listings.change(&self.registration, |entry| entry.failed -= 1);
    }
}
