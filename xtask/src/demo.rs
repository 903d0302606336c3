//! The demo: the main job end to end, as an operator would see it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::emulator::Emulator;
use crate::{Fallible, build, place, tools};

const PARTNER: &str = "11111111-2222-4333-8444-000000000001";
const CUSTOMER: &str = "11111111-2222-4333-8444-000000000002";

/// Shows the demo: in PowerShell where the module can be built and imported, else with azsreg.
pub(crate) fn show(azsreg: bool) -> Fallible {
    let why_not =
        if azsreg { Some("--azsreg was given".to_owned()) } else { tools::dotnet().and(tools::pwsh()).err() };
    match why_not {
        None => {
            build::everything()?;
            in_powershell(&Emulator::start(&[])?, &tools::pwsh()?)
        }
        Some(why) => {
            eprintln!("The demo runs with azsreg: {why}.\n");
            build::programs()?;
            with_azsreg(&Emulator::start(&[])?)
        }
    }
}

fn in_powershell(emulator: &Emulator, pwsh: &Path) -> Fallible {
    let script = place::root().join("xtask").join("demo.ps1");
    let mut command = Command::new(pwsh);
    command.args(["-NoProfile", "-NonInteractive", "-File"]).arg(script);
    command.arg("-Module").arg(place::module().join("Azs.Registration.psd1"));
    command.arg("-Emulator").arg(emulator.file());
    command.args(["-First", PARTNER, "-Second", CUSTOMER]);
    tools::run(&mut command)
}

fn with_azsreg(emulator: &Emulator) -> Fallible {
    let token = emulator.folder().join("token");
    fs::write(&token, emulator.value("token"))?;
    eprintln!(
        "Registration {} in resource group {}.",
        emulator.value("registrationName"),
        emulator.value("resourceGroup")
    );
    let step = |words: &[&str]| {
        eprintln!("\n> azsreg {}", words.join(" "));
        let mut command = Command::new(place::program("azsreg"));
        command.args(words);
        command.env("AZSREG_SUBSCRIPTION", emulator.value("subscriptionId"));
        command.env("AZSREG_RESOURCE_GROUP", emulator.value("resourceGroup"));
        command.env("AZSREG_REGISTRATION", emulator.value("registrationName"));
        command.env("AZSREG_ACCESS_TOKEN_FILE", &token);
        command.env("AZSREG_ARM_ENDPOINT", emulator.value("armEndpoint"));
        command.env("AZSREG_CA_CERTIFICATE", emulator.value("caFile"));
        tools::run(&mut command)
    };
    step(&["tenant", "add", PARTNER, CUSTOMER])?;
    step(&["tenant", "list"])?;
    step(&["tenant", "remove", PARTNER, "--force"])?;
    step(&["tenant", "list"])
}
