//! `azsreg`: the tenants of an Azure Stack Hub registration, for shells and runbooks without PowerShell.
//!
//! All rules are the library's. What is here: options, questions, tables and JSON, exit codes.

mod arguments;
mod ask;
mod causes;
mod commands;
mod ends;
mod environment;
mod exit_code;
mod failure;
mod given;
mod help;
mod input;
mod input_order;
mod interrupt;
mod messages;
mod moved;
mod output;
mod progress;
mod registration;
mod restore;
mod session;
mod sign_in;
mod status_line;
mod token;

use std::process;

use clap::Parser;

use arguments::Arguments;

fn main() -> process::ExitCode {
    let exit = commands::run(&Arguments::parse()).unwrap_or_else(|failure| {
        failure.say();
        failure.exit_code()
    });
    exit.into()
}
