# From Ctrl+C to the prompt: a pipeline of adds is stopped, again and again.
#
#   in-flight  as many writes are on their way as the limit allows
#   retry      the service has asked to come again later
#   paced      the service's bucket is empty
#
# How the emulator has to answer is its options': this waits until it has.
param([ValidateSet('in-flight', 'retry', 'paced')] [string] $While, [string] $Module, [string] $Emulator, [int] $AtOnce, [int] $Samples)

. (Join-Path $PSScriptRoot '../powershell/Measured.ps1')
$control = (Get-Content -Raw $Emulator | ConvertFrom-Json).controlEndpoint
$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession
$runspace = [runspacefactory]::CreateRunspace()
$runspace.Open()

function New-Shell([string] $Script, [object[]] $Argument) {
    $shell = [powershell]::Create()
    $shell.Runspace = $runspace
    $null = $shell.AddScript($Script)
    foreach ($one in $Argument) { $null = $shell.AddArgument($one) }
    $shell
}

$measured = Join-Path $PSScriptRoot '../powershell/Measured.ps1'
$connect = '. $args[0]; Connect-Emulator $args[1] $args[2]'
$add = '$limit = $args[0]; $args[1] | New-AzsRegistrationTenant -ThrottleLimit $limit'
$rows = foreach ($number in 0..(4 * $AtOnce - 1)) { [pscustomobject] @{ CustomerSubscriptionId = Get-Customer $number } }
# Received is enough for a write on its way; what the other two wait for follows from an answer.
$answered = ($While -ne 'in-flight').ToString().ToLowerInvariant()
$count = if ($While -eq 'retry') { 1 } else { $AtOnce }

$waits = foreach ($sample in 1..$Samples) {
    $null = Invoke-RestMethod -Method Post "${control}reset" -WebSession $session
    # Anew, for a connection remembers a pause and an empty bucket.
    $null = (New-Shell $connect $measured, $Module, $Emulator).Invoke()
    $shell = New-Shell $add $AtOnce, $rows
    $null = $shell.BeginInvoke()
    $there = Invoke-RestMethod "${control}journal/wait?method=PUT&count=$count&answered=$answered&timeoutMs=30000" -WebSession $session
    if (-not $there.reached) { throw "$count writes were awaited, $($there.count) came." }

    $watch = [Diagnostics.Stopwatch]::StartNew()
    $stop = $shell.BeginStop($null, $null)
    $null = $stop.AsyncWaitHandle.WaitOne()
    $watch.Elapsed.TotalMilliseconds * 1000

    if ($shell.InvocationStateInfo.State -ne 'Stopped') { throw "The pipeline is $($shell.InvocationStateInfo.State)." }
    $shell.Dispose()
}

$sorted = @($waits | Sort-Object)
$figures = [ordered] @{
    samples    = $Samples
    in_flight  = if ($While -eq 'in-flight') { $AtOnce } else { 0 }
    median_us  = $sorted[[Math]::Floor($Samples / 2)]
    p95_us     = $sorted[[Math]::Floor($Samples * 95 / 100)]
    worst_us   = $sorted[-1]
}
$words = foreach ($name in $figures.Keys) { "$name=" + [Convert]::ToString($figures[$name], [cultureinfo]::InvariantCulture) }
[Console]::Out.WriteLine($words -join ' ')
