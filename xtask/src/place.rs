//! Where things are.

use std::env::consts::{ARCH, DLL_PREFIX, DLL_SUFFIX, EXE_SUFFIX, OS};
use std::path::{Path, PathBuf};

/// The product's version, from the root Cargo.toml.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The module folder that PowerShell imports.
pub(crate) fn module() -> PathBuf {
    target().join("module").join("Azs.Registration").join(VERSION)
}

/// The native library in the module: the file that ships, and that the tests load.
pub(crate) fn module_library() -> PathBuf {
    module().join("runtimes").join(rid()).join("native").join(library_file())
}

/// The native library's file name on this system.
pub(crate) fn library_file() -> String {
    format!("{DLL_PREFIX}azs_registration{DLL_SUFFIX}")
}

/// A program of this workspace, as a debug build leaves it.
pub(crate) fn program(name: &str) -> PathBuf {
    target().join("debug").join(format!("{name}{EXE_SUFFIX}"))
}

/// A program of this workspace, as an optimised build leaves it.
pub(crate) fn optimised_program(name: &str) -> PathBuf {
    target().join("release").join(format!("{name}{EXE_SUFFIX}"))
}

/// .NET's name for this system, by which the module keeps native libraries apart.
pub(crate) fn rid() -> String {
    let os = match OS {
        "windows" => "win",
        "macos" => "osx",
        other => other,
    };
    let architecture = match ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{os}-{architecture}")
}
