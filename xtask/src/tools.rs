//! The programs that steps call, and what to say where one is missing.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Fallible, place};

/// A program on PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(&file)).find(|candidate| candidate.is_file())
}

/// The .NET SDK: from PATH alone.
pub(crate) fn dotnet() -> Result<PathBuf, String> {
    on_path("dotnet").ok_or_else(|| "no .NET SDK: there is no dotnet on PATH".to_owned())
}

/// PowerShell 7: from PATH, else from where its packages put it.
pub(crate) fn pwsh() -> Result<PathBuf, String> {
    let packaged = [
        "/opt/microsoft/powershell/7/pwsh",
        "/usr/local/microsoft/powershell/7/pwsh",
        r"C:\Program Files\PowerShell\7\pwsh.exe",
    ];
    let found = on_path("pwsh").or_else(|| packaged.iter().map(PathBuf::from).find(|path| path.is_file()));
    found.ok_or_else(|| "no PowerShell: there is no pwsh on PATH or where its package puts it".to_owned())
}

/// The C compiler.
pub(crate) fn cc() -> Result<PathBuf, String> {
    ["cc", "gcc", "clang"]
        .into_iter()
        .find_map(on_path)
        .ok_or_else(|| "no C compiler: there is no cc on PATH".to_owned())
}

/// The cargo that runs this.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(place::root());
    // Build scripts that ask for them would run again each time that cargo is called in another way.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(name.as_ref());
        }
    }
    cargo
}

/// Whether cargo has a subcommand.
pub(crate) fn cargo_has(subcommand: &str) -> bool {
    cargo().args([subcommand, "--version"]).output().is_ok_and(|output| output.status.success())
}

/// Runs a command whose output goes straight to the terminal.
pub(crate) fn run(command: &mut Command) -> Fallible {
    let status = command.status().map_err(|why| format!("{} cannot be started: {why}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{} failed ({status})", shown(command)).into()) }
}

/// A command, for messages.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
