BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    Start-Emulator
}

AfterAll { Stop-Emulator }

Describe 'Get-AzsRegistrationTenant' {
    BeforeEach { Reset-Everything }

    Context 'A registration without tenants' {
        It 'writes nothing and no error for a list answered as <_>' -ForEach 'empty-array', 'no-value', 'empty-body', 'no-content', 'not-found' {
            Set-EmulatorSwitch @{ emptyList = $_ }

            $all = @(Get-AzsRegistrationTenant -ErrorVariable errors -WarningVariable warnings *>&1)

            $all | Should -BeNullOrEmpty
            $errors | Should -BeNullOrEmpty
            $warnings | Should -BeNullOrEmpty
            @(Get-JournalList).Count | Should -Be 1
        }
    }

    Context 'A list on several pages' {
        It 'writes every mapping once and in order, with page tokens by <Token>, links in the <Link> form and a last link that is <Last>' -ForEach @(
            @{ Token = 'offset'; Link = 'standard'; Last = 'absent' }
            @{ Token = 'key'; Link = 'standard'; Last = 'null' }
            @{ Token = 'offset'; Link = 'article'; Last = 'empty' }
        ) {
            Set-EmulatorSwitch @{ pageSize = 2; pageToken = $Token; nextLinkForm = $Link; lastNextLink = $Last }
            Add-EmulatorMapping -Count 5
            $expected = (Get-EmulatorMapping).customerSubscriptionId

            $found = Get-AzsRegistrationTenant

            $found.CustomerSubscriptionId | Should -Be $expected
            @(Get-JournalList).Count | Should -Be 3
        }

        It 'writes what came before the page that failed, and says that the rest is missing' {
            Set-EmulatorSwitch @{ pageSize = 2 }
            Add-EmulatorMapping -Count 5
            Add-EmulatorFault @{ method = 'GET'; pathContains = 'skipToken'; nth = 2 } @{ kind = 'status'; status = 403 }

            $found = @(Get-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue)

            $found.Count | Should -Be 4
            $errors.Count | Should -Be 1
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'AuthorizationFailed,*'
        }

        It 'follows no link to another host' {
            Add-EmulatorMapping -Count 3
            Add-EmulatorFault @{ method = 'GET' } @{ kind = 'wrongNextLink'; host = 'management.example.invalid' }

            $null = Get-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue

            $errors[0].FullyQualifiedErrorId | Should -BeLike 'LinkRefused,*'
            $errors[0].Exception.Message | Should -BeLike '*management.example.invalid*'
        }

        It 'ends where a link leads back to the same page' {
            Add-EmulatorMapping -Count 3
            Add-EmulatorFault @{ method = 'GET' } @{ kind = 'loopingNextLink' }

            $null = Get-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue

            $errors[0].FullyQualifiedErrorId | Should -BeLike 'PagesLoop,*'
        }

        It 'passes over an empty page' {
            Set-EmulatorSwitch @{ pageSize = 2 }
            Add-EmulatorMapping -Count 4
            Add-EmulatorFault @{ method = 'GET'; pathContains = 'customerSubscriptions'; nth = 1 } @{ kind = 'emptyPage' }

            @(Get-AzsRegistrationTenant -ErrorVariable errors).Count | Should -Be 4

            $errors | Should -BeNullOrEmpty
        }
    }

    Context 'One mapping' {
        It 'gets the mapping of a customer subscription' {
            $customer, $tenant = (New-Id), (New-Id)
            Add-EmulatorMapping -Count 3
            Add-EmulatorMapping -Customer $customer -Tenant $tenant

            $found = Get-AzsRegistrationTenant -CustomerSubscriptionId $customer

            @($found).Count | Should -Be 1
            $found.CustomerSubscriptionId | Should -Be $customer
            $found.TenantId | Should -Be $tenant
        }

        It 'gets it by <Form>' -ForEach @(
            @{ Form = 'its resource id'; Change = { param($id) $id } }
            @{ Form = 'a resource id without leading slash'; Change = { param($id) $id.TrimStart('/') } }
            @{ Form = 'a resource id with blanks round it'; Change = { param($id) '  ' + $id + ' ' } }
            @{ Form = 'a resource id in odd casing'; Change = { param($id) $id.Replace('resourceGroups', 'RESOURCEGROUPS').Replace('customerSubscriptions', 'CustomerSubscriptions').Replace('Microsoft.AzureStack', 'microsoft.azurestack') } }
        ) {
            $customer = New-Id
            Add-EmulatorMapping -Customer $customer

            $found = Get-AzsRegistrationTenant -ResourceId (& $Change (Get-MappingId $customer)) -ErrorVariable errors

            $errors | Should -BeNullOrEmpty
            $found.CustomerSubscriptionId | Should -Be $customer
        }

        It 'finds an id in upper case by its lower-case spelling where the service is case sensitive' {
            $stored = 'ABCDEF00-1111-4222-8333-ABCDEFABCDEF'
            Set-EmulatorSwitch @{ caseSensitive = $true }
            Add-EmulatorMapping -Customer $stored

            $found = Get-AzsRegistrationTenant -CustomerSubscriptionId $stored.ToLowerInvariant()

            $found.CustomerSubscriptionId | Should -BeExactly $stored
            $found.ResourceId | Should -BeExactly (Get-MappingId $stored)
        }

        It 'writes an error that names the id where it is not mapped' {
            $customer = New-Id

            $found = Get-AzsRegistrationTenant -CustomerSubscriptionId $customer -ErrorVariable errors -ErrorAction SilentlyContinue

            $found | Should -BeNullOrEmpty
            $errors.Count | Should -Be 1
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'CustomerSubscriptionNotFound,*'
            $errors[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
            $errors[0].Exception.Message | Should -BeLike "*$customer*"
            $errors[0].TargetObject.CustomerSubscriptionId | Should -Be $customer
            $errors[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        }

        It 'refuses a customer subscription that belongs to another tenant than the one named' {
            $customer, $tenant = (New-Id), (New-Id)
            Add-EmulatorMapping -Customer $customer -Tenant (New-Id)

            $found = Get-AzsRegistrationTenant -CustomerSubscriptionId $customer -TenantId $tenant -ErrorVariable errors -ErrorAction SilentlyContinue

            $found | Should -BeNullOrEmpty
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'TenantMismatch,*'
            $errors[0].Exception.Message | Should -BeLike "*$tenant*"
        }
    }

    Context 'The mappings of one tenant' {
        It 'lists those alone, over all pages and in any casing' {
            $tenant = 'abcdef00-1111-4222-8333-abcdefabcdef'
            $first, $second = (New-Id), (New-Id)
            Set-EmulatorSwitch @{ pageSize = 2; overwritten = 'stays' }
            Add-EmulatorMapping -Customer $first -Tenant $tenant
            Add-EmulatorMapping -Count 5
            Add-EmulatorMapping -Customer $second -Tenant $tenant

            $found = Get-AzsRegistrationTenant -TenantId $tenant.ToUpperInvariant()

            $found.CustomerSubscriptionId | Should -Be $first, $second
        }

        It 'writes nothing and no error for a tenant without any' {
            Add-EmulatorMapping -Count 2

            Get-AzsRegistrationTenant -TenantId (New-Id) -ErrorVariable errors | Should -BeNullOrEmpty

            $errors | Should -BeNullOrEmpty
        }
    }

    Context 'What is written' {
        It 'has the properties that scripts for the generic cmdlets read, with entries in the <_> form' -ForEach 'openapi', 'article', 'blank-names', 'odd-case' {
            $customer, $tenant = (New-Id), (New-Id)
            Set-EmulatorSwitch @{ itemForm = $_ }
            Add-EmulatorMapping -Customer $customer -Tenant $tenant

            $found = Get-AzsRegistrationTenant

            $e = $script:Emulator
            $found.ResourceId | Should -Be (Get-MappingId $customer)
            $found.Id | Should -Be $found.ResourceId
            $found.Name.Trim() | Should -BeLike "*$customer"
            $found.ResourceName | Should -Be $found.Name
            $found.ResourceType | Should -Be 'Microsoft.AzureStack/registrations/customerSubscriptions'
            $found.Type | Should -Be $found.ResourceType
            $found.ResourceGroupName | Should -Be $e.ResourceGroup
            $found.SubscriptionId | Should -Be $e.SubscriptionId
            $found.Properties.tenantId | Should -Be $tenant
            $found.TenantId | Should -Be $tenant
            $found.CustomerSubscriptionId | Should -Be $customer
            $found.RegistrationName | Should -Be $e.RegistrationName
            $found.RegistrationSubscriptionId | Should -Be $e.SubscriptionId
        }

        It 'is named registration/customer where the service gives a name' {
            $customer = New-Id
            Add-EmulatorMapping -Customer $customer

            (Get-AzsRegistrationTenant).Name | Should -Be "$($script:Emulator.RegistrationName)/$customer"
        }

        It 'is a type that the cmdlet declares' {
            Add-EmulatorMapping -Count 1

            $found = Get-AzsRegistrationTenant

            (Get-Command Get-AzsRegistrationTenant).OutputType.Type | Should -Contain $found.GetType()
        }
    }

    Context 'Which registration' {
        BeforeEach {
            Add-EmulatorRegistration 'azurestack-other'
            $script:other = New-Id
            Add-EmulatorMapping -Customer $script:other -Registration 'azurestack-other'
            Add-EmulatorMapping -Count 1
        }

        It 'is the connection''s where none is named' {
            (Get-AzsRegistrationTenant).RegistrationName | Should -Be $script:Emulator.RegistrationName
        }

        It 'is the one named, with the rest from the connection' {
            $found = Get-AzsRegistrationTenant -RegistrationName 'azurestack-other'

            $found.CustomerSubscriptionId | Should -Be $script:other
            $found.RegistrationName | Should -Be 'azurestack-other'
        }

        It 'may be named by a resource id' {
            $id = $script:Emulator.RegistrationId.Replace($script:Emulator.RegistrationName, 'azurestack-other')

            (Get-AzsRegistrationTenant -ResourceId $id).CustomerSubscriptionId | Should -Be $script:other
        }

        It 'comes from rows, one list after the other' {
            $rows = 'azurestack-other', $script:Emulator.RegistrationName |
                ForEach-Object { [pscustomobject] @{ RegistrationName = $_ } }

            ($rows | Get-AzsRegistrationTenant).RegistrationName | Should -Be 'azurestack-other', $script:Emulator.RegistrationName
        }

        It 'takes -SubscriptionId on the command line for the registration''s' {
            $found = Get-AzsRegistrationTenant -SubscriptionId $script:Emulator.SubscriptionId -RegistrationName 'azurestack-other'

            $found.CustomerSubscriptionId | Should -Be $script:other
        }

        It 'is told in words where there is none of that name' {
            $found = Get-AzsRegistrationTenant -RegistrationName 'azurestack-nowhere' -ErrorVariable errors -ErrorAction SilentlyContinue

            $found | Should -BeNullOrEmpty
            $errors.Count | Should -Be 1
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'RegistrationNotFound,*'
            $errors[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
            $errors[0].Exception.Message | Should -BeLike '*azurestack-nowhere*'
            $errors[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        }
    }

    Context 'Parameters without a value' {
        It 'refuses -<Name> that is <What>, and sends nothing' -ForEach @(
            @{ Name = 'CustomerSubscriptionId'; What = 'empty'; Value = '' }
            @{ Name = 'CustomerSubscriptionId'; What = 'a variable never set'; Value = $null }
            @{ Name = 'TenantId'; What = 'blank'; Value = ' ' }
            @{ Name = 'RegistrationName'; What = 'empty'; Value = '' }
            @{ Name = 'ResourceId'; What = 'empty'; Value = '' }
        ) {
            Add-EmulatorMapping -Count 2
            $parameters = @{ $Name = $Value }

            $found = try { Get-AzsRegistrationTenant @parameters } catch { $refusal = $_ }

            $found | Should -BeNullOrEmpty
            $refusal.FullyQualifiedErrorId | Should -BeLike 'ParameterBlank,*'
            $refusal.Exception.Message | Should -BeLike "*-$Name*"
            Get-Journal | Should -BeNullOrEmpty
        }
    }
}
