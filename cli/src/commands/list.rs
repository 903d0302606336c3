//! `azsreg tenant list`: written as it is read.

use azs_registration::operation::Request;
use azs_registration::tenants::{Finished, Purpose};

use super::Results;
use crate::arguments::{Format, ListArguments};
use crate::exit_code::ExitCode;
use crate::failure::Result;
use crate::messages;
use crate::registration::Registration;
use crate::session::{Connection, Report};

pub(super) fn run(arguments: &ListArguments) -> Result<ExitCode> {
    let registration = Registration::read(&arguments.common.registration)?;
    let target = registration.target(None, arguments.tenant_id.as_deref(), Purpose::List)?;
    let mut session = Connection::new(&arguments.common)?.sign_in()?;
    let mut results = Results::new(&arguments.common);
    let mut reader_is_gone = false;
    let mut requests = std::iter::once(Request::List { target });
    while let Some(report) = session.next(&mut requests) {
        match report {
            Report::Mapping(_, mapping) => results.output.mapping(&mapping),
            // A list that was given up because nobody reads it did not fail.
            Report::Finished(..) if reader_is_gone => {}
            Report::Finished(_, _, finished) => {
                results.explain(&finished);
                note(arguments, &finished);
            }
        }
        if results.output.is_closed() && !reader_is_gone {
            reader_is_gone = true;
            session.cancel();
        }
    }
    results.end(&session)
}

/// Says of a list without mappings that it is one.
fn note(arguments: &ListArguments, finished: &Finished) {
    if arguments.common.output != Format::Table || !finished.outcome.is_reached() || finished.item_count > 0 {
        return;
    }
    let mapping = &finished.mapping;
    let registration =
        messages::subject(&azs_registration::tenants::Mapping { tenant: None, ..mapping.clone() });
    match &mapping.tenant {
        Some(tenant) => messages::line(format_args!("No mapping of tenant {tenant} in {registration}.")),
        None => messages::line(format_args!("No tenants in {registration}.")),
    }
}
