# Invoke-RestMethod, as scripts use it:
#
#   loop      one after the other, in one web session
#   parallel  ForEach-Object -Parallel over the ids, in one web session
#   shares    ForEach-Object -Parallel over as many equal shares of the ids, a loop in a web session of its own in each
param([ValidateSet('loop', 'parallel', 'shares')] [string] $Kind, [string] $Emulator, [int] $Count, [int] $AtOnce)

. (Join-Path $PSScriptRoot '../powershell/Measured.ps1')
$there = Get-Content -Raw $Emulator | ConvertFrom-Json
$collection = '{0}subscriptions/{1}/resourceGroups/{2}/providers/Microsoft.AzureStack/registrations/{3}/customerSubscriptions' -f
    $there.armEndpoint, $there.subscriptionId, $there.resourceGroup, $there.registrationName
$put = @{
    Method      = 'Put'
    Headers     = @{ Authorization = "Bearer $($there.token)" }
    ContentType = 'application/json'
    Body        = '{}'
}
$ids = foreach ($number in 0..($Count - 1)) { Get-Customer $number }
$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession

Measure-Work {
    $added = switch ($Kind) {
        'loop' {
            foreach ($id in $ids) { Invoke-RestMethod @put -Uri "$collection/${id}?api-version=2017-06-01" -WebSession $session }
        }
        'parallel' {
            $ids | ForEach-Object -ThrottleLimit $AtOnce -Parallel {
                $put = $using:put
                Invoke-RestMethod @put -Uri "$using:collection/${_}?api-version=2017-06-01" -WebSession $using:session
            }
        }
        'shares' {
            $shares = foreach ($share in 0..($AtOnce - 1)) {
                , @(for ($index = $share; $index -lt $Count; $index += $AtOnce) { $ids[$index] })
            }
            $shares | ForEach-Object -ThrottleLimit $AtOnce -Parallel {
                $put = $using:put
                $session = New-Object Microsoft.PowerShell.Commands.WebRequestSession
                foreach ($id in $_) {
                    Invoke-RestMethod @put -Uri "$using:collection/${id}?api-version=2017-06-01" -WebSession $session
                }
            }
        }
    }
    @{ adds = $Count; failed = $Count - @($added).Count }
}
