//! What there is of an add whose sending is in doubt: what is wanted, what was there before, or something else.

use uuid::Uuid;

use super::add::{Change, Outlook, reached};
use super::session::RegistrationSession;
use super::view::{AskedBy, View};
use super::{Mapping, Tenants};
use crate::engine::{Run, Seen};
use crate::error::Result;

/// What the customer's own mapping says, by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    Wanted,
    AsItWas,
    /// Another tenant than the wanted one, and than before.
    Another,
    /// It was there before, and is not any more.
    Gone,
    /// Nobody says whose it is.
    Nothing,
}

/// The mapping's tenant as it is read: the outer `None`: it is not there; the inner one: nobody says.
fn says(outlook: &Outlook, now: Option<Option<Uuid>>) -> Says {
    // Where it was not clear which tenant it would be, whichever the service says can be this change's.
    let another = |now: Option<Uuid>| {
        outlook.sure && now.is_some() && outlook.tenant.is_some() && now != outlook.tenant
    };
    match (outlook.before, now) {
        (Some(_), None) => Says::Gone,
        (None, None) => Says::AsItWas,
        (None, Some(now)) if another(now) => Says::Another,
        // There was none before, so this is the change.
        (None, Some(_)) => Says::Wanted,
        (Some(before), Some(now)) if before == now => Says::AsItWas,
        (Some(_), Some(None)) => Says::Nothing,
        (Some(_), Some(now)) if another(now) => Says::Another,
        (Some(_), Some(_)) => Says::Wanted,
    }
}

impl Tenants {
    /// Looks what became of a change whose sending is in doubt.
    pub(super) async fn look_for(
        &self,
        shared: &RegistrationSession,
        run: &Run,
        change: &Change,
    ) -> Result<Seen<Mapping>> {
        let outlook = &change.outlook;
        let began = self.engine.clock.now();
        let found = self.read_one(run, &change.registration, &change.spelling).await?;
        let tenant_of = |found: &Mapping| found.tenant_guid().map(|tenant| tenant.value());
        let read = says(outlook, found.as_ref().map(tenant_of));
        match (read, found) {
            (Says::Wanted, Some(found)) => return Ok(Seen::Wanted(found)),
            (Says::Another, Some(found)) => return Ok(Seen::Other(found)),
            (Says::Gone, _) => return Ok(Seen::Other(gone(change, change.spelling.clone()))),
            _ => {}
        }
        // The tenant may have gone somewhere else meanwhile, and a repetition would move it back unseen. Where nobody knows
        // the tenant yet, the list is what tells afterwards what was replaced.
        loop {
            self.know(shared, run, &change.registration, Some(began), began, AskedBy::Look).await?;
            let Some(seen) = shared.view.with(|view| look_in(view, change, read)) else { continue };
            if read != Says::AsItWas || !matches!(seen, Seen::Wanted(_)) {
                return Ok(seen);
            }
            // It took effect between the two readings, or the list lags behind: another reading tells.
            return Ok(match self.read_one(run, &change.registration, &change.spelling).await? {
                Some(found) => Seen::Wanted(found),
                None => as_it_was(outlook, read),
            });
        }
    }
}

/// What a list that was read after the mapping adds to what that says.
fn look_in(view: &View, change: &Change, read: Says) -> Seen<Mapping> {
    let outlook = &change.outlook;
    let listed = view.tenant_of(change.customer.value());
    let says = match (read, listed) {
        // It may have taken effect between the two readings, or only the list says whose it is.
        (Says::Nothing, Some(_)) => says(outlook, listed),
        (Says::AsItWas, Some(_)) if outlook.before.is_none() => says(outlook, listed),
        _ => read,
    };
    let own = || {
        let tenant = listed.flatten().or(outlook.tenant);
        reached(&change.registration, change.spelling.clone(), tenant)
    };
    match says {
        Says::Wanted => return Seen::Wanted(own()),
        Says::Another | Says::Gone => return Seen::Other(own()),
        Says::AsItWas | Says::Nothing => {}
    }
    if let Some(other) = outlook.tenant.and_then(|tenant| moved_meanwhile(view, change, tenant)) {
        return Seen::Other(other);
    }
    as_it_was(outlook, says)
}

/// Where what is wanted was listed before, its being there proves nothing.
fn as_it_was(outlook: &Outlook, says: Says) -> Seen<Mapping> {
    let listed_before = outlook.before.is_some_and(|before| before == outlook.tenant);
    if listed_before || says == Says::Nothing { Seen::Unclear } else { Seen::Old }
}

/// Where somebody else mapped the tenant, or what they took away from it.
fn moved_meanwhile(view: &View, change: &Change, tenant: Uuid) -> Option<Mapping> {
    let outlook = &change.outlook;
    let others = view.others_of(tenant, change.customer.value());
    // What was listed without a tenant may have had this one all the time.
    let is_new = |other: &&Uuid| {
        !outlook.unsaid && !outlook.others.contains(other) && !change.overwritten.contains(**other)
    };
    if let Some(other) = others.iter().find(is_new) {
        return Some(reached(&change.registration, view.spelling_of(*other), Some(tenant)));
    }
    outlook.others.iter().find_map(|other| match view.tenant_of(*other) {
        None => Some(gone(change, other.to_string())),
        // Where nobody says any more whose a listed mapping is, it is not said to be another's.
        Some(now) => now
            .filter(|now| *now != tenant)
            .map(|now| reached(&change.registration, view.spelling_of(*other), Some(now))),
    })
}

/// A mapping that somebody took away.
fn gone(change: &Change, customer: String) -> Mapping {
    reached(&change.registration, customer, None)
}
