//! `azsreg tenant remove`: asked before anything is sent.

use std::collections::HashMap;

use azs_registration::operation::Request;
use azs_registration::tenants::{Finished, Mapping, Outcome, Purpose, TargetInput};

use super::{Results, say_dry_run};
use crate::arguments::RemoveArguments;
use crate::ask::{self, Answer};
use crate::ends::{interrupted, not_started};
use crate::exit_code::ExitCode;
use crate::failure::{Failure, Result};
use crate::messages;
use crate::registration::Registration;
use crate::session::{Connection, Report, Session, Tag};

pub(super) fn run(arguments: &RemoveArguments) -> Result<ExitCode> {
    let registration = Registration::read(&arguments.common.registration)?;
    let tenant = arguments.tenant_id.as_deref();
    let targets = if arguments.customers.is_empty() {
        vec![registration.target(None, tenant, Purpose::Remove)?]
    } else {
        registration.targets(&arguments.customers, tenant, Purpose::Remove)?
    };
    let connection = Connection::new(&arguments.common)?.with_audit_log(arguments.audit_log.as_deref());
    let asks = !arguments.force && !arguments.dry_run;
    if asks && !ask::is_possible() {
        return Err(Failure::Unconfirmed(format!(
            "Removing {} needs a confirmation, and nobody can be asked: run it in a terminal, with the token in a file, or \
             with --force. Nothing was sent.",
            subject_of(&targets)?
        )));
    }
    let mut session = connection.sign_in()?;
    let mut results = Results::new(&arguments.common);
    if arguments.dry_run {
        look(targets, &mut session, &mut results);
        say_dry_run();
        return results.end(&session);
    }
    let agreed = if asks { ask_for(targets, &session, &mut results)? } else { targets };
    let mut requests = agreed.into_iter().map(|target| Request::Remove { target });
    while let Some(report) = session.next(&mut requests) {
        let Report::Finished(_, _, finished) = report else { continue };
        results.change(&finished);
        say_where_charged(&finished);
    }
    results.end(&session)
}

fn subject_of(targets: &[TargetInput]) -> Result<String> {
    match targets {
        [target] => Ok(format!("the mapping of {}", messages::subject(&mapping(target)?))),
        targets => Ok(format!("{} mappings", targets.len())),
    }
}

fn mapping(target: &TargetInput) -> Result<Mapping> {
    Ok(target.resolve(None, Purpose::Remove)?.mapping())
}

/// Asks for each of them before the first is sent, so that Ctrl+C at a question leaves everything as it was.
fn ask_for(targets: Vec<TargetInput>, session: &Session, results: &mut Results) -> Result<Vec<TargetInput>> {
    let (mut agreed, mut answer) = (Vec::new(), Answer::No);
    for target in targets {
        let mapping = mapping(&target)?;
        if !matches!(answer, Answer::All | Answer::Interrupted) {
            answer = ask::ask(&question(&mapping), &session.interrupt);
        }
        match answer {
            Answer::Yes | Answer::All => agreed.push(target),
            Answer::No => {
                let kept = not_started(mapping, None);
                results.declined(&kept);
            }
            Answer::Interrupted => results.change(&not_started(mapping, Some(interrupted()))),
        }
    }
    Ok(agreed)
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
fn look(targets: Vec<TargetInput>, session: &mut Session, results: &mut Results) {
    let mut found: HashMap<Tag, Vec<Mapping>> = HashMap::new();
    let mut requests = targets.into_iter().map(|target| {
        let by_tenant =
            matches!(target.resolve(None, Purpose::Remove), Ok(target) if target.customer.is_none());
        if by_tenant { Request::List { target } } else { Request::Get { target } }
    });
    while let Some(report) = session.next(&mut requests) {
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
