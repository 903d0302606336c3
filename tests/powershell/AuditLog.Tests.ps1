BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    Start-Emulator

    function Read-Log([string] $Path) { Get-Content -Encoding UTF8 $Path | ForEach-Object { $_ | ConvertFrom-Json } }
}

AfterAll { Stop-Emulator }

Describe '-AuditLog' {
    BeforeEach {
        Reset-Everything
        New-PSDrive -Name Audit -PSProvider FileSystem -Root (New-TestFolder) -Scope Global | Out-Null
    }

    AfterEach { Remove-PSDrive Audit -Scope Global }

    It 'gets a line for each change, in a file that is named as PowerShell names files' {
        $known, $new = (New-Id), (New-Id)
        Add-EmulatorMapping -Customer $known

        $null = (New-Row $known), (New-Row $new) | New-AzsRegistrationTenant -AuditLog Audit:/log.jsonl
        Push-Location Audit:
        try { Remove-AzsRegistrationTenant -CustomerSubscriptionId $new -Force -AuditLog ./log.jsonl } finally { Pop-Location }

        $lines = @(Read-Log Audit:/log.jsonl)
        $lines.operation | Should -Be 'add', 'remove'
        $lines.outcome | Should -Be 'Added', 'Removed'
        $lines[0].row | Should -Be 2
        $lines[0].after.customerSubscriptionId | Should -Be $new
        $lines[1].before.customerSubscriptionId | Should -Be $new
        $lines.registration | Select-Object -Unique | Should -Be $Emulator.RegistrationId
        $lines[0].principal.tid | Should -Be $Emulator.Tenant
        Get-Content -Raw Audit:/log.jsonl | Should -Not -BeLike "*$($Emulator.Token.Split('.')[2])*"
    }

    It 'is on the disk when the result is written' {
        $rows = 1..10 | ForEach-Object { New-Row (New-Id) }

        $missing = $rows | New-AzsRegistrationTenant -AuditLog Audit:/log.jsonl | Where-Object {
            $_.CustomerSubscriptionId -notin (Read-Log Audit:/log.jsonl).after.customerSubscriptionId
        }

        $missing | Should -BeNullOrEmpty
        @(Read-Log Audit:/log.jsonl).Count | Should -Be 10
    }

    It 'makes no file with -WhatIf' {
        New-AzsRegistrationTenant -CustomerSubscriptionId (New-Id) -AuditLog Audit:/log.jsonl -WhatIf

        Test-Path Audit:/log.jsonl | Should -BeFalse
    }

    It 'stops the command before anything is sent where it cannot be opened: <Path>' -ForEach @(
        @{ Path = 'Audit:/no/log.jsonl' }, @{ Path = 'Audit:/' }, @{ Path = 'env:log' }
    ) {
        try { New-AzsRegistrationTenant -CustomerSubscriptionId (New-Id) -AuditLog $Path } catch { $refusal = $_ }

        $refusal.FullyQualifiedErrorId | Should -BeLike 'AuditLogNotWritable*'
        $refusal.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        Get-Journal | Should -BeNullOrEmpty
    }

    It 'stops the batch before the next change where the disk is full' -Skip:(-not (Test-Path /dev/full)) {
        $rows = 1..5 | ForEach-Object { New-Row (New-Id) }

        $results = @($rows | New-AzsRegistrationTenant -AuditLog /dev/full -ThrottleLimit 1 -ErrorVariable errors `
                -ErrorAction SilentlyContinue -WarningVariable warnings -WarningAction SilentlyContinue)

        $results.Outcome | Should -Be 'Added'
        $errors.FullyQualifiedErrorId | Should -BeLike 'AuditLogNotWritable*'
        # The one that was done has no line, and that is an error too.
        $errors.TargetObject.Outcome | Should -Be (@('Added') + @('NotStarted') * 4)
        @(Get-Journal PUT).Count | Should -Be 1
        "$warnings" | Should -BeLike "*/dev/full*$($results.CustomerSubscriptionId)*"
    }

    It 'is an error and not only a warning where the line of <What> is missing, and the report has it' -Skip:(-not (Test-Path /dev/full)) -ForEach @(
        @{ What = 'the only change'; Outcome = 'Added'; Script = { param($id) New-AzsRegistrationTenant -CustomerSubscriptionId $id -AuditLog /dev/full -ErrorVariable script:errors -ErrorAction SilentlyContinue -WarningAction SilentlyContinue } }
        @{ What = 'a removal'; Outcome = 'Removed'; Script = { param($id) Remove-AzsRegistrationTenant -CustomerSubscriptionId $id -Force -PassThru -AuditLog /dev/full -ErrorVariable script:errors -ErrorAction SilentlyContinue -WarningAction SilentlyContinue } }
        @{ What = 'a change under -ErrorAction Stop'; Outcome = 'Added'; Script = { param($id) try { New-AzsRegistrationTenant -CustomerSubscriptionId $id -AuditLog /dev/full -ErrorAction Stop -WarningAction SilentlyContinue } catch { $script:errors = @($_) } } }
    ) {
        $id = New-Id
        if ($Outcome -eq 'Removed') { Add-EmulatorMapping -Customer $id }
        $script:errors = @()

        $result = & $Script $id

        $result.Outcome | Should -Be $Outcome
        $script:errors.Count | Should -Be 1
        $script:errors[0].FullyQualifiedErrorId | Should -BeLike 'AuditLogNotWritable,*'
        $script:errors[0].TargetObject.CustomerSubscriptionId | Should -Be $id
        $script:errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*-AuditLog*'
        $report = Get-AzsRegistrationReport
        $report.Outcome, $report.AuditMissing, $report.ErrorCode | Should -Be $Outcome, $true, 'AuditLogNotWritable'
        # What was done is to be seen as done: whoever pipes the failed ones on does not mean it.
        $report.Message | Should -BeLike '*took effect*no line*'
    }

    It 'is in the report where a line is missing that came after Ctrl+C' -Skip:(-not (Test-Path /dev/full)) {
        Set-EmulatorSwitch @{ answerDelayMs = 1000 }
        $ids = 1..3 | ForEach-Object { New-Id }
        $runspace = New-ConnectedRunspace
        try {
            $run = Start-InRunspace $runspace { param($ids) $ids | New-AzsRegistrationTenant -CustomerSubscriptionId { $_ } -AuditLog /dev/full } $ids
            Wait-Journal PUT -Count 3
            $run.Shell.Stop()
            $report = Wait-Report $runspace
        }
        finally { $runspace.Dispose() }

        $report.Outcome | Should -Be 'Added', 'Added', 'Added'
        $report.AuditMissing | Should -Be $true, $true, $true
        $report.ErrorCode | Select-Object -Unique | Should -Be 'AuditLogNotWritable'
    }
}
