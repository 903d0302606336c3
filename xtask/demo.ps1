# The demo of `cargo xtask demo`: adds two tenants, lists them, removes one, lists again.
param(
    [string] $Module,
    [string] $Emulator,
    [string] $First,
    [string] $Second
)

$ErrorActionPreference = 'Stop'
Import-Module $Module
$there = Get-Content -Raw $Emulator | ConvertFrom-Json

function Show-Step([string] $Line, [scriptblock] $Step) {
    Write-Host "`nPS> $Line" -ForegroundColor Cyan
    & $Step | Out-String -Width 120 | Write-Host
}

$token = ConvertTo-SecureString $there.token -AsPlainText -Force
$connect = @{
    AccessToken                = $token
    ArmEndpoint                = $there.armEndpoint
    AuthorityHost              = $there.authorityHost
    CaCertificatePath          = $there.caFile
    RegistrationSubscriptionId = $there.subscriptionId
    ResourceGroupName          = $there.resourceGroup
    RegistrationName           = $there.registrationName
}
Show-Step 'Connect-AzsRegistrationAccount @connect' { Connect-AzsRegistrationAccount @connect }
Show-Step "New-AzsRegistrationTenant -CustomerSubscriptionId $First" {
    New-AzsRegistrationTenant -CustomerSubscriptionId $First
}
Show-Step "New-AzsRegistrationTenant -CustomerSubscriptionId $Second" {
    New-AzsRegistrationTenant -CustomerSubscriptionId $Second
}
Show-Step 'Get-AzsRegistrationTenant' { Get-AzsRegistrationTenant }
Show-Step "Remove-AzsRegistrationTenant -CustomerSubscriptionId $First -Force -Verbose" {
    Remove-AzsRegistrationTenant -CustomerSubscriptionId $First -Force -Verbose
}
Show-Step 'Get-AzsRegistrationTenant' { Get-AzsRegistrationTenant }
Disconnect-AzsRegistrationAccount
