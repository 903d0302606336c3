<#
.SYNOPSIS
Runs test files in this process and says in one line what came of it.
.DESCRIPTION
`cargo xtask test powershell` calls it once for each file, in a fresh process: a binary module cannot be unloaded.
What is under test comes from the environment (see Common.ps1), by default from the target folder.
#>
param(
    [Parameter(Mandatory = $true)]
    [string[]] $Path,

    # Only tests whose full name is like this.
    [string] $Filter
)

Import-Module Pester -MinimumVersion 5.5

$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
$configuration.Output.CIFormat = 'None'
if ($Filter) {
    $configuration.Filter.FullName = $Filter
    $configuration.Output.Verbosity = 'Detailed'
}

$run = Invoke-Pester -Configuration $configuration

# A block or a file that could not even be set up counts like a test that failed.
$failed = $run.FailedCount + $run.FailedBlocksCount + $run.FailedContainersCount
foreach ($test in $run.Skipped) {
    $why = ''
    if ($test.ErrorRecord) { $why = ': ' + $test.ErrorRecord[0] }
    Write-Host ('skipped: ' + $test.ExpandedPath + $why) -ForegroundColor Yellow
}
if ($run.PassedCount + $failed + $run.SkippedCount -eq 0) {
    Write-Host "There is no test in $Path."
    $failed = 1
}
Write-Host ('suite result: {0} passed; {1} failed; {2} skipped' -f $run.PassedCount, $failed, $run.SkippedCount)
exit [int]($failed -gt 0)
