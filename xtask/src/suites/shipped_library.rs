//! The native library that the module ships: what it exports, what is linked into it, how it was compiled.

use object::{Object, ObjectSymbol};

use super::{Context, End};
use crate::build::library;
use crate::{Fallible, place, tools};

type Check = fn(&[u8]) -> Fallible;

const CHECKS: &[(&str, Check)] = &[
    ("it exports what the header declares, and nothing else", exports),
    ("no aws-lc and no OpenSSL is linked", tls),
    ("link-time optimisation was on", optimised),
];

pub(super) fn check(_: &Context) -> Fallible<End> {
    let library = std::fs::read(place::module_library())?;
    let (mut passed, mut failed) = (0, 0);
    for (claim, check) in CHECKS {
        match check(&library) {
            Ok(()) => {
                eprintln!("ok: {claim}");
                passed += 1;
            }
            Err(why) => {
                eprintln!("FAILED: {claim}: {why}");
                failed += 1;
            }
        }
    }
    eprintln!("size: {} bytes", library.len());
    Ok(End::Ran { passed, failed })
}

fn exports(library: &[u8]) -> Fallible {
    let parsed = object::File::parse(library)?;
    let mut exported: Vec<String> = parsed
        .dynamic_symbols()
        .filter(|symbol| symbol.is_definition() && symbol.is_global())
        .filter_map(|symbol| symbol.name().ok().map(str::to_owned))
        .collect();
    if exported.is_empty() {
        // Mach-O and PE list exports elsewhere.
        for export in parsed.exports()? {
            if let Some(name) = export?.name().name() {
                exported.push(String::from_utf8_lossy(name).trim_start_matches('_').to_owned());
            }
        }
    }
    exported.sort();
    let header = std::fs::read_to_string(place::root().join("include/azs_registration.h"))?;
    let mut declared: Vec<String> = header
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .filter_map(|line| line.split_once('(')?.0.rsplit([' ', '*']).next().map(str::to_owned))
        .filter(|name| name.starts_with("azs_"))
        .collect();
    declared.sort();
    if exported == declared {
        return Ok(());
    }
    let only = |these: &[String], those: &[String]| {
        these.iter().filter(|name| !those.contains(name)).cloned().collect::<Vec<_>>().join(", ")
    };
    let (foreign, missing) = (only(&exported, &declared), only(&declared, &exported));
    Err(format!("exported and not declared: [{foreign}]; declared and not exported: [{missing}]").into())
}

fn tls(library: &[u8]) -> Fallible {
    let shown = tools::cargo()
        .args(["tree", "--package", "azs-registration", "--edges", "normal,build", "--prefix", "none"])
        .output()?;
    if !shown.status.success() {
        return Err("cargo tree failed".into());
    }
    let tree = String::from_utf8(shown.stdout)?;
    for unwanted in ["aws-lc", "openssl ", "openssl-sys ", "native-tls "] {
        if let Some(line) = tree.lines().find(|line| line.starts_with(unwanted)) {
            return Err(format!("{line} is in the dependency tree").into());
        }
    }
    // Assembly and error texts of aws-lc name their sources.
    for trace in ["aws-lc-", "aws_lc_0_", "AWS-LC"] {
        if library.windows(trace.len()).any(|window| window == trace.as_bytes()) {
            return Err(format!("the library contains the text {trace}").into());
        }
    }
    Ok(())
}

fn optimised(_: &[u8]) -> Fallible {
    let call = library::call()?;
    let alone = call.contains("--crate-type cdylib")
        && !call.contains("--crate-type rlib")
        && !call.contains("--crate-type lib");
    let optimised = call.contains("-C lto=fat") || call.contains("-C lto ");
    if alone && optimised { Ok(()) } else { Err(format!("it was compiled with: {call}").into()) }
}
