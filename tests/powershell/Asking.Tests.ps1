BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    Start-Emulator

    # A tenant whose usage goes to Old, and for which a mapping to New would move the bill.
    function New-Move {
        $move = [pscustomobject] @{ Tenant = New-Id; Old = New-Id; New = New-Id }
        Add-EmulatorMapping -Customer $move.Old -Tenant $move.Tenant
        Set-EmulatorTenant $move.Tenant $move.Old, $move.New
        $move
    }

    # Runs a script block with somebody to ask, who gives these answers.
    function Invoke-Attended([scriptblock] $Script, $Argument, [string[]] $Answer) {
        $console = New-ScriptedConsole $Answer
        $runspace = New-ConnectedRunspace -Console $console
        try {
            $run = Invoke-InRunspace $runspace $Script $Argument
            $run | Add-Member NoteProperty Questions $console.Questions
            $run | Add-Member NoteProperty Events $console.Events
            $run
        }
        finally {
            $runspace.Dispose()
        }
    }

    function Get-Charged($Move) {
        (Get-EmulatorMapping | Where-Object { $_.tenantId -eq $Move.Tenant }).customerSubscriptionId
    }
}

AfterAll { Stop-Emulator }

Describe 'A move of a bill by New-AzsRegistrationTenant' {
    BeforeEach { Reset-Everything }

    Context 'Somebody is there' {
        It 'is asked about, with old, new and the registration; Enter is No, and nothing is sent' {
            $move = New-Move

            $run = Invoke-Attended { param($id) New-AzsRegistrationTenant -CustomerSubscriptionId $id } $move.New ''

            $run.Questions.Count | Should -Be 1
            $run.Questions[0].Default | Should -Be 'No'
            $run.Questions[0].Message | Should -BeLike "*$($script:Emulator.RegistrationName)*$($move.Tenant)*$($move.Old)*$($move.New)*"
            $run.Output | Should -BeNullOrEmpty
            $run.Streams.Error.Count | Should -Be 1
            $run.Streams.Error[0].FullyQualifiedErrorId | Should -BeLike 'WouldReplace,*'
            $run.Streams.Error[0].TargetObject.Outcome | Should -Be 'WouldReplace'
            $run.Streams.Error[0].TargetObject.OldCustomerSubscriptionId | Should -Be $move.Old
            Get-JournalWrite | Should -BeNullOrEmpty
        }

        It 'is made on Yes, without a warning' {
            $move = New-Move

            $run = Invoke-Attended { param($id) New-AzsRegistrationTenant -CustomerSubscriptionId $id } $move.New 'Yes'

            $run.Streams.Error | Should -BeNullOrEmpty
            $run.Streams.Warning | Should -BeNullOrEmpty
            $run.Output[0].Outcome | Should -Be 'Replaced'
            $run.Output[0].OldCustomerSubscriptionId | Should -Be $move.Old
            $run.Output[0].CustomerSubscriptionId | Should -Be $move.New
            Get-Charged $move | Should -Be $move.New
        }

        It 'is asked about once for all on Yes to All' {
            $moves = 1..3 | ForEach-Object { New-Move }

            $run = Invoke-Attended { param($moves) $moves | New-AzsRegistrationTenant -CustomerSubscriptionId { $_.New } } $moves 'Yes to All'

            $run.Questions.Count | Should -Be 1
            $run.Output.Outcome | Should -Be 'Replaced', 'Replaced', 'Replaced'
            $moves | ForEach-Object { Get-Charged $_ | Should -Be $_.New }
        }

        It 'is a warning with old and new for each that Yes to All agreed to unseen' {
            $moves = 1..3 | ForEach-Object { New-Move }

            $run = Invoke-Attended { param($moves) $moves | New-AzsRegistrationTenant -CustomerSubscriptionId { $_.New } } $moves 'Yes to All'

            $run.Streams.Warning.Count | Should -Be 2
            $run.Questions[0].Message | Should -BeLike "*$($moves[0].New)*"
            foreach ($move in $moves[1, 2]) {
                @($run.Streams.Warning | Where-Object { "$_" -like "*$($move.Old)*$($move.New)*" }).Count | Should -Be 1
            }
        }

        It 'is asked about with every subscription that the tenant is listed with' {
            Set-EmulatorSwitch @{ overwritten = 'stays' }
            $tenant, $one, $other, $new = (New-Id), (New-Id), (New-Id), (New-Id)
            Set-EmulatorTenant $tenant $one, $other, $new
            Add-EmulatorMapping -Customer $one -Tenant $tenant
            Add-EmulatorMapping -Customer $other -Tenant $tenant

            $run = Invoke-Attended { param($id) New-AzsRegistrationTenant -CustomerSubscriptionId $id } $new 'No'

            $run.Questions.Count | Should -Be 1
            foreach ($id in $one, $other, $new) { $run.Questions[0].Message | Should -BeLike "*$id*" }
            Get-JournalWrite | Should -BeNullOrEmpty
        }

        It 'is not made for any of the rest on No to All' {
            $moves = 1..3 | ForEach-Object { New-Move }

            $run = Invoke-Attended { param($moves) $moves | New-AzsRegistrationTenant -CustomerSubscriptionId { $_.New } } $moves 'Yes', 'No to All'

            $run.Questions.Count | Should -Be 2
            @($run.Output).Count | Should -Be 1
            $run.Streams.Error.Count | Should -Be 2
            @(Get-Journal PUT).Count | Should -Be 1
        }

        It 'is asked about for each row, and rows that move nothing are not' {
            $moves = 1..2 | ForEach-Object { New-Move }
            $ids = $moves[0].New, (New-Id), $moves[1].New, (New-Id)

            $run = Invoke-Attended { param($ids) $ids | New-AzsRegistrationTenant -CustomerSubscriptionId { $_ } } $ids 'No', 'Yes'

            $run.Questions.Count | Should -Be 2
            $run.Output.Outcome | Sort-Object | Should -Be 'Added', 'Added', 'Replaced'
            foreach ($at in 0, 1) {
                $run.Questions[$at].Message | Should -BeLike "*$($moves[$at].Old)*$($moves[$at].New)*"
                Get-Charged $moves[$at] | Should -Be @($moves[$at].Old, $moves[$at].New)[$at]
            }
        }

        It 'is asked about in the order of the rows, though the first one is looked up last, and nothing waits for that' {
            $moves = 1..3 | ForEach-Object { New-Move }
            $fresh = New-Id
            Add-EmulatorFault @{ method = 'GET'; pathContains = "/subscriptions/$($moves[0].New)?" } @{ kind = 'delay'; ms = 1000 }

            $run = Invoke-Attended { param($ids) $ids | New-AzsRegistrationTenant -CustomerSubscriptionId { $_ } } @($moves[0].New, $fresh, $moves[1].New, $moves[2].New) 'Yes', 'No', 'Yes'

            foreach ($at in 0..2) { $run.Questions[$at].Message | Should -BeLike "*$($moves[$at].Old)*$($moves[$at].New)*" }
            $run.Output[0].CustomerSubscriptionId | Should -Be $fresh
            Get-Charged $moves[0] | Should -Be $moves[0].New
            Get-Charged $moves[1] | Should -Be $moves[1].Old
            Get-Charged $moves[2] | Should -Be $moves[2].New
        }

        It 'is asked about after the progress bar is taken away' {
            $move = New-Move
            Set-EmulatorSwitch @{ listDelayMs = 1500 }

            $run = Invoke-Attended { param($id) New-AzsRegistrationTenant -CustomerSubscriptionId $id } $move.New 'No'

            $run.Events | Should -Contain 'progress'
            $run.Events[$run.Events.IndexOf('question') - 1] | Should -Be 'progress taken away'
        }

        It 'also where the same subscription is to be charged for another tenant' {
            $customer, $before, $after = (New-Id), (New-Id), (New-Id)
            Add-EmulatorMapping -Customer $customer -Tenant $before
            Set-EmulatorTenant $after $customer

            $run = Invoke-Attended { param($row) New-AzsRegistrationTenant @row } @{ CustomerSubscriptionId = $customer; TenantId = $after } 'No'

            $run.Questions.Count | Should -Be 1
            $run.Questions[0].Message | Should -BeLike "*$customer*$before*$after*"
            Get-JournalWrite | Should -BeNullOrEmpty
        }

        It 'is made without a question, with a warning, by <How>' -ForEach @(
            @{ How = '-Force'; Script = { param($id) New-AzsRegistrationTenant -CustomerSubscriptionId $id -Force } }
            @{ How = '-Confirm:$false'; Script = { param($id) New-AzsRegistrationTenant -CustomerSubscriptionId $id -Confirm:$false } }
            @{ How = '$ConfirmPreference'; Script = { param($id) $ConfirmPreference = 'None'; New-AzsRegistrationTenant -CustomerSubscriptionId $id } }
        ) {
            $move = New-Move

            $run = Invoke-Attended $Script $move.New @()

            $run.Questions.Count | Should -Be 0
            $run.Streams.Error | Should -BeNullOrEmpty
            $run.Output[0].Outcome | Should -Be 'Replaced'
            $run.Streams.Warning.Count | Should -Be 1
            Get-Charged $move | Should -Be $move.New
        }

        It 'asks with -Confirm before a fresh one too, and sends nothing on No' {
            $run = Invoke-Attended { param($id) New-AzsRegistrationTenant -CustomerSubscriptionId $id -Confirm } (New-Id) 'No'

            $run.Questions.Count | Should -Be 1
            $run.Output | Should -BeNullOrEmpty
            Get-JournalWrite | Should -BeNullOrEmpty
        }
    }

    Context 'Nobody is there' {
        It 'is refused before anything is sent' {
            $move = New-Move

            $result = New-AzsRegistrationTenant -CustomerSubscriptionId $move.New -ErrorVariable errors -ErrorAction SilentlyContinue

            $result | Should -BeNullOrEmpty
            $errors.Count | Should -Be 1
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'ConfirmationRequired,*'
            $errors[0].Exception.Message | Should -BeLike "*$($move.Old)*$($move.New)*"
            $errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*-Force*'
            $errors[0].TargetObject.CustomerSubscriptionId | Should -Be $move.New
            Get-JournalWrite | Should -BeNullOrEmpty
            Get-Charged $move | Should -Be $move.Old
        }

        It 'leaves the other rows alone' {
            $move = New-Move
            $ids = (New-Id), $move.New, (New-Id)

            $results = $ids | ForEach-Object { New-Row $_ } | New-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue

            (Get-InOrder $results).CustomerSubscriptionId | Should -Be $ids[0], $ids[2]
            $errors.Count | Should -Be 1
            $errors[0].Exception.Message | Should -BeLike '*Row 2*'
            $errors[0].Exception.Message | Should -Not -BeLike '*Row 2*Row 2*'
            $errors[0].TargetObject.Row | Should -Be 2
        }

        It 'is made by <How>, with a warning that has old, new and a command that charges it to the old one again' -ForEach @(
            @{ How = '-Force'; Script = { param($id) New-AzsRegistrationTenant -CustomerSubscriptionId $id -Force -WarningVariable warnings -WarningAction SilentlyContinue; $warnings } }
            @{ How = '-Confirm:$false'; Script = { param($id) New-AzsRegistrationTenant -CustomerSubscriptionId $id -Confirm:$false -WarningVariable warnings -WarningAction SilentlyContinue; $warnings } }
            @{ How = '$ConfirmPreference'; Script = { param($id) $ConfirmPreference = 'None'; New-AzsRegistrationTenant -CustomerSubscriptionId $id -WarningVariable warnings -WarningAction SilentlyContinue; $warnings } }
        ) {
            $move = New-Move

            $result, $warning = & $Script $move.New

            $result.Outcome | Should -Be 'Replaced'
            "$warning" | Should -BeLike "*$($script:Emulator.RegistrationName)*$($move.Tenant)*$($move.Old)*$($move.New)*"
            Get-Charged $move | Should -Be $move.New
            "$warning" -match 'To charge it to \S+ again: (.*)$' | Should -BeTrue
            & ([scriptblock]::Create($Matches[1] + ' -Force -WarningAction SilentlyContinue')) | Out-Null
            Get-Charged $move | Should -Be $move.Old
        }

        It 'is a warning also where a neighbour <What>' -ForEach @(
            @{ What = 'takes the first result and no more'; Neighbour = { Select-Object -First 1 } }
            @{ What = 'throws'; Neighbour = { ForEach-Object { throw 'the neighbour' } } }
        ) {
            $move = New-Move
            $pipeline = [scriptblock]::Create("param(`$id) New-AzsRegistrationTenant -CustomerSubscriptionId `$id -Force -WarningVariable script:warnings -WarningAction SilentlyContinue | $Neighbour")

            try { $null = & $pipeline $move.New } catch { "$_" | Should -Be 'the neighbour' }

            Get-Charged $move | Should -Be $move.New
            "$($script:warnings)" | Should -BeLike "*$($move.Old)*$($move.New)*"
        }

        It 'does not claim to restore what was where the tenant is listed twice' {
            Set-EmulatorSwitch @{ overwritten = 'stays' }
            $tenant, $one, $other, $new = (New-Id), (New-Id), (New-Id), (New-Id)
            Set-EmulatorTenant $tenant $one, $other, $new
            Add-EmulatorMapping -Customer $one -Tenant $tenant
            Add-EmulatorMapping -Customer $other -Tenant $tenant

            $null = New-AzsRegistrationTenant -CustomerSubscriptionId $new -Force -WarningVariable warnings -WarningAction SilentlyContinue

            $warnings.Count | Should -Be 1
            "$warnings" | Should -BeLike '*was listed*again: New-AzsRegistrationTenant*'
            "$warnings" | Should -Not -BeLike '*restore*'
        }

        It 'sends nothing with -Force -WhatIf' {
            $move = New-Move

            New-AzsRegistrationTenant -CustomerSubscriptionId $move.New -Force -WhatIf | Should -BeNullOrEmpty

            Get-JournalWrite | Should -BeNullOrEmpty
        }

        It 'is a warning too where only the answer shows what was replaced' {
            # The directory does not say whose the new subscription is, the service finds out.
            $move = New-Move
            Add-EmulatorFault @{ method = 'GET'; pathContains = "/subscriptions/$($move.New)?" } @{ kind = 'status'; status = 404 }

            $result = New-AzsRegistrationTenant -CustomerSubscriptionId $move.New -WarningVariable warnings -WarningAction SilentlyContinue

            $result.Outcome | Should -Be 'Replaced'
            $warnings.Count | Should -Be 1
            "$warnings" | Should -BeLike "*$($move.Old)*$($move.New)*To charge it to $($move.Old) again: New-AzsRegistrationTenant*$($move.Old)*"
        }

        It 'is a warning beside the error where the service found another tenant than the one named, and moved that one''s bill' {
            $move, $named = (New-Move), (New-Id)
            Set-EmulatorSwitch @{ tenantId = 'resolved'; putAnswer = 'ok-body' }
            Add-EmulatorFault @{ method = 'GET'; pathContains = "/subscriptions/$($move.New)?" } @{ kind = 'status'; status = 404 }

            $result = New-AzsRegistrationTenant -CustomerSubscriptionId $move.New -TenantId $named -ErrorVariable errors -ErrorAction SilentlyContinue -WarningVariable warnings -WarningAction SilentlyContinue

            $result | Should -BeNullOrEmpty
            $errors.Count | Should -Be 1
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'TenantMismatch,*'
            $warnings.Count | Should -Be 1
            "$warnings" | Should -BeLike "*$($move.Tenant)*$($move.Old)*$($move.New)*To charge it to $($move.Old) again: New-AzsRegistrationTenant*$($move.Old)*"
        }

        It 'is a warning where nobody can tell whether it was made, and once more when that is found out' {
            $move = New-Move
            # The connection is cut, and the change lands later than the command has patience.
            Add-EmulatorFault @{ method = 'PUT' } @{ kind = 'resetBeforeEffect'; effectAfterMs = 1500 }

            $null = New-AzsRegistrationTenant -CustomerSubscriptionId $move.New -Force -TimeoutSec 1 -ErrorVariable errors -ErrorAction SilentlyContinue -WarningVariable warnings -WarningAction SilentlyContinue
            (Invoke-Control GET 'state/settled?timeoutMs=20000').reached | Should -BeTrue
            $after = Get-AzsRegistrationReport -Resolve -WarningVariable later -WarningAction SilentlyContinue
            $null = Get-AzsRegistrationReport -Resolve -WarningVariable last -WarningAction SilentlyContinue

            $errors.TargetObject.Outcome | Should -Be 'Unknown'
            $after.Outcome | Should -Be 'Replaced'
            $warnings.Count | Should -Be 1
            "$warnings" | Should -BeLike "*$($move.Tenant)*$($move.Old)*may be charged to $($move.New)*To charge it to $($move.Old) again: New-AzsRegistrationTenant*$($move.Old)*"
            $later.Count | Should -Be 1
            "$later" | Should -BeLike "*$($move.Tenant)*$($move.Old)*is charged to $($move.New)*To charge it to $($move.Old) again: New-AzsRegistrationTenant*$($move.Old)*"
            $last | Should -BeNullOrEmpty
        }

        It 'refuses a fresh one with -Confirm, and sends nothing' {
            $null = New-AzsRegistrationTenant -CustomerSubscriptionId (New-Id) -Confirm -ErrorVariable errors -ErrorAction SilentlyContinue

            $errors.Count | Should -Be 1
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'ConfirmationRequired,*'
            $errors[0].ErrorDetails.RecommendedAction | Should -Be 'Leave -Confirm out.'
            Get-JournalWrite | Should -BeNullOrEmpty
        }

        It 'says what to do where it is $ConfirmPreference that asks: <_>' -ForEach 'Low', 'Medium' {
            $ConfirmPreference = $_

            $null = New-AzsRegistrationTenant -CustomerSubscriptionId (New-Id) -Force -ErrorVariable errors -ErrorAction SilentlyContinue

            $errors[0].FullyQualifiedErrorId | Should -BeLike 'ConfirmationRequired,*'
            $errors[0].ErrorDetails.RecommendedAction | Should -BeLike "*ConfirmPreference is $_*-Confirm:`$false*"
            Get-JournalWrite | Should -BeNullOrEmpty
        }
    }
}

Describe 'Remove-AzsRegistrationTenant asks' {
    BeforeEach {
        Reset-Everything
        $script:mapped = New-Move
    }

    Context 'Somebody is there' {
        It 'about the mapping, and says whom the usage is charged to then; Enter is No, and nothing is removed' {
            $run = Invoke-Attended { param($id) Remove-AzsRegistrationTenant -CustomerSubscriptionId $id -PassThru } $script:mapped.Old ''

            $run.Questions.Count | Should -Be 1
            $run.Questions[0].Default | Should -Be 'No'
            $run.Questions[0].Message | Should -BeLike "*$($script:mapped.Old)*$($script:Emulator.RegistrationName)*charged to*$($script:Emulator.SubscriptionId)*"
            $run.Output | Should -BeNullOrEmpty
            Get-JournalWrite | Should -BeNullOrEmpty
        }

        It 'and removes on Yes' {
            $run = Invoke-Attended { param($id) Remove-AzsRegistrationTenant -CustomerSubscriptionId $id } $script:mapped.Old 'Yes'

            $run.Streams.Error | Should -BeNullOrEmpty
            Get-Charged $script:mapped | Should -BeNullOrEmpty
        }

        It 'once for all on Yes to All' {
            Add-EmulatorMapping -Count 3

            $run = Invoke-Attended { Get-AzsRegistrationTenant | Remove-AzsRegistrationTenant } $null 'No', 'Yes to All'

            $run.Questions.Count | Should -Be 2
            Get-EmulatorMapping | ForEach-Object { $_.customerSubscriptionId } | Should -Be $script:mapped.Old
        }

        It 'with the mapping that was found where the tenant alone is named' {
            $run = Invoke-Attended { param($id) Remove-AzsRegistrationTenant -TenantId $id } $script:mapped.Tenant 'Yes'

            $run.Questions[0].Message | Should -BeLike "*$($script:mapped.Tenant)*$($script:mapped.Old)*"
            Get-Charged $script:mapped | Should -BeNullOrEmpty
        }

        It 'not, with <How>' -ForEach @(
            @{ How = '-Force'; Script = { param($id) Remove-AzsRegistrationTenant -CustomerSubscriptionId $id -Force } }
            @{ How = '-Confirm:$false'; Script = { param($id) Remove-AzsRegistrationTenant -CustomerSubscriptionId $id -Confirm:$false } }
            @{ How = '$ConfirmPreference'; Script = { param($id) $ConfirmPreference = 'None'; Remove-AzsRegistrationTenant -CustomerSubscriptionId $id } }
        ) {
            $run = Invoke-Attended $Script $script:mapped.Old @()

            $run.Questions.Count | Should -Be 0
            $run.Streams.Error | Should -BeNullOrEmpty
            Get-Charged $script:mapped | Should -BeNullOrEmpty
        }
    }

    Context 'Nobody is there' {
        It 'in vain, and is refused before anything is sent, by <Name>' -ForEach @{ Name = 'CustomerSubscriptionId' }, @{ Name = 'TenantId' } {
            $parameters = @{ $Name = @{ CustomerSubscriptionId = $script:mapped.Old; TenantId = $script:mapped.Tenant }[$Name] }

            $result = Remove-AzsRegistrationTenant @parameters -PassThru -ErrorVariable errors -ErrorAction SilentlyContinue

            $result | Should -BeNullOrEmpty
            $errors.Count | Should -Be 1
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'ConfirmationRequired,*'
            $errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*-Force*'
            $errors[0].TargetObject.Outcome | Should -Be 'NotStarted'
            Get-JournalWrite | Should -BeNullOrEmpty
        }
    }
}

Describe 'A PowerShell whose input is <What>' -ForEach @(
    @{ What = 'closed'; Parameters = @{} }
    @{ What = 'closed, with -NonInteractive'; Parameters = @{ NonInteractive = $true } }
    @{ What = 'a pipe that stays silent'; Parameters = @{ LeaveInputOpen = $true } }
    @{ What = 'a text that would answer'; Parameters = @{ InputText = "y`ny`ny`ny`n" } }
) {
    BeforeAll {
        Reset-Everything
        # What is said of a move or a removal, and what becomes of it. All of it in one process.
        $table = @'
Command,Said,Changes
Move,,no
Remove,,no
RemoveByTenant,,no
Add,,yes
Add,-Confirm,no
Move,-Confirm,no
Move,-Force -Confirm,no
Move,-WhatIf,no
Move,-Force -WhatIf,no
Remove,-Force -WhatIf,no
Move,-Force,yes
Remove,-Force,yes
RemoveByTenant,-Confirm:$false,yes
'@ | ConvertFrom-Csv
        foreach ($row in $table) {
            $row | Add-Member NoteProperty Move (New-Move)
            $line = switch ($row.Command) {
                'Add' { "New-AzsRegistrationTenant -CustomerSubscriptionId $($row.Move.New)" }
                'Move' { "New-AzsRegistrationTenant -CustomerSubscriptionId $($row.Move.New)" }
                'Remove' { "Remove-AzsRegistrationTenant -CustomerSubscriptionId $($row.Move.Old)" }
                'RemoveByTenant' { "Remove-AzsRegistrationTenant -TenantId $($row.Move.Tenant)" }
            }
            $row | Add-Member NoteProperty Line ("`$null = $line $($row.Said) -ErrorVariable errors -ErrorAction SilentlyContinue -WarningAction SilentlyContinue 6> `$null; " +
                "'[' + `$errors.FullyQualifiedErrorId + ']'")
            # A fresh one: its tenant has no mapping.
            if ($row.Command -eq 'Add') { Set-EmulatorTenant (New-Id) $row.Move.New }
        }
        $child = Invoke-Pwsh @Parameters -Script ($table.Line -join "`n")
        $codes = @($child.Output -split '\r?\n' | Where-Object { $_ -like '`[*`]' })
    }

    It 'ends, without a question' {
        $child.Ended | Should -BeTrue
        $codes.Count | Should -Be $table.Count -Because ($child.Output + $child.Error)
    }

    It 'changes what was agreed to beforehand and nothing else, and says that nobody could be asked' {
        $changed = @(Get-JournalWrite)
        $wrong = for ($at = 0; $at -lt $table.Count; $at++) {
            $row = $table[$at]
            $ids = if ($row.Command -like 'Remove*') { $row.Move.Old } else { $row.Move.New }
            $writes = @($changed | Where-Object { $_.path -like "*$ids" }).Count
            $refused = $codes[$at] -like '*ConfirmationRequired*'
            $due = $row.Changes -eq 'yes'
            if ($writes -ne [int] $due) { "$($row.Command) $($row.Said): $writes writes" }
            if ($refused -eq ($due -or $row.Said -like '*-WhatIf*')) { "$($row.Command) $($row.Said): $($codes[$at])" }
        }
        $wrong -join "`n" | Should -BeNullOrEmpty
    }
}

Describe 'A PowerShell on a terminal' {
    BeforeAll {
        Reset-Everything
        $moves = 1..5 | ForEach-Object { New-Move }
        $terminal = Invoke-OnTerminal -Script @"
            `$by = @{ ErrorAction = 'SilentlyContinue'; WarningAction = 'SilentlyContinue' }
            `$null = New-AzsRegistrationTenant -CustomerSubscriptionId $($moves[0].New) @by
            'after the first'
            `$null = New-AzsRegistrationTenant -CustomerSubscriptionId $($moves[1].New) @by
            'after the second'
            `$null = '$($moves[2].New)', '$($moves[3].New)', '$($moves[4].New)' | New-AzsRegistrationTenant -CustomerSubscriptionId { `$_ } @by
            'after the third'
            `$null = Remove-AzsRegistrationTenant -CustomerSubscriptionId $($moves[0].Old) @by
            'after the fourth'
"@ -Step @(
            , @('(default is "N"):', "`r")
            , @('after the first', '')
            , @('(default is "N"):', "y`r")
            , @('after the second', '')
            , @('(default is "N"):', "a`r")
            , @('after the third', '')
            , @('(default is "N"):', "`r")
            , @('after the fourth', '')
        )
    }

    BeforeEach {
        if (-not $terminal) { Set-ItResult -Skipped -Because 'there is no python3 to make a terminal with' }
    }

    It 'comes to its end with one question for each command' {
        $terminal.Output | Should -BeLike '*after the fourth*'
        $terminal.ExitCode | Should -Be 0 -Because $terminal.Output
        [regex]::Matches($terminal.Output, 'default is "N"').Count | Should -Be 4
    }

    It 'takes Enter for No' { Get-Charged $moves[0] | Should -Be $moves[0].Old }

    It 'moves on Yes' { Get-Charged $moves[1] | Should -Be $moves[1].New }

    It 'moves all on Yes to All' {
        $moves[2..4] | ForEach-Object { Get-Charged $_ | Should -Be $_.New }
    }

    It 'removes nothing on Enter' { Get-Journal DELETE | Should -BeNullOrEmpty }
}
