BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    Start-Emulator
}

AfterAll { Stop-Emulator }

Describe 'Remove-AzsRegistrationTenant' {
    BeforeEach {
        Reset-Everything
        $script:customer, $script:tenant = (New-Id), (New-Id)
        Add-EmulatorMapping -Customer $script:customer -Tenant $script:tenant
        Add-EmulatorMapping -Count 2
    }

    Context 'A mapping' {
        It 'is removed with one DELETE, without output, where that is answered as <_>' -ForEach 'no-content', 'ok-empty', 'ok-body' {
            Set-EmulatorSwitch @{ deleteAnswer = $_ }

            Remove-AzsRegistrationTenant -CustomerSubscriptionId $script:customer -Force -ErrorVariable errors -WarningVariable warnings |
                Should -BeNullOrEmpty

            $errors | Should -BeNullOrEmpty
            $warnings | Should -BeNullOrEmpty
            $sent = @(Get-JournalWrite)
            $sent.Count | Should -Be 1
            $sent[0].method | Should -Be 'DELETE'
            $sent[0].path | Should -BeExactly (Get-MappingId $script:customer)
            $left = (Get-EmulatorMapping).customerSubscriptionId
            $left.Count | Should -Be 2
            $left | Should -Not -Contain $script:customer
        }

        It 'is written with -PassThru' {
            $result = Remove-AzsRegistrationTenant -CustomerSubscriptionId $script:customer -Force -PassThru

            @($result).Count | Should -Be 1
            $result.Outcome | Should -Be 'Removed'
            $result.CustomerSubscriptionId | Should -Be $script:customer
            $result.TenantId | Should -Be $script:tenant
            $result.RegistrationName | Should -Be $script:Emulator.RegistrationName
        }

        It 'is removed by <Form>' -ForEach @(
            @{ Form = 'its resource id'; Change = { param($id) $id } }
            @{ Form = 'a resource id without leading slash'; Change = { param($id) $id.TrimStart('/') } }
            @{ Form = 'a resource id in odd casing'; Change = { param($id) $id.Replace('Microsoft.AzureStack', 'MICROSOFT.AZURESTACK') } }
        ) {
            Remove-AzsRegistrationTenant -ResourceId (& $Change (Get-MappingId $script:customer)) -Force

            (Get-EmulatorMapping).customerSubscriptionId | Should -Not -Contain $script:customer
        }

        It 'says whom the usage is charged to from then on' {
            $verbose = Remove-AzsRegistrationTenant -CustomerSubscriptionId $script:customer -Force -Verbose 4>&1

            "$verbose" | Should -BeLike "*$($script:customer)*charged to*$($script:Emulator.SubscriptionId)*"
        }

        It 'is found by its lower-case spelling where the service has it in upper case and is case sensitive' {
            $stored = 'ABCDEF00-1111-4222-8333-ABCDEFABCDEF'
            Set-EmulatorSwitch @{ caseSensitive = $true }
            Add-EmulatorMapping -Customer $stored

            $result = Remove-AzsRegistrationTenant -CustomerSubscriptionId $stored.ToLowerInvariant() -Force -PassThru

            $result.Outcome | Should -Be 'Removed'
            (Get-Journal DELETE).path | Should -BeExactly (Get-MappingId $stored)
            (Get-EmulatorMapping).customerSubscriptionId | Should -Not -Contain $stored
        }
    }

    Context 'The mapping of a tenant' {
        It 'is found by -TenantId alone' {
            $result = Remove-AzsRegistrationTenant -TenantId $script:tenant.ToUpperInvariant() -Force -PassThru

            $result.Outcome | Should -Be 'Removed'
            $result.CustomerSubscriptionId | Should -Be $script:customer
            @(Get-Journal DELETE).Count | Should -Be 1
            (Get-EmulatorMapping).customerSubscriptionId | Should -Not -Contain $script:customer
        }

        It 'is removed where -TenantId and -CustomerSubscriptionId belong together' {
            Remove-AzsRegistrationTenant -TenantId $script:tenant -CustomerSubscriptionId $script:customer -Force

            (Get-EmulatorMapping).customerSubscriptionId | Should -Not -Contain $script:customer
        }

        It 'is left where -TenantId and -CustomerSubscriptionId do not belong together' {
            $result = Remove-AzsRegistrationTenant -TenantId (New-Id) -CustomerSubscriptionId $script:customer -Force -PassThru -ErrorVariable errors -ErrorAction SilentlyContinue

            $result | Should -BeNullOrEmpty
            $errors.Count | Should -Be 1
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'TenantMismatch,*'
            $errors[0].TargetObject.Outcome | Should -Be 'TenantMismatch'
            Get-JournalWrite | Should -BeNullOrEmpty
        }

        It 'is left where the tenant has more than one' {
            $second = New-Id
            Set-EmulatorSwitch @{ overwritten = 'stays' }
            Add-EmulatorMapping -Customer $second -Tenant $script:tenant

            $null = Remove-AzsRegistrationTenant -TenantId $script:tenant -Force -ErrorVariable errors -ErrorAction SilentlyContinue

            $errors.Count | Should -Be 1
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'TenantAmbiguous,*'
            $errors[0].Exception.Message | Should -BeLike "*$($script:customer)*$second*"
            Get-JournalWrite | Should -BeNullOrEmpty
        }
    }

    Context 'A mapping that is not there' {
        It 'is no error and no DELETE, by <Name>, where the service answers a DELETE of nothing with <Answer>' -ForEach @(
            @{ Name = 'CustomerSubscriptionId'; Answer = 'no-content' }
            @{ Name = 'CustomerSubscriptionId'; Answer = 'not-found' }
            @{ Name = 'TenantId'; Answer = 'no-content' }
        ) {
            Set-EmulatorSwitch @{ deleteMissing = $Answer }
            $parameters = @{ $Name = New-Id }

            Remove-AzsRegistrationTenant @parameters -Force -ErrorVariable errors | Should -BeNullOrEmpty

            $errors | Should -BeNullOrEmpty
            Get-JournalWrite | Should -BeNullOrEmpty
        }

        It 'is NotFound with -PassThru' {
            $nowhere = New-Id

            $result = Remove-AzsRegistrationTenant -CustomerSubscriptionId $nowhere -Force -PassThru

            $result.Outcome | Should -Be 'NotFound'
            $result.CustomerSubscriptionId | Should -Be $nowhere
        }

        It 'is Removed, not NotFound, where our own DELETE got no answer and took effect' {
            Add-EmulatorFault @{ method = 'DELETE'; nth = 1 } @{ kind = 'resetAfterEffect' }

            $result = Remove-AzsRegistrationTenant -CustomerSubscriptionId $script:customer -Force -PassThru -ErrorVariable errors

            $errors | Should -BeNullOrEmpty
            $result.Outcome | Should -Be 'Removed'
        }
    }

    Context '-WhatIf' {
        It 'removes nothing <How>' -ForEach @(
            @{ How = 'by itself'; Parameters = @{ WhatIf = $true } }
            @{ How = 'with -Force'; Parameters = @{ WhatIf = $true; Force = $true } }
            @{ How = 'with -Confirm:$false'; Parameters = @{ WhatIf = $true; Confirm = $false } }
            @{ How = 'with -PassThru'; Parameters = @{ WhatIf = $true; PassThru = $true; Force = $true } }
        ) {
            Remove-AzsRegistrationTenant -CustomerSubscriptionId $script:customer @Parameters -ErrorVariable errors | Should -BeNullOrEmpty

            $errors | Should -BeNullOrEmpty
            Get-JournalWrite | Should -BeNullOrEmpty
        }

        It 'holds as $WhatIfPreference in the caller''s script' {
            & {
                $WhatIfPreference = $true
                Get-AzsRegistrationTenant | Remove-AzsRegistrationTenant -Force
            }

            Get-JournalWrite | Should -BeNullOrEmpty
            @(Get-EmulatorMapping).Count | Should -Be 3
        }
    }

    Context 'A locked registration' {
        It 'is told as ScopeLocked, with what to do' {
            Set-EmulatorSwitch @{ lock = $true }

            $null = Remove-AzsRegistrationTenant -CustomerSubscriptionId $script:customer -Force -ErrorVariable errors -ErrorAction SilentlyContinue

            $errors.Count | Should -Be 1
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'ScopeLocked,*'
            $errors[0].CategoryInfo.Category | Should -Be 'ResourceUnavailable'
            $errors[0].Exception.HttpStatus | Should -Be 409
            $errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*lock*'
            $errors[0].TargetObject.Outcome | Should -Be 'Failed'
            $errors[0].TargetObject.CustomerSubscriptionId | Should -Be $script:customer
        }
    }

    Context 'Bad input' {
        It 'refuses <What> and sends nothing' -ForEach @(
            @{ What = 'an id that is no GUID'; Parameters = @{ CustomerSubscriptionId = '0c1d2e3f' }; Code = 'GuidNotValid' }
            @{ What = 'neither customer subscription nor tenant'; Parameters = @{}; Code = 'ValueMissing' }
            @{ What = 'the id of a registration alone'; Parameters = @{ ResourceId = '/subscriptions/0c1d2e3f-0000-4000-8000-000000000001/resourceGroups/x/providers/Microsoft.AzureStack/registrations/y' }; Code = 'ValueMissing' }
            @{ What = 'an id below something else'; Parameters = @{ ResourceId = '/subscriptions/0c1d2e3f-0000-4000-8000-000000000001/resourceGroups/x' }; Code = 'ResourceIdNotValid' }
        ) {
            $null = Remove-AzsRegistrationTenant @Parameters -Force -ErrorVariable errors -ErrorAction SilentlyContinue

            $errors.Count | Should -Be 1
            $errors[0].FullyQualifiedErrorId | Should -BeLike "$Code,*"
            $errors[0].Exception.Message | Should -BeLike '*Expected*'
            Get-Journal | Should -BeNullOrEmpty
        }

        It 'refuses -<Name> from a variable that was never set, and removes nothing' -ForEach @(
            @{ Name = 'CustomerSubscriptionId' }, @{ Name = 'TenantId' }, @{ Name = 'RegistrationName' }
        ) {
            $parameters = @{ CustomerSubscriptionId = $script:customer }
            $parameters[$Name] = $null

            try { Remove-AzsRegistrationTenant @parameters -Force } catch { $refusal = $_ }

            $refusal.FullyQualifiedErrorId | Should -BeLike 'ParameterBlank,*'
            Get-Journal | Should -BeNullOrEmpty
        }

        It 'tells an unknown registration, and sends no DELETE' {
            $null = Remove-AzsRegistrationTenant -RegistrationName 'azurestack-nowhere' -CustomerSubscriptionId $script:customer -Force -ErrorVariable errors -ErrorAction SilentlyContinue

            $errors.Count | Should -Be 1
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'RegistrationNotFound,*'
            Get-JournalWrite | Should -BeNullOrEmpty
        }
    }
}
