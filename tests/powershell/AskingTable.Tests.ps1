# Every combination of what decides whether somebody is asked, as two tables: asking-when.csv says what a command does with
# three items, asking-what.csv what comes of it, answer by answer. A cell with several words stands for each of them, * for all.

BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    Start-Emulator
    Reset-Everything

    $words = [ordered] @{
        Command    = 'Add', 'Move', 'Remove', 'RemoveByTenant'
        Force      = 'no', 'yes'
        Confirm    = 'none', 'true', 'false'
        WhatIf     = 'no', 'yes'
        Preference = 'High', 'Medium', 'Low', 'None'
        Somebody   = 'no', 'yes'
    }
    $when = Import-Csv (Join-Path $PSScriptRoot 'asking-when.csv')
    $what = Import-Csv (Join-Path $PSScriptRoot 'asking-what.csv')

    function Test-Cell([string] $Cell, [string] $Word) { $Cell -eq '*' -or $Cell.Split(' ') -contains $Word }

    # All combinations.
    $combinations = @(@{})
    foreach ($name in $words.Keys) {
        $combinations = foreach ($one in $combinations) { foreach ($word in $words[$name]) { $one + @{ $name = $word } } }
    }
    # The rows that each meets: there is to be one.
    foreach ($one in $combinations) {
        $one.Rows = @($when | Where-Object { $row = $_; -not ($words.Keys | Where-Object { -not (Test-Cell $row.$_ $one[$_]) }) })
    }

    # Three tenants whose usage is charged to one subscription, and may be to another.
    $moves = 1..3 | ForEach-Object { [pscustomobject] @{ Tenant = New-Id; Old = New-Id; New = New-Id } }
    foreach ($move in $moves) { Set-EmulatorTenant $move.Tenant $move.Old, $move.New }

    function Reset-Mapping {
        Invoke-Control DELETE mappings
        $null = Invoke-Control POST mappings @($moves | ForEach-Object { @{ customerSubscriptionId = $_.Old; tenantId = $_.Tenant } })
    }

    $console = New-ScriptedConsole
    $attended = New-ConnectedRunspace -Console $console
    $alone = New-ConnectedRunspace

    # Runs a command line for three items, and says what is not as the table has it.
    function Test-Row($One, $Expected) {
        $parameters = @{}
        if ($One.Force -eq 'yes') { $parameters.Force = $true }
        if ($One.Confirm -ne 'none') { $parameters.Confirm = $One.Confirm -eq 'true' }
        if ($One.WhatIf -eq 'yes') { $parameters.WhatIf = $true }
        $cmdlet, $rows = switch ($One.Command) {
            'Add' { 'New', @(1..3 | ForEach-Object { New-Row (New-Id) }) }
            'Move' { 'New', @($moves | ForEach-Object { New-Row $_.New }) }
            'Remove' { 'Remove', @($moves | ForEach-Object { New-Row $_.Old }) }
            'RemoveByTenant' { 'Remove', @($moves | ForEach-Object { [pscustomobject] @{ TenantId = $_.Tenant } }) }
        }
        $console.Restart($Expected.Answers -ne '', $Expected.Answers.Replace('Enter', ''))
        $runspace = if ($One.Somebody -eq 'yes') { $attended } else { $alone }
        Clear-Journal
        $run = Invoke-InRunspace $runspace {
            param($case)
            $ConfirmPreference = $case.Preference
            $parameters = $case.Parameters
            $case.Rows | & "$($case.Cmdlet)-AzsRegistrationTenant" @parameters
        } @{ Preference = $One.Preference; Parameters = $parameters; Cmdlet = $cmdlet; Rows = $rows }
        $writes = @(Get-JournalWrite).Count
        if ($writes -gt 0) { Reset-Mapping }
        $codes = @($run.Streams.Error | ForEach-Object { $_.FullyQualifiedErrorId.Split(',')[0] })
        $expectedErrors = if ($Expected.Errors) { @($Expected.Errors) * 3 } else { @() }
        $seen = 'questions {0}, changes {1}, errors {2}, warnings {3}' -f $console.Questions.Count, $writes, ($codes -join ' '), $run.Streams.Warning.Count
        $due = 'questions {0}, changes {1}, errors {2}, warnings {3}' -f $Expected.Questions, $Expected.Changes, ($expectedErrors -join ' '), $Expected.Warnings
        $lines = @($console.Lines | Where-Object { $_ -like 'What if:*' })
        $shown = if ($One.WhatIf -eq 'yes' -and $One.Somebody -eq 'yes') { 3 } else { 0 }
        $which = ($words.Keys | ForEach-Object { "$_ $($One[$_])" }) -join ', '
        if ($seen -ne $due) { "${which}, answer '$($Expected.Answers)': $seen; expected: $due. $($run.Streams.Error)" }
        if ($lines.Count -ne $shown) { "${which}: $($lines.Count) lines of -WhatIf; expected: $shown." }
        if ($One.Command -eq 'Move') {
            # Old, new and tenant of each are in what is shown or asked first.
            $said = "$lines" + ($console.Questions | ForEach-Object { $_.Message })
            $items = if ($shown -or $console.Questions.Count -ge 3) { $moves } else { @() }
            foreach ($move in $items) {
                foreach ($id in $move.Old, $move.New, $move.Tenant, $script:Emulator.RegistrationName) {
                    if ($said -notlike "*$id*") { "${which}: $id is not named in: $said" }
                }
            }
        }
    }
}

AfterAll {
    $attended.Dispose()
    $alone.Dispose()
    Stop-Emulator
}

Describe 'The table of what asks' {
    It 'has each combination once' {
        $combinations.Count | Should -Be 384
        $combinations | Where-Object { $_.Rows.Count -ne 1 } | ForEach-Object { $one = $_; ($words.Keys | ForEach-Object { "$_ $($one[$_])" }) -join ', ' } | Should -BeNullOrEmpty
    }

    It 'has no row that no combination meets' {
        $when | Where-Object { $row = $_; -not ($combinations | Where-Object { $_.Rows -contains $row }) } | Should -BeNullOrEmpty
    }

    It 'holds for <_>' -ForEach 'Add', 'Move', 'Remove', 'RemoveByTenant' {
        $command = $_
        Reset-Mapping
        $wrong = foreach ($one in $combinations | Where-Object { $_.Command -eq $command }) {
            $expected = @($what | Where-Object { $_.Does -eq $one.Rows[0].Does -and (Test-Cell $_.Command $one.Command) })
            $expected.Count | Should -BeGreaterThan 0
            foreach ($row in $expected) { Test-Row $one $row }
        }

        ($wrong | Select-Object -First 10) -join "`n" | Should -BeNullOrEmpty
    }
}
