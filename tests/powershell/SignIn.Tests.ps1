# Signing in without a person: the library gets its tokens itself.

BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    $certificates = Join-Path (Split-Path $PSScriptRoot) 'rust/certificates'
    $keys = New-TestFolder
    Start-Emulator @(
        '--client-certificate', ('"{0}"' -f (Join-Path $certificates 'rsa-2048.pem'))
        '--federated-token', 'a.federated.token'
        '--token-lifetime', '3'
    )
    $there = Get-Content -Raw (Join-Path $script:Emulator.Folder 'emulator.json') | ConvertFrom-Json

    function New-Secret([string] $Text) {
        $secret = New-Object Security.SecureString
        $Text.ToCharArray() | ForEach-Object { $secret.AppendChar($_) }
        $secret
    }

    # All but what signs in.
    function Get-Place {
        $parameters = Get-ConnectParameter
        $parameters.Remove('AccessToken')
        $parameters.Remove('ExpiresOn')
        $parameters.AuthorityHost = $script:Emulator.AuthorityHost
        $parameters
    }
}

AfterAll { Stop-Emulator }

Describe 'Connect-AzsRegistrationAccount without a token' {
    BeforeEach {
        Disconnect-AzsRegistrationAccount
        Reset-Emulator
        Add-EmulatorMapping -Count 2
        $place = Get-Place
        $client = $there.clientId
    }

    It 'signs an application in with a secret, and in the directory of the registration''s subscription' {
        $account = Connect-AzsRegistrationAccount @place -ApplicationId $client -ClientSecret (New-Secret $there.clientSecret)

        $account.SignIn | Should -Be 'ClientSecret'
        $account.ApplicationId | Should -Be $client
        Get-Journal | Should -BeNullOrEmpty
        @(Get-AzsRegistrationTenant).Count | Should -Be 2
        @(Get-Journal POST).Count | Should -Be 1
    }

    It 'takes the directory that is named' {
        $null = Connect-AzsRegistrationAccount @place -ApplicationId $client -ClientSecret (New-Secret $there.clientSecret) -SignInTenantId $there.tenantId

        @(Get-AzsRegistrationTenant).Count | Should -Be 2
        (Get-Journal POST).path | Should -BeLike "/$($there.tenantId)/*"
    }

    It 'signs in with a certificate from <Name>' -ForEach @(
        @{ Name = 'rsa-2048.pem'; Password = $null }
        @{ Name = 'encrypted.pem'; Password = 'password' }
        @{ Name = 'modern.pfx'; Password = 'password' }
        @{ Name = 'legacy.pfx'; Password = 'password' }
    ) {
        $parameters = @{ ApplicationId = $client; CertificatePath = Join-Path $certificates $Name }
        if ($Password) { $parameters.CertificatePassword = New-Secret $Password }

        (Connect-AzsRegistrationAccount @place @parameters).SignIn | Should -Be 'Certificate'

        @(Get-AzsRegistrationTenant).Count | Should -Be 2
    }

    It 'signs in with the token of another identity provider' {
        $file = Join-Path $keys 'token'
        Set-Content -NoNewline -Path $file -Value 'a.federated.token'

        (Connect-AzsRegistrationAccount @place -ApplicationId $client -FederatedTokenFile $file).SignIn | Should -Be 'FederatedToken'

        @(Get-AzsRegistrationTenant).Count | Should -Be 2
    }

    It 'signs in with a managed identity' {
        $endpoint = $there.imdsEndpoint + 'metadata/identity/oauth2/token'

        (Connect-AzsRegistrationAccount @place -Identity -ManagedIdentityEndpoint $endpoint).SignIn | Should -Be 'ManagedIdentity'

        @(Get-AzsRegistrationTenant).Count | Should -Be 2
    }

    It 'goes on when a token has expired' {
        $null = Connect-AzsRegistrationAccount @place -ApplicationId $client -ClientSecret (New-Secret $there.clientSecret)
        @(Get-AzsRegistrationTenant).Count | Should -Be 2
        $null = Invoke-Control POST 'tokens/expire'

        @(Get-AzsRegistrationTenant).Count | Should -Be 2
    }

    It 'says what the sign-in service says, with what to do, and no secret' {
        $secret = 'wrong~secret'
        $null = Connect-AzsRegistrationAccount @place -ApplicationId $client -ClientSecret (New-Secret $secret)

        $null = Get-AzsRegistrationTenant -ErrorVariable errors -ErrorAction SilentlyContinue

        $errors[0].FullyQualifiedErrorId | Should -BeLike 'AADSTS7000215,*'
        $errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*value of the secret*'
        ($errors[0] | Out-String) + ($errors[0] | ConvertTo-Json -Depth 3 -WarningAction SilentlyContinue) | Should -Not -BeLike "*$secret*"
    }

    It 'refuses <Why> before anything is sent' -ForEach @(
        @{ Why = 'an application that is no GUID'; Change = @{ ApplicationId = 'app' }; Code = 'ApplicationIdNotValid' }
        @{ Why = 'a directory that is none'; Change = @{ SignInTenantId = 'a/b' }; Code = 'SignInTenantIdNotValid' }
        @{ Why = 'a cloud that is not known'; Change = @{ Environment = 'AzureGermanCloud' }; Code = 'CloudNotKnown' }
        @{ Why = 'a secret that was never set'; Change = @{ ClientSecret = $null }; Code = 'ParameterBlank' }
    ) {
        $parameters = @{ ApplicationId = $client; ClientSecret = New-Secret 'secret' }
        foreach ($name in $Change.Keys) { $parameters[$name] = $Change[$name] }

        $failure = { Connect-AzsRegistrationAccount @place @parameters } | Should -Throw -PassThru

        $failure.FullyQualifiedErrorId | Should -BeLike "$Code,*"
        Get-Journal | Should -BeNullOrEmpty
    }

    It 'knows <Name>' -ForEach @(
        @{ Name = 'AzureCloud'; Arm = 'https://management.azure.com/'; Authority = 'https://login.microsoftonline.com/' }
        @{ Name = 'AzureUSGovernment'; Arm = 'https://management.usgovcloudapi.net/'; Authority = 'https://login.microsoftonline.us/' }
        @{ Name = 'AzureChinaCloud'; Arm = 'https://management.chinacloudapi.cn/'; Authority = 'https://login.chinacloudapi.cn/' }
    ) {
        $account = Connect-AzsRegistrationAccount -AccessToken (New-Token 'a.b.c') -Environment $Name

        $account.ArmEndpoint | Should -Be $Arm
        $account.AuthorityHost | Should -Be $Authority
    }
}
