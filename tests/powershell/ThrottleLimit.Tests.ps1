BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    Start-Emulator
}

AfterAll { Stop-Emulator }

Describe '-ThrottleLimit' {
    BeforeEach { Reset-Everything }

    It 'is how many requests of <Cmdlet> are on their way at once, at most: <Limit>' -ForEach @(
        foreach ($limit in 1, 3) {
            foreach ($cmdlet in 'New', 'Get', 'Remove') { @{ Cmdlet = "$cmdlet-AzsRegistrationTenant"; Limit = $limit } }
        }
    ) {
        $rows = 1..12 | ForEach-Object { New-Row (New-Id) }
        if ($Cmdlet -notlike 'New-*') { foreach ($row in $rows) { Add-EmulatorMapping -Customer $row.CustomerSubscriptionId } }
        Set-EmulatorSwitch @{ delayMs = 40; listDelayMs = 40 }
        $parameters = @{ ThrottleLimit = $Limit }
        if ($Cmdlet -like 'Remove-*') { $parameters.Force = $true }

        $null = $rows | & $Cmdlet @parameters -ErrorVariable errors

        $errors | Should -BeNullOrEmpty
        @(Get-Journal '' 'customerSubscriptions/').Count | Should -BeGreaterOrEqual 12
        Get-MostAtOnce | Should -Be $Limit
    }

    It 'is 5 where it is not given' {
        $rows = 1..12 | ForEach-Object { New-Row (New-Id) }
        Set-EmulatorSwitch @{ delayMs = 40 }

        $null = $rows | New-AzsRegistrationTenant

        Get-MostAtOnce | Should -Be 5
    }

    It 'is refused by <Cmdlet> before anything is sent: <Value>' -ForEach @(
        foreach ($value in 0, -1, 257, 'many', $null) {
            foreach ($cmdlet in 'New', 'Get', 'Remove') { @{ Cmdlet = "$cmdlet-AzsRegistrationTenant"; Value = $value } }
        }
    ) {
        $parameters = @{ ThrottleLimit = $Value; CustomerSubscriptionId = New-Id }

        try { & $Cmdlet @parameters -ErrorAction Stop } catch { $refusal = $_ }

        $refusal.CategoryInfo.Category | Should -BeIn 'InvalidData', 'InvalidArgument'
        $refusal.Exception.Message | Should -BeLike "*ThrottleLimit*$Value*"
        Get-Journal | Should -BeNullOrEmpty
    }

    It 'is no column of a row' {
        $row = [pscustomobject] @{ CustomerSubscriptionId = New-Id; ThrottleLimit = 0 }

        ($row | New-AzsRegistrationTenant).Outcome | Should -Be 'Added'
    }
}

Describe 'Rows that are worked off side by side' {
    BeforeEach { Reset-Everything }

    It 'each have their own error, with their own number' {
        $codes = 'BadCustomerSubscriptionId', 'InvalidCustomerSubscriptionId', 'InvalidCSPSubscription'
        $rows = 1..30 | ForEach-Object { New-Row (New-Id) }
        $refused = @{}
        foreach ($at in 0..29) {
            if ($at % 4 -lt 3) { $refused[$rows[$at].CustomerSubscriptionId] = @{ code = $codes[$at % 4] } }
        }
        Set-EmulatorSwitch @{ rpErrors = $refused }

        $results = @($rows | New-AzsRegistrationTenant -ThrottleLimit 16 -ErrorVariable errors -ErrorAction SilentlyContinue)

        $results.Count | Should -Be 7
        $errors.Count | Should -Be 23
        @($results.Row) + @($errors.TargetObject.Row) | Sort-Object | Should -Be (1..30)
        foreach ($result in $results) { $rows[$result.Row - 1].CustomerSubscriptionId | Should -Be $result.CustomerSubscriptionId }
        foreach ($one in $errors) {
            $row = $one.TargetObject.Row
            $one.Exception.Row | Should -Be $row
            $one.FullyQualifiedErrorId | Should -BeLike "$($codes[($row - 1) % 4]),*"
            $one.TargetObject.CustomerSubscriptionId | Should -Be $rows[$row - 1].CustomerSubscriptionId
            foreach ($other in $rows | Where-Object { $_ -ne $rows[$row - 1] }) { $one.Exception.Message | Should -Not -BeLike "*$($other.CustomerSubscriptionId)*" }
        }
    }

    It 'each have their own warning where a bill has moved' {
        $moves = 1..20 | ForEach-Object {
            $move = [pscustomobject] @{ Tenant = New-Id; Old = New-Id; New = New-Id }
            Add-EmulatorMapping -Customer $move.Old -Tenant $move.Tenant
            Set-EmulatorTenant $move.Tenant $move.Old, $move.New
            $move
        }

        $results = @($moves | New-AzsRegistrationTenant -CustomerSubscriptionId { $_.New } -Force -ThrottleLimit 16 -WarningVariable warnings -WarningAction SilentlyContinue)

        $results.Outcome | Select-Object -Unique | Should -Be 'Replaced'
        $warnings.Count | Should -Be 20
        foreach ($move in $moves) {
            @($warnings | Where-Object { "$_" -like "*$($move.Tenant)*$($move.Old)*$($move.New)*" }).Count | Should -Be 1
        }
    }
}
