//! `azsreg tenant get`.

use azs_registration::operation::Request;
use azs_registration::tenants::Purpose;

use super::Results;
use crate::arguments::GetArguments;
use crate::exit_code::ExitCode;
use crate::failure::Result;
use crate::registration::Registration;
use crate::session::{Connection, Report};

pub(super) fn run(arguments: &GetArguments) -> Result<ExitCode> {
    let registration = Registration::read(&arguments.common.registration)?;
    let targets = registration.targets(&arguments.customers, arguments.tenant_id.as_deref(), Purpose::Get)?;
    let mut session = Connection::new(&arguments.common)?.sign_in(targets.len())?;
    let mut results = Results::new(&arguments.common);
    for (tag, target) in (0..).zip(targets) {
        if !session.submit(tag, Request::Get { target }) {
            results.tally.given_up += 1;
        }
    }
    while let Some(report) = session.next() {
        match report {
            Report::Mapping(_, mapping) => results.output.mapping(&mapping),
            Report::Finished(_, finished) => results.explain(&finished),
        }
    }
    results.end(&session)
}
