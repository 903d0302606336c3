# The rows of a file: added, added with the results handed on to another command, or only handed on.
param([ValidateSet('add', 'add-on', 'hand-on')] [string] $Kind, [string] $Csv, [string] $Module, [string] $Emulator, [int] $AtOnce)

. (Join-Path $PSScriptRoot '../powershell/Measured.ps1')
if ($Kind -ne 'hand-on') { Connect-Emulator $Module $Emulator }

Measure-Work {
    $failed = @()
    $how = @{ ThrottleLimit = $AtOnce; ErrorAction = 'SilentlyContinue' }
    # Errors are kept, to be counted; results are not.
    switch ($Kind) {
        'add' { $null = Import-Csv $Csv | New-AzsRegistrationTenant @how -ErrorVariable failed }
        'add-on' { $null = Import-Csv $Csv | New-AzsRegistrationTenant @how -ErrorVariable failed | ForEach-Object { $_ } }
        'hand-on' { $null = Import-Csv $Csv | ForEach-Object { $_ } }
    }
    @{ failed = @($failed).Count }
}
