# A registration's mappings, counted.
param([string] $Module, [string] $Emulator)

. (Join-Path $PSScriptRoot '../powershell/Measured.ps1')
Connect-Emulator $Module $Emulator

Measure-Work { @{ rows = (Get-AzsRegistrationTenant | Measure-Object).Count } }
