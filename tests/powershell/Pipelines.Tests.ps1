BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    Start-Emulator

    # A CSV file with these lines.
    function New-Csv([string[]] $Line) {
        $file = Join-Path $script:Emulator.Folder ([guid]::NewGuid().ToString('n') + '.csv')
        Set-Content -LiteralPath $file -Value $Line
        $file
    }
}

AfterAll { Stop-Emulator }

Describe 'Import-Csv | New-AzsRegistrationTenant' {
    BeforeEach { Reset-Everything }

    It 'adds every row of a file' {
        $ids = 1..3 | ForEach-Object { New-Id }
        $tenants = 1..3 | ForEach-Object { New-Id }
        foreach ($at in 0..2) { Set-EmulatorTenant $tenants[$at] $ids[$at] }
        $csv = New-Csv (@('CustomerSubscriptionId,TenantId,Remark') + (0..2 | ForEach-Object { "$($ids[$_]),$($tenants[$_]),ours" }))

        $results = Import-Csv $csv | New-AzsRegistrationTenant -ErrorVariable errors
        $results = Get-InOrder $results

        $errors | Should -BeNullOrEmpty
        $results.Outcome | Should -Be 'Added', 'Added', 'Added'
        $results.CustomerSubscriptionId | Should -Be $ids
        $results.TenantId | Should -Be $tenants
        $results.Row | Should -Be 1, 2, 3
        (Get-EmulatorMapping).customerSubscriptionId | Sort-Object | Should -Be ($ids | Sort-Object)
    }

    It 'refuses a bad <Column> in row 2 of 3, names row, column and what is expected, and does rows 1 and 3' -ForEach @(
        @{ Column = 'CustomerSubscriptionId'; Value = 'not-a-guid' }
        @{ Column = 'TenantId'; Value = 'contoso.onmicrosoft.com' }
    ) {
        $first, $third, $tenant = (New-Id), (New-Id), (New-Id)
        $second = @{ CustomerSubscriptionId = New-Id; TenantId = $tenant }
        $second[$Column] = $Value
        $csv = New-Csv 'CustomerSubscriptionId,TenantId', "$first,", "$($second.CustomerSubscriptionId),$($second.TenantId)", "$third,"

        $results = Import-Csv $csv | New-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue
        $results = Get-InOrder $results

        $results.CustomerSubscriptionId | Should -Be $first, $third
        $results.Row | Should -Be 1, 3
        $errors.Count | Should -Be 1
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'GuidNotValid,*'
        $errors[0].CategoryInfo.Category | Should -Be 'InvalidArgument'
        $errors[0].Exception.Message | Should -BeLike "*Row 2*$Column*$Value*Expected*"
        $errors[0].Exception.Row | Should -Be 2
        $errors[0].Exception.Column | Should -Be $Column
        $errors[0].TargetObject.Row | Should -Be 2
        $errors[0].TargetObject.Outcome | Should -Be 'Failed'
        $errors[0].TargetObject.$Column | Should -Be $Value
        (Get-EmulatorMapping).customerSubscriptionId | Sort-Object | Should -Be ($first, $third | Sort-Object)
    }

    It 'takes a blank tenant for none, after a row that had one' {
        $first, $second, $tenant, $other = (New-Id), (New-Id), (New-Id), (New-Id)
        Set-EmulatorTenant $tenant $first
        Set-EmulatorTenant $other $second
        $csv = New-Csv 'CustomerSubscriptionId,TenantId', "$first,$tenant", "$second,"

        $results = Import-Csv $csv | New-AzsRegistrationTenant -ErrorVariable errors

        $errors | Should -BeNullOrEmpty
        (Get-InOrder $results).TenantId | Should -Be $tenant, $other
    }

    It 'refuses a blank customer subscription, also after a row that had one' {
        $first, $third = (New-Id), (New-Id)
        $csv = New-Csv 'CustomerSubscriptionId,Remark', "$first,a", ',b', "$third,c"

        $results = Import-Csv $csv | New-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue

        (Get-InOrder $results).CustomerSubscriptionId | Should -Be $first, $third
        $errors.Count | Should -Be 1
        $errors[0].Exception.Message | Should -BeLike '*Row 2*CustomerSubscriptionId*'
        @(Get-Journal PUT).Count | Should -Be 2
    }

    It 'forgets a column that a later row does not have' {
        $first, $second, $tenant, $other = (New-Id), (New-Id), (New-Id), (New-Id)
        Set-EmulatorTenant $tenant $first
        Set-EmulatorTenant $other $second

        $results = (New-Row $first $tenant), (New-Row $second) | New-AzsRegistrationTenant -ErrorVariable errors

        $errors | Should -BeNullOrEmpty
        (Get-InOrder $results).TenantId | Should -Be $tenant, $other
    }

    It 'says of a file with semicolons that its delimiter is another, row by row' {
        $csv = New-Csv 'CustomerSubscriptionId;TenantId', "$(New-Id);$(New-Id)", "$(New-Id);$(New-Id)"

        $results = Import-Csv $csv | New-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue

        $results | Should -BeNullOrEmpty
        $errors.Count | Should -Be 2
        $errors[1].FullyQualifiedErrorId | Should -BeLike 'RowNotUnderstood,*'
        $errors[1].Exception.Message | Should -BeLike '*Row 2*CustomerSubscriptionId;TenantId*'
        $errors[0].ErrorDetails.RecommendedAction, $errors[1].Exception.RecommendedAction | Should -BeLike '*-Delimiter*'
        Get-Journal | Should -BeNullOrEmpty
    }

    It 'says of a file with other columns which it found and which it expects' {
        $csv = New-Csv 'Kunde,Abo', "Contoso,$(New-Id)"

        $null = Import-Csv $csv | New-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue

        $errors.Count | Should -Be 1
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'RowNotUnderstood,*'
        $errors[0].Exception.Message | Should -BeLike "*Row 1*'Kunde', 'Abo'*CustomerSubscriptionId*"
        Get-Journal | Should -BeNullOrEmpty
    }

    It 'refuses <What> among the rows by its number' -ForEach @(
        @{ What = '$null'; Value = $null }
        @{ What = 'a number'; Value = 42 }
    ) {
        $id = New-Id

        $results = (New-Row $id), $Value | New-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue

        $results.CustomerSubscriptionId | Should -Be $id
        $errors.Count | Should -Be 1
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'RowNotUnderstood,*'
        $errors[0].Exception.Message | Should -BeLike '*Row 2*'
    }

    It 'guesses nothing from a text, and says how to pipe it' {
        $ids = (New-Id), [guid] (New-Id)

        $null = $ids | New-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue
        $added = $ids | New-AzsRegistrationTenant -CustomerSubscriptionId { $_ }

        $errors.Count | Should -Be 2
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'RowNotUnderstood,*'
        $errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*| New-AzsRegistrationTenant -CustomerSubscriptionId { $_ }*'
        $added.Count | Should -Be 2
    }

    It 'refuses a column SubscriptionId as ambiguous, <Beside>' -ForEach @(
        @{ Beside = 'alone'; Header = 'SubscriptionId'; Cells = '' }
        @{ Beside = 'and beside CustomerSubscriptionId'; Header = 'SubscriptionId,CustomerSubscriptionId'; Cells = ',0c1d2e3f-0000-4000-8000-000000000001' }
    ) {
        $csv = New-Csv $Header, ((New-Id) + $Cells)

        $null = Import-Csv $csv | New-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue

        $errors.Count | Should -Be 1
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'SubscriptionIdAmbiguous,*'
        $errors[0].Exception.Message | Should -BeLike '*Row 1*CustomerSubscriptionId*RegistrationSubscriptionId*'
        Get-Journal | Should -BeNullOrEmpty
    }

    It 'takes a column SubscriptionId that repeats the registration''s' {
        $id = New-Id
        $e = $script:Emulator
        $csv = New-Csv 'SubscriptionId,RegistrationSubscriptionId,CustomerSubscriptionId', "$($e.SubscriptionId),$($e.SubscriptionId),$id"

        (Import-Csv $csv | New-AzsRegistrationTenant).CustomerSubscriptionId | Should -Be $id
    }

    It 'refuses a row whose resource id contradicts its <Column>' -ForEach @(
        @{ Column = 'CustomerSubscriptionId'; Value = '0c1d2e3f-0000-4000-8000-000000000001' }
        @{ Column = 'RegistrationName'; Value = 'azurestack-other' }
        @{ Column = 'ResourceGroupName'; Value = 'other' }
        @{ Column = 'RegistrationSubscriptionId'; Value = '0c1d2e3f-0000-4000-8000-000000000001' }
    ) {
        $good = New-Id
        $rows = @(
            [pscustomobject] @{ ResourceId = Get-MappingId (New-Id); $Column = $Value }
            [pscustomobject] @{ ResourceId = Get-MappingId $good }
        )

        $results = $rows | New-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue

        $results.CustomerSubscriptionId | Should -Be $good
        $errors.Count | Should -Be 1
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'RowContradictsItself,*'
        $errors[0].Exception.Message | Should -BeLike "*Row 1*$Column*$Value*ResourceId*"
    }

    It 'takes a row whose resource id and names agree, in other casing and with blanks' {
        $id = New-Id
        $row = [pscustomobject] @{
            ResourceId             = ' ' + (Get-MappingId $id).TrimStart('/')
            CustomerSubscriptionId = $id.ToUpperInvariant() + ' '
            RegistrationName       = $script:Emulator.RegistrationName.ToUpperInvariant()
        }

        $results = $row | New-AzsRegistrationTenant -ErrorVariable errors

        $errors | Should -BeNullOrEmpty
        $results.CustomerSubscriptionId | Should -Be $id
    }

    It 'takes script blocks that say where a value comes from' {
        $ids = (New-Id), (New-Id)
        $csv = New-Csv 'Kunde,Abo', "Contoso,$($ids[0])", "Fabrikam,$($ids[1])"

        $results = Import-Csv $csv | New-AzsRegistrationTenant -CustomerSubscriptionId { $_.Abo } -ErrorVariable errors

        $errors | Should -BeNullOrEmpty
        (Get-InOrder $results).CustomerSubscriptionId | Should -Be $ids
    }

    It 'takes a column by its old name CustomerSubscriptionName' {
        $id = New-Id

        ([pscustomobject] @{ CustomerSubscriptionName = $id } | New-AzsRegistrationTenant).CustomerSubscriptionId | Should -Be $id
    }

    It 'takes it by its old name too where the new column holds <What>' -ForEach @{ What = '$null'; Gap = $null }, @{ What = 'blanks'; Gap = ' ' } {
        $id = New-Id

        $result = [pscustomobject] @{ CustomerSubscriptionId = $Gap; CustomerSubscriptionName = $id } | New-AzsRegistrationTenant -ErrorVariable errors

        $errors | Should -BeNullOrEmpty
        $result.CustomerSubscriptionId | Should -Be $id
    }

    It 'refuses a script block that gives a blank, whatever the column holds' {
        $null = New-Row (New-Id) | New-AzsRegistrationTenant -CustomerSubscriptionId { '' } -ErrorVariable errors -ErrorAction SilentlyContinue

        $errors.Count | Should -Be 1
        Get-JournalWrite | Should -BeNullOrEmpty
    }

    It 'takes hashtables' {
        $ids = (New-Id), (New-Id)

        $results = @{ CustomerSubscriptionId = $ids[0] }, @{ CustomerSubscriptionId = $ids[1] } | New-AzsRegistrationTenant

        (Get-InOrder $results).CustomerSubscriptionId | Should -Be $ids
    }

    It 'takes an array given to -InputObject row by row' {
        $rows = (New-Row (New-Id)), (New-Row (New-Id))

        $results = New-AzsRegistrationTenant -InputObject $rows

        (Get-InOrder $results).CustomerSubscriptionId | Should -Be $rows.CustomerSubscriptionId
    }

    It 'refuses a row that contradicts -<Name> on the command line' -ForEach @(
        @{ Name = 'CustomerSubscriptionId' }, @{ Name = 'TenantId' }
    ) {
        $inRow, $onCommandLine = (New-Id), (New-Id)
        $row = @{ CustomerSubscriptionId = New-Id; TenantId = New-Id }
        $row[$Name] = $inRow
        $parameters = @{ $Name = $onCommandLine }

        $results = [pscustomobject] $row | New-AzsRegistrationTenant @parameters -ErrorVariable errors -ErrorAction SilentlyContinue

        $results | Should -BeNullOrEmpty
        $errors.Count | Should -Be 1
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'RowContradictsParameter,*'
        $errors[0].Exception.Message | Should -BeLike "*Row 1*$Name*$inRow*$onCommandLine*"
        Get-Journal | Should -BeNullOrEmpty
    }

    It 'refuses the second of two rows that want one tenant charged to different subscriptions' {
        $tenant, $first, $second = (New-Id), (New-Id), (New-Id)
        Set-EmulatorTenant $tenant $first, $second

        $results = (New-Row $first $tenant), (New-Row $second $tenant) | New-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue

        $results.CustomerSubscriptionId | Should -Be $first
        $errors.Count | Should -Be 1
        $errors[0].TargetObject.Row | Should -Be 2
        (Get-EmulatorMapping).customerSubscriptionId | Should -Be $first
    }

    It 'sets $? to false where a row failed' {
        (New-Row 'nonsense'), (New-Row (New-Id)) | New-AzsRegistrationTenant -ErrorAction SilentlyContinue | Out-Null
        $null = New-AzsRegistrationTenant -CustomerSubscriptionId 'nonsense' -ErrorAction SilentlyContinue
        $failed = $?
        $null = New-AzsRegistrationTenant -CustomerSubscriptionId (New-Id)

        $failed, $? | Should -Be $false, $true
    }

    It 'does rows for several registrations in one go' {
        Add-EmulatorRegistration 'azurestack-other'
        $here, $there = (New-Id), (New-Id)
        $csv = New-Csv 'RegistrationName,CustomerSubscriptionId', ",$here", "azurestack-other,$there"

        $results = Import-Csv $csv | New-AzsRegistrationTenant -ErrorVariable errors

        $errors | Should -BeNullOrEmpty
        $results.RegistrationName | Sort-Object | Should -Be $script:Emulator.RegistrationName, 'azurestack-other'
        (Get-EmulatorMapping).customerSubscriptionId | Should -Be $here
        (Get-EmulatorMapping 'azurestack-other').customerSubscriptionId | Should -Be $there
    }
}

Describe 'Rows into Get-AzsRegistrationTenant' {
    BeforeEach { Reset-Everything }

    It 'gets the mapping of each, and names the row that has none' {
        $ids = 1..3 | ForEach-Object { New-Id }
        Add-EmulatorMapping -Customer $ids[0]
        Add-EmulatorMapping -Customer $ids[2]

        $found = $ids | ForEach-Object { New-Row $_ } | Get-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue

        $found.CustomerSubscriptionId | Sort-Object | Should -Be ($ids[0], $ids[2] | Sort-Object)
        $errors.Count | Should -Be 1
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'CustomerSubscriptionNotFound,*'
        $errors[0].Exception.Message | Should -BeLike "*Row 2*$($ids[1])*"
    }
}

Describe 'Input that names nothing' {
    BeforeEach {
        Reset-Everything
        Add-EmulatorMapping -Count 3
    }

    It 'makes <_> do nothing where there are no rows at all' -ForEach @(
        'Get-AzsRegistrationTenant', 'New-AzsRegistrationTenant', 'Remove-AzsRegistrationTenant -Force'
    ) {
        & ([scriptblock]::Create("@() | $_ -ErrorVariable script:errors")) | Should -BeNullOrEmpty

        $script:errors | Should -BeNullOrEmpty
        Get-Journal | Should -BeNullOrEmpty
    }

    # A list of all, on the way to Remove, would be the end of all.
    It 'is never taken by <Cmdlet> for a wish for all: <What>' -ForEach @(
        @{ Cmdlet = 'Get-AzsRegistrationTenant'; What = '$null'; Value = { $null } }
        @{ Cmdlet = 'Get-AzsRegistrationTenant'; What = 'a blank customer subscription'; Value = { New-Row ' ' } }
        @{ Cmdlet = 'Get-AzsRegistrationTenant'; What = 'a blank tenant'; Value = { [pscustomobject] @{ TenantId = '' } } }
        @{ Cmdlet = 'Get-AzsRegistrationTenant'; What = 'a line of empty cells'; Value = { "CustomerSubscriptionId,TenantId`n,`"`"" | ConvertFrom-Csv } }
        @{ Cmdlet = 'Get-AzsRegistrationTenant'; What = 'a line that is too short'; Value = { "Customer,TenantId`nFabrikam" | ConvertFrom-Csv } }
        @{ Cmdlet = 'Get-AzsRegistrationTenant'; What = 'a property that Select-Object made up'; Value = { [pscustomobject] @{ Tenant = 'x' } | Select-Object TenantId } }
        @{ Cmdlet = 'Get-AzsRegistrationTenant'; What = 'a hashtable with no tenant'; Value = { @{ TenantId = $null } } }
        @{ Cmdlet = 'Get-AzsRegistrationTenant'; What = 'a hashtable with no customer subscription'; Value = { @{ CustomerSubscriptionId = $null } } }
        @{ Cmdlet = 'Get-AzsRegistrationTenant'; What = 'no customer subscription in a registration that is named'; Value = { @{ RegistrationName = $script:Emulator.RegistrationName; CustomerSubscriptionId = $null } } }
        @{ Cmdlet = 'Get-AzsRegistrationTenant'; What = 'no tenant in a registration that is named'; Value = { @{ RegistrationName = $script:Emulator.RegistrationName; TenantId = $null } } }
        @{ Cmdlet = 'Get-AzsRegistrationTenant'; What = 'no tenant in the properties'; Value = { [pscustomobject] @{ RegistrationName = $script:Emulator.RegistrationName; Properties = [pscustomobject] @{ tenantId = $null } } } }
        @{ Cmdlet = 'Get-AzsRegistrationTenant'; What = 'no customer subscription by its old name'; Value = { [pscustomobject] @{ RegistrationName = $script:Emulator.RegistrationName; CustomerSubscriptionName = $null } } }
        @{ Cmdlet = 'Get-AzsRegistrationTenant'; What = 'DBNull'; Value = { @{ RegistrationName = $script:Emulator.RegistrationName; TenantId = [DBNull]::Value } } }
        @{ Cmdlet = 'Get-AzsRegistrationTenant'; What = 'a blank resource id'; Value = { [pscustomobject] @{ ResourceId = '' } } }
        @{ Cmdlet = 'Get-AzsRegistrationTenant'; What = 'no resource id'; Value = { @{ ResourceId = $null } } }
        @{ Cmdlet = 'Get-AzsRegistrationTenant'; What = 'no resource id in a registration that is named'; Value = { @{ RegistrationName = $script:Emulator.RegistrationName; ResourceId = $null } } }
        @{ Cmdlet = 'Get-AzsRegistrationTenant'; What = 'a blank registration'; Value = { [pscustomobject] @{ RegistrationName = ' ' } } }
        @{ Cmdlet = 'Get-AzsRegistrationTenant'; What = 'a blank SubscriptionId'; Value = { [pscustomobject] @{ SubscriptionId = '' } } }
        @{ Cmdlet = 'Remove-AzsRegistrationTenant'; What = 'no customer subscription beside a tenant'; Value = { @{ CustomerSubscriptionId = $null; TenantId = (Get-EmulatorMapping)[0].tenantId } } }
        @{ Cmdlet = 'Remove-AzsRegistrationTenant'; What = '$null'; Value = { $null } }
        @{ Cmdlet = 'Remove-AzsRegistrationTenant'; What = 'a blank tenant'; Value = { [pscustomobject] @{ TenantId = '' } } }
    ) {
        $parameters = @{}
        if ($Cmdlet -like 'Remove-*') { $parameters.Force = $true }
        $row = & $Value
        Clear-Journal

        $found = , $row | & $Cmdlet @parameters -ErrorVariable errors -ErrorAction SilentlyContinue

        $found | Should -BeNullOrEmpty
        $errors.Count | Should -Be 1
        $errors[0].CategoryInfo.Category | Should -Be 'InvalidArgument'
        Get-Journal | Should -BeNullOrEmpty
    }

    It 'is refused with the number of the row and the columns that were found' {
        $rows = "Remark,RegistrationName,TenantId`nx,,$(New-Id)`ny,,`nz" | ConvertFrom-Csv

        $null = $rows | Get-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue

        $errors.Count | Should -Be 2
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'RowNotUnderstood,*'
        $errors[0].Exception.Message | Should -BeLike "*Row 2*'Remark', 'RegistrationName', 'TenantId'*"
        $errors[1].Exception.Message | Should -BeLike '*Row 3*'
    }

    It 'leaves every mapping in place on the way to Remove-AzsRegistrationTenant -Force' {
        $rows = "Customer,TenantId`nFabrikam" | ConvertFrom-Csv

        $rows | Get-AzsRegistrationTenant -ErrorAction SilentlyContinue | Remove-AzsRegistrationTenant -Force

        @(Get-EmulatorMapping).Count | Should -Be 3
    }

    It 'is refused as -InputObject from a variable that was never set' {
        $found = try { Get-AzsRegistrationTenant -InputObject $null -ErrorAction Stop } catch { $refusal = $_ }

        $found | Should -BeNullOrEmpty
        $refusal.CategoryInfo.Category | Should -Be 'InvalidArgument'
        Get-Journal | Should -BeNullOrEmpty
    }
}

Describe 'Get-AzsRegistrationTenant | Remove-AzsRegistrationTenant' {
    BeforeEach { Reset-Everything }

    It 'leaves none of three pages, with page tokens by <_>' -ForEach 'offset', 'key' {
        Set-EmulatorSwitch @{ pageSize = 10; pageToken = $_ }
        Add-EmulatorMapping -Count 25

        Get-AzsRegistrationTenant | Remove-AzsRegistrationTenant -Force -ErrorVariable errors

        $errors | Should -BeNullOrEmpty
        Get-EmulatorMapping | Should -BeNullOrEmpty
        @(Get-Journal DELETE).Count | Should -Be 25
    }

    It 'begins to delete when the listing has ended' {
        Set-EmulatorSwitch @{ pageSize = 10; pageToken = 'offset' }
        Add-EmulatorMapping -Count 25

        Get-AzsRegistrationTenant | Remove-AzsRegistrationTenant -Force

        $lastPage = (Get-JournalList | Select-Object -First 3)[2]
        $lastPage.query | Should -BeLike '*skipToken*'
        (Get-Journal DELETE)[0].n | Should -BeGreaterThan $lastPage.n
    }

    It 'removes from the registration that each object comes from' {
        Add-EmulatorRegistration 'azurestack-other'
        Add-EmulatorMapping -Count 2
        Add-EmulatorMapping -Count 3 -Registration 'azurestack-other'

        Get-AzsRegistrationTenant -RegistrationName 'azurestack-other' | Remove-AzsRegistrationTenant -Force

        Get-EmulatorMapping 'azurestack-other' | Should -BeNullOrEmpty
        @(Get-EmulatorMapping).Count | Should -Be 2
    }

    It 'refuses -RegistrationName that contradicts the objects, and removes nothing' {
        Add-EmulatorRegistration 'azurestack-other'
        Add-EmulatorMapping -Count 2
        Add-EmulatorMapping -Count 2 -Registration 'azurestack-other'

        Get-AzsRegistrationTenant | Remove-AzsRegistrationTenant -RegistrationName 'azurestack-other' -Force -ErrorVariable errors -ErrorAction SilentlyContinue

        $errors.Count | Should -Be 2
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'RowContradictsParameter,*'
        $errors[0].Exception.Message | Should -BeLike '*RegistrationName*azurestack-other*'
        Get-JournalWrite | Should -BeNullOrEmpty
    }

    It 'removes what a file of Export-Csv holds' {
        Add-EmulatorMapping -Count 3
        $file = New-Csv @()
        Get-AzsRegistrationTenant | Export-Csv $file -NoTypeInformation

        Import-Csv $file | Remove-AzsRegistrationTenant -Force -ErrorVariable errors

        $errors | Should -BeNullOrEmpty
        Get-EmulatorMapping | Should -BeNullOrEmpty
    }

    It 'adds again what a file of Export-Csv holds, also one of results' {
        $file, $results = (New-Csv @()), (New-Csv @())
        $ids = 1..2 | ForEach-Object { New-Id }
        $ids | ForEach-Object { New-Row $_ } | New-AzsRegistrationTenant | Export-Csv $results -NoTypeInformation
        Get-AzsRegistrationTenant | Export-Csv $file -NoTypeInformation
        Get-AzsRegistrationTenant | Remove-AzsRegistrationTenant -Force

        (Import-Csv $file | New-AzsRegistrationTenant -ErrorVariable errors).Outcome | Should -Be 'Added', 'Added'
        (Import-Csv $results | New-AzsRegistrationTenant -ErrorVariable +errors).Outcome | Should -Be 'Unchanged', 'Unchanged'

        $errors | Should -BeNullOrEmpty
        (Get-EmulatorMapping).customerSubscriptionId | Sort-Object | Should -Be ($ids | Sort-Object)
    }

    It 'works with the objects of a service that does not say the tenant' {
        $ids = (New-Id), (New-Id)
        foreach ($id in $ids) { Add-EmulatorMapping -Customer $id }
        $mappings = Get-AzsRegistrationTenant | Select-Object * | ForEach-Object {
            $_.TenantId = $null
            $_.Properties = [pscustomobject] @{ tenantId = $null }
            $_
        }

        $added = $mappings | New-AzsRegistrationTenant -ErrorVariable errors
        $mappings | Remove-AzsRegistrationTenant -Force -ErrorVariable +errors

        $errors | Should -BeNullOrEmpty
        $added.Outcome | Should -Be 'Unchanged', 'Unchanged'
        Get-EmulatorMapping | Should -BeNullOrEmpty
    }

    It 'takes objects as the generic cmdlets and the REST interface give them' {
        $ids = (New-Id), (New-Id)
        foreach ($id in $ids) { Add-EmulatorMapping -Customer $id }
        $generic = [pscustomobject] @{
            ResourceId = Get-MappingId $ids[0]; Name = 'x/y'; ResourceGroupName = $script:Emulator.ResourceGroup
            SubscriptionId = $script:Emulator.SubscriptionId; Properties = [pscustomobject] @{}
        }
        $rest = [pscustomobject] @{ id = Get-MappingId $ids[1]; name = 'x/y'; properties = [pscustomobject] @{} }

        $generic, $rest | Remove-AzsRegistrationTenant -Force -ErrorVariable errors

        $errors | Should -BeNullOrEmpty
        Get-EmulatorMapping | Should -BeNullOrEmpty
    }
}

Describe 'New-AzsRegistrationTenant | Remove-AzsRegistrationTenant' {
    BeforeEach { Reset-Everything }

    It 'hands on what was added, and never a row that failed' {
        $mapped = New-Id
        $tenant = New-Id
        Add-EmulatorMapping -Customer $mapped -Tenant $tenant
        $mover = New-Id
        Set-EmulatorTenant $tenant $mover
        $refused, $added = (New-Id), (New-Id)
        Set-EmulatorSwitch @{ rpErrors = @{ $refused = @{ code = 'BadCustomerSubscriptionId' } } }
        # The third would move a bill, and nobody is there to agree.
        $rows = (New-Row $added), (New-Row $refused), (New-Row $mover), (New-Row 'nonsense')

        $removed = $rows | New-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue | Remove-AzsRegistrationTenant -Force -PassThru

        $errors.Count | Should -Be 3
        $removed.CustomerSubscriptionId | Should -Be $added
        (Get-Journal DELETE).path | Should -Be (Get-MappingId $added)
        (Get-EmulatorMapping).customerSubscriptionId | Should -Be $mapped
    }
}

Describe 'Import-Csv | New-AzsRegistrationTenant | Remove-AzsRegistrationTenant' {
    BeforeEach { Reset-Everything }

    It 'removes what was added, each from its registration, and nothing of a row that failed, contradicts itself or another' {
        Add-EmulatorRegistration 'azurestack-other'
        $tenant, $kept, $mover, $refused = (New-Id), (New-Id), (New-Id), (New-Id)
        Set-EmulatorTenant $tenant $kept, $mover
        Add-EmulatorMapping -Customer $kept -Tenant $tenant
        Set-EmulatorSwitch @{ rpErrors = @{ $refused = @{ code = 'BadCustomerSubscriptionId' } } }
        $here, $there = @(1..10 | ForEach-Object { New-Id }), @(1..10 | ForEach-Object { New-Id })
        $lines = @('RegistrationName,CustomerSubscriptionId,TenantId,ResourceId')
        foreach ($at in 0..9) { $lines += ",$($here[$at]),,", "azurestack-other,$($there[$at]),," }
        # Its bill would move; refused by the service; no GUID; a resource id of another mapping; a tenant that is not its own.
        $lines += ",$mover,,", ",$refused,,", ',nonsense,,', ",$(New-Id),,$(Get-MappingId (New-Id))", ",$(New-Id),$tenant,"
        $csv = New-Csv $lines

        $removed = Import-Csv $csv | New-AzsRegistrationTenant -ErrorAction SilentlyContinue -ErrorVariable errors | Remove-AzsRegistrationTenant -Force -PassThru

        ($errors | ForEach-Object { $_.FullyQualifiedErrorId.Split(',')[0] } | Sort-Object) -join ' ' |
            Should -Be 'BadCustomerSubscriptionId ConfirmationRequired GuidNotValid RowContradictsItself TenantMismatch'
        (Get-InOrder $errors).TargetObject.Row | Should -Be 21, 22, 23, 24, 25
        $removed.CustomerSubscriptionId | Sort-Object | Should -Be ($here + $there | Sort-Object)
        foreach ($id in $here) { ($removed | Where-Object { $_.CustomerSubscriptionId -eq $id }).RegistrationName | Should -Be $script:Emulator.RegistrationName }
        foreach ($id in $there) { ($removed | Where-Object { $_.CustomerSubscriptionId -eq $id }).RegistrationName | Should -Be 'azurestack-other' }
        @(Get-Journal DELETE).Count | Should -Be 20
        (Get-EmulatorMapping).customerSubscriptionId | Should -Be $kept
        Get-EmulatorMapping 'azurestack-other' | Should -BeNullOrEmpty
    }
}

Describe 'A pipeline that goes on' {
    BeforeEach { Reset-Everything }

    It 'sends a change before the next row is there, and without anybody taking results' {
        $results = 1..3 | ForEach-Object {
            New-Row (New-Id)
            Wait-Journal PUT -Count $_ -Answered
        } | New-AzsRegistrationTenant | ForEach-Object { $_ }

        $results.Outcome | Should -Be 'Added', 'Added', 'Added'
    }

    It 'has several changes on their way at once where another command takes the results' {
        Set-EmulatorSwitch @{ delayMs = 100 }

        $results = 1..20 | ForEach-Object { New-Row (New-Id) } | New-AzsRegistrationTenant | ForEach-Object { $_ }

        $results.Count | Should -Be 20
        Get-MostAtOnce | Should -BeIn 2, 3, 4, 5
    }

    It 'writes results while rows still come' {
        $rows = 0
        $results = 1..500 | ForEach-Object { $rows++; New-Row (New-Id) } | New-AzsRegistrationTenant | ForEach-Object { $rows }

        $results.Count | Should -Be 500
        $results[0] | Should -BeLessThan 500
    }

    It 'takes no more rows than it can have under way while no answer comes' {
        Set-EmulatorSwitch @{ answerDelayMs = 1000 }
        $rows = 0

        $first = 1..600 | ForEach-Object { $rows++; New-Row (New-Id) } | New-AzsRegistrationTenant | ForEach-Object { $rows } | Select-Object -First 1

        # 256 of them, and the one that waits for a place.
        $first | Should -BeLessOrEqual 257
    }
}

Describe 'Select-Object -First' {
    BeforeEach { Reset-Everything }

    It 'ends a long list early, and the next command works' {
        Set-EmulatorSwitch @{ pageSize = 10 }
        Add-EmulatorMapping -Count 300
        # Pages after the third never come: whoever reads to the end waits for long.
        Add-EmulatorFault @{ method = 'GET'; pathContains = 'skipToken'; from = 3 } @{ kind = 'hang' }

        $found = Get-AzsRegistrationTenant | Select-Object -First 5

        $found.CustomerSubscriptionId | Should -Be (Get-EmulatorMapping | Select-Object -First 5).customerSubscriptionId
        Reset-Emulator
        Add-EmulatorMapping -Count 2
        @(Get-AzsRegistrationTenant).Count | Should -Be 2
    }

    It 'takes the first results of a change, and the next command works' {
        $rows = 1..20 | ForEach-Object { New-Row (New-Id) }

        $results = $rows | New-AzsRegistrationTenant | Select-Object -First 2

        $results.Outcome | Should -Be 'Added', 'Added'
        $null = Invoke-Control GET 'state/settled'
        $again = $rows | New-AzsRegistrationTenant -ErrorVariable errors
        $errors | Should -BeNullOrEmpty
        $again.Count | Should -Be 20
        @(Get-EmulatorMapping).Count | Should -Be 20
    }

    It 'leaves nothing broken where a neighbour throws' {
        Add-EmulatorMapping -Count 5

        { Get-AzsRegistrationTenant | ForEach-Object { throw 'the neighbour' } } | Should -Throw 'the neighbour'

        @(Get-AzsRegistrationTenant).Count | Should -Be 5
    }
}
