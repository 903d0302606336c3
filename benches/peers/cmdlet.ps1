# New-AzsRegistrationTenant, from objects in a pipeline.
param([string] $Module, [string] $Emulator, [int] $Count, [int] $AtOnce)

. (Join-Path $PSScriptRoot '../powershell/Measured.ps1')
Connect-Emulator $Module $Emulator
$rows = foreach ($number in 0..($Count - 1)) { [pscustomobject] @{ CustomerSubscriptionId = Get-Customer $number } }

Measure-Work {
    $results = $rows | New-AzsRegistrationTenant -ThrottleLimit $AtOnce -ErrorAction Continue
    $added = @($results | Where-Object Outcome -eq 'Added').Count
    @{ adds = $Count; failed = $Count - $added }
}
