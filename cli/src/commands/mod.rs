//! The commands, and how all of them report.

mod add;
mod get;
mod list;
mod remove;

use azs_registration::tenants::Finished;

use crate::arguments::{Arguments, Command, CommonArguments, TenantCommand};
use crate::causes::Causes;
use crate::exit_code::{ExitCode, Tally};
use crate::failure::Result;
use crate::messages;
use crate::output::{Output, Shown};
use crate::session::Session;

/// Runs the command of a command line.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Command::Tenant(command) = &arguments.command;
    match command {
        TenantCommand::Add(arguments) => add::run(arguments),
        TenantCommand::List(arguments) => list::run(arguments),
        TenantCommand::Get(arguments) => get::run(arguments),
        TenantCommand::Remove(arguments) => remove::run(arguments),
    }
}

/// The results of a command: written, counted, and explained where they are not what was asked for.
struct Results {
    output: Output,
    tally: Tally,
    causes: Causes,
    /// Whether they are of changes.
    of_changes: bool,
}

impl Results {
    fn new(arguments: &CommonArguments) -> Results {
        Results {
            output: Output::new(arguments.output),
            tally: Tally::default(),
            causes: Causes::default(),
            of_changes: false,
        }
    }

    /// A change that ended.
    fn change(&mut self, finished: &Finished) {
        self.of_changes = true;
        self.output.result(&Shown { outcome: finished.outcome.name(), finished });
        self.explain(finished);
    }

    /// A change that a dry run would try.
    fn would(&mut self, outcome: &str, finished: &Finished) {
        self.output.result(&Shown { outcome, finished });
        self.tally.count_would();
    }

    /// A change that the operator was asked about and did not want.
    fn declined(&mut self, finished: &Finished) {
        self.output.result(&Shown { outcome: finished.outcome.name(), finished });
        self.tally.unconfirmed += 1;
    }

    /// Counts an end, and says why where it is none that was asked for.
    fn explain(&mut self, finished: &Finished) {
        self.tally.count(finished);
        self.causes.say(finished);
    }

    /// Starts nothing more where the results cannot be written: nobody would learn of the changes.
    fn stop_where_unread(&self, session: &mut Session) {
        if self.output.is_closed() && !session.is_cancelled() {
            session.cancel();
        }
    }

    /// Writes what is left, and sums up after an interruption.
    fn end(self, session: &Session) -> Result<ExitCode> {
        let exit = self.tally.exit_code();
        let unread = self.of_changes && self.output.is_closed();
        let written = self.output.end();
        self.causes.end();
        if unread {
            let Tally { done, failed, unknown, not_started, unconfirmed, .. } = self.tally;
            messages::line(format_args!(
                "The results could not be written any more: {done} done, {failed} failed, {unknown} unknown, {} not started.",
                not_started + unconfirmed
            ));
            written?;
            return Ok(if exit == ExitCode::Reached { ExitCode::Failed } else { exit });
        }
        written?;
        if !session.interrupt.pressed() {
            return Ok(exit);
        }
        let Tally { done, failed, unknown, not_started, unconfirmed, given_up, .. } = self.tally;
        if given_up > 0 {
            messages::line("Interrupted: not everything was read.");
            return Ok(ExitCode::Interrupted);
        }
        messages::line(format_args!(
            "Interrupted: {done} done, {failed} failed, {unknown} unknown, {} not started.",
            not_started + unconfirmed
        ));
        if unknown + not_started > 0 {
            messages::line("Run the same command again to go on: what is done is left as it is.");
        }
        Ok(ExitCode::Interrupted)
    }
}

/// Said at the end of every dry run.
fn say_dry_run() {
    messages::line("Nothing was changed (--dry-run).");
}
