BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    Start-Emulator
    $cmdlets = 'Connect-AzsRegistrationAccount', 'Disconnect-AzsRegistrationAccount', 'Get-AzsRegistrationReport', 'Get-AzsRegistrationTenant',
        'New-AzsRegistrationTenant', 'Remove-AzsRegistrationTenant'
}

AfterAll { Stop-Emulator }

Describe 'The manifest' {
    BeforeAll {
        $manifest = Test-ModuleManifest $ModulePath -ErrorVariable problems -WarningVariable +problems -ErrorAction SilentlyContinue
        $data = Import-PowerShellDataFile $ModulePath
        $loaded = Get-Module Azs.Registration
    }

    It 'is valid' {
        $problems | Should -BeNullOrEmpty
        $manifest.Name | Should -Be 'Azs.Registration'
    }

    It 'exports exactly the cmdlets that it lists' {
        $loaded.ExportedCmdlets.Keys | Sort-Object | Should -Be ($data.CmdletsToExport | Sort-Object)
    }

    It 'lists all cmdlets of the assembly' {
        $types = $loaded.ImplementingAssembly.GetTypes() | ForEach-Object { $_.GetCustomAttributes($false) } |
            Where-Object { $_ -is [Management.Automation.CmdletAttribute] } | ForEach-Object { $_.VerbName + '-' + $_.NounName }
        $types | Sort-Object | Should -Be ($data.CmdletsToExport | Sort-Object)
    }

    It 'has the cmdlets of this suite' {
        $cmdlets | Where-Object { $loaded.ExportedCmdlets.Keys -notcontains $_ } | Should -BeNullOrEmpty
    }

    It 'exports nothing else' {
        $loaded.ExportedFunctions.Count + $loaded.ExportedAliases.Count + $loaded.ExportedVariables.Count | Should -Be 0
    }

    It 'is for Windows PowerShell 5.1 and PowerShell 7' {
        $manifest.PowerShellVersion | Should -Be '5.1'
        $manifest.CompatiblePSEditions | Sort-Object | Should -Be 'Core', 'Desktop'
    }

    It 'says for old hosts too what .NET it needs' { $manifest.DotNetFrameworkVersion | Should -Not -BeNullOrEmpty }

    It 'has the version of its folder' {
        $manifest.Version.ToString() | Should -Be (Split-Path -Leaf (Split-Path $ModulePath))
    }

    It 'needs no other module and runs no script on import' {
        $manifest.RequiredModules | Should -BeNullOrEmpty
        $manifest.RequiredAssemblies | Should -BeNullOrEmpty
        $manifest.Scripts | Should -BeNullOrEmpty
        $manifest.ExportedTypeFiles | Should -BeNullOrEmpty
    }

    It 'ships one assembly' {
        @(Get-ChildItem (Split-Path $ModulePath) -Filter *.dll).Name | Should -Be 'Azs.Registration.dll'
    }
}

Describe 'A cmdlet' {
    It '<Name> has -WhatIf, -Confirm and -Force, and a confirm impact that alone asks nobody' -ForEach @(
        @{ Name = 'New-AzsRegistrationTenant' }, @{ Name = 'Remove-AzsRegistrationTenant' }
    ) {
        $command = Get-Command $Name
        $command.Parameters.Keys | Should -Contain 'WhatIf'
        $command.Parameters.Keys | Should -Contain 'Confirm'
        $command.Parameters.Keys | Should -Contain 'Force'
        $attribute = $command.ImplementingType.GetCustomAttributes([Management.Automation.CmdletAttribute], $false)[0]
        $attribute.ConfirmImpact | Should -Be 'Medium'
    }

    It '<_> has an approved verb' -ForEach 'Connect-AzsRegistrationAccount', 'Disconnect-AzsRegistrationAccount', 'Get-AzsRegistrationReport', 'Get-AzsRegistrationTenant', 'New-AzsRegistrationTenant', 'Remove-AzsRegistrationTenant' {
        (Get-Verb).Verb | Should -Contain (Get-Command $_).Verb
    }

    It '<_> has nothing mandatory or validated among what binds from the pipeline' -ForEach 'Get-AzsRegistrationTenant', 'New-AzsRegistrationTenant', 'Remove-AzsRegistrationTenant' {
        $fromPipeline = (Get-Command $_).Parameters.Values | Where-Object {
            $_.Attributes | Where-Object { $_ -is [Parameter] -and ($_.ValueFromPipeline -or $_.ValueFromPipelineByPropertyName) }
        }

        $fromPipeline.Count | Should -BeGreaterThan 5
        $fromPipeline.Attributes | Where-Object { $_ -is [Parameter] -and $_.Mandatory } | Should -BeNullOrEmpty
        $fromPipeline.Attributes | Where-Object { $_ -is [Management.Automation.ValidateArgumentsAttribute] } | Should -BeNullOrEmpty
    }

    It '<_> does not bind a property SubscriptionId' -ForEach 'Get-AzsRegistrationTenant', 'New-AzsRegistrationTenant', 'Remove-AzsRegistrationTenant', 'Connect-AzsRegistrationAccount' {
        $byName = (Get-Command $_).Parameters.Values | Where-Object {
            $_.Attributes | Where-Object { $_ -is [Parameter] -and $_.ValueFromPipelineByPropertyName }
        }

        @($byName.Name) + @($byName.Aliases) | Should -Not -Contain 'SubscriptionId'
        @($byName.Name) | Should -Contain 'RegistrationSubscriptionId'
    }
}

Describe 'The native library' {
    BeforeAll {
        # What of it is in the process, by its file.
        $isThere = '@((Get-Process -Id $PID).Modules.FileName | Where-Object { $_ -like "*azs_registration*" }).Count -gt 0'
        $nonsense = Join-Path $script:Emulator.Folder 'nonsense.so'
        Set-Content -LiteralPath $nonsense -Value 'not a library'
        $missing = Join-Path $script:Emulator.Folder 'missing.so'
        $report = @'
            $report = @{ AfterImport = ISTHERE }
            $connect = { Connect-AzsRegistrationAccount -AccessToken (ConvertTo-SecureString a.b.c -AsPlainText -Force) }
            foreach ($path in 'MISSING', 'NONSENSE', 'relative/path.so') {
                $env:AZS_REGISTRATION_LIBRARY = $path
                try { $null = & $connect; $report[$path] = 'loaded' }
                catch { $report[$path] = $_.FullyQualifiedErrorId + ' ' + $_.Exception.Message }
            }
            $report.AfterFailures = ISTHERE
            $env:AZS_REGISTRATION_LIBRARY = ''
            try { $null = & $connect; $report.Cleared = 'loaded' } catch { $report.Cleared = "$_" }
            $report.AfterConnect = ISTHERE
            ConvertTo-Json $report
'@.Replace('ISTHERE', $isThere).Replace('MISSING', $missing).Replace('NONSENSE', $nonsense)
        $there = (Invoke-Pwsh -NotConnected -Script $report).Output | ConvertFrom-Json

        # A module that was copied without its native part.
        $copy = Join-Path $script:Emulator.Folder 'copy/Azs.Registration'
        $null = New-Item -ItemType Directory $copy
        Get-ChildItem (Split-Path $ModulePath) -File | Copy-Item -Destination $copy
        $library = @(Get-ChildItem (Split-Path $ModulePath) -Recurse -File | Where-Object { $_.Name -like '*azs_registration*' })[0].FullName
        $body = @'
            $report = @{}
            $connect = { Connect-AzsRegistrationAccount -AccessToken (ConvertTo-SecureString a.b.c -AsPlainText -Force) }
            try { $null = & $connect; $report.Copy = 'loaded' } catch { $report.Copy = $_.FullyQualifiedErrorId + ' ' + $_.Exception.Message }
            $env:AZS_REGISTRATION_LIBRARY = 'OVERRIDE'
            try { $null = & $connect; $report.Override = 'loaded' } catch { $report.Override = "$_" }
            ConvertTo-Json $report
'@.Replace('OVERRIDE', $library)
        $ofCopy = $ModulePath
        $ModulePath = Join-Path $copy 'Azs.Registration.psd1'
        try { $copied = (Invoke-Pwsh -NotConnected -Script $body).Output | ConvertFrom-Json }
        finally { $ModulePath = $ofCopy }
    }

    It 'is not loaded by the import, but by the first command that needs it' {
        $there.AfterImport | Should -BeFalse
        $there.AfterFailures | Should -BeFalse
        $there.AfterConnect | Should -BeTrue
    }

    It 'is named with its full path where the module has none' {
        $copied.Copy | Should -BeLike 'NativeLibraryNotLoaded,*'
        $copied.Copy | Should -BeLike "*$(Join-Path $copy 'runtimes')*no such file*AZS_REGISTRATION_LIBRARY*"
    }

    It 'is taken from AZS_REGISTRATION_LIBRARY' { $copied.Override | Should -Be 'loaded' }

    It 'is named with its path and the reason where AZS_REGISTRATION_LIBRARY is <What>, and nothing else is tried' -ForEach @(
        @{ What = 'a file that is not there'; Which = 'missing'; Why = 'no such file' }
        @{ What = 'a file that is no library'; Which = 'nonsense'; Why = '' }
        @{ What = 'no full path'; Which = 'relative'; Why = 'not a full path' }
    ) {
        $path = @{ missing = $missing; nonsense = $nonsense; relative = 'relative/path.so' }[$Which]

        $there.$path | Should -BeLike 'NativeLibraryNotLoaded,*'
        $there.$path | Should -BeLike "*$path*$Why*AZS_REGISTRATION_LIBRARY*"
    }

    It 'is found again in the same session when the cause is mended' { $there.Cleared | Should -Be 'loaded' }
}

Describe 'The table' {
    BeforeAll {
        Reset-Everything
        Add-EmulatorRegistration 'azurestack-other'
        1..2 | ForEach-Object { Add-EmulatorMapping -Customer (New-Id) }
        Add-EmulatorMapping -Customer (New-Id) -Registration 'azurestack-other'
        $here = $script:Emulator.RegistrationName
        $mappings = 'azurestack-other', $here | ForEach-Object { [pscustomobject] @{ RegistrationName = $_ } } | Get-AzsRegistrationTenant

        # As it is shown in so many columns, without colours, line by line.
        function Show([object[]] $Object, [int] $Width = 120) {
            ($Object | Out-String -Width $Width) -replace '\x1b\[[0-9;]*m', '' -split '\r?\n' | ForEach-Object { $_.TrimEnd() }
        }
    }

    Context 'Of mappings' {
        BeforeAll { $shown = Show $mappings }

        It 'fits 120 columns' {
            $shown.Count | Should -BeGreaterThan 6
            $shown | Where-Object { $_.Length -gt 120 } | Should -BeNullOrEmpty
        }

        It 'is grouped by registration' {
            @($shown -like '*Registration: azurestack-other*').Count | Should -Be 1
            @($shown -like "*Registration: $here*").Count | Should -Be 1
        }

        It 'shows tenant and customer subscription of each whole' {
            foreach ($mapping in $mappings) {
                @($shown -like "*$($mapping.TenantId)*$($mapping.CustomerSubscriptionId)*").Count | Should -Be 1
            }
        }
    }

    Context 'Of results' {
        BeforeAll {
            $tenant, $old, $new = (New-Id), (New-Id), (New-Id)
            Add-EmulatorMapping -Customer $old -Tenant $tenant
            Set-EmulatorTenant $tenant $old, $new
            $results = @(
                New-AzsRegistrationTenant -CustomerSubscriptionId (New-Id)
                New-AzsRegistrationTenant -CustomerSubscriptionId $new -Force -WarningAction SilentlyContinue
            )
            $shown = Show $results
        }

        It 'fits 120 columns' { $shown | Where-Object { $_.Length -gt 120 } | Should -BeNullOrEmpty }

        It 'shows outcome, tenant, new and old customer subscription whole' {
            @($shown -like "*Added*$($results[0].CustomerSubscriptionId)*$($results[0].TenantId)*").Count | Should -Be 1
            @($shown -like "*Replaced*$new*$tenant*$old*").Count | Should -Be 1
        }

        It 'loses no letter of an id in a console of 120 columns, which leaves 119 to a table' {
            $narrow = @(($results | Out-String -Width 119) -split '\r?\n')
            @($narrow -like "*Replaced*$new*$tenant*$old*").Count | Should -Be 1
            "$narrow" | Should -Not -BeLike '*...*'
            "$narrow" | Should -Not -Match ([char] 0x2026)
        }

        It 'names the registration' { @($shown -like "*Registration: $here*").Count | Should -Be 1 }
    }

    Context 'Of an account' {
        It 'fits 120 columns and shows the registration whole' {
            $parameters = Get-ConnectParameter
            $shown = Show (Connect-AzsRegistrationAccount @parameters)

            $shown | Where-Object { $_.Length -gt 120 } | Should -BeNullOrEmpty
            "$shown" | Should -BeLike "*$here*"
        }
    }

    It 'has no part where a mapping is put into a text: that shows its resource id' {
        "$($mappings[0])" | Should -Be $mappings[0].ResourceId
    }
}

Describe 'The scripts' {
    BeforeAll {
        $files = @(Get-ChildItem $PSScriptRoot, (Join-Path $root 'xtask') -File -Recurse -Filter *.ps1) +
            @(Get-ChildItem $root -File -Filter *.ps1)

        # Signs that Windows PowerShell 5.1 cannot parse.
        function Get-NewSyntax($File) {
            $tokens = $problems = $null
            $tree = [Management.Automation.Language.Parser]::ParseFile($File.FullName, [ref] $tokens, [ref] $problems)
            foreach ($problem in $problems) { "$($File.Name): $problem" }
            foreach ($token in $tokens) {
                if (@('QuestionMark', 'QuestionQuestion', 'QuestionQuestionEquals', 'QuestionDot', 'QuestionLBracket', 'AndAnd', 'OrOr', 'Clean') -contains $token.Kind) {
                    "$($File.Name): $($token.Extent.StartLineNumber): $($token.Kind)"
                }
            }
            foreach ($background in $tree.FindAll({ $args[0].Background -eq $true }, $true)) { "$($File.Name): $background" }
        }
    }

    It 'are written in the grammar of Windows PowerShell 5.1' {
        $files.Count | Should -BeGreaterThan 8
        $files | ForEach-Object { Get-NewSyntax $_ } | Should -BeNullOrEmpty
    }

    It 'are pure ASCII' {
        $files | Where-Object { [IO.File]::ReadAllText($_.FullName) -match '[^\x00-\x7f]' } | ForEach-Object Name | Should -BeNullOrEmpty
    }
}

Describe 'A table on a console of <_> columns' -ForEach 80, 120 {
    BeforeAll {
        Reset-Everything
        $width = $_
        $tenant, $old, $new = (New-Id), (New-Id), (New-Id)
        Set-EmulatorTenant $tenant $old, $new
        Add-EmulatorMapping -Customer $old -Tenant $tenant
        $results = @(New-AzsRegistrationTenant -CustomerSubscriptionId $new -Force -WarningAction SilentlyContinue)
        $report = @(Get-AzsRegistrationReport)
        $mappings = @(Get-AzsRegistrationTenant)
        # The lines below the rule.
        function Get-Line($Object) {
            $lines = @(($Object | Out-String -Width $width) -split '\r?\n' | ForEach-Object { $_.TrimEnd() } | Where-Object { $_ })
            $rule = @($lines -match '^---')[0]
            @($lines | Select-Object -Skip ($lines.IndexOf($rule) + 1))
        }
    }

    It 'has one line for a result, with outcome, subscription, and what it can of tenant and old subscription' {
        $line = Get-Line $results
        $line.Count | Should -Be 1
        $line | Should -BeLike "Replaced*$new*$($tenant.Substring(0, 8))*$($old.Substring(0, 8))*"
        if ($width -eq 120) { $line | Should -BeLike "*$tenant*$old" }
    }

    It 'has one line for an entry of the report' {
        $line = Get-Line $report
        $line.Count | Should -Be 1
        $line | Should -BeLike "0*Replaced*$new*$($old.Substring(0, 8))*"
    }

    It 'has one line for a mapping' {
        $line = Get-Line $mappings
        $line.Count | Should -Be 1
        $line | Should -Be "$tenant $new"
    }
}
