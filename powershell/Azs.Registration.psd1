@{
    RootModule = 'Azs.Registration.dll'
    # The build writes the version of the product here.
    ModuleVersion = '0.0.0'
    GUID = '3278c8e6-6299-421c-8948-19d5c0f43d90'
    Author = 'The Azs.Registration authors'
    CompanyName = 'The Azs.Registration authors'
    Copyright = 'Copyright (c) The Azs.Registration authors. MIT licence.'
    Description = 'Registers tenants of an Azure Stack Hub for usage tracking: adds, lists, moves and removes the mappings of tenants to the Azure subscriptions that their usage is charged to (Microsoft.AzureStack/registrations/customerSubscriptions). One tenant or thousands from a CSV file, with prompts before a bill moves, and errors that say what to do.'
    PowerShellVersion = '5.1'
    DotNetFrameworkVersion = '4.7.2'
    CompatiblePSEditions = @('Desktop', 'Core')
    FormatsToProcess = @('Azs.Registration.Format.ps1xml')
    CmdletsToExport = @(
        'Connect-AzsRegistrationAccount'
        'Disconnect-AzsRegistrationAccount'
        'Get-AzsRegistrationReport'
        'Get-AzsRegistrationTenant'
        'New-AzsRegistrationTenant'
        'Remove-AzsRegistrationTenant'
    )
    FunctionsToExport = @()
    VariablesToExport = @()
    AliasesToExport = @()
    PrivateData = @{
        PSData = @{
            Tags = @('PSEdition_Core', 'PSEdition_Desktop', 'Windows', 'Linux', 'MacOS', 'Azure', 'AzureStack', 'AzureStackHub', 'AzureResourceManager', 'CSP', 'registration', 'tenant', 'usage', 'billing')
            LicenseUri = 'https://github.com/azs-registration/azs-registration/blob/main/LICENSE'
            ProjectUri = 'https://github.com/azs-registration/azs-registration'
            # Prerelease = ''
            ReleaseNotes = 'https://github.com/azs-registration/azs-registration/blob/main/CHANGELOG.md'
        }
    }
}
