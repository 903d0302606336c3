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
