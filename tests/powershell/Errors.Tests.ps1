BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    Start-Emulator

    # A port of this machine that nobody listens on.
    function Get-FreePort {
        $listener = New-Object Net.Sockets.TcpListener ([Net.IPAddress]::Loopback), 0
        $listener.Start()
        $port = $listener.LocalEndpoint.Port
        $listener.Stop()
        $port
    }
}

AfterAll { Stop-Emulator }

Describe 'A connection that cannot be made' {
    BeforeEach { Reset-Emulator }

    It 'is told in words: <What>' -ForEach @(
        @{ What = 'refused'; Code = 'ConnectionRefused'; With = { @{ ArmEndpoint = "https://localhost:$(Get-FreePort)/" } }; Says = '*localhost*refused*' }
        @{ What = 'a name that does not resolve'; Code = 'NameNotResolved'; With = { @{ ArmEndpoint = 'https://management.example.invalid/' } }; Says = '*management.example.invalid*' }
        @{ What = 'a certificate of an unknown authority'; Code = 'CertificateNotTrusted'; With = { @{} }; Without = 'CaCertificatePath'; Says = '*localhost*certificate*' }
    ) {
        $parameters = Get-ConnectParameter (& $With)
        if ($Without) { $parameters.Remove($Without) }
        $null = Connect-AzsRegistrationAccount @parameters

        $null = Get-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue

        $errors.Count | Should -Be 1
        $errors[0].FullyQualifiedErrorId | Should -BeLike "$Code,*"
        $errors[0].CategoryInfo.Category | Should -Be 'ConnectionError'
        $errors[0].Exception.Message | Should -BeLike $Says
        $errors[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        Get-Journal | Should -BeNullOrEmpty
    }

    It 'ends a batch at once, with a word for each row' {
        Connect-Emulator @{ ArmEndpoint = "https://localhost:$(Get-FreePort)/" }

        $results = 1..3 | ForEach-Object { New-Row (New-Id) } | New-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue

        $results | Should -BeNullOrEmpty
        (Get-InOrder $errors).TargetObject.Row | Should -Be 1, 2, 3
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'ConnectionRefused,*'
    }
}

Describe 'An answer that is none of Azure''s' {
    BeforeEach { Reset-Everything }

    It 'is told in words: <What>' -ForEach @(
        @{ What = 'a page of a proxy'; Action = @{ kind = 'nonJsonBody' }; Code = 'AnswerNotUnderstood'; Says = '*blocked by your organisation*' }
        @{ What = 'a redirect, which is not followed'; Action = @{ kind = 'redirect' }; Code = 'RedirectRefused'; Says = '*login.example.invalid*' }
    ) {
        Add-EmulatorMapping -Count 1
        Add-EmulatorFault @{ method = 'GET' } $Action

        $found = Get-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue

        $found | Should -BeNullOrEmpty
        $errors.Count | Should -Be 1
        $errors[0].FullyQualifiedErrorId | Should -BeLike "$Code,*"
        $errors[0].Exception.Message | Should -BeLike $Says
        $errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*proxy*'
    }
}

Describe 'A service that asks for patience' {
    BeforeEach { Reset-Everything }

    It 'is waited for: <Status> to <Method>' -ForEach @(
        @{ Status = 429; Method = 'PUT' }, @{ Status = 429; Method = 'GET' }, @{ Status = 503; Method = 'GET' }
    ) {
        Add-EmulatorFault @{ method = $Method; pathContains = '/customerSubscriptions'; nth = 1 } @{ kind = 'status'; status = $Status; retryAfterSeconds = 1 }

        $result = New-AzsRegistrationTenant -CustomerSubscriptionId (New-Id) -ErrorVariable errors

        $errors | Should -BeNullOrEmpty
        $result.Outcome | Should -Be 'Added'
    }
}

Describe 'An expired token' {
    BeforeEach { Reset-Everything }

    It 'is told where the list is refused, and a new one helps' {
        Add-EmulatorMapping -Count 2
        $null = Invoke-Control POST 'tokens/expire'

        $found = Get-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue

        $found | Should -BeNullOrEmpty
        $errors.Count | Should -Be 1
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'ExpiredAuthenticationToken,*'
        $errors[0].CategoryInfo.Category | Should -Be 'AuthenticationError'
        $errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*new*sign in*'
        Connect-Emulator @{ AccessToken = New-Token (Invoke-Control POST tokens @{}).token }
        @(Get-AzsRegistrationTenant).Count | Should -Be 2
    }

    It 'is known from -ExpiresOn before anything is sent' {
        Connect-Emulator @{ ExpiresOn = [DateTimeOffset]::UtcNow.AddMinutes(-1) }

        $null = Get-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue

        $errors[0].FullyQualifiedErrorId | Should -BeLike 'TokenExpired,*'
        Get-Journal | Should -BeNullOrEmpty
    }

    It 'in the middle of a batch leaves each row with a result or an error of its own, with -ThrottleLimit <_>' -ForEach 1, 5 {
        $rows = 1..20 | ForEach-Object { New-Row (New-Id) }
        Add-EmulatorFault @{ method = 'PUT'; from = 3 } @{ kind = 'status'; status = 401 }

        $results = @($rows | New-AzsRegistrationTenant -ThrottleLimit $_ -ErrorVariable errors -ErrorAction SilentlyContinue)

        $results.Count | Should -Be 2
        $errors.Count | Should -Be 18
        @($results.Row) + @($errors.TargetObject.Row) | Sort-Object | Should -Be (1..20)
        foreach ($one in $errors) { $rows[$one.TargetObject.Row - 1].CustomerSubscriptionId | Should -Be $one.TargetObject.CustomerSubscriptionId }
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'ExpiredAuthenticationToken,*'
        # Those that were sent are refused; the rest is not started, with the reason.
        $failed = @($errors | Where-Object { $_.TargetObject.Outcome -eq 'Failed' })
        $failed.Count | Should -BeIn (1..$_)
        $notStarted = @($errors | Where-Object { $_.TargetObject.Outcome -eq 'NotStarted' })
        $notStarted.Count | Should -Be (18 - $failed.Count)
        foreach ($one in $notStarted) { $one.Exception.Message | Should -BeLike '*ExpiredAuthenticationToken*' }
        @(Get-EmulatorMapping).Count | Should -Be 2
        @(Get-EmulatorMapping).customerSubscriptionId | Sort-Object | Should -Be ($results.CustomerSubscriptionId | Sort-Object)
    }

    It 'of another directory is told as such' {
        Connect-Emulator @{ AccessToken = New-Token (Invoke-Control POST tokens @{ tenantId = New-Id }).token }

        $null = Get-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue

        $errors.Count | Should -Be 1
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'InvalidAuthenticationTokenTenant,*'
        $errors[0].CategoryInfo.Category | Should -Be 'AuthenticationError'
        $errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*directory*'
    }
}

Describe 'What an error shows' {
    BeforeEach {
        Reset-Everything
        Set-EmulatorSwitch @{ lock = $true }
        $script:customer = New-Id
        Add-EmulatorMapping -Customer $script:customer
    }

    It 'has the recommended action as its last line in <View>' -ForEach @{ View = 'NormalView' }, @{ View = 'CategoryView' } {
        $ErrorView = $View

        Remove-AzsRegistrationTenant -CustomerSubscriptionId $script:customer -Force -ErrorVariable errors -ErrorAction SilentlyContinue

        $errors[0].ErrorDetails.Message | Should -BeLike "ScopeLocked: *"
        ($errors[0].ErrorDetails.Message -split '\r?\n')[-1] | Should -Be $errors[0].ErrorDetails.RecommendedAction
    }

    It 'has it once in ConciseView, which shows it by itself' -Skip:($PSVersionTable.PSVersion.Major -lt 7) {
        $ErrorView = 'ConciseView'

        Remove-AzsRegistrationTenant -CustomerSubscriptionId $script:customer -Force -ErrorVariable errors -ErrorAction SilentlyContinue

        # Break lines and colours away: the console's width decides about them.
        $shown = (($errors[0] | Out-String -Width 4000) -replace '\x1b\[[0-9;]*m', '') -replace '[\s|]+', ' '
        $action = $errors[0].ErrorDetails.RecommendedAction -replace '\s+', ' '
        [regex]::Matches($shown, [regex]::Escape($action.Substring(0, 40))).Count | Should -Be 1
        $shown | Should -BeLike '*ScopeLocked: *HTTP status 409*'
    }

    It 'has code, status, ids and target as properties' {
        Remove-AzsRegistrationTenant -CustomerSubscriptionId $script:customer -Force -ErrorVariable errors -ErrorAction SilentlyContinue

        $exception = $errors[0].Exception
        $exception.GetType().FullName | Should -Be 'Azs.Registration.AzsRegistrationException'
        $exception.Code | Should -Be 'ScopeLocked'
        $exception.HttpStatus | Should -Be 409
        $exception.Target | Should -Be (Get-MappingId $script:customer)
        $exception.RequestId | Should -Not -BeNullOrEmpty
        $exception.CorrelationId | Should -Be (Get-Journal DELETE).headers.'x-ms-correlation-request-id'
        $exception.RecommendedAction | Should -Be $errors[0].ErrorDetails.RecommendedAction
    }
}

Describe 'The token' {
    BeforeAll {
        Reset-Everything
        Add-EmulatorMapping -Count 2
        $transcript = Join-Path $script:Emulator.Folder 'transcript.txt'
        $broken = 'broken.{0}.token' -f (New-Id).Replace('-', '')
        # All streams, all errors in full, all variables: a session that shows what it can.
        $child = Invoke-Pwsh -Environment @{ AZS_TEST_TRANSCRIPT = $transcript; AZS_TEST_BROKEN = $broken } -Script @'
            $token = $env:AZS_TEST_TOKEN
            $broken = $env:AZS_TEST_BROKEN
            $env:AZS_TEST_TOKEN = $env:AZS_TEST_BROKEN = ''
            $null = Start-Transcript $env:AZS_TEST_TRANSCRIPT
            $VerbosePreference = $DebugPreference = $InformationPreference = 'Continue'
            $ErrorActionPreference = 'Continue'
            $account = Connect-AzsRegistrationAccount -AccessToken (ConvertTo-SecureString $token -AsPlainText -Force) -ArmEndpoint ENDPOINT -CaCertificatePath 'CAFILE' -ResourceId REGISTRATION
            $account | Format-List * | Out-String
            $account | ConvertTo-Json
            Get-AzsRegistrationTenant | Format-List * | Out-String
            New-AzsRegistrationTenant -CustomerSubscriptionId 0c1d2e3f-0000-4000-8000-000000000001
            New-AzsRegistrationTenant -CustomerSubscriptionId nonsense
            Get-AzsRegistrationTenant -RegistrationName nowhere
            $account = Connect-AzsRegistrationAccount -AccessToken (ConvertTo-SecureString $broken -AsPlainText -Force) -ArmEndpoint ENDPOINT -CaCertificatePath 'CAFILE' -ResourceId REGISTRATION
            Get-AzsRegistrationTenant
            try { Connect-AzsRegistrationAccount -AccessToken (ConvertTo-SecureString "Bearer $broken" -AsPlainText -Force) } catch { $_ }
            $Error | Format-List * -Force | Out-String
            $Error.Exception | Format-List * -Force | Out-String
            Remove-Variable token, broken
            Get-Variable | Format-List Name, Value | Out-String
            $null = Stop-Transcript
            'the ' + 'end'
'@.Replace('ENDPOINT', $script:Emulator.ArmEndpoint).Replace('CAFILE', $script:Emulator.CaFile).Replace('REGISTRATION', $script:Emulator.RegistrationId)
        $written = Get-Content -Raw $transcript
    }

    It 'is in a session that used it and ran into errors' {
        $child.Output | Should -BeLike '*the end*'
        $written | Should -BeLike '*VERBOSE: *'
        $written | Should -BeLike '*GuidNotValid*'
        $written | Should -BeLike '*RegistrationNotFound*'
        (Get-Journal PUT).authenticated | Should -BeTrue
        @(Get-Journal | Where-Object { $_.status -eq 401 -and $_.path -like '*/customerSubscriptions' }) | Should -Not -BeNullOrEmpty
    }

    It 'is not in <_>' -ForEach 'the output', 'the errors', 'the transcript' {
        $text = @{ 'the output' = $child.Output; 'the errors' = $child.Error; 'the transcript' = $written }[$_]
        # The last part of a token is its secret; all of it is looked for, also in pieces that a line break cut.
        foreach ($secret in $script:Emulator.Token.Split('.')[-1], $broken) {
            ($text -replace '\s', '') | Should -Not -BeLike "*$($secret.Substring(0, 20))*"
        }
    }
}

Describe 'One cause for many rows' {
    BeforeEach { Reset-Everything }

    It 'is said in full once, and shortly for each other row, whose record has it all' {
        $rows = 1..20 | ForEach-Object { New-Row (New-Id) }

        $null = $rows | New-AzsRegistrationTenant -RegistrationName 'azurestack-missing' -ErrorVariable errors -ErrorAction SilentlyContinue

        $errors.Count | Should -Be 20
        $errors.TargetObject.Row | Sort-Object | Should -Be (1..20)
        $errors.TargetObject.Outcome | Where-Object { $_ -notin 'Failed', 'NotStarted' } | Should -BeNullOrEmpty
        $shown = @($errors | ForEach-Object { "$_" })
        @($shown -like '*the same as row *').Count | Should -BeGreaterOrEqual 17
        foreach ($one in $errors | Where-Object { "$_" -like '*the same as row *' }) {
            "$one" | Should -BeLike "*row $($one.TargetObject.Row), customer subscription $($one.TargetObject.CustomerSubscriptionId): the same as*"
            "$one".Length | Should -BeLessThan 150
            $one.Exception.Message.Length | Should -BeGreaterThan 100
            $one.Exception.RecommendedAction | Should -Not -BeNullOrEmpty
        }
    }

    It 'is not the same where the values are wrong' {
        $shown = @('not-a-guid', '1111' | ForEach-Object { [pscustomobject] @{ CustomerSubscriptionId = $_ } } |
                New-AzsRegistrationTenant 2>&1 | ForEach-Object { "$_" })

        $shown.Count | Should -Be 2
        $shown[1] | Should -BeLike "*'1111'*GUID*"
        $shown -like '*the same as*' | Should -BeNullOrEmpty
    }

    It 'is never said shortly of a move of a bill' {
        $rows = 1..3 | ForEach-Object {
            $tenant, $old, $new = (New-Id), (New-Id), (New-Id)
            Set-EmulatorTenant $tenant $old, $new
            Add-EmulatorMapping -Customer $old -Tenant $tenant
            [pscustomobject] @{ CustomerSubscriptionId = $new; Old = $old }
        }

        $null = $rows | New-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue

        foreach ($row in $rows) { @($errors | Where-Object { "$_" -like "*$($row.Old)*" }).Count | Should -Be 1 }
    }
}

Describe 'A library that breaks its promise' {
    BeforeAll {
        # One that keeps back the end of the first request, and is the real one else.
        $cc = Get-Command cc -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
        $real = Get-ChildItem (Join-Path (Split-Path $ModulePath) 'runtimes') -Recurse -Filter 'libazs_registration.so' | Select-Object -First 1
        if ($cc -and $real) {
            $source = Join-Path $script:Emulator.Folder 'silent.c'
            $silent = Join-Path $script:Emulator.Folder 'silent.so'
            Set-Content -LiteralPath $source @'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <azs_registration.h>

typedef int32_t next_function(azs_operation *, uint32_t, const azs_event **);

int32_t azs_operation_next(azs_operation *operation, uint32_t timeout_ms, const azs_event **event)
{
    next_function *next = (next_function *)dlsym(RTLD_NEXT, "azs_operation_next");
    int32_t status;
    do
        status = next(operation, timeout_ms, event);
    while (status == AZS_EVENT && (*event)->kind == AZS_EVENT_FINISHED && (*event)->tag == 1);
    return status;
}
'@
            & $cc -shared -fPIC -I (Join-Path $root 'include') -o $silent $source '-Wl,--no-as-needed' $real.FullName "-Wl,-rpath,$($real.DirectoryName)" -ldl
            if ($LASTEXITCODE -ne 0) { throw 'The library could not be compiled.' }
        }
    }

    BeforeEach { Reset-Emulator }

    It 'is an error for the item without an end, and those behind it are decided about all the same' {
        if (-not $silent) { Set-ItResult -Skipped -Because 'there is no C compiler, or no library for Linux'; return }
        $moves = 1..2 | ForEach-Object {
            $move = [pscustomobject] @{ Tenant = New-Id; Old = New-Id; New = New-Id }
            Add-EmulatorMapping -Customer $move.Old -Tenant $move.Tenant
            Set-EmulatorTenant $move.Tenant $move.Old, $move.New
            $move
        }

        $child = Invoke-Pwsh -Environment @{ AZS_REGISTRATION_LIBRARY = $silent } -Script @"
            `$null = '$($moves[0].New)', '$($moves[1].New)' | New-AzsRegistrationTenant -CustomerSubscriptionId { `$_ } -ErrorVariable errors -ErrorAction SilentlyContinue
            `$errors | ForEach-Object { '[' + `$_.TargetObject.CustomerSubscriptionId + ' ' + `$_.TargetObject.Outcome + ' ' + (`$_.FullyQualifiedErrorId -split ',')[0] + ']' }
"@

        $child.Output -split '\r?\n' -like '`[*`]' | Should -Be @(
            "[$($moves[0].New) Unknown NeverEnded]"
            "[$($moves[1].New) WouldReplace ConfirmationRequired]"
        ) -Because ($child.Output + $child.Error)
    }
}
