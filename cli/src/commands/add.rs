//! `azsreg tenant add`: a fresh mapping is made without a question, a move of a bill only after one.

use std::collections::HashSet;

use azs_registration::operation::Request;
use azs_registration::tenants::{Expectation, Finished, Outcome, Purpose, TargetInput};
use uuid::Uuid;

use super::{Results, say_dry_run};
use crate::arguments::AddArguments;
use crate::ask::{self, Answer};
use crate::ends::{interrupted, not_started};
use crate::exit_code::ExitCode;
use crate::failure::Result;
use crate::input::{Input, Item};
use crate::moved::{Moved, shown};
use crate::restore::warn_of_move;
use crate::session::{Connection, Entry, Report, Session, Tag};

pub(super) fn run(arguments: &AddArguments) -> Result<ExitCode> {
    let AddArguments { customers, rows, tenant_id, common, .. } = arguments;
    let mut input = Input::open(customers, rows, tenant_id.as_deref(), common, Purpose::Add)?;
    let connection =
        Connection::new(&arguments.common)?.with_audit_log(arguments.audit_log.as_deref(), arguments.dry_run);
    let mut session = connection.sign_in()?;
    input.watch(&session.interrupt);
    let mut results = Results::new(&arguments.common);
    if arguments.dry_run {
        look(arguments, &mut input, &mut session, &mut results);
        say_dry_run();
    } else {
        Adding { arguments, agreed: HashSet::new(), agreed_to_all: false }.work(
            &mut input,
            &mut session,
            &mut results,
        );
    }
    results.tally.left_unread = input.say_what_was_left();
    results.end(&session)
}

/// Additions under way.
struct Adding<'a> {
    arguments: &'a AddArguments,
    /// The items whose move was shown and agreed to.
    agreed: HashSet<Tag>,
    /// Whether all moves were agreed to, unseen.
    agreed_to_all: bool,
}

impl Adding<'_> {
    fn work(&mut self, input: &mut Input, session: &mut Session, results: &mut Results) {
        let expectation =
            if self.arguments.force { Expectation::Anything } else { Expectation::NothingReplaced };
        let arguments = self.arguments;
        let mut entries = input.map(|item| entry(arguments, item, expectation.clone()));
        while let Some(report) = session.next(&mut entries) {
            let Report::Finished(tag, asked, finished) = report else { continue };
            let Some(finished) = self.submit_again(tag, asked, *finished, session) else { continue };
            results.change(&finished);
            if finished.replaced_unasked
                || !self.agreed.contains(&tag)
                || finished.outcome == Outcome::Unknown
            {
                warn_of_move(&finished, &self.arguments.common.connection);
            }
            results.stop_where_unread(session);
        }
    }

    /// Submits a move again that is agreed to; gives the end of one that is not, and every other end as it is.
    fn submit_again(
        &mut self,
        tag: Tag,
        asked: Request,
        finished: Finished,
        session: &mut Session,
    ) -> Option<Finished> {
        if finished.outcome != Outcome::WouldReplace {
            return Some(finished);
        }
        let expectation = match &finished.old {
            // What was agreed to be replaced has gone meanwhile.
            None => Expectation::NothingReplaced,
            Some(old) => match self.agree(tag, &finished, session) {
                // If it is not that one any more, the library says so, and the question comes again.
                Answer::Yes | Answer::All => Expectation::Exactly(old.customer_subscription.clone()),
                Answer::No => return Some(finished),
                Answer::Interrupted => return Some(not_started(finished.mapping, Some(interrupted()))),
            },
        };
        let Request::Add { target, .. } = asked else { return Some(finished) };
        if session.submit_again(tag, request(self.arguments, target, expectation)) {
            None
        } else {
            Some(not_started(finished.mapping, Some(interrupted())))
        }
    }

    fn agree(&mut self, tag: Tag, finished: &Finished, session: &Session) -> Answer {
        if self.agreed_to_all {
            // This one was not shown, or has changed since.
            self.agreed.remove(&tag);
            return Answer::All;
        }
        if !ask::is_possible() {
            return Answer::No;
        }
        let answer = ask::ask(&question(finished), &session.interrupt);
        match answer {
            Answer::Yes | Answer::All => {
                self.agreed.insert(tag);
                self.agreed_to_all |= answer == Answer::All;
            }
            Answer::No | Answer::Interrupted => {}
        }
        answer
    }
}

fn entry(arguments: &AddArguments, item: Item, expectation: Expectation) -> Entry {
    match item {
        Item::Target(target) => Entry::Request(request(arguments, target, expectation)),
        Item::Refused(target, end) => Entry::Refused(request(arguments, target, expectation), end),
        Item::NotYet => Entry::NotYet,
    }
}

fn request(arguments: &AddArguments, target: TargetInput, expectation: Expectation) -> Request {
    Request::Add { target, expectation, preserve_case: arguments.preserve_case }
}

/// Which registration, which tenant, from where to where.
fn question(finished: &Finished) -> String {
    let mapping = &finished.mapping;
    let registration = mapping.registration.as_ref().map(|of| of.name()).unwrap_or_default();
    let new = mapping.customer_subscription.as_deref().unwrap_or_default();
    let Some(moved) = Moved::of(finished) else { return String::new() };
    let of = moved.tenant_shown();
    if moved.changes_tenant {
        let tenant = shown(mapping.tenant.as_deref());
        return format!(
            "In registration '{registration}' customer subscription {new} is mapped to {of}.\n\
             Map it to {tenant} instead?"
        );
    }
    let old = &moved.old.customer_subscription;
    format!(
        "In registration '{registration}' the usage of {of} is charged to subscription\n\
         {old} now. Charge it to {new} from now on?"
    )
}

/// Has the library go all the way to the write, and not write: no mapping is to a subscription by a GUID made up just
/// now, so none is as expected, and the library says what it met instead.
fn look(arguments: &AddArguments, input: &mut Input, session: &mut Session, results: &mut Results) {
    let impossible = Expectation::Exactly(Uuid::new_v4().to_string());
    let mut entries = input.map(|item| entry(arguments, item, impossible.clone()));
    while let Some(report) = session.next(&mut entries) {
        let Report::Finished(_, _, mut finished) = report else { continue };
        if finished.outcome == Outcome::WouldReplace {
            finished.error = None;
            results.would(if finished.old.is_some() { "WouldReplace" } else { "WouldAdd" }, &finished);
        } else {
            results.change(&finished);
        }
    }
}

#[cfg(test)]
mod tests {
    use azs_registration::tenants::{Mapping, Old};

    use super::*;

    #[test]
    fn a_tenant_that_nobody_says_is_not_taken_for_the_new_one() {
        let mapping = Mapping {
            customer_subscription: Some("new".to_owned()),
            tenant: Some("t".to_owned()),
            ..Mapping::default()
        };
        let mut finished = Finished::new(Outcome::WouldReplace, mapping);
        for (old, expected) in [
            (
                "New",
                "customer subscription new is mapped to a tenant that nobody says.\nMap it to tenant t instead?",
            ),
            // One tenant has one mapping: that of the same.
            (
                "old",
                "the usage of tenant t is charged to subscription\nold now. Charge it to new from now on?",
            ),
        ] {
            finished.old = Some(Old { customer_subscription: old.to_owned(), tenant: None });
            let asked = question(&finished);
            assert!(asked.ends_with(expected), "{asked}");
        }
    }
}
