//! `azsreg tenant remove`: asked before anything is sent.

use std::collections::HashMap;

use azs_registration::operation::Request;
use azs_registration::tenants::{Finished, Mapping, Outcome, Purpose};

use super::{Results, say_dry_run};
use crate::arguments::RemoveArguments;
use crate::ask::{self, Answer};
use crate::ends::not_started;
use crate::exit_code::ExitCode;
use crate::failure::{Failure, Result};
use crate::input::{Input, Item};
use crate::messages;
use crate::session::{Connection, Entry, Report, Session, Tag};

pub(super) fn run(arguments: &RemoveArguments) -> Result<ExitCode> {
    let RemoveArguments { customers, rows, tenant_id, common, .. } = arguments;
    let mut input = Input::open(customers, rows, tenant_id.as_deref(), common, Purpose::Remove)?;
    let connection =
        Connection::new(&arguments.common)?.with_audit_log(arguments.audit_log.as_deref(), arguments.dry_run);
    let asks = !arguments.force && !arguments.dry_run && input.size_hint().1 != Some(0);
    if asks && !ask::is_possible() {
        return Err(Failure::Unconfirmed(format!(
            "Removing {} needs a confirmation, and nobody can be asked: run it in a terminal, with the token in a file, or \
             with --force. Nothing was sent.",
            input.subject()
        )));
    }
    let mut session = connection.sign_in()?;
    input.watch(&session.interrupt);
    let mut results = Results::new(&arguments.common);
    if arguments.dry_run {
        look(&mut input, &mut session, &mut results);
        say_dry_run();
    } else {
        let agreed = if asks { ask_for(&mut input, &session, &mut results) } else { Vec::new() };
        let mut entries = agreed.into_iter().chain(input.by_ref()).map(entry);
        while let Some(report) = session.next(&mut entries) {
            let Report::Finished(_, _, finished) = report else { continue };
            results.change(&finished);
            say_where_charged(&finished);
            results.stop_where_unread(&mut session);
        }
    }
    results.tally.left_unread = input.say_what_was_left();
    results.end(&session)
}

fn entry(item: Item) -> Entry {
    match item {
        Item::Target(target) => Entry::Request(Request::Remove { target }),
        Item::Refused(target, end) => Entry::Refused(Request::Remove { target }, end),
        Item::NotYet => Entry::NotYet,
    }
}

/// Asks for each of them before the first is sent, so that Ctrl+C at a question leaves everything as it was. Gives those agreed
/// to up to a yes to all, or to Ctrl+C: what follows is left in the input.
fn ask_for(input: &mut Input, session: &Session, results: &mut Results) -> Vec<Item> {
    let mut agreed = Vec::new();
    for item in input {
        let mapping = match &item {
            Item::Target(target) => target.as_mapping(),
            Item::Refused(..) => {
                agreed.push(item);
                continue;
            }
            Item::NotYet => continue,
        };
        match ask::ask(&question(&mapping), &session.interrupt) {
            Answer::Yes => agreed.push(item),
            Answer::No => results.declined(&not_started(mapping, None)),
            Answer::All | Answer::Interrupted => {
                agreed.push(item);
                break;
            }
        }
    }
    agreed
}

fn question(mapping: &Mapping) -> String {
    let registration = mapping.registration.as_ref();
    let tenant = match (&mapping.customer_subscription, &mapping.tenant) {
        (Some(_), Some(tenant)) => format!(" (tenant {tenant})"),
        _ => String::new(),
    };
    format!(
        "Remove {}{tenant}?\nIts usage will be charged to subscription {} of the registration.",
        messages::subject(mapping),
        registration.map(|of| of.subscription().to_string()).unwrap_or_default(),
    )
}

fn say_where_charged(finished: &Finished) {
    let (Outcome::Removed, Some(registration)) = (finished.outcome, &finished.mapping.registration) else {
        return;
    };
    messages::line(format_args!(
        "Removed from registration '{}': the usage of tenant {} is charged to its subscription {} from now on.",
        registration.name(),
        finished.mapping.tenant.as_deref().unwrap_or("(unknown)"),
        registration.subscription(),
    ));
}

/// Looks up what a removal would meet.
fn look(input: &mut Input, session: &mut Session, results: &mut Results) {
    let mut found: HashMap<Tag, Vec<Mapping>> = HashMap::new();
    let mut entries = input.map(|item| match item {
        Item::Target(target) => {
            let by_tenant =
                matches!(target.resolve(None, Purpose::Remove), Ok(target) if target.customer.is_none());
            Entry::Request(if by_tenant { Request::List { target } } else { Request::Get { target } })
        }
        refused => entry(refused),
    });
    while let Some(report) = session.next(&mut entries) {
        let (tag, mut finished) = match report {
            Report::Mapping(tag, mapping) => {
                found.entry(tag).or_default().push(mapping);
                continue;
            }
            Report::Finished(tag, _, finished) => (tag, finished),
        };
        let missing =
            finished.error.as_ref().is_some_and(|error| error.code() == "CustomerSubscriptionNotFound");
        if missing {
            finished.error = None;
            finished.outcome = Outcome::NotFound;
        }
        match found.remove(&tag).unwrap_or_default() {
            mappings if finished.outcome == Outcome::Read && !mappings.is_empty() => {
                if mappings.len() > 1 {
                    messages::warning(
                        "The tenant has more than one mapping: the removal will be refused without the id of one.",
                    );
                }
                for mapping in mappings {
                    finished.mapping = mapping;
                    results.would("WouldRemove", &finished);
                }
            }
            _ => {
                finished.outcome = match finished.outcome {
                    Outcome::Read => Outcome::NotFound,
                    Outcome::Cancelled => Outcome::NotStarted,
                    other => other,
                };
                results.change(&finished);
            }
        }
    }
}
