# Files go from the cmdlets to azsreg and back.

BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    Start-Emulator
    $script:Azsreg = Find-UnderTest 'AZS_TEST_AZSREG' 'target/debug/azsreg*'
    $script:TokenFile = Join-Path $script:Emulator.Folder 'token'
    Set-Content -LiteralPath $script:TokenFile -Value $script:Emulator.Token

    # azsreg without a registration of its own: the rows name it. Output and errors come as lines.
    function Invoke-Azsreg {
        & $script:Azsreg @args --access-token-file $script:TokenFile --arm-endpoint $script:Emulator.ArmEndpoint --ca-certificate $script:Emulator.CaFile 2>&1
    }

    function New-File([string] $Name) { Join-Path $script:Emulator.Folder $Name }
}

AfterAll { Stop-Emulator }

Describe 'Files of rows' {
    BeforeEach { Reset-Everything }

    It 'are read by azsreg as Export-Csv writes them: <What>' -ForEach @(
        @{ What = 'as it does by default'; Options = @{} }
        @{ What = 'with the type above the header'; Options = @{ IncludeTypeInformation = $true } }
        @{ What = 'in UTF-16, with semicolons'; Options = @{ Encoding = 'Unicode'; Delimiter = ';' } }
        @{ What = 'in UTF-16 the other way round, with tabs'; Options = @{ Encoding = 'BigEndianUnicode'; Delimiter = "`t" } }
    ) {
        Add-EmulatorMapping 3
        $file = New-File 'exported.csv'
        Get-AzsRegistrationTenant | Export-Csv -LiteralPath $file @Options

        $said = Invoke-Azsreg tenant remove --input-file $file --force --output jsonl

        $LASTEXITCODE | Should -Be 0 -Because "$said"
        @($said -like '*"outcome":"Removed"*').Count | Should -Be 3
        Get-EmulatorMapping | Should -BeNullOrEmpty
    }

    It 'are read by azsreg as ConvertTo-Json writes the objects' {
        Add-EmulatorMapping 2
        $file = New-File 'exported.jsonl'
        Get-AzsRegistrationTenant | ForEach-Object { $_ | ConvertTo-Json -Compress } | Set-Content -LiteralPath $file

        $said = Invoke-Azsreg tenant remove --input-file $file --force

        $LASTEXITCODE | Should -Be 0 -Because "$said"
        Get-EmulatorMapping | Should -BeNullOrEmpty
    }

    It 'of results are read by azsreg too, and its own by Import-Csv' {
        $customer = New-Id
        $file = New-File 'results.csv'
        New-Row $customer | New-AzsRegistrationTenant | Export-Csv -LiteralPath $file

        $csv = Invoke-Azsreg tenant remove --input-file $file --force --output csv
        $LASTEXITCODE | Should -Be 0 -Because "$csv"
        $result = $csv | Where-Object { $_ -is [string] } | ConvertFrom-Csv
        $result.Outcome | Should -Be 'Removed'
        $result.Row | Should -Be 1

        $again = $result | New-AzsRegistrationTenant
        $again.Outcome | Should -Be 'Added'
        (Get-EmulatorMapping).customerSubscriptionId | Should -Be $customer
    }
}
