//! Pester over the built module, in fresh PowerShell processes: a binary module cannot be unloaded.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use super::counted::number_before;
use super::{Context, End};
use crate::{Fallible, place, tools};

/// How many files run at once: they mostly wait.
const AT_ONCE: usize = 2;

pub(super) fn tests(context: &Context) -> Fallible<End> {
    if let Some(why) = &context.without_module {
        return Ok(End::Skipped(why.clone()));
    }
    let pwsh = match tools::pwsh() {
        Ok(pwsh) => pwsh,
        Err(why) => return Ok(End::Skipped(why)),
    };
    let asks = "exit [int]($null -eq (Get-Module -ListAvailable Pester | Where-Object Version -ge '5.5'))";
    let has_pester =
        Command::new(&pwsh).args(["-NoProfile", "-NonInteractive", "-Command", asks]).status()?.success();
    if !has_pester {
        return Ok(End::Skipped("no Pester 5.5 or newer in PowerShell".to_owned()));
    }
    let mut files: Vec<_> = std::fs::read_dir(place::root().join("tests/powershell"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(".Tests.ps1"))
        .collect();
    files.sort();
    let (files, counts) = (Mutex::new(files.into_iter()), Mutex::new((0, 0)));
    std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..AT_ONCE).map(|_| scope.spawn(|| work(&pwsh, context, &files, &counts))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "a worker panicked")?)
    })?;
    let (passed, failed) = *counts.lock().map_err(|_| "a worker panicked")?;
    Ok(End::Ran { passed, failed })
}

/// Runs files, each in a process of its own, until none is left.
fn work(
    pwsh: &Path,
    context: &Context,
    files: &Mutex<std::vec::IntoIter<PathBuf>>,
    counts: &Mutex<(u32, u32)>,
) -> Fallible {
    loop {
        let next = files.lock().map_err(|_| "a worker panicked")?.next();
        let Some(file) = next else { return Ok(()) };
        let mut run = Command::new(pwsh);
        run.current_dir(place::root()).stdin(Stdio::null());
        run.args(["-NoProfile", "-NonInteractive", "-File", "tests/powershell/Invoke-Suite.ps1"]).arg(&file);
        run.env("AZS_TEST_MODULE", place::module().join("Azs.Registration.psd1"));
        run.env("AZS_TEST_EMULATOR", place::program("azs-emulator"));
        run.env("AZS_TEST_AZSREG", place::program("azsreg"));
        if context.full {
            run.env("AZS_TEST_FULL", "1");
        }
        let ran = run.output()?;
        let output = String::from_utf8_lossy(&ran.stdout);
        eprintln!("{output}{}", String::from_utf8_lossy(&ran.stderr));
        let result = output.lines().find_map(|line| {
            let result = line.strip_prefix("suite result: ")?;
            Some((number_before(result, "passed")?, number_before(result, "failed")?))
        });
        let mut counts = counts.lock().map_err(|_| "a worker panicked")?;
        let (passed, failed) = result.unwrap_or_default();
        // A process that fails without saying that a test failed counts as one failure.
        let unsaid = u32::from(failed == 0 && (!ran.status.success() || result.is_none()));
        *counts = (counts.0 + passed, counts.1 + failed + unsaid);
    }
}
