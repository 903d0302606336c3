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
    let mut session = Connection::new(&arguments.common)?.sign_in()?;
    let mut results = Results::new(&arguments.common);
    let mut requests = targets.into_iter().map(|target| Request::Get { target });
    while let Some(report) = session.next(&mut requests) {
        match report {
            Report::Mapping(_, mapping) => results.output.mapping(&mapping),
            Report::Finished(_, _, finished) => results.explain(&finished),
        }
    }
    results.end(&session)
}
