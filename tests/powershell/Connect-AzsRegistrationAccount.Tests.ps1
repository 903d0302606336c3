BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    Start-Emulator
}

AfterAll { Stop-Emulator }

Describe 'Connect-AzsRegistrationAccount' {
    BeforeEach {
        Disconnect-AzsRegistrationAccount
        Reset-Emulator
    }

    It 'says what it chose, and sends nothing' {
        $parameters = Get-ConnectParameter

        $account = Connect-AzsRegistrationAccount @parameters

        $e = $script:Emulator
        @($account).Count | Should -Be 1
        $account.RegistrationName | Should -Be $e.RegistrationName
        $account.ResourceGroupName | Should -Be $e.ResourceGroup
        $account.RegistrationSubscriptionId | Should -Be $e.SubscriptionId
        $account.ArmEndpoint | Should -Be $e.ArmEndpoint
        $account.AuthorityHost | Should -Be $e.AuthorityHost
        $account.ApiVersion | Should -Be '2017-06-01'
        Get-Journal | Should -BeNullOrEmpty
    }

    It 'takes the public cloud where no endpoint is given' {
        $account = Connect-AzsRegistrationAccount -AccessToken (New-Token 'a.b.c')

        $account.ArmEndpoint.TrimEnd('/') | Should -Be 'https://management.azure.com'
        $account.AuthorityHost.TrimEnd('/') | Should -Be 'https://login.microsoftonline.com'
        $account.RegistrationName | Should -BeNullOrEmpty
    }

    It 'takes the default registration from its resource id' {
        $e = $script:Emulator

        $account = Connect-AzsRegistrationAccount -AccessToken (New-Token $e.Token) -ResourceId $e.RegistrationId

        $account.RegistrationName | Should -Be $e.RegistrationName
        $account.ResourceGroupName | Should -Be $e.ResourceGroup
        $account.RegistrationSubscriptionId | Should -Be $e.SubscriptionId
    }

    It 'takes -SubscriptionId for the registration''s' {
        $parameters = Get-ConnectParameter
        $parameters.Remove('RegistrationSubscriptionId')

        (Connect-AzsRegistrationAccount @parameters -SubscriptionId $script:Emulator.SubscriptionId).RegistrationSubscriptionId |
            Should -Be $script:Emulator.SubscriptionId
    }

    It 'takes the registration of a piped object' {
        Add-EmulatorMapping -Count 1
        Connect-Emulator
        $mapping = Get-AzsRegistrationTenant
        Disconnect-AzsRegistrationAccount
        $parameters = Get-ConnectParameter
        $parameters.Keys -like 'Re*' | ForEach-Object { $parameters.Remove($_) }

        $account = $mapping | Connect-AzsRegistrationAccount @parameters

        $account.RegistrationName | Should -Be $script:Emulator.RegistrationName
    }

    It 'works without a default registration, and then each command has to name one' {
        $parameters = Get-ConnectParameter
        $parameters.Keys -like 'Re*' | ForEach-Object { $parameters.Remove($_) }
        Add-EmulatorMapping -Count 1

        $null = Connect-AzsRegistrationAccount @parameters

        $null = Get-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'RegistrationMissing,*'
        $errors[0].Exception.Message | Should -BeLike '*RegistrationName*ResourceId*'
        @(Get-AzsRegistrationTenant -ResourceId $script:Emulator.RegistrationId).Count | Should -Be 1
    }

    It 'sends the api-version that is given' {
        Connect-Emulator @{ ApiVersion = '2016-01-01' }

        $null = Get-AzsRegistrationTenant -ErrorAction SilentlyContinue

        (Get-JournalList | Select-Object -First 1).query | Should -BeLike 'api-version=2016-01-01*'
    }

    Context 'What cannot be' {
        BeforeEach {
            Add-EmulatorMapping -Count 1
            Connect-Emulator
        }

        It 'is refused as <Code>, and leaves nothing connected: <What>' -ForEach @(
            @{ What = 'plain HTTP'; Code = 'EndpointNotValid'; With = @{ ArmEndpoint = 'http://localhost:1/' }; Says = '*ArmEndpoint*https*' }
            @{ What = 'an endpoint that is no URL'; Code = 'EndpointNotValid'; With = @{ ArmEndpoint = 'management' }; Says = '*ArmEndpoint*management*' }
            @{ What = 'a sign-in endpoint by plain HTTP'; Code = 'EndpointNotValid'; With = @{ AuthorityHost = 'http://localhost:1/' }; Says = '*AuthorityHost*https*' }
            @{ What = 'a certificate file that is not there'; Code = 'CaCertificateNotFound'; With = @{ CaCertificatePath = 'nowhere/ca.pem' }; Says = '*CaCertificatePath*nowhere*' }
            @{ What = 'a certificate file without certificates'; Code = 'CaCertificateNotValid'; With = @{ CaCertificatePath = $PSCommandPath }; Says = '*CaCertificatePath*PEM*' }
            @{ What = 'the name of an API profile'; Code = 'ApiVersionIsProfile'; With = @{ ApiVersion = '2017-03-09-profile' }; Says = '*profile*' }
            @{ What = 'an api-version that is none'; Code = 'ApiVersionNotValid'; With = @{ ApiVersion = 'latest' }; Says = '*latest*' }
            @{ What = 'a subscription that is no GUID'; Code = 'GuidNotValid'; With = @{ RegistrationSubscriptionId = 'Contoso' }; Says = '*RegistrationSubscriptionId*Contoso*' }
            @{ What = 'a name without what goes with it'; Code = 'RegistrationMissing'; With = @{ ResourceGroupName = 'x' }; Without = 'RegistrationName'; Says = '*RegistrationName*' }
            @{ What = 'a name that no registration has'; Code = 'RegistrationNameNotValid'; With = @{ RegistrationName = 'a?b' }; Says = '*RegistrationName*a?b*' }
            @{ What = 'the resource id of a mapping'; Code = 'ValueNotExpected'; With = @{ ResourceId = '/subscriptions/0c1d2e3f-0000-4000-8000-000000000001/resourceGroups/x/providers/Microsoft.AzureStack/registrations/y/customerSubscriptions/0c1d2e3f-0000-4000-8000-000000000002' }; Without = 'Re'; Says = '*ResourceId*0c1d2e3f*' }
            @{ What = 'no token'; Code = 'ParameterBlank'; With = @{ AccessToken = $null }; Says = '*-AccessToken*' }
            @{ What = 'no endpoint'; Code = 'ParameterBlank'; With = @{ ArmEndpoint = '' }; Says = '*-ArmEndpoint*' }
            @{ What = 'a variable that was never set'; Code = 'ParameterBlank'; With = @{ RegistrationName = $null }; Says = '*-RegistrationName*' }
            @{ What = 'two subscriptions for one registration'; Code = 'SubscriptionIdContradicts'; With = @{ SubscriptionId = '0c1d2e3f-0000-4000-8000-000000000001' }; Says = '*SubscriptionId*0c1d2e3f*' }
        ) {
            $parameters = Get-ConnectParameter $With
            if ($Without -eq 'Re') { 'RegistrationName', 'ResourceGroupName', 'RegistrationSubscriptionId' | ForEach-Object { $parameters.Remove($_) } } elseif ($Without) { $parameters.Remove($Without) }

            $account = try { Connect-AzsRegistrationAccount @parameters } catch { $refusal = $_ }

            $account | Should -BeNullOrEmpty
            $refusal.FullyQualifiedErrorId | Should -BeLike "$Code,*"
            $refusal.Exception.Message | Should -BeLike $Says
            $refusal.CategoryInfo.Category | Should -Be 'InvalidArgument'
            $refusal.Exception.Message | Should -BeLike '*not connected any more*'
            { Get-AzsRegistrationTenant } | Should -Throw '*NotConnected*'
        }

        It 'refuses a token <What>, without showing it' -ForEach @(
            @{ What = 'with the word Bearer'; Text = 'Bearer s3cr3t.s3cr3t' }
            @{ What = 'with a line end'; Text = "s3cr3t.s3cr3t`n" }
            @{ What = 'that is empty'; Text = '' }
        ) {
            $secret = New-Object Security.SecureString
            foreach ($letter in $Text.ToCharArray()) { $secret.AppendChar($letter) }
            $parameters = Get-ConnectParameter @{ AccessToken = $secret }

            $account = try { Connect-AzsRegistrationAccount @parameters } catch { $refusal = $_ }

            $account | Should -BeNullOrEmpty
            $refusal.Exception.Message | Should -BeLike '*token*'
            "$refusal $($refusal.Exception) $($refusal.ErrorDetails)" | Should -Not -BeLike '*s3cr3t*'
            { Get-AzsRegistrationTenant } | Should -Throw '*NotConnected*'
        }

        # In a loop over registrations, the rows of one whose connection fails must not go to the one before.
        It 'leaves no registration for the rows that follow' {
            foreach ($name in $script:Emulator.RegistrationName, 'bad/name') {
                $parameters = Get-ConnectParameter @{ RegistrationName = $name }
                try { $null = Connect-AzsRegistrationAccount @parameters } catch { $refusal = $_ }
                try { $null = New-AzsRegistrationTenant -CustomerSubscriptionId (New-Id) } catch { $second = $_ }
            }

            $refusal.Exception.Message | Should -BeLike '*not connected any more*'
            $second.FullyQualifiedErrorId | Should -BeLike 'NotConnected,*'
            @(Get-JournalWrite).Count | Should -Be 1
        }

        It 'refuses a piped object that names nothing: <What>' -ForEach @(
            @{ What = '$null'; Value = $null }
            @{ What = 'other columns'; Value = [pscustomobject] @{ Foo = 1 } }
            @{ What = 'a blank resource id'; Value = [pscustomobject] @{ ResourceId = '' } }
            @{ What = 'columns that hold $null'; Value = [pscustomobject] @{ RegistrationName = $null; ResourceGroupName = $null } }
        ) {
            $parameters = Get-ConnectParameter
            $parameters.Keys -like 'Re*' | ForEach-Object { $parameters.Remove($_) }

            $account = try { , $Value | Connect-AzsRegistrationAccount @parameters } catch { $refusal = $_ }

            $account | Should -BeNullOrEmpty
            $refusal.FullyQualifiedErrorId | Should -BeLike 'RowNotUnderstood,*'
        }

        It 'refuses a piped object that contradicts -<Name>' -ForEach @(
            @{ Name = 'RegistrationName'; Column = 'RegistrationName'; Value = 'azurestack-other' }
            @{ Name = 'ResourceGroupName'; Column = 'ResourceGroupName'; Value = 'other' }
            @{ Name = 'SubscriptionId'; Column = 'RegistrationSubscriptionId'; Value = '0c1d2e3f-0000-4000-8000-000000000001' }
        ) {
            $parameters = Get-ConnectParameter
            $parameters.Keys -like 'Re*' | ForEach-Object { $parameters.Remove($_) }
            $piped = [pscustomobject] @{ RegistrationName = 'azurestack-piped'; ResourceGroupName = 'x'; RegistrationSubscriptionId = New-Id }
            $parameters[$Name] = $Value

            $account = try { $piped | Connect-AzsRegistrationAccount @parameters } catch { $refusal = $_ }

            $account | Should -BeNullOrEmpty
            $refusal.FullyQualifiedErrorId | Should -BeLike 'RowContradictsParameter,*'
            $refusal.Exception.Message | Should -BeLike "*$Column*$Value*"
        }

        It 'refuses two registrations from the pipeline' {
            $parameters = Get-ConnectParameter
            $parameters.Keys -like 'Re*' | ForEach-Object { $parameters.Remove($_) }
            $two = 'one', 'two' | ForEach-Object { [pscustomobject] @{ RegistrationName = $_; ResourceGroupName = 'x'; RegistrationSubscriptionId = New-Id } }

            $account = try { $two | Connect-AzsRegistrationAccount @parameters } catch { $refusal = $_ }

            $account | Should -BeNullOrEmpty
            $refusal.FullyQualifiedErrorId | Should -BeLike 'OneRegistrationExpected,*'
        }
    }
}

Describe 'Disconnect-AzsRegistrationAccount' {
    BeforeEach { Reset-Everything }

    It 'ends the session, and commands say how to connect' {
        Disconnect-AzsRegistrationAccount | Should -BeNullOrEmpty

        try { Get-AzsRegistrationTenant } catch { $refusal = $_ }
        $refusal.FullyQualifiedErrorId | Should -BeLike 'NotConnected,*'
        $refusal.CategoryInfo.Category | Should -Be 'AuthenticationError'
        $refusal.ErrorDetails.RecommendedAction | Should -BeLike '*Connect-AzsRegistrationAccount*'
    }

    It 'is no error where nothing is connected' {
        Disconnect-AzsRegistrationAccount

        Disconnect-AzsRegistrationAccount -ErrorVariable errors

        $errors | Should -BeNullOrEmpty
    }

    It 'leaves <_> refused before anything is sent' -ForEach 'New-AzsRegistrationTenant', 'Get-AzsRegistrationTenant', 'Remove-AzsRegistrationTenant' {
        Disconnect-AzsRegistrationAccount

        try { & $_ -CustomerSubscriptionId (New-Id) } catch { $refusal = $_ }

        $refusal.FullyQualifiedErrorId | Should -BeLike 'NotConnected,*'
        Get-Journal | Should -BeNullOrEmpty
    }
}

Describe 'Sessions of runspaces' {
    BeforeAll {
        Reset-Emulator
        Add-EmulatorRegistration 'azurestack-other'
        Add-EmulatorMapping -Count 1
        Add-EmulatorMapping -Count 2 -Registration 'azurestack-other'
        $one = New-ConnectedRunspace
        $other = New-ConnectedRunspace @{ RegistrationName = 'azurestack-other' }
        $list = { Get-AzsRegistrationTenant }
    }

    AfterAll { $one.Dispose(); $other.Dispose() }

    It 'are each its own, also while both work at once' {
        # Until both have asked, neither is answered.
        Set-EmulatorSwitch @{ listDelayMs = 300 }
        $first = Start-InRunspace $one $list
        $second = Start-InRunspace $other $list
        $null = $first.Shell.EndInvoke($first.Handle)
        $null = $second.Shell.EndInvoke($second.Handle)
        Set-EmulatorSwitch @{ listDelayMs = 0 }

        @($first.Output).RegistrationName | Should -Be $script:Emulator.RegistrationName
        @($second.Output).RegistrationName | Should -Be 'azurestack-other', 'azurestack-other'
    }

    It 'are not there in a runspace that did not connect' {
        $third = New-ConnectedRunspace -NotConnected
        try {
            (Invoke-InRunspace $third $list).Streams.Error[0].FullyQualifiedErrorId | Should -BeLike 'NotConnected,*'
        }
        finally {
            $third.Dispose()
        }
    }

    It 'go with Remove-Module' {
        $third = New-ConnectedRunspace
        try {
            $run = Invoke-InRunspace $third {
                param($path)
                Remove-Module Azs.Registration
                Import-Module $path
                Get-AzsRegistrationTenant
            } $ModulePath
            $run.Streams.Error[0].FullyQualifiedErrorId | Should -BeLike 'NotConnected,*'
        }
        finally {
            $third.Dispose()
        }
    }

    It 'end by Disconnect in one runspace and stay in the other' {
        $null = Invoke-InRunspace $other { Disconnect-AzsRegistrationAccount }

        (Invoke-InRunspace $other $list).Streams.Error[0].FullyQualifiedErrorId | Should -BeLike 'NotConnected,*'
        @((Invoke-InRunspace $one $list).Output).Count | Should -Be 1
    }
}

Describe 'ForEach-Object -Parallel' -Skip:($PSVersionTable.PSVersion.Major -lt 7) {
    BeforeAll {
        Reset-Everything
        Add-EmulatorRegistration 'azurestack-other'
        Add-EmulatorMapping -Count 2
        Add-EmulatorMapping -Count 3 -Registration 'azurestack-other'
    }

    # As text: Windows PowerShell does not know the parameter.
    It 'gets an error that says to connect in each runspace' {
        $codes = & ([scriptblock]::Create({
            param($path)
            1..2 | ForEach-Object -Parallel {
                Import-Module $using:path
                try { Get-AzsRegistrationTenant } catch { $_.FullyQualifiedErrorId; $_.ErrorDetails.RecommendedAction }
            }
        }.ToString())) $ModulePath

        @($codes -like 'NotConnected,*').Count | Should -Be 2
        @($codes -like '*Parallel*').Count | Should -Be 2
    }

    It 'works with a sign-in in each runspace, without touching the caller''s' {
        $parameters = @($script:Emulator.RegistrationName, 'azurestack-other' | ForEach-Object { Get-ConnectParameter @{ RegistrationName = $_ } })

        $found = & ([scriptblock]::Create({
            param($path, $parameters)
            $parameters | ForEach-Object -Parallel {
                Import-Module $using:path
                $connect = $_
                $null = Connect-AzsRegistrationAccount @connect
                Get-AzsRegistrationTenant
            }
        }.ToString())) $ModulePath $parameters

        @($found | Where-Object { $_.RegistrationName -eq 'azurestack-other' }).Count | Should -Be 3
        @($found | Where-Object { $_.RegistrationName -eq $script:Emulator.RegistrationName }).Count | Should -Be 2
        (Get-AzsRegistrationTenant)[0].RegistrationName | Should -Be $script:Emulator.RegistrationName
    }

    It 'asks nobody before a move of a bill, and refuses it' {
        $tenant, $old, $new = (New-Id), (New-Id), (New-Id)
        Add-EmulatorMapping -Customer $old -Tenant $tenant
        Set-EmulatorTenant $tenant $old, $new
        Clear-Journal

        $codes = & ([scriptblock]::Create({
            param($path, $connect, $new)
            1 | ForEach-Object -Parallel {
                Import-Module $using:path
                $connect = $using:connect
                $null = Connect-AzsRegistrationAccount @connect
                New-AzsRegistrationTenant -CustomerSubscriptionId $using:new -ErrorVariable errors -ErrorAction SilentlyContinue
                $errors.FullyQualifiedErrorId
            }
        }.ToString())) $ModulePath (Get-ConnectParameter) $new

        $codes | Should -BeLike 'ConfirmationRequired,*'
        Get-JournalWrite | Should -BeNullOrEmpty
    }
}
