BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    Start-Emulator

    # How long a wait may last before it counts as one without end. Nothing is measured by it.
    $patience = 30000
}

AfterAll { Stop-Emulator }

Describe 'Ctrl+C' {
    BeforeEach {
        Reset-Everything
        $script:runspace = New-ConnectedRunspace
    }

    AfterEach { $script:runspace.Dispose() }

    Context 'In a long list' {
        It 'ends it, though an answer never comes, and the next command works' {
            Set-EmulatorSwitch @{ pageSize = 10 }
            Add-EmulatorMapping -Count 500
            Add-EmulatorFault @{ method = 'GET'; pathContains = 'skipToken'; from = 3 } @{ kind = 'hang' }
            $run = Start-InRunspace $script:runspace { Get-AzsRegistrationTenant }
            Wait-Journal GET -PathContains 'skipToken' -Count 3

            $stop = $run.Shell.BeginStop($null, $null)

            $stop.AsyncWaitHandle.WaitOne($patience) | Should -BeTrue
            $run.Shell.InvocationStateInfo.State | Should -Be 'Stopped'
            $run.Shell.Streams.Error | Should -BeNullOrEmpty
            Reset-Emulator
            Add-EmulatorMapping -Count 3
            $again = Invoke-InRunspace $script:runspace { Get-AzsRegistrationTenant }
            $again.Streams.Error | Should -BeNullOrEmpty
            $again.Output.Count | Should -Be 3
        }
    }

    Context 'In a batch of changes' {
        It 'starts nothing more, and lets what is in flight take effect' {
            # So many, and so slowly, that they cannot all be done before the stop, however slow this machine is.
            Set-EmulatorSwitch @{ delayMs = 300 }
            $rows = 1..500 | ForEach-Object { New-Row (New-Id) }
            $run = Start-InRunspace $script:runspace { param($rows) $rows | New-AzsRegistrationTenant } $rows
            Wait-Journal PUT -Count 2

            $stop = $run.Shell.BeginStop($null, $null)

            $stop.AsyncWaitHandle.WaitOne($patience) | Should -BeTrue
            $run.Shell.InvocationStateInfo.State | Should -Be 'Stopped'
            # What was in flight is answered, and so was looked at to its end; a PUT after that would come at once.
            Wait-Journal PUT -Count (@(Get-Journal PUT).Count) -Answered
            $sent = @(Get-Journal PUT).Count
            $more = Invoke-Control GET ('journal/wait?method=PUT&count={0}&timeoutMs=700' -f ($sent + 1))
            $more.reached | Should -BeFalse
            $sent | Should -BeLessThan 500
            @(Get-EmulatorMapping).Count | Should -Be $sent
        }

        It 'and the same input again goes on: what is done stays done' {
            Set-EmulatorSwitch @{ delayMs = 50 }
            $rows = 1..10 | ForEach-Object { New-Row (New-Id) }
            $run = Start-InRunspace $script:runspace { param($rows) $rows | New-AzsRegistrationTenant } $rows
            Wait-Journal PUT -Count 2 -Answered
            $run.Shell.Stop()
            Set-EmulatorSwitch @{ delayMs = 0 }
            # What was in flight has ended.
            $null = Wait-Report $script:runspace
            $done = @(Get-EmulatorMapping).Count

            $again = Invoke-InRunspace $script:runspace { param($rows) $rows | New-AzsRegistrationTenant } $rows

            $again.Streams.Error | Should -BeNullOrEmpty
            @($again.Output | Where-Object { $_.Outcome -eq 'Unchanged' }).Count | Should -Be $done
            @($again.Output | Where-Object { $_.Outcome -eq 'Added' }).Count | Should -Be (10 - $done)
            $done | Should -BeGreaterThan 1
        }
    }

    Context 'On a terminal' {
        It 'gives the prompt back, and the session goes on' {
            Set-EmulatorSwitch @{ pageSize = 10 }
            Add-EmulatorMapping -Count 500
            Add-EmulatorFault @{ method = 'GET'; pathContains = 'skipToken'; from = 2 } @{ kind = 'hang' }

            $terminal = Invoke-OnTerminal -Switch '-NoExit' -Script @'
                Remove-Module PSReadLine -ErrorAction SilentlyContinue
                function prompt { 'ready' + '> ' }
                'connected' + '.'
'@ -Step @(
                , @('ready> ', "'first ' + 'page'; Get-AzsRegistrationTenant | ForEach-Object { `$n++; if (`$n -eq 20) { 'twenty ' + 'read' } }`r")
                , @('twenty read', [string] [char] 3)
                , @('ready> ', "'still ' + 'here'; (Get-AzsRegistrationTenant | Select-Object -First 1).RegistrationName`r")
                , @('still here', '')
                , @($script:Emulator.RegistrationName, '')
                , @('ready> ', "exit`r")
            )

            if (-not $terminal) { Set-ItResult -Skipped -Because 'there is no python3 to make a terminal with'; return }
            $terminal.ExitCode | Should -Be 0 -Because $terminal.Output
        }
    }
}

Describe '-ErrorAction Stop' {
    BeforeEach {
        Reset-Everything
        $script:rows = 1..200 | ForEach-Object { New-Row (New-Id) }
        Set-EmulatorSwitch @{ rpErrors = @{ $script:rows[3].CustomerSubscriptionId = @{ code = 'BadCustomerSubscriptionId' } } }
    }

    It 'raises the first error when what was in flight is written, and submits no more, by <How>' -ForEach @(
        @{ How = 'the parameter'; Script = { param($rows) $rows | New-AzsRegistrationTenant -ErrorAction Stop -WarningAction SilentlyContinue } }
        @{ How = '$ErrorActionPreference'; Script = { param($rows) $ErrorActionPreference = 'Stop'; $rows | New-AzsRegistrationTenant -WarningAction SilentlyContinue } }
    ) {
        $results = New-Object Collections.ArrayList

        try { & $Script $script:rows | ForEach-Object { $null = $results.Add($_) } } catch { $raised = $_ }

        $raised.FullyQualifiedErrorId | Should -BeLike 'BadCustomerSubscriptionId,*'
        $raised.TargetObject.Row | Should -Be 4
        $put = @(Get-Journal PUT).Count
        $put | Should -BeLessThan 200
        # Each PUT but the refused one took effect, and each of those was written.
        $results.Count | Should -Be ($put - 1)
        $results.CustomerSubscriptionId | Sort-Object | Should -Be ((Get-EmulatorMapping).customerSubscriptionId | Sort-Object)
    }

    It 'stops at a bad row, with the rows before it done and those after it not' {
        $rows = (New-Row (New-Id)), (New-Row 'nonsense'), (New-Row (New-Id))
        $results = New-Object Collections.ArrayList

        try { $rows | New-AzsRegistrationTenant -ErrorAction Stop -WarningAction SilentlyContinue | ForEach-Object { $null = $results.Add($_) } } catch { $raised = $_ }

        $raised.FullyQualifiedErrorId | Should -BeLike 'GuidNotValid,*'
        $results.CustomerSubscriptionId | Should -Be $rows[0].CustomerSubscriptionId
        (Get-EmulatorMapping).customerSubscriptionId | Should -Be $rows[0].CustomerSubscriptionId
    }

    It 'holds for the rows of an array' {
        $rows = (New-Row 'nonsense'), (New-Row (New-Id)), (New-Row (New-Id))

        $results = try { New-AzsRegistrationTenant -InputObject $rows -ErrorAction Stop -WarningAction SilentlyContinue } catch { $raised = $_ }

        $raised.FullyQualifiedErrorId | Should -BeLike 'GuidNotValid,*'
        $results | Should -BeNullOrEmpty
        Get-JournalWrite | Should -BeNullOrEmpty
    }

    It 'holds for Remove-AzsRegistrationTenant' {
        Add-EmulatorMapping -Count 100
        $all = @(Get-AzsRegistrationTenant)
        # So late that several are submitted before the first refusal is there.
        Set-EmulatorSwitch @{ lock = $true; delayMs = 200 }

        try { $all | Remove-AzsRegistrationTenant -Force -ErrorAction Stop -WarningVariable warnings -WarningAction SilentlyContinue } catch { $raised = $_ }

        $raised.FullyQualifiedErrorId | Should -BeLike 'ScopeLocked,*'
        @(Get-Journal DELETE).Count | Should -BeLessThan 100
        # One error is raised; the others are warnings where something was sent, and counted where nothing was.
        "$warnings" | Should -BeLike '*ScopeLocked: *'
    }

    It 'tells of each later item that may have taken effect' {
        $bad, $mismatch, $named = (New-Id), (New-Id), (New-Id)
        Set-EmulatorSwitch @{ rpErrors = @{ $bad = @{ code = 'InvalidCustomerSubscriptionId' } }; tenantId = 'resolved'; putAnswer = 'ok-body' }
        # The directory does not say whose it is, the service finds out.
        Add-EmulatorFault @{ method = 'GET'; pathContains = "/subscriptions/${mismatch}?" } @{ kind = 'status'; status = 404 }
        $rows = (New-Row $bad), (New-Row $mismatch $named), (New-Row (New-Id))

        # The second one is about a tenant that nobody knows, so it waits for the first: it is known which error is the first.
        try { $rows | New-AzsRegistrationTenant -ThrottleLimit 2 -ErrorAction Stop -WarningVariable warnings -WarningAction SilentlyContinue } catch { $raised = $_ }

        $raised.FullyQualifiedErrorId | Should -BeLike 'InvalidCustomerSubscriptionId,*'
        (Get-EmulatorMapping).customerSubscriptionId | Should -Contain $mismatch
        "$warnings" | Should -BeLike "*TenantMismatch: *$mismatch*"
        "$warnings" | Should -Not -BeLike '*failed or were not started*'
    }

    It 'holds for Get-AzsRegistrationTenant' {
        try { New-Row (New-Id) | Get-AzsRegistrationTenant -ErrorAction Stop } catch { $raised = $_ }

        $raised.FullyQualifiedErrorId | Should -BeLike 'CustomerSubscriptionNotFound,*'
    }
}

Describe 'A pipeline that ends early' {
    BeforeEach {
        Reset-Everything
        $script:moves = 1..4 | ForEach-Object {
            $move = [pscustomobject] @{ Tenant = New-Id; Old = New-Id; New = New-Id }
            Add-EmulatorMapping -Customer $move.Old -Tenant $move.Tenant
            Set-EmulatorTenant $move.Tenant $move.Old, $move.New
            $move
        }
        Set-EmulatorSwitch @{ answerDelayMs = 200 }

        # How many bills have moved, when nothing is in flight any more.
        function Get-MoveCount {
            $null = Invoke-Control GET 'journal/wait?method=PUT&count=2&timeoutMs=700'
            $null = Invoke-Control GET 'state/settled'
            @(Get-EmulatorMapping | Where-Object { $_.customerSubscriptionId -in $script:moves.New }).Count
        }
    }

    It 'by Select-Object -First has moved no bill that is not in the report' {
        $seen = @($script:moves | New-AzsRegistrationTenant -CustomerSubscriptionId { $_.New } -Force -WarningVariable warnings -WarningAction SilentlyContinue | Select-Object -First 1)

        $seen.Count | Should -Be 1
        $warnings.Count | Should -BeGreaterOrEqual 1
        $report = Wait-Report
        $moved = @($report | Where-Object { $_.Outcome -eq 'Replaced' })
        $moved.Count | Should -Be (Get-MoveCount)
        foreach ($entry in $moved) {
            $move = $script:moves | Where-Object { $_.New -eq $entry.CustomerSubscriptionId }
            $entry.OldCustomerSubscriptionId, $entry.OldTenantId | Should -Be $move.Old, $move.Tenant
        }
        @($report).Count | Should -Be 4
    }

    It 'by <How> has written the result of each bill that it moved, and names them all' -ForEach @(
        @{ How = '-WarningAction Stop'; Script = { param($moves) $moves | New-AzsRegistrationTenant -CustomerSubscriptionId { $_.New } -ThrottleLimit 2 -Force -WarningAction Stop } }
        @{ How = '$WarningPreference'; Script = { param($moves) $WarningPreference = 'Stop'; $moves | New-AzsRegistrationTenant -CustomerSubscriptionId { $_.New } -ThrottleLimit 2 -Force } }
    ) {
        $seen = New-Object Collections.ArrayList

        try { & $Script $script:moves 3> $null | ForEach-Object { $null = $seen.Add($_) } } catch { $raised = $_ }

        $count = Get-MoveCount
        # No more than can be on its way at once is submitted.
        $count | Should -BeIn 1, 2
        $seen.Count | Should -Be $count
        foreach ($one in $seen) { "$raised" | Should -BeLike "*$($one.OldCustomerSubscriptionId)*$($one.CustomerSubscriptionId)*" }
    }

    It 'by a warning raises the error of an item that failed, under -ErrorAction Stop' {
        Set-EmulatorSwitch @{ rpErrors = @{ $script:moves[1].New = @{ code = 'BadCustomerSubscriptionId' } } }

        try { $script:moves | New-AzsRegistrationTenant -CustomerSubscriptionId { $_.New } -Force -WarningAction Stop -ErrorAction Stop 3> $null } catch { $raised = $_ }

        $raised.FullyQualifiedErrorId | Should -BeLike 'BadCustomerSubscriptionId,*'
        # With what the warnings would have said.
        foreach ($move in $script:moves[0, 2, 3]) { "$($raised.ErrorDetails)" | Should -BeLike "*$($move.Old)*$($move.New)*" }
    }

    It 'by a neighbour that throws has removed nothing that is not in the report, and starts nothing more' {
        Add-EmulatorMapping -Count 40
        $seen = New-Object Collections.ArrayList

        try {
            Get-AzsRegistrationTenant | Remove-AzsRegistrationTenant -Force -PassThru | ForEach-Object {
                $null = $seen.Add($_)
                if ($seen.Count -eq 2) { throw 'the neighbour' }
            }
        }
        catch { "$_" | Should -Be 'the neighbour' }

        $seen.Count | Should -Be 2
        $report = Wait-Report
        $removed = @($report | Where-Object { $_.Outcome -eq 'Removed' })
        $left = Get-EmulatorMapping
        @($left).Count | Should -Be (44 - $removed.Count)
        $removed.CustomerSubscriptionId | Where-Object { $left.customerSubscriptionId -contains $_ } | Should -BeNullOrEmpty
        $seen.CustomerSubscriptionId | Where-Object { $removed.CustomerSubscriptionId -notcontains $_ } | Should -BeNullOrEmpty
        @($report | Where-Object { $_.Outcome -eq 'NotStarted' }).Count | Should -BeGreaterThan 20
    }

    It 'is none where Remove-AzsRegistrationTenant -PassThru goes on to the end of several pages' {
        Set-EmulatorSwitch @{ pageSize = 10; answerDelayMs = 0 }
        Add-EmulatorMapping -Count 30

        $removed = Get-AzsRegistrationTenant | Remove-AzsRegistrationTenant -Force -PassThru | ForEach-Object { $_ }

        $removed.Count | Should -Be 34
        Get-EmulatorMapping | Should -BeNullOrEmpty
    }
}

Describe '-ErrorAction SilentlyContinue' {
    BeforeEach { Reset-Everything }

    It 'does all other rows, shows nothing, and keeps the errors' {
        $rows = 1..5 | ForEach-Object { New-Row (New-Id) }
        Set-EmulatorSwitch @{ rpErrors = @{
            $rows[1].CustomerSubscriptionId = @{ code = 'BadCustomerSubscriptionId' }
            $rows[3].CustomerSubscriptionId = @{ code = 'InvalidCSPSubscription' }
        } }

        $all = @($rows | New-AzsRegistrationTenant -ErrorAction SilentlyContinue -ErrorVariable errors 2>&1)

        (Get-InOrder $all).CustomerSubscriptionId | Should -Be $rows[0].CustomerSubscriptionId, $rows[2].CustomerSubscriptionId, $rows[4].CustomerSubscriptionId
        (Get-InOrder $errors).TargetObject.Row | Should -Be 2, 4
        $errors.TargetObject.Outcome | Should -Be 'Failed', 'Failed'
    }
}
