//! Pester over the built module, in fresh PowerShell processes: a binary module cannot be unloaded.

use std::process::Command;

use super::counted::{self, number_before};
use super::{Context, End};
use crate::{Fallible, place, tools};

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
    let (mut passed, mut failed) = (0, 0);
    let mut files: Vec<_> = std::fs::read_dir(place::root().join("tests/powershell"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(".Tests.ps1"))
        .collect();
    files.sort();
    for file in files {
        let mut run = Command::new(&pwsh);
        run.current_dir(place::root());
        run.args(["-NoProfile", "-NonInteractive", "-File", "tests/powershell/Invoke-Suite.ps1"]).arg(&file);
        run.env("AZS_TEST_MODULE", place::module().join("Azs.Registration.psd1"));
        run.env("AZS_TEST_EMULATOR", place::program("azs-emulator"));
        run.env("AZS_TEST_AZSREG", place::program("azsreg"));
        if context.full {
            run.env("AZS_TEST_FULL", "1");
        }
        let end = counted::run(&mut run, |line| {
            let result = line.strip_prefix("suite result: ")?;
            Some((number_before(result, "passed")?, number_before(result, "failed")?))
        })?;
        if let End::Ran { passed: more, failed: wrong } = end {
            passed += more;
            failed += wrong;
        }
    }
    Ok(End::Ran { passed, failed })
}
