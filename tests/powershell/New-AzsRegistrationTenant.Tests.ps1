BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    Start-Emulator
}

AfterAll { Stop-Emulator }

Describe 'New-AzsRegistrationTenant' {
    BeforeEach { Reset-Everything }

    Context 'A tenant that has no mapping' {
        It 'adds it with one PUT and says so' {
            $customer, $tenant = (New-Id), (New-Id)
            Set-EmulatorTenant $tenant $customer

            $result = New-AzsRegistrationTenant -CustomerSubscriptionId $customer -ErrorVariable errors

            $errors | Should -BeNullOrEmpty
            @($result).Count | Should -Be 1
            $result.Outcome | Should -Be 'Added'
            $result.CustomerSubscriptionId | Should -Be $customer
            $result.TenantId | Should -Be $tenant
            $result.OldCustomerSubscriptionId | Should -BeNullOrEmpty
            (Get-EmulatorMapping).customerSubscriptionId | Should -Be $customer
            $sent = @(Get-JournalWrite)
            $sent.Count | Should -Be 1
            $sent[0].method | Should -Be 'PUT'
            $sent[0].path | Should -BeExactly (Get-MappingId $customer)
            $sent[0].query | Should -Be 'api-version=2017-06-01'
            $sent[0].body | Should -Be '{}'
        }

        It 'gives the same result for a PUT that is answered as <_>' -ForEach @(
            'created-empty', 'ok-body', 'ok-blank-ids', 'created-body', 'no-content', 'accepted', 'accepted-async-operation'
        ) {
            $customer, $tenant = (New-Id), (New-Id)
            Set-EmulatorTenant $tenant $customer
            Set-EmulatorSwitch @{ putAnswer = $_ }

            $result = New-AzsRegistrationTenant -CustomerSubscriptionId $customer -ErrorVariable errors -WarningVariable warnings

            $errors | Should -BeNullOrEmpty
            $warnings | Should -BeNullOrEmpty
            $result.Outcome | Should -Be 'Added'
            $e = $script:Emulator
            $result.CustomerSubscriptionId | Should -Be $customer
            $result.TenantId | Should -Be $tenant
            $result.ResourceId | Should -Be (Get-MappingId $customer)
            $result.Id | Should -Be $result.ResourceId
            $result.Name | Should -Be "$($e.RegistrationName)/$customer"
            $result.ResourceName | Should -Be $result.Name
            $result.ResourceType | Should -Be 'Microsoft.AzureStack/registrations/customerSubscriptions'
            $result.Type | Should -Be $result.ResourceType
            $result.ResourceGroupName | Should -Be $e.ResourceGroup
            $result.RegistrationName | Should -Be $e.RegistrationName
            $result.RegistrationSubscriptionId | Should -Be $e.SubscriptionId
            $result.SubscriptionId | Should -Be $e.SubscriptionId
            $result.Properties.tenantId | Should -Be $tenant
            @(Get-Journal PUT).Count | Should -Be 1
        }

        It 'sends the tenant that is named' {
            $customer, $tenant = (New-Id), (New-Id)
            Set-EmulatorTenant $tenant $customer

            $result = New-AzsRegistrationTenant -CustomerSubscriptionId $customer -TenantId $tenant

            $result.TenantId | Should -Be $tenant
            (Get-Journal PUT).body | ConvertFrom-Json | ForEach-Object { $_.properties.tenantId } | Should -Be $tenant
        }

        It 'asks nobody and warns of nothing, though nobody is there to ask' {
            $null = New-AzsRegistrationTenant -CustomerSubscriptionId (New-Id) -ErrorVariable errors -WarningVariable warnings

            $errors | Should -BeNullOrEmpty
            $warnings | Should -BeNullOrEmpty
            @(Get-Journal PUT).Count | Should -Be 1
        }

        It 'takes <Form>' -ForEach @(
            @{ Form = 'a resource id'; Change = { param($id) $id } }
            @{ Form = 'a resource id without leading slash'; Change = { param($id) $id.TrimStart('/') } }
            @{ Form = 'a resource id with blanks round it'; Change = { param($id) ' ' + $id + '  ' } }
            @{ Form = 'a resource id in odd casing'; Change = { param($id) $id.Replace('registrations', 'Registrations').Replace('/providers/', '/Providers/').Replace('customerSubscriptions', 'customersubscriptions') } }
        ) {
            $customer = New-Id

            $result = New-AzsRegistrationTenant -ResourceId (& $Change (Get-MappingId $customer)) -ErrorVariable errors

            $errors | Should -BeNullOrEmpty
            $result.Outcome | Should -Be 'Added'
            $result.CustomerSubscriptionId | Should -Be $customer
            (Get-EmulatorMapping).customerSubscriptionId | Should -Be $customer
        }

        It 'adds to the registration that is named' {
            Add-EmulatorRegistration 'azurestack-other'
            $customer = New-Id

            $result = New-AzsRegistrationTenant -RegistrationName 'azurestack-other' -CustomerSubscriptionId $customer

            $result.RegistrationName | Should -Be 'azurestack-other'
            (Get-EmulatorMapping 'azurestack-other').customerSubscriptionId | Should -Be $customer
            Get-EmulatorMapping | Should -BeNullOrEmpty
        }
    }

    Context 'A mapping that is there already' {
        It 'is Unchanged, and nothing is sent' {
            $customer, $tenant = (New-Id), (New-Id)
            Add-EmulatorMapping -Customer $customer -Tenant $tenant

            $result = New-AzsRegistrationTenant -CustomerSubscriptionId $customer -TenantId $tenant -ErrorVariable errors

            $errors | Should -BeNullOrEmpty
            $result.Outcome | Should -Be 'Unchanged'
            $result.TenantId | Should -Be $tenant
            Get-JournalWrite | Should -BeNullOrEmpty
        }

        It 'is Unchanged when the same row comes twice' {
            $customer = New-Id

            $results = (New-Row $customer), (New-Row $customer) | New-AzsRegistrationTenant

            (Get-InOrder $results).Outcome | Should -Be 'Added', 'Unchanged'
            @(Get-Journal PUT).Count | Should -Be 1
        }
    }

    Context 'The spelling of an id' {
        BeforeAll { $upper = 'ABCDEF00-1111-4222-8333-ABCDEFABCDEF' }

        It 'goes out in lower case, which the verbose stream tells' {
            $verbose = @(New-AzsRegistrationTenant -CustomerSubscriptionId $upper -Verbose 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] })

            (Get-Journal PUT).path | Should -BeExactly (Get-MappingId $upper.ToLowerInvariant())
            "$verbose" | Should -BeLike "*$upper*$($upper.ToLowerInvariant())*"
        }

        It 'goes out as given with -PreserveCase' {
            $result = New-AzsRegistrationTenant -CustomerSubscriptionId $upper -PreserveCase

            (Get-Journal PUT).path | Should -BeExactly (Get-MappingId $upper)
            $result.CustomerSubscriptionId | Should -BeExactly $upper
        }

        It 'is known again where the service has it in upper case and is case sensitive' {
            Set-EmulatorSwitch @{ caseSensitive = $true }
            Add-EmulatorMapping -Customer $upper

            $result = New-AzsRegistrationTenant -CustomerSubscriptionId $upper.ToLowerInvariant()

            $result.Outcome | Should -Be 'Unchanged'
            $result.CustomerSubscriptionId | Should -BeExactly $upper
            Get-JournalWrite | Should -BeNullOrEmpty
        }
    }

    Context 'Another tenant than the one named' {
        It 'is refused before anything is sent where the sign-in challenge shows it' {
            $customer, $owner, $named = (New-Id), (New-Id), (New-Id)
            Set-EmulatorTenant $owner $customer

            $result = New-AzsRegistrationTenant -CustomerSubscriptionId $customer -TenantId $named -ErrorVariable errors -ErrorAction SilentlyContinue

            $result | Should -BeNullOrEmpty
            $errors.Count | Should -Be 1
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'TenantMismatch,*'
            $errors[0].Exception.Message | Should -BeLike "*$owner*$named*"
            $errors[0].TargetObject.Outcome | Should -Be 'TenantMismatch'
            Get-JournalWrite | Should -BeNullOrEmpty
        }
    }

    Context '-WhatIf' {
        BeforeEach { $script:customer = New-Id }

        It 'sends nothing that changes something, and writes nothing' {
            New-AzsRegistrationTenant -CustomerSubscriptionId $script:customer -WhatIf | Should -BeNullOrEmpty

            Get-JournalWrite | Should -BeNullOrEmpty
        }

        It 'sends nothing with -Force either' {
            New-AzsRegistrationTenant -CustomerSubscriptionId $script:customer -Force -WhatIf | Should -BeNullOrEmpty

            Get-JournalWrite | Should -BeNullOrEmpty
        }

        It 'sends nothing with -Confirm:$false either' {
            New-AzsRegistrationTenant -CustomerSubscriptionId $script:customer -Confirm:$false -WhatIf | Should -BeNullOrEmpty

            Get-JournalWrite | Should -BeNullOrEmpty
        }

        It 'holds as $WhatIfPreference in the caller''s script' {
            & {
                $WhatIfPreference = $true
                New-AzsRegistrationTenant -CustomerSubscriptionId $script:customer -Force
            } | Should -BeNullOrEmpty

            Get-JournalWrite | Should -BeNullOrEmpty
        }

        It 'refuses a bad row all the same' {
            $null = New-AzsRegistrationTenant -CustomerSubscriptionId 'nonsense' -WhatIf -ErrorVariable errors -ErrorAction SilentlyContinue

            $errors[0].FullyQualifiedErrorId | Should -BeLike 'GuidNotValid,*'
        }
    }

    Context 'Bad input' {
        It 'refuses <What>, names <Column> and what is expected, and sends nothing' -ForEach @(
            @{ What = 'an id that is no GUID'; Parameters = @{ CustomerSubscriptionId = 'contoso' }; Code = 'GuidNotValid'; Column = 'CustomerSubscriptionId' }
            @{ What = 'a domain for a tenant'; Parameters = @{ CustomerSubscriptionId = '0c1d2e3f-0000-4000-8000-000000000001'; TenantId = 'contoso.onmicrosoft.com' }; Code = 'GuidNotValid'; Column = 'TenantId' }
            @{ What = 'no customer subscription'; Parameters = @{ TenantId = '0c1d2e3f-0000-4000-8000-000000000001' }; Code = 'ValueMissing'; Column = 'CustomerSubscriptionId' }
            @{ What = 'a registration''s subscription that is no GUID'; Parameters = @{ CustomerSubscriptionId = '0c1d2e3f-0000-4000-8000-000000000001'; RegistrationSubscriptionId = 'Contoso' }; Code = 'GuidNotValid'; Column = 'RegistrationSubscriptionId' }
            @{ What = 'a name that no registration can have'; Parameters = @{ CustomerSubscriptionId = '0c1d2e3f-0000-4000-8000-000000000001'; RegistrationName = 'a/b' }; Code = 'RegistrationNameNotValid'; Column = 'RegistrationName' }
            @{ What = 'a resource id of something else'; Parameters = @{ ResourceId = '/subscriptions/0c1d2e3f-0000-4000-8000-000000000001/resourceGroups/x/providers/Microsoft.Compute/virtualMachines/y' }; Code = 'ResourceIdNotValid'; Column = 'ResourceId' }
            @{ What = 'a resource id that contradicts the name beside it'; Parameters = @{ ResourceId = '/subscriptions/0c1d2e3f-0000-4000-8000-000000000001/resourceGroups/x/providers/Microsoft.AzureStack/registrations/y/customerSubscriptions/0c1d2e3f-0000-4000-8000-000000000002'; RegistrationName = 'z' }; Code = 'RowContradictsItself'; Column = 'RegistrationName' }
        ) {
            $result = New-AzsRegistrationTenant @Parameters -ErrorVariable errors -ErrorAction SilentlyContinue

            $result | Should -BeNullOrEmpty
            $errors.Count | Should -Be 1
            $errors[0].FullyQualifiedErrorId | Should -BeLike "$Code,*"
            $errors[0].CategoryInfo.Category | Should -Be 'InvalidArgument'
            $errors[0].Exception.Column | Should -Be $Column
            $errors[0].Exception.Message | Should -BeLike "*$Column*Expected*"
            $errors[0].TargetObject.Outcome | Should -Be 'Failed'
            Get-Journal | Should -BeNullOrEmpty
        }

        It 'refuses -<Name> that is <What>' -ForEach @(
            @{ Name = 'CustomerSubscriptionId'; What = 'empty'; Value = '' }
            @{ Name = 'RegistrationName'; What = 'a variable never set'; Value = $null }
            @{ Name = 'TenantId'; What = 'empty'; Value = '' }
        ) {
            $parameters = @{ CustomerSubscriptionId = New-Id }
            $parameters[$Name] = $Value

            try { New-AzsRegistrationTenant @parameters } catch { $refusal = $_ }

            $refusal.FullyQualifiedErrorId | Should -BeLike 'ParameterBlank,*'
            $refusal.Exception.Message | Should -BeLike "*-$Name*"
            Get-Journal | Should -BeNullOrEmpty
        }
    }

    Context 'An error of the service' {
        It 'tells <_> with its code, what to do and what it is about' -ForEach @(
            'BadCustomerSubscriptionId', 'CustomerSubscriptionNotFound', 'InvalidCustomerSubscriptionId', 'InvalidCSPSubscription',
            'UnauthorizedCspRegistration', 'CustomerSubscriptionsNotAllowed', 'RegistrationNotFound'
        ) {
            $customer = New-Id
            Set-EmulatorSwitch @{ rpErrors = @{ $customer = @{ code = $_ } } }

            $result = New-AzsRegistrationTenant -CustomerSubscriptionId $customer -ErrorVariable errors -ErrorAction SilentlyContinue

            $result | Should -BeNullOrEmpty
            $errors.Count | Should -Be 1
            $errors[0].FullyQualifiedErrorId | Should -BeLike "$_,*"
            $errors[0].Exception.Message | Should -BeLike "${_}: *"
            $errors[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
            $errors[0].TargetObject.Outcome | Should -Be 'Failed'
            $errors[0].TargetObject.CustomerSubscriptionId | Should -Be $customer
            $errors[0].Exception.HttpStatus | Should -BeGreaterThan 399
            $errors[0].Exception.RequestId | Should -Not -BeNullOrEmpty
            $errors[0].Exception.CorrelationId | Should -Not -BeNullOrEmpty
            $errors[0].Exception.Message | Should -BeLike "*$($errors[0].Exception.RequestId)*"
        }

        It 'tries again what passes by itself' {
            $customer = New-Id
            Set-EmulatorSwitch @{ rpErrors = @{ $customer = @{ code = 'MetadataResolverBadGatewayError'; times = 1 } } }

            $result = New-AzsRegistrationTenant -CustomerSubscriptionId $customer -ErrorVariable errors

            $errors | Should -BeNullOrEmpty
            $result.Outcome | Should -Be 'Added'
            @(Get-Journal PUT).Count | Should -Be 2
        }

        It 'does not stop the other rows where it is about one of them' {
            $rows = 1..3 | ForEach-Object { New-Row (New-Id) }
            Set-EmulatorSwitch @{ rpErrors = @{ $rows[1].CustomerSubscriptionId = @{ code = 'BadCustomerSubscriptionId' } } }

            $results = $rows | New-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue

            (Get-InOrder $results).CustomerSubscriptionId | Should -Be $rows[0].CustomerSubscriptionId, $rows[2].CustomerSubscriptionId
            $errors.Count | Should -Be 1
            $errors[0].TargetObject.Row | Should -Be 2
        }

        It 'stops the batch where it is about the registration: the rest is not started, with the reason, with -ThrottleLimit <_>' -ForEach 1, 5 {
            Add-EmulatorRegistration 'azurestack-capacity' -BillingModel 'Capacity'
            $rows = 1..20 | ForEach-Object { New-Row (New-Id) }

            $results = $rows | New-AzsRegistrationTenant -RegistrationName 'azurestack-capacity' -ThrottleLimit $_ -ErrorVariable errors -ErrorAction SilentlyContinue

            $results | Should -BeNullOrEmpty
            $errors.Count | Should -Be 20
            $errors.TargetObject.Row | Sort-Object | Should -Be (1..20)
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'CustomerSubscriptionsNotAllowed,*'
            foreach ($one in $errors) { $one.Exception.Message | Should -BeLike '*CustomerSubscriptionsNotAllowed*' }
            # Those that were on their way when it came are refused as well.
            $failed = @($errors.TargetObject | Where-Object { $_.Outcome -eq 'Failed' })
            $failed.Count | Should -BeIn (1..$_)
            @($errors.TargetObject | Where-Object { $_.Outcome -eq 'NotStarted' }).Count | Should -Be (20 - $failed.Count)
            @(Get-Journal PUT).Count | Should -BeLessOrEqual $_
        }

        It 'tells an unknown registration, and sends no PUT' {
            $null = New-AzsRegistrationTenant -RegistrationName 'azurestack-nowhere' -CustomerSubscriptionId (New-Id) -ErrorVariable errors -ErrorAction SilentlyContinue

            $errors.Count | Should -Be 1
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'RegistrationNotFound,*'
            $errors[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
            $errors[0].Exception.Message | Should -BeLike '*azurestack-nowhere*'
            Get-JournalWrite | Should -BeNullOrEmpty
        }
    }

    Context 'A write in doubt' {
        It 'is Added where a look-up shows that a PUT without an answer took effect' {
            $customer = New-Id
            Add-EmulatorFault @{ method = 'PUT'; nth = 1 } @{ kind = 'resetAfterEffect' }

            $result = New-AzsRegistrationTenant -CustomerSubscriptionId $customer -ErrorVariable errors

            $errors | Should -BeNullOrEmpty
            $result.Outcome | Should -Be 'Added'
            @(Get-Journal PUT).Count | Should -Be 1
        }

        It 'is no success where a proxy answered with a page' {
            $customer = New-Id
            Add-EmulatorFault @{ method = 'PUT' } @{ kind = 'nonJsonBody' }

            $result = New-AzsRegistrationTenant -CustomerSubscriptionId $customer -TimeoutSec 1 -ErrorVariable errors -ErrorAction SilentlyContinue

            $result | Should -BeNullOrEmpty
            $errors.Count | Should -Be 1
            $errors[0].TargetObject.Outcome | Should -Be 'Unknown'
            Get-EmulatorMapping | Should -BeNullOrEmpty
        }
    }
}
