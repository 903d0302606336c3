//! Building: the programs, the native library, and the module around it.

pub(crate) mod library;

use std::fs;

use crate::{Fallible, place, tools};

/// What a build left.
pub(crate) struct Built {
    /// Why the module could not be built, where it could not.
    pub(crate) without_module: Option<String>,
}

/// Builds everything that this machine can build.
pub(crate) fn everything() -> Fallible<Built> {
    built_beside(programs)
}

/// Builds everything, and the tests that cargo runs.
pub(crate) fn everything_and_tests() -> Fallible<Built> {
    built_beside(|| {
        programs()?;
        tools::run(tools::cargo().args(["test", "--quiet", "--workspace", "--no-run"]))
    })
}

/// Builds the native library, whose optimisation keeps one core busy, beside what cargo builds without.
fn built_beside(quick: impl FnOnce() -> Fallible) -> Fallible<Built> {
    let without_module = std::thread::scope(|scope| -> Fallible<Option<String>> {
        let library = scope.spawn(library::build);
        let quick = quick().and_then(|()| managed());
        library.join().map_err(|_| "the build of the native library panicked")??;
        quick
    })?;
    match &without_module {
        None => eprintln!("The module is at {}", shown(&place::module())),
        Some(why) => eprintln!("The native library is built; the module around it is not: {why}."),
    }
    Ok(Built { without_module })
}

/// azsreg and the emulator, quickly built, as the tests and the demo use them.
pub(crate) fn programs() -> Fallible {
    eprintln!("Building azsreg and the emulator; the first time takes some minutes.");
    tools::run(tools::cargo().args(["build", "--package", "azsreg", "--package", "azs-emulator"]))
}

/// The managed half, into the module folder. Says why where there is no .NET SDK.
pub(crate) fn managed() -> Fallible<Option<String>> {
    let dotnet = match tools::dotnet() {
        Ok(dotnet) => dotnet,
        Err(why) => return Ok(Some(why)),
    };
    let module = place::module();
    fs::create_dir_all(&module)?;
    let mut build = std::process::Command::new(dotnet);
    build.current_dir(place::root()).args(["build", "powershell", "--configuration", "Release", "--nologo"]);
    build.args(["--verbosity", "quiet", &format!("-property:Version={}", place::VERSION)]);
    build.arg("--output").arg(&module);
    // Where cargo says what it builds, too: standard output is for what a step finds out.
    build.stdout(std::io::stderr());
    tools::run(&mut build)?;
    // What a build leaves for debugging and for other projects is no part of a module.
    for entry in fs::read_dir(&module)? {
        let path = entry?.path();
        let leftover =
            ["pdb", "json", "xml"].iter().any(|ending| path.extension().is_some_and(|it| it == *ending));
        if leftover && path.is_file() {
            fs::remove_file(path)?;
        }
    }
    Ok(None)
}

/// A path below the repository, without the machine's part.
pub(crate) fn shown(path: &std::path::Path) -> String {
    path.strip_prefix(place::root()).unwrap_or(path).display().to_string()
}
