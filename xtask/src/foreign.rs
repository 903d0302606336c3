//! Clients that nobody here wrote: packages of PyPI and of npm, installed below the target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::tools;

/// Written when everything is installed; it names what.
const COMPLETE: &str = "complete";

/// A Python with these packages, in a virtual environment of that folder; or why there is none.
pub(crate) fn python(folder: &Path, packages: &[&str]) -> Result<PathBuf, String> {
    let python = ["python3", "python"].into_iter().find_map(tools::on_path).ok_or("no Python")?;
    let inner = folder.join(if cfg!(windows) { r"Scripts\python.exe" } else { "bin/python" });
    if is_complete(folder, packages) {
        return Ok(inner);
    }
    if !succeeds(Command::new(python).args(["-m", "venv"]).arg(folder)) {
        return Err("Python cannot make a virtual environment".to_owned());
    }
    let mut install = Command::new(&inner);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    complete(folder, packages, succeeds(install.args(packages)), "pip")?;
    Ok(inner)
}

/// Node.js, and the folder where it finds these packages; or why there is none.
pub(crate) fn node(folder: &Path, packages: &[&str]) -> Result<(PathBuf, PathBuf), String> {
    let node = tools::on_path("node").ok_or("no Node.js: there is no node on PATH")?;
    let modules = folder.join("node_modules");
    if is_complete(folder, packages) {
        return Ok((node, modules));
    }
    let npm = tools::on_path("npm").ok_or("no npm on PATH")?;
    fs::create_dir_all(folder).map_err(|why| why.to_string())?;
    let mut install = Command::new(npm);
    install.args(["install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--prefix"]);
    complete(folder, packages, succeeds(install.arg(folder).args(packages)), "npm")?;
    Ok((node, modules))
}

fn is_complete(folder: &Path, packages: &[&str]) -> bool {
    fs::read_to_string(folder.join(COMPLETE)).is_ok_and(|installed| installed == packages.join("\n"))
}

fn complete(folder: &Path, packages: &[&str], installed: bool, installer: &str) -> Result<(), String> {
    if !installed {
        return Err(format!("{installer} cannot install {}", packages.join(" ")));
    }
    fs::write(folder.join(COMPLETE), packages.join("\n")).map_err(|why| why.to_string())
}

fn succeeds(command: &mut Command) -> bool {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
