//! Checks of the sources themselves.

use super::End;
use crate::{Fallible, header, tools};

const ONE: End = End::Ran { passed: 1, failed: 0 };

pub(super) fn format(_: &super::Context) -> Fallible<End> {
    if !tools::cargo_has("fmt") {
        return Ok(End::Skipped("no rustfmt".to_owned()));
    }
    tools::run(tools::cargo().args(["fmt", "--all", "--check"]))?;
    tools::run(tools::cargo().args(["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]))?;
    Ok(ONE)
}

pub(super) fn lints(_: &super::Context) -> Fallible<End> {
    if !tools::cargo_has("clippy") {
        return Ok(End::Skipped("no clippy".to_owned()));
    }
    tools::run(tools::cargo().args([
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--",
        "--deny",
        "warnings",
    ]))?;
    Ok(ONE)
}

pub(super) fn header(_: &super::Context) -> Fallible<End> {
    header::check()?;
    Ok(ONE)
}

pub(super) fn deny(_: &super::Context) -> Fallible<End> {
    if !tools::cargo_has("deny") {
        return Ok(End::Skipped("no cargo-deny".to_owned()));
    }
    // It looks at the crates of every platform, which a build here has no need of.
    if !tools::cargo().args(["fetch", "--locked", "--quiet"]).status()?.success() {
        return Ok(End::Skipped("the crates of other platforms cannot be fetched".to_owned()));
    }
    // Advisories need a database from the network: `cargo deny check` has them on a machine that reaches it.
    tools::run(tools::cargo().args([
        "deny",
        "--offline",
        "--log-level",
        "error",
        "check",
        "bans",
        "licenses",
        "sources",
    ]))?;
    Ok(ONE)
}
