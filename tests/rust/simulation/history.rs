//! What one simulation came to: the truth, and what was reported.

use std::fmt::{self, Write as _};

use azs_registration::tenants::{Finished, Mapping};
use uuid::Uuid;

use super::arm::shown;
use super::schedule::{Planned, Schedule};
use super::truth::{Cause, Moment, Truth};

/// A simulation that has ended.
pub(crate) struct History {
    pub(crate) schedule: Schedule,
    pub(crate) truth: Truth,
    pub(crate) operations: Vec<Ran>,
}

/// An operation.
#[derive(Default)]
pub(crate) struct Ran {
    pub(crate) correlation: Uuid,
    pub(crate) began: Option<Moment>,
    /// When its cancellation had returned.
    pub(crate) cancelled: Option<Moment>,
    /// When it said that nothing was left.
    pub(crate) ended: Option<Moment>,
    pub(crate) items: Vec<Item>,
    /// Events that belong to nothing.
    pub(crate) strange: Vec<String>,
}

/// A request.
pub(crate) struct Item {
    pub(crate) planned: Planned,
    /// When it was accepted; not at all after a cancellation.
    pub(crate) accepted: Option<Moment>,
    /// Its ends: one, if all is well.
    pub(crate) ends: Vec<(Moment, Finished)>,
    pub(crate) mappings: Vec<Mapping>,
}

impl Item {
    pub(crate) fn new(planned: Planned) -> Item {
        Item { planned, accepted: None, ends: Vec::new(), mappings: Vec::new() }
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Schedule { behaviour, weather, initial, outage, restart, token, at_once, .. } = &self.schedule;
        writeln!(f, "{behaviour:?}\n{weather:?}")?;
        writeln!(f, "outage {outage:?}, restart {restart:?}, at once {at_once}, {token:?}")?;
        writeln!(f, "mapped at the beginning:")?;
        for entry in initial.entries() {
            writeln!(f, "    {} to {}", entry.tenant, entry.spelling)?;
        }
        let mut lines = self.lines();
        lines.sort_by_key(|(moment, _)| *moment);
        for (moment, line) in lines {
            writeln!(f, "{:>10.3} {line}", moment.at.as_secs_f64())?;
        }
        for (number, operation) in self.operations.iter().enumerate() {
            for (tag, item) in operation.items.iter().enumerate().filter(|(_, item)| item.ends.is_empty()) {
                writeln!(f, "no end of [{number}.{tag}] {:?}", item.planned)?;
            }
        }
        Ok(())
    }
}

impl History {
    fn lines(&self) -> Vec<(Moment, String)> {
        let mut lines = self.truth.notes.clone();
        let who = |correlation: Uuid| {
            let at = self.operations.iter().position(|operation| operation.correlation == correlation);
            at.map_or_else(|| "?".to_owned(), |at| at.to_string())
        };
        for (number, sent) in self.truth.sent.iter().enumerate() {
            let (method, subject) = (&sent.method, shown(sent.subject));
            let mut line = format!("  #{number} of [{}] {method} {subject}", who(sent.correlation));
            if let Some(tenant) = sent.body_tenant {
                let _ = write!(line, " for {tenant}");
            }
            if !sent.fate.is_empty() {
                let _ = write!(line, "  ({})", sent.fate);
            }
            lines.push((sent.at, line));
            if let Some((moment, delivered)) = sent.ended {
                lines.push((moment, format!("  #{number} ended: {delivered:?}")));
            }
        }
        for effect in &self.truth.effects {
            let cause = match effect.cause {
                Cause::Request(number) => format!("#{number}"),
                Cause::Another => "another writer".to_owned(),
            };
            let what = match effect.tenant {
                Some(tenant) => format!("maps {tenant} to {}", effect.customer),
                None => format!("removes {}", effect.customer),
            };
            lines.push((effect.at, format!("    * {cause} {what}{}", gone(effect))));
        }
        for (number, operation) in self.operations.iter().enumerate() {
            let mut say = |moment: Option<Moment>, what: String| {
                lines.extend(moment.map(|moment| (moment, what)));
            };
            say(operation.began, format!("[{number}] begins as {}", operation.correlation));
            say(operation.cancelled, format!("[{number}] is cancelled"));
            say(operation.ended, format!("[{number}] has ended"));
            for (tag, item) in operation.items.iter().enumerate() {
                say(item.accepted, format!("[{number}.{tag}] accepted: {:?}", item.planned));
                for (moment, end) in &item.ends {
                    say(Some(*moment), format!("[{number}.{tag}] {}", shown_end(end)));
                }
            }
        }
        lines
    }
}

fn gone(effect: &super::truth::Effect) -> String {
    let gone = effect.before.entries().iter().filter(|entry| {
        !effect.after.entries().iter().any(|it| it.customer == entry.customer && it.tenant == entry.tenant)
    });
    gone.map(|entry| format!(", gone: {} to {}", entry.tenant, entry.customer)).collect()
}

/// An end in one line.
pub(crate) fn shown_end(end: &Finished) -> String {
    let mut line = end.outcome.name().to_owned();
    let Mapping { customer_subscription, tenant, .. } = &end.mapping;
    let _ = write!(
        line,
        " {} of {}",
        customer_subscription.as_deref().unwrap_or("-"),
        tenant.as_deref().unwrap_or("-")
    );
    if let Some(old) = &end.old {
        let tenant = old.tenant.as_deref().unwrap_or("-");
        let _ = write!(line, ", met {} of {tenant}", old.customer_subscription);
    }
    for (said, what) in
        [(end.confirmed_by_lookup, "confirmed by look-up"), (end.replaced_unasked, "replaced unasked")]
    {
        if said {
            let _ = write!(line, ", {what}");
        }
    }
    if let Some(error) = &end.error {
        let _ = write!(line, ": {error}");
    }
    line
}
