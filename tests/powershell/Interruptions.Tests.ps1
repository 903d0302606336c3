# Whatever ends a pipeline, and whatever goes wrong on the way: the report says afterwards what the registration holds.

BeforeDiscovery {
    # What goes wrong. Each is met by some of the PUTs; the others go through.
    $faults = @(
        @{ Fault = 'nothing' }
        @{ Fault = 'an answer 503 now and then'; Match = @{ every = 4 }; Action = @{ kind = 'status'; status = 503 } }
        @{ Fault = 'an answer 503 after the effect'; Match = @{ every = 5 }; Action = @{ kind = 'status'; status = 503; afterEffect = $true } }
        @{ Fault = 'an answer 429'; Match = @{ nth = 3 }; Action = @{ kind = 'status'; status = 429; retryAfterSeconds = 1 } }
        @{ Fault = 'a connection cut before the effect'; Match = @{ every = 5 }; Action = @{ kind = 'resetBeforeEffect' } }
        @{ Fault = 'a connection cut after the effect'; Match = @{ every = 4 }; Action = @{ kind = 'resetAfterEffect' } }
        @{ Fault = 'an effect that lands later'; Match = @{ nth = 2 }; Action = @{ kind = 'resetBeforeEffect'; effectAfterMs = 1500 }; TimeoutSec = 1 }
        @{ Fault = 'half of an answer'; Match = @{ every = 4 }; Action = @{ kind = 'truncatedBody' } }
        @{ Fault = 'a page of a proxy'; Match = @{ nth = 3 }; Action = @{ kind = 'nonJsonBody' } }
        @{ Fault = 'a refusal'; Match = @{ every = 3 }; Action = @{ kind = 'status'; status = 400; code = 'BadCustomerSubscriptionId' } }
    )
    # What ends the pipeline, or holds it up.
    $ends = @(
        @{ End = 'Select-Object -First 1'; Pipeline = '$rows | New-AzsRegistrationTenant @by | Select-Object -First 1' }
        @{ End = 'a neighbour that throws'; Pipeline = '$rows | New-AzsRegistrationTenant @by | ForEach-Object { throw 1 }' }
        @{ End = '-ErrorAction Stop'; Pipeline = '$rows[0..9] + @{ CustomerSubscriptionId = 1 } + $rows[10..19] | New-AzsRegistrationTenant @by -ErrorAction Stop' }
        @{ End = 'a blocked upstream'; Pipeline = '$rows | ForEach-Object { if (++$n % 8 -eq 0) { Start-Sleep -Milliseconds 300 }; $_ } | New-AzsRegistrationTenant @by' }
        @{ End = 'a blocked downstream'; Pipeline = '$rows | New-AzsRegistrationTenant @by | ForEach-Object { if (++$n % 8 -eq 0) { Start-Sleep -Milliseconds 300 } }' }
    )
    $all = foreach ($end in $ends) { foreach ($fault in $faults) { $end + $fault } }
    # Without --full each fault meets two ends, and each end four faults.
    $cases = for ($at = 0; $at -lt $all.Count; $at++) {
        $turn = ([Math]::Floor($at / $faults.Count) * 2 + $at) % $ends.Count
        if ($env:AZS_TEST_FULL -or $turn -lt 2) { $all[$at] }
    }
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    Start-Emulator
    $patience = 30000

    function New-Rows([int] $Count) { 1..$Count | ForEach-Object { New-Row (New-Id) } }

    # Everything new, for a runspace that goes on: another client, that remembers nothing.
    function Reset-Runspace($Runspace) {
        Reset-Emulator
        $null = Invoke-InRunspace $Runspace { param($parameters) Connect-AzsRegistrationAccount @parameters } (Get-ConnectParameter)
    }

    # The report and what there is, item by item. Of rows that were never bound the report knows nothing.
    function Assert-ReportIsTrue($Report, $Rows) {
        $settled = Invoke-Control GET 'state/settled?timeoutMs=20000'
        $settled.reached | Should -BeTrue
        $there = @{}
        foreach ($mapping in Get-EmulatorMapping) { $there[$mapping.customerSubscriptionId] = $true }
        $told = @{}
        foreach ($entry in $Report | Where-Object { $_.ErrorCode -ne 'GuidNotValid' }) {
            $id = $entry.CustomerSubscriptionId
            $told.ContainsKey($id) | Should -BeFalse -Because "there is one entry for each item: $id"
            $told[$id] = $true
            switch ($entry.Outcome) {
                { $_ -in 'Added', 'Unchanged' } { $there.ContainsKey($id) | Should -BeTrue -Because "row $($entry.Row) is told as $_" }
                { $_ -in 'Failed', 'NotStarted' } { $there.ContainsKey($id) | Should -BeFalse -Because "row $($entry.Row) is told as $_, $($entry.ErrorCode)" }
                'Unknown' { }
                default { throw "Row $($entry.Row) is told as $_." }
            }
        }
        foreach ($id in $there.Keys) { $told.ContainsKey($id) | Should -BeTrue -Because 'what took effect is in the report' }
        foreach ($id in $told.Keys) { $Rows.CustomerSubscriptionId | Should -Contain $id }
    }
}

AfterAll { Stop-Emulator }

Describe 'After <End> with <Fault>' -ForEach $cases {
    BeforeAll { Reset-Everything }

    It 'the report equals what the registration holds' {
        if ($Action) { Add-EmulatorFault (@{ method = 'PUT' } + $Match) $Action }
        Set-EmulatorSwitch @{ delayMs = 20 }
        $rows = New-Rows 20
        $by = @{ ErrorAction = 'SilentlyContinue'; WarningAction = 'SilentlyContinue'; ThrottleLimit = 4 }
        if ($Pipeline -like '*-ErrorAction Stop*') { $by.Remove('ErrorAction') }
        if ($TimeoutSec) { $by.TimeoutSec = $TimeoutSec }

        try { $null = & ([scriptblock]::Create("param(`$rows, `$by) $Pipeline")) $rows $by } catch { $ended = $_ }

        $report = Wait-Report
        Assert-ReportIsTrue $report $rows
        # What can be in doubt is what was in flight.
        @($report | Where-Object { $_.Outcome -eq 'Unknown' }).Count | Should -BeLessOrEqual 4
        if ($End -like 'a blocked*') { $report.Count | Should -Be 20 }
    }
}

Describe 'Ctrl+C' {
    BeforeAll {
        $script:runspace = New-ConnectedRunspace
        $by = '-ThrottleLimit 3 -ErrorAction SilentlyContinue -WarningAction SilentlyContinue'
        $add = [scriptblock]::Create("param(`$rows) `$rows | New-AzsRegistrationTenant $by")
        $moveAll = [scriptblock]::Create("param(`$rows) `$rows | New-AzsRegistrationTenant $by -Force")
    }

    AfterAll { $script:runspace.Dispose() }

    BeforeEach { Reset-Runspace $script:runspace }

    # One for the registration, one for its list, then a challenge and a PUT for each of 12.
    It 'at the <_>th request leaves a report that equals what the registration holds' -ForEach 1, 2, 3, 5, 8, 11, 14, 18, 22, 25 {
        Set-EmulatorSwitch @{ delayMs = 30 }
        $rows = New-Rows 12
        $run = Start-InRunspace $script:runspace $add $rows
        $there = Invoke-Control GET "journal/wait?count=$_&timeoutMs=20000"
        $there.reached | Should -BeTrue

        $stop = $run.Shell.BeginStop($null, $null)

        $stop.AsyncWaitHandle.WaitOne($patience) | Should -BeTrue
        Assert-ReportIsTrue (Wait-Report $script:runspace) $rows
    }

    It 'gives the prompt back while no answer comes, and what was in flight is unknown in the end' {
        Add-EmulatorFault @{ method = 'PUT'; from = 2 } @{ kind = 'hang'; afterEffect = $true }
        $rows = New-Rows 12
        $run = Start-InRunspace $script:runspace $add $rows
        Wait-Journal PUT -Count 4

        $stop = $run.Shell.BeginStop($null, $null)

        $stop.AsyncWaitHandle.WaitOne($patience) | Should -BeTrue
        @(Get-Journal PUT | Where-Object { $_.status }).Count | Should -Be 1
        $early = (Invoke-InRunspace $script:runspace { Get-AzsRegistrationReport -Summary -WarningAction SilentlyContinue }).Output[0]
        $early.Total | Should -Be 12
        $early.Pending | Should -BeIn 1, 2, 3
        $report = Wait-Report $script:runspace
        Assert-ReportIsTrue $report $rows
        @($report | Where-Object { $_.Outcome -in 'Unknown', 'Added' }).Count | Should -Be @(Get-EmulatorMapping).Count
    }

    It 'gives the prompt back while a change waits to be sent again' {
        # Both that try again wait for an hour: 429 is said to all.
        Add-EmulatorFault @{ method = 'PUT'; from = 2 } @{ kind = 'status'; status = 503; retryAfterSeconds = 3600 }
        $rows = New-Rows 12
        $run = Start-InRunspace $script:runspace $add $rows
        Wait-Journal PUT -Count 2 -Answered

        $stop = $run.Shell.BeginStop($null, $null)

        $stop.AsyncWaitHandle.WaitOne($patience) | Should -BeTrue
        $report = Wait-Report $script:runspace
        Assert-ReportIsTrue $report $rows
        $report.Count | Should -Be 12
    }

    It 'gives the prompt back while the service''s limit of requests is kept to' {
        Set-EmulatorSwitch @{ throttle = @{ writes = @{ capacity = 2; refillPerSecond = 0.001 } } }
        $rows = New-Rows 12
        $run = Start-InRunspace $script:runspace $add $rows
        Wait-Journal PUT -Count 3 -Answered

        $stop = $run.Shell.BeginStop($null, $null)

        $stop.AsyncWaitHandle.WaitOne($patience) | Should -BeTrue
        $report = Wait-Report $script:runspace
        Assert-ReportIsTrue $report $rows
        @($report | Where-Object { $_.Outcome -eq 'Added' }).Count | Should -Be 2
        @($report | Where-Object { $_.Outcome -eq 'NotStarted' }).Count | Should -BeGreaterThan 0
        $report.Count | Should -Be 12
    }

    It 'in the middle of moves tells of each bill whether it moved' {
        Set-EmulatorSwitch @{ delayMs = 50; answerDelayMs = 200 }
        $moves = 1..8 | ForEach-Object {
            $move = [pscustomobject] @{ Tenant = New-Id; Old = New-Id; CustomerSubscriptionId = New-Id }
            Add-EmulatorMapping -Customer $move.Old -Tenant $move.Tenant
            Set-EmulatorTenant $move.Tenant $move.Old, $move.CustomerSubscriptionId
            $move
        }
        $run = Start-InRunspace $script:runspace $moveAll $moves
        Wait-Journal PUT -Count 2

        $run.Shell.Stop()

        $report = Wait-Report $script:runspace
        $null = Invoke-Control GET 'state/settled'
        $charged = @{}
        foreach ($mapping in Get-EmulatorMapping) { $charged[$mapping.tenantId] = $mapping.customerSubscriptionId }
        $report.Count | Should -Be 8
        @($report | Where-Object { $_.Outcome -eq 'Replaced' }).Count | Should -BeGreaterThan 1
        foreach ($one in $moves) {
            $entry = $report | Where-Object { $_.CustomerSubscriptionId -eq $one.CustomerSubscriptionId }
            if ($entry.Outcome -eq 'Replaced') {
                $charged[$one.Tenant] | Should -Be $one.CustomerSubscriptionId
                $entry.OldCustomerSubscriptionId | Should -Be $one.Old
            }
            else {
                $entry.Outcome | Should -Be 'NotStarted'
                $charged[$one.Tenant] | Should -Be $one.Old
            }
        }
    }
}
