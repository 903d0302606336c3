//! Finding out what became of a change that ended as unknown.

use super::Report;
use crate::client::Client;
use crate::engine::{Run, cancelled};
use crate::error::{Category, Error};
use crate::tenants::{Finished, Mapping, Outcome, Session};

/// Looks up what became of a change, and notes it in the report. A change that has not ended is waited for: its own end says
/// the most. Where nobody can tell, the end is unknown, and the report stays as it is.
pub(super) async fn resolve(
    client: &Client,
    session: &Session,
    run: &Run,
    report: &Report,
    number: u64,
) -> Finished {
    if !report.has(number) {
        let message = format!("The report has no entry {number}. Nothing was looked up.");
        let error = Error::new(Category::Input, "EntryNotFound", message);
        return Finished::with_error(Outcome::Failed, Mapping::default(), error);
    }
    let mut finished = match run.unless_stopped(report.doubtful(number)).await {
        Ok(Some(doubtful)) => {
            let finished = client.tenants().look_again(session, run, &doubtful).await;
            Finished { entry: number, ..finished }
        }
        Ok(None) => as_it_is(report, number),
        Err(_) => {
            let mapping = report.entry(number).map(|entry| entry.mapping).unwrap_or_default();
            let error = cancelled().preceded_by("The change has not ended.");
            Finished { entry: number, ..Finished::with_error(Outcome::Unknown, mapping, error) }
        }
    };
    finished.audit_missing = report.lacks_line(number);
    if finished.resolved {
        report.resolve(number, &finished);
    }
    finished
}

/// The end of a change that a look can tell no more about.
fn as_it_is(report: &Report, number: u64) -> Finished {
    let ended = report.entry(number).and_then(|entry| entry.finished);
    let Some(mut ended) = ended else {
        // It is in the file of a long report, which cannot be read.
        let error = Error::new(Category::Internal, "ReportNotReadable", "The report cannot be read.");
        return Finished {
            entry: number,
            ..Finished::with_error(Outcome::Unknown, Mapping::default(), error)
        };
    };
    if ended.outcome == Outcome::Unknown && !ended.resolved {
        let sentence = "What was there before the change is not known, so that a look would prove nothing.";
        ended.error = ended.error.map(|error| error.preceded_by(sentence));
    }
    ended.http_requests = 0;
    ended
}
