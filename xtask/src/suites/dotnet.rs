//! xunit over the managed half.

use std::process::Command;

use super::counted;
use super::{Context, End};
use crate::{Fallible, place, tools};

pub(super) fn tests(context: &Context) -> Fallible<End> {
    if let Some(why) = &context.without_module {
        return Ok(End::Skipped(why.clone()));
    }
    let mut dotnet = Command::new(tools::dotnet()?);
    dotnet.current_dir(place::root());
    dotnet.args(["test", "tests/dotnet", "--configuration", "Release", "--nologo"]);
    dotnet.arg(format!("-property:Version={}", place::VERSION));
    dotnet.env("AZS_REGISTRATION_LIBRARY_UNDER_TEST", place::module_library());
    counted::run(&mut dotnet, |line| {
        // "Passed!  - Failed:     0, Passed:    12, Skipped:     0, Total: …"
        let after = |word: &str| line.split_once(word)?.1.trim_start().split([',', ' ']).next()?.parse().ok();
        let of_run = line.contains("Failed:") && line.contains("Total:");
        of_run.then(|| Some((after("Passed:")?, after("Failed:")?))).flatten()
    })
}
