<#
.SYNOPSIS
Builds, tests and shows Azs.Registration: a thin front of `cargo xtask` for people at home in PowerShell.

.PARAMETER Task
Build leaves an importable module in target/module. Test runs every test that this machine can run. Demo shows the
main job end to end against the emulator.

.PARAMETER Full
With Test: adds the long matrices.

.EXAMPLE
./build.ps1 -Task Build
Import-Module ./target/module/Azs.Registration
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Demo')]
    [string] $Task = 'Build',

    [switch] $Full
)

$ErrorActionPreference = 'Stop'
if (-not (Get-Command cargo -CommandType Application -ErrorAction SilentlyContinue)) {
    throw 'cargo was not found. Install Rust (https://rustup.rs) and open a new session.'
}

$arguments = @('xtask', $Task.ToLowerInvariant())
if ($Full -and $Task -eq 'Test') {
    $arguments += '--full'
}

Push-Location $PSScriptRoot
try {
    & cargo $arguments
    if ($LASTEXITCODE -ne 0) {
        throw "cargo $($arguments -join ' ') ended with exit code $LASTEXITCODE."
    }
}
finally {
    Pop-Location
}
