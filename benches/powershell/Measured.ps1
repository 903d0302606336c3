# What the measured PowerShell programs share: how an emulator is reached, and the line of figures that they print.

$ErrorActionPreference = 'Stop'
# A bar costs each command time, Invoke-RestMethod most of all.
$ProgressPreference = 'SilentlyContinue'

# Imports the module and connects to the emulator of this emulator.json.
function Connect-Emulator([string] $Module, [string] $Emulator) {
    Import-Module $Module
    $there = Get-Content -Raw $Emulator | ConvertFrom-Json
    $connection = @{
        AccessToken                = ConvertTo-SecureString $there.token -AsPlainText -Force
        ArmEndpoint                = $there.armEndpoint
        AuthorityHost              = $there.authorityHost
        CaCertificatePath          = $there.caFile
        RegistrationSubscriptionId = $there.subscriptionId
        ResourceGroupName          = $there.resourceGroup
        RegistrationName           = $there.registrationName
    }
    $null = Connect-AzsRegistrationAccount @connection
}

# A customer subscription by number, as the other programs number them.
function Get-Customer([int] $Number) { 'c0000000-0000-4000-8000-{0:x12}' -f $Number }

# Runs a script block, and says in one line what it took. What it returns is a hashtable of further figures.
#
#   peak_kib    the most memory that the process had resident, and before_kib what it was before the block ran
#   after_kib   what is resident when the block has ended and its garbage is collected, and managed_kib what of it is objects
function Measure-Work([scriptblock] $Work) {
    $process = [Diagnostics.Process]::GetCurrentProcess()
    # What was left by what came before is not collected at its cost.
    [GC]::Collect()
    $process.Refresh()
    $before = $process.PeakWorkingSet64
    $spent = $process.TotalProcessorTime
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $figures = & $Work
    $seconds = $watch.Elapsed.TotalSeconds
    $process.Refresh()
    $figures.seconds = $seconds
    $figures.cpu_seconds = ($process.TotalProcessorTime - $spent).TotalSeconds
    $figures.before_kib = [long] ($before / 1024)
    $figures.peak_kib = [long] ($process.PeakWorkingSet64 / 1024)
    $figures.managed_kib = [long] ([GC]::GetTotalMemory($true) / 1024)
    $process.Refresh()
    $figures.after_kib = [long] ($process.WorkingSet64 / 1024)
    $words = foreach ($name in $figures.Keys) { "$name=" + [Convert]::ToString($figures[$name], [cultureinfo]::InvariantCulture) }
    [Console]::Out.WriteLine($words -join ' ')
}
