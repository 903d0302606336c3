//! The tests that cargo runs.

use super::counted::{self, number_before};
use super::{Context, End};
use crate::{Fallible, tools};

pub(super) fn tests(context: &Context) -> Fallible<End> {
    let mut cargo = tools::cargo();
    cargo.args(["test", "--quiet", "--workspace", "--no-fail-fast"]);
    if context.full {
        cargo.env("AZS_TEST_FULL", "1");
    }
    counted::run(&mut cargo, |line| {
        let result = line.strip_prefix("test result: ")?;
        Some((number_before(result, "passed")?, number_before(result, "failed")?))
    })
}
