//! Changes that ended as unknown: what is needed to look again what became of them, and that look.

use std::sync::Arc;

use url::Url;

use super::add::Change;
use super::remove::Removal;
use super::{Finished, Mapping, Old, Outcome, Session, Tenants};
use crate::engine::{Doubt, Run, WriteEnd, in_doubt_still};
use crate::error::{Category, Error};

/// A change that ended as unknown.
#[derive(Debug, Clone)]
pub(crate) struct Doubtful(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    /// Where it was sent.
    endpoint: Url,
    what: What,
    /// What is known about its sendings.
    doubt: Doubt,
    /// Why nobody could tell.
    error: Error,
    row: u64,
}

/// What was sent.
#[derive(Debug)]
pub(super) enum What {
    Add(Arc<Change>),
    Removal(Removal),
}

#[cfg(test)]
impl Doubtful {
    /// One that nobody looks at.
    pub(crate) fn for_tests() -> Doubtful {
        use crate::guid::Guid;
        use crate::resource_id::ResourceId;
        let id = "11111111-2222-4333-8444-000000000000";
        let registration = ResourceId::parse(&format!(
            "/subscriptions/{id}/resourceGroups/g/providers/Microsoft.AzureStack/registrations/r"
        ));
        let (stored, registration) = (Guid::parse(id), registration.map(|id| Arc::new(id.registration)));
        let removal = Removal {
            registration: registration.expect("an id"),
            found: Mapping::default(),
            stored: stored.expect("a GUID"),
        };
        Doubtful(Arc::new(Kept {
            endpoint: Url::parse("https://localhost/").expect("a URL"),
            what: What::Removal(removal),
            doubt: Doubt::for_tests(),
            error: crate::engine::cancelled(),
            row: 0,
        }))
    }
}

impl What {
    fn wanted(&self) -> Mapping {
        match self {
            What::Add(change) => change.wanted(),
            What::Removal(removal) => removal.found.clone(),
        }
    }

    /// From where to where a bill has gone, if it has; `None` where nothing would be replaced.
    fn move_in_doubt(&self) -> Option<String> {
        let What::Add(change) = self else { return None };
        let outlook = &change.outlook;
        let old = outlook.old.as_ref()?;
        let named = |tenant: Option<&str>| match tenant {
            Some(tenant) => format!("tenant {tenant}"),
            None => "a tenant that nobody says".to_owned(),
        };
        let (new, tenant) = (&change.spelling, outlook.tenant.map(|tenant| tenant.to_string()));
        let mapped_anew = |own: &Old| {
            format!(
                "subscription {new} is mapped to {}, and no longer to {}",
                named(tenant.as_deref()),
                named(own.tenant.as_deref())
            )
        };
        if old.customer_subscription.eq_ignore_ascii_case(new) {
            return Some(format!("If it took effect, {}.", mapped_anew(old)));
        }
        let moved = format!(
            "the usage of {} is charged to subscription {new}, and no longer to {}",
            named(old.tenant.as_deref()),
            old.customer_subscription
        );
        let besides = outlook.also.as_ref().map(|also| format!("; and {}", mapped_anew(also)));
        Some(format!("If it took effect, {moved}{}.", besides.unwrap_or_default()))
    }
}

impl Tenants {
    /// The end of a change whose end nobody can tell, with what a later look needs.
    pub(super) fn end_unknown(&self, what: What, row: u64, doubt: Option<Doubt>, error: Error) -> Finished {
        let shown = match what.move_in_doubt() {
            Some(moved) => error.clone().preceded_by(&moved),
            None => error.clone(),
        };
        let mut finished = Finished::with_error(Outcome::Unknown, what.wanted(), in_doubt_still(shown));
        if let What::Add(change) = &what {
            finished = finished.meeting(change.outlook.old.clone());
        }
        let endpoint = self.engine.cloud.arm_endpoint().clone();
        finished.doubtful = doubt.map(|doubt| Doubtful(Arc::new(Kept { endpoint, what, doubt, error, row })));
        finished
    }

    /// Looks again what became of a change that ended as unknown, by the rules of the first look, and waits for the time
    /// from which it can take effect no more where that is to come. The end is unknown still where nobody can tell.
    pub(crate) async fn look_again(&self, session: &Session, run: &Run, doubtful: &Doubtful) -> Finished {
        let Kept { endpoint, what, doubt, error, row } = &*doubtful.0;
        let run = &run.for_item();
        let mut finished = if endpoint == self.engine.cloud.arm_endpoint() {
            match what {
                What::Add(change) => self.look_again_for(session, run, change, *doubt, error).await,
                What::Removal(removal) => {
                    self.look_again_for_gone(session, run, removal, *doubt, error).await
                }
            }
        } else {
            let message = format!(
                "The change was sent to {endpoint}, and this connection is to {}. What became of it was not looked up.",
                self.engine.cloud.arm_endpoint()
            );
            let error = Error::new(Category::Input, "AnotherCloud", message);
            Finished::with_error(Outcome::Unknown, what.wanted(), error)
        };
        finished.resolved = finished.outcome != Outcome::Unknown;
        finished.http_requests = run.requests();
        finished.row = *row;
        finished.error = finished.error.map(|error| error.with_row(*row));
        finished
    }

    async fn look_again_for(
        &self,
        session: &Session,
        run: &Run,
        change: &Arc<Change>,
        doubt: Doubt,
        error: &Error,
    ) -> Finished {
        let shared = session.of(&change.registration);
        self.shared.join(&change.registration.key(), &shared);
        let look = |run: Run| {
            let shared = &shared;
            async move { self.look_for(shared, &run, change).await }
        };
        match self.engine.look_again(run, doubt, error.clone(), look).await {
            WriteEnd::Confirmed(found) => self.after_put(&shared, run, change, found.tenant, true).await,
            WriteEnd::ChangedByAnother(found) => change.changed_by_another(found),
            WriteEnd::Unknown(error) => self.end_unknown(What::Add(change.clone()), 0, Some(doubt), error),
            end => nothing_changed(end, change.wanted(), error).meeting(change.outlook.old.clone()),
        }
    }

    async fn look_again_for_gone(
        &self,
        session: &Session,
        run: &Run,
        removal: &Removal,
        doubt: Doubt,
        error: &Error,
    ) -> Finished {
        let look = |run: Run| async move { self.look_for_gone(&run, removal).await };
        match self.engine.look_again(run, doubt, error.clone(), look).await {
            WriteEnd::Confirmed(gone) => {
                let shared = session.of(&removal.registration);
                self.shared.join(&removal.registration.key(), &shared);
                self.note_gone(removal);
                Finished { confirmed_by_lookup: true, ..Finished::new(Outcome::Removed, gone) }
            }
            WriteEnd::ChangedByAnother(seen) => removal.changed_by_another(seen),
            WriteEnd::Unknown(error) => {
                self.end_unknown(What::Removal(removal.clone()), 0, Some(doubt), error)
            }
            end => nothing_changed(end, removal.found.clone(), error),
        }
    }
}

/// The end of a change that a look has shown to have done nothing.
fn nothing_changed(end: WriteEnd<Mapping>, wanted: Mapping, first: &Error) -> Finished {
    let error = match end {
        WriteEnd::Failed(error) => error,
        // A look ends in no other way.
        _ => first.clone(),
    };
    let error = error.preceded_by(
        "Nothing changed: what was there before is there still, and the change can take effect no more. Its first end:",
    );
    Finished::with_error(Outcome::Failed, wanted, error)
}
