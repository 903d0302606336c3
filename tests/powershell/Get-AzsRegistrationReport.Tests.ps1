BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    Start-Emulator
}

AfterAll { Stop-Emulator }

Describe 'Get-AzsRegistrationReport' {
    BeforeEach { Reset-Everything }

    It 'is an error where nothing was changed yet' {
        $runspace = New-ConnectedRunspace
        try { $run = Invoke-InRunspace $runspace { Get-AzsRegistrationTenant; Get-AzsRegistrationReport } }
        finally { $runspace.Dispose() }

        $run.Output | Should -BeNullOrEmpty
        $run.Streams.Error.Count | Should -Be 1
        $run.Streams.Error[0].FullyQualifiedErrorId | Should -BeLike 'NoReport,*'
    }

    It 'has each row once, with outcome, mapping, old mapping and error' {
        $tenant, $old, $new = (New-Id), (New-Id), (New-Id)
        Set-EmulatorTenant $tenant $old, $new
        Add-EmulatorMapping -Customer $old -Tenant $tenant
        $added, $there, $refused = (New-Id), (New-Id), (New-Id)
        Add-EmulatorMapping -Customer $there
        Set-EmulatorSwitch @{ rpErrors = @{ $refused = @{ code = 'BadCustomerSubscriptionId' } } }
        $rows = (New-Row $added), (New-Row $there), (New-Row $new), (New-Row $refused), (New-Row 'nonsense'), 42
        $null = $rows | New-AzsRegistrationTenant -ErrorAction SilentlyContinue

        $report = Get-InOrder (Get-AzsRegistrationReport)

        $report.Row | Should -Be 1, 2, 3, 4, 5, 6
        $report.Outcome | Should -Be 'Added', 'Unchanged', 'WouldReplace', 'Failed', 'Failed', 'Failed'
        $report.CustomerSubscriptionId | Should -Be $added, $there, $new, $refused, 'nonsense', $null
        $report.Command | Select-Object -Unique | Should -Be 'New-AzsRegistrationTenant'
        # The error that was written, not what the library ended with: nobody could be asked.
        $report.ErrorCode | Should -Be $null, $null, 'ConfirmationRequired', 'BadCustomerSubscriptionId', 'GuidNotValid', 'RowNotUnderstood'
        $report[2].OldCustomerSubscriptionId, $report[2].OldTenantId | Should -Be $old, $tenant
        $report[3].HttpStatus | Should -Be 400
        $report[3].RequestId | Should -Not -BeNullOrEmpty
        $report[3].CorrelationId | Should -Not -BeNullOrEmpty
        $report[3].RegistrationName | Should -Be $script:Emulator.RegistrationName
    }

    It 'takes a row that was asked about for one' {
        $tenant, $old, $new = (New-Id), (New-Id), (New-Id)
        Set-EmulatorTenant $tenant $old, $new
        Add-EmulatorMapping -Customer $old -Tenant $tenant
        $runspace = New-ConnectedRunspace -Console (New-ScriptedConsole 'Yes')
        try { $run = Invoke-InRunspace $runspace { param($id) $null = New-AzsRegistrationTenant -CustomerSubscriptionId $id; Get-AzsRegistrationReport } $new }
        finally { $runspace.Dispose() }

        @($run.Output).Count | Should -Be 1
        $run.Output[0].Outcome | Should -Be 'Replaced'
        $run.Output[0].OldCustomerSubscriptionId | Should -Be $old
    }

    It 'has what somebody did not agree to, by <What>' -ForEach @(
        @{ What = 'a move'; Script = { param($ids) New-AzsRegistrationTenant -CustomerSubscriptionId $ids[1] }; Outcome = 'WouldReplace'; Code = 'WouldReplace' }
        @{ What = '-Confirm of a fresh one'; Script = { param($ids) New-AzsRegistrationTenant -CustomerSubscriptionId $ids[2] -Confirm }; Outcome = 'NotStarted'; Code = 'Declined' }
        @{ What = '-Confirm of a move'; Script = { param($ids) New-AzsRegistrationTenant -CustomerSubscriptionId $ids[1] -Confirm }; Outcome = 'NotStarted'; Code = 'Declined' }
        @{ What = 'a removal'; Script = { param($ids) Remove-AzsRegistrationTenant -CustomerSubscriptionId $ids[0] }; Outcome = 'NotStarted'; Code = 'Declined' }
        @{ What = 'a removal by tenant'; Script = { param($ids) Remove-AzsRegistrationTenant -TenantId $ids[3] }; Outcome = 'NotStarted'; Code = 'Declined' }
    ) {
        $old, $new, $fresh, $tenant = (New-Id), (New-Id), (New-Id), (New-Id)
        Set-EmulatorTenant $tenant $old, $new
        Add-EmulatorMapping -Customer $old -Tenant $tenant
        $runspace = New-ConnectedRunspace -Console (New-ScriptedConsole 'No')
        try {
            $null = Invoke-InRunspace $runspace $Script @($old, $new, $fresh, $tenant)
            $report = (Invoke-InRunspace $runspace { Get-AzsRegistrationReport }).Output
        }
        finally { $runspace.Dispose() }

        @($report).Count | Should -Be 1
        $report[0].Outcome | Should -Be $Outcome
        $report[0].ErrorCode | Should -Be $Code
        Get-JournalWrite | Should -BeNullOrEmpty
    }

    It 'gives only the outcomes that are asked for, and they can be piped on' {
        $ids = (New-Id), (New-Id), (New-Id)
        Set-EmulatorSwitch @{ rpErrors = @{ $ids[1] = @{ code = 'BadCustomerSubscriptionId'; times = 1 } } }
        $null = $ids | ForEach-Object { New-Row $_ } | New-AzsRegistrationTenant -ErrorAction SilentlyContinue

        # It is read while the next run begins.
        $again = Get-AzsRegistrationReport -Outcome Failed, NotStarted | New-AzsRegistrationTenant

        $again.CustomerSubscriptionId | Should -Be $ids[1]
        $again.Outcome | Should -Be 'Added'
        (Get-AzsRegistrationReport).CustomerSubscriptionId | Should -Be $ids[1]
    }

    It 'counts them with -Summary' {
        $null = (New-Row (New-Id)), (New-Row (New-Id)), (New-Row 'nonsense') | New-AzsRegistrationTenant -ErrorAction SilentlyContinue

        $summary = Get-AzsRegistrationReport -Summary

        $summary.Total, $summary.Added, $summary.Failed, $summary.Pending | Should -Be 3, 2, 1, 0
        $summary.StartedAt | Should -Not -BeNullOrEmpty
    }

    It 'can be read again and again, and inside of itself' {
        $null = 1..3 | ForEach-Object { New-Row (New-Id) } | New-AzsRegistrationTenant

        $nested = Get-AzsRegistrationReport | ForEach-Object { (Get-AzsRegistrationReport | Measure-Object).Count }

        $nested | Should -Be 3, 3, 3
    }

    It 'has all commands of one pipeline, and forgets the one before' {
        $null = New-AzsRegistrationTenant -CustomerSubscriptionId (New-Id)
        $rows = (New-Row (New-Id)), (New-Row 'nonsense'), (New-Row (New-Id))

        $rows | New-AzsRegistrationTenant -ErrorAction SilentlyContinue | Remove-AzsRegistrationTenant -Force

        $report = Get-AzsRegistrationReport
        @($report | Where-Object { $_.Command -eq 'New-AzsRegistrationTenant' }).Outcome | Sort-Object | Should -Be 'Added', 'Added', 'Failed'
        @($report | Where-Object { $_.Command -eq 'Remove-AzsRegistrationTenant' }).Outcome | Should -Be 'Removed', 'Removed'
    }

    It 'outlives -WhatIf, reads and Disconnect-AzsRegistrationAccount' {
        $id = New-Id
        $null = New-AzsRegistrationTenant -CustomerSubscriptionId $id
        New-AzsRegistrationTenant -CustomerSubscriptionId (New-Id) -WhatIf 6> $null
        $null = Get-AzsRegistrationTenant
        Disconnect-AzsRegistrationAccount

        (Get-AzsRegistrationReport).CustomerSubscriptionId | Should -Be $id
    }

    It 'belongs to the runspace' {
        $null = New-AzsRegistrationTenant -CustomerSubscriptionId (New-Id)
        $runspace = New-ConnectedRunspace
        try { $other = Invoke-InRunspace $runspace { Get-AzsRegistrationReport } } finally { $runspace.Dispose() }

        $other.Output | Should -BeNullOrEmpty
        @(Get-AzsRegistrationReport).Count | Should -Be 1
    }
}

Describe 'The report of a run that was interrupted' {
    BeforeEach {
        Reset-Everything
        $script:runspace = New-ConnectedRunspace
    }

    AfterEach { $script:runspace.Dispose() }

    It 'says what is still under way, and tells of it when it has ended' {
        Set-EmulatorSwitch @{ answerDelayMs = 2000 }
        $ids = 1..10 | ForEach-Object { New-Id }
        $run = Start-InRunspace $script:runspace { param($ids) $ids | ForEach-Object { [pscustomobject] @{ CustomerSubscriptionId = $_ } } | New-AzsRegistrationTenant -ThrottleLimit 3 } $ids
        Wait-Journal PUT -Count 3
        $run.Shell.Stop()

        $first = Invoke-InRunspace $script:runspace { Get-AzsRegistrationReport -WarningVariable warnings; Get-AzsRegistrationReport -Summary -WarningAction SilentlyContinue }

        $pending = @($first.Output | Where-Object { $_.Outcome -eq 'Pending' })
        $pending.Count | Should -BeIn 1, 2, 3
        $first.Streams.Warning.Count | Should -Be 1
        "$($first.Streams.Warning)" | Should -BeLike "*$($pending.Count)*under way*"
        @($first.Output)[-1].Pending | Should -BeIn (0..$pending.Count)
        $report = Wait-Report $script:runspace
        $report.Count | Should -Be 10
        @($report | Where-Object { $_.Outcome -eq 'Added' }).CustomerSubscriptionId | Sort-Object |
            Should -Be ((Get-EmulatorMapping).customerSubscriptionId | Sort-Object)
        @($report | Where-Object { $_.Outcome -eq 'NotStarted' }).Count | Should -Be (10 - @(Get-EmulatorMapping).Count)
    }

    It 'is not lost where the next run begins before' {
        Set-EmulatorSwitch @{ answerDelayMs = 2000 }
        $ids = 1..3 | ForEach-Object { New-Id }
        $run = Start-InRunspace $script:runspace { param($ids) $ids | ForEach-Object { [pscustomobject] @{ CustomerSubscriptionId = $_ } } | New-AzsRegistrationTenant } $ids
        Wait-Journal PUT -Count 3
        $run.Shell.Stop()
        Set-EmulatorSwitch @{ answerDelayMs = 0 }
        $next = New-Id

        $null = Invoke-InRunspace $script:runspace { param($id) New-AzsRegistrationTenant -CustomerSubscriptionId $id } $next

        (Wait-Report $script:runspace).CustomerSubscriptionId | Sort-Object | Should -Be ($ids + $next | Sort-Object)
    }

    It 'is not lost where it has ended by then either, until it was shown' {
        Set-EmulatorSwitch @{ answerDelayMs = 1000 }
        $ids = 1..3 | ForEach-Object { New-Id }
        $run = Start-InRunspace $script:runspace { param($ids) $ids | ForEach-Object { [pscustomobject] @{ CustomerSubscriptionId = $_ } } | New-AzsRegistrationTenant } $ids
        Wait-Journal PUT -Count 3
        $run.Shell.Stop()
        Set-EmulatorSwitch @{ answerDelayMs = 0 }
        $add = { param($id) New-AzsRegistrationTenant -CustomerSubscriptionId $id }
        # It waits for the ends, and names no item.
        $summary = (Invoke-InRunspace $script:runspace { Get-AzsRegistrationReport -Resolve -Summary }).Output
        $summary.Added, $summary.Pending | Should -Be 3, 0
        $next, $last = (New-Id), (New-Id)

        $null = Invoke-InRunspace $script:runspace $add $next
        $shown = (Invoke-InRunspace $script:runspace { Get-AzsRegistrationReport }).Output
        $null = Invoke-InRunspace $script:runspace $add $last
        $then = (Invoke-InRunspace $script:runspace { Get-AzsRegistrationReport }).Output

        $shown.CustomerSubscriptionId | Sort-Object | Should -Be ($ids + $next | Sort-Object)
        $then.CustomerSubscriptionId | Should -Be $last
    }

    It 'warns of a bill that it moved, once' {
        $tenant, $old, $new = (New-Id), (New-Id), (New-Id)
        Set-EmulatorTenant $tenant $old, $new
        Add-EmulatorMapping -Customer $old -Tenant $tenant
        Set-EmulatorSwitch @{ answerDelayMs = 1000 }
        $run = Start-InRunspace $script:runspace { param($id) New-AzsRegistrationTenant -CustomerSubscriptionId $id -Force } $new
        Wait-Journal PUT
        $run.Shell.Stop()

        $first = Invoke-InRunspace $script:runspace { Get-AzsRegistrationReport -Resolve }
        $second = Invoke-InRunspace $script:runspace { Get-AzsRegistrationReport }

        $first.Output.Outcome, $second.Output.Outcome | Should -Be 'Replaced', 'Replaced'
        $first.Streams.Warning.Count | Should -Be 1
        "$($first.Streams.Warning)" | Should -BeLike "*$tenant*$old*$new*To charge it to $old again: New-AzsRegistrationTenant*$old*"
        $second.Streams.Warning | Should -BeNullOrEmpty
    }

    It 'has the item that was being asked about' {
        Add-EmulatorMapping -Count 3
        $console = New-ScriptedConsole 'Yes', 'Ctrl+C'
        $asked = New-ConnectedRunspace -Console $console
        try {
            $run = Start-InRunspace $asked { Get-AzsRegistrationTenant | Remove-AzsRegistrationTenant }
            try { $null = $run.Shell.EndInvoke($run.Handle) } catch { $ended = $_ }
            $report = Wait-Report $asked
        }
        finally { $asked.Dispose() }

        $console.Questions.Count | Should -Be 2
        $report.Count | Should -BeGreaterOrEqual 2
        @($report | Where-Object { $_.Outcome -eq 'Removed' }).CustomerSubscriptionId | Should -Be (Get-Journal DELETE | ForEach-Object { $_.path.Split('/')[-1] })
        @($report | Where-Object { $_.Outcome -notin 'Removed', 'NotStarted' }) | Should -BeNullOrEmpty
        @(Get-Journal DELETE).Count | Should -BeLessOrEqual 1
    }
}

Describe 'The report of a run with -Confirm' {
    BeforeEach {
        Reset-Everything
        $script:console = New-ScriptedConsole @()
        $script:asked = New-ConnectedRunspace -Console $script:console
        # Runs a script block that is asked, and gives the report when nothing is under way any more.
        function Get-ReportOf([scriptblock] $Script, $Argument, [string[]] $Answer) {
            foreach ($one in $Answer) { $script:console.Answers.Enqueue($one) }
            $script:run = Start-InRunspace $script:asked $Script $Argument
            try { $null = $script:run.Shell.EndInvoke($script:run.Handle) } catch { $script:ended = $_ }
            Get-InOrder (Wait-Report $script:asked)
        }
    }

    AfterEach { $script:asked.Dispose() }

    It 'has the rows that were looked at when an earlier one failed under -ErrorAction Stop' {
        $rows = (New-Row (New-Id) (New-Id)), (New-Row (New-Id)), (New-Row (New-Id))
        # Its tenant is another one, and that is known when the others were looked at.
        Set-EmulatorTenant (New-Id) $rows[0].CustomerSubscriptionId
        Add-EmulatorFault @{ method = 'GET'; pathContains = "/subscriptions/$($rows[0].CustomerSubscriptionId)?" } @{ kind = 'delay'; ms = 500 }

        $report = Get-ReportOf { param($rows) $rows | New-AzsRegistrationTenant -Confirm -ErrorAction Stop -WarningAction SilentlyContinue } $rows

        $report.Row | Should -Be 1, 2, 3
        $report.Outcome | Should -Be 'TenantMismatch', 'NotStarted', 'NotStarted'
        $report.CustomerSubscriptionId | Should -Be $rows.CustomerSubscriptionId
        Get-JournalWrite | Should -BeNullOrEmpty
    }

    It 'calls fresh rows not started where the question was ended by Ctrl+C' {
        # So late that nobody is asked before all rows are looked at.
        Set-EmulatorSwitch @{ listDelayMs = 500 }
        $rows = (New-Row (New-Id)), (New-Row (New-Id)), (New-Row (New-Id))

        $report = Get-ReportOf { param($rows) $rows | New-AzsRegistrationTenant -Confirm } $rows 'Ctrl+C'

        $report.Row | Should -Be 1, 2, 3
        $report.Outcome | Should -Be 'NotStarted', 'NotStarted', 'NotStarted'
        $report.CustomerSubscriptionId | Should -Be $rows.CustomerSubscriptionId
        Get-JournalWrite | Should -BeNullOrEmpty
    }

    It 'has a row that is there already, and one that was agreed to, once' {
        $there, $new = (New-Id), (New-Id)
        Add-EmulatorMapping -Customer $there

        $report = Get-ReportOf { param($rows) $rows | New-AzsRegistrationTenant -Confirm } ((New-Row $there), (New-Row $new)) 'Yes'

        $report.CustomerSubscriptionId | Should -Be $there, $new
        $report.Outcome | Should -Be 'Unchanged', 'Added'
    }

    It 'names no id that nobody gave, nor does the question about a move' {
        $tenant, $old, $new = (New-Id), (New-Id), (New-Id)
        Set-EmulatorTenant $tenant $old, $new
        Add-EmulatorMapping -Customer $old -Tenant $tenant

        $report = Get-ReportOf { param($id) New-AzsRegistrationTenant -CustomerSubscriptionId $id -Confirm } $new 'Yes', 'No'

        @($report).Count | Should -Be 1
        $report.Outcome, $report.OldCustomerSubscriptionId | Should -Be 'WouldReplace', $old
        $known = $tenant, $old, $new, $script:Emulator.SubscriptionId
        foreach ($text in $script:console.Questions[1].Message, $report.Message, "$($script:run.Streams.Error)") {
            $text | Should -BeLike "*$old*$new*"
            $ids = [regex]::Matches($text, '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}').Value
            $ids | Where-Object { $_ -notin $known -and "/$($script:Emulator.RegistrationName)" -notlike "*$_*" } | Should -BeNullOrEmpty
        }
    }
}

Describe 'Get-AzsRegistrationReport -Resolve' {
    BeforeEach { Reset-Everything }

    It 'looks up what was unknown, and writes nothing to the service' {
        $ids = (New-Id), (New-Id)
        # The connection is cut, and the change lands later than the command has patience.
        Add-EmulatorFault @{ method = 'PUT'; pathContains = $ids[0] } @{ kind = 'resetBeforeEffect'; effectAfterMs = 1500 }
        $null = $ids | ForEach-Object { New-Row $_ } | New-AzsRegistrationTenant -TimeoutSec 1 -ErrorAction SilentlyContinue
        $before = Get-InOrder (Get-AzsRegistrationReport)
        $before.Outcome | Should -Be 'Unknown', 'Added'
        (Invoke-Control GET 'state/settled?timeoutMs=20000').reached | Should -BeTrue
        Clear-Journal

        $after = Get-InOrder (Get-AzsRegistrationReport -Resolve)

        $after.Outcome | Should -Be 'Added', 'Added'
        $after.Resolved | Should -Be $true, $false
        $after.CustomerSubscriptionId | Should -Be $ids
        Get-JournalWrite | Should -BeNullOrEmpty
        # It stays so, and is not asked for again.
        Clear-Journal
        (Get-AzsRegistrationReport -Resolve -Summary).Added | Should -Be 2
        Get-Journal | Should -BeNullOrEmpty
    }

    It 'says of an item why it still is not known, and gives the report all the same' {
        $id = New-Id
        Add-EmulatorFault @{ method = 'PUT' } @{ kind = 'resetBeforeEffect'; effectAfterMs = 20000 }
        $null = New-AzsRegistrationTenant -CustomerSubscriptionId $id -TimeoutSec 1 -ErrorAction SilentlyContinue

        $report = Get-AzsRegistrationReport -Resolve -TimeoutSec 1 -ErrorVariable errors -ErrorAction SilentlyContinue

        $report.Outcome | Should -Be 'Unknown'
        $errors.Count | Should -Be 1
        $errors[0].TargetObject.CustomerSubscriptionId | Should -Be $id
    }

    It 'works after Disconnect- and Connect-AzsRegistrationAccount, and not at another endpoint' {
        $id = New-Id
        Add-EmulatorFault @{ method = 'PUT' } @{ kind = 'resetBeforeEffect'; effectAfterMs = 1500 }
        $null = New-AzsRegistrationTenant -CustomerSubscriptionId $id -TimeoutSec 1 -ErrorAction SilentlyContinue
        (Invoke-Control GET 'state/settled?timeoutMs=20000').reached | Should -BeTrue
        Disconnect-AzsRegistrationAccount
        { Get-AzsRegistrationReport -Resolve -ErrorAction Stop } | Should -Throw '*NotConnected*'
        Connect-Emulator @{ ArmEndpoint = 'https://localhost:1/' }
        $elsewhere = Get-AzsRegistrationReport -Resolve -ErrorVariable errors -ErrorAction SilentlyContinue

        Connect-Emulator
        $after = Get-AzsRegistrationReport -Resolve

        $elsewhere.Outcome | Should -Be 'Unknown'
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'ConnectedElsewhere,*'
        $after.Outcome | Should -Be 'Added'
    }

    It 'shows what was unknown and is known now, where -Outcome asks for Unknown' {
        $id = New-Id
        Add-EmulatorFault @{ method = 'PUT' } @{ kind = 'resetBeforeEffect'; effectAfterMs = 1500 }
        $null = New-AzsRegistrationTenant -CustomerSubscriptionId $id -TimeoutSec 1 -ErrorAction SilentlyContinue
        (Invoke-Control GET 'state/settled?timeoutMs=20000').reached | Should -BeTrue

        (Get-AzsRegistrationReport -Resolve -Outcome Unknown).Outcome | Should -Be 'Added'
        Get-AzsRegistrationReport -Resolve -Outcome Unknown | Should -BeNullOrEmpty
    }

    It 'keeps the report of what was changed where a command after it has nothing to do' {
        $customer = New-Id
        $null = New-AzsRegistrationTenant -CustomerSubscriptionId $customer

        $null = @() | New-AzsRegistrationTenant

        @(Get-AzsRegistrationReport).CustomerSubscriptionId | Should -Be $customer

        $next = New-Id
        $null = New-AzsRegistrationTenant -CustomerSubscriptionId $next

        @(Get-AzsRegistrationReport).CustomerSubscriptionId | Should -Be $next
    }
}
