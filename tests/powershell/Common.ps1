# What the test files share: an emulator for each file, and the ways to look into it and to start other PowerShells.
#
# Dot-source it in the BeforeAll of a file. Written in the grammar of Windows PowerShell 5.1.

$root = Split-Path (Split-Path $PSScriptRoot)

function Find-UnderTest([string] $Variable, [string] $Pattern) {
    $given = [Environment]::GetEnvironmentVariable($Variable)
    if ($given) { return $given }
    $found = @(Get-Item (Join-Path $root $Pattern) -Exclude *.d, *.pdb -ErrorAction SilentlyContinue | Sort-Object LastWriteTime)
    if ($found.Count -eq 0) { throw "There is no $Pattern. Run: cargo xtask build" }
    $found[-1].FullName
}

if (-not [Console]::IsInputRedirected -and [Environment]::GetCommandLineArgs() -notcontains '-NonInteractive') {
    throw 'The tests stand for a session in which nobody can be asked. Run: pwsh -NoProfile -NonInteractive -File tests/powershell/Invoke-Suite.ps1 FILE'
}

$ModulePath = Find-UnderTest 'AZS_TEST_MODULE' 'target/module/Azs.Registration/*/Azs.Registration.psd1'
$EmulatorPath = Find-UnderTest 'AZS_TEST_EMULATOR' 'target/debug/azs-emulator*'
Import-Module $ModulePath -Force
Add-Type -AssemblyName System.Net.Http

# The emulator

# Starts an emulator that ends with this process. It answers when this returns.
function Start-Emulator([string[]] $Argument) {
    $folder = New-TestFolder
    $start = New-Object Diagnostics.ProcessStartInfo
    $start.FileName = $EmulatorPath
    $start.Arguments = ('--exit-with-parent --dir "{0}" ' -f $folder) + ($Argument -join ' ')
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $process = [Diagnostics.Process]::Start($start)
    # Its first line says that emulator.json is written; the end of its output, that it never will be.
    $line = $process.StandardOutput.ReadLineAsync()
    if (-not $line.Wait(30000) -or -not $line.Result) { throw "The emulator did not start: $EmulatorPath" }

    $handler = New-Object Net.Http.HttpClientHandler
    $handler.ServerCertificateCustomValidationCallback = [Net.Http.HttpClientHandler]::DangerousAcceptAnyServerCertificateValidator
    $there = Get-Content -Raw (Join-Path $folder 'emulator.json') | ConvertFrom-Json
    $script:Emulator = [pscustomobject] @{
        Process              = $process
        Folder               = $folder
        Http                 = New-Object Net.Http.HttpClient $handler
        Control              = $there.controlEndpoint
        ArmEndpoint          = $there.armEndpoint
        AuthorityHost        = $there.authorityHost
        CaFile               = $there.caFile
        Token                = $there.token
        Tenant               = $there.tenantId
        SubscriptionId       = $there.subscriptionId
        ResourceGroup        = $there.resourceGroup
        RegistrationName     = $there.registrationName
        RegistrationId       = '/subscriptions/{0}/resourceGroups/{1}/providers/Microsoft.AzureStack/registrations/{2}' -f
            $there.subscriptionId, $there.resourceGroup, $there.registrationName
    }
}

function Stop-Emulator {
    if ($script:Emulator) {
        $script:Emulator.Http.Dispose()
        $script:Emulator.Process.StandardInput.Close()
        $script:Emulator.Process.WaitForExit()
        Remove-Item -Recurse -Force $script:Emulator.Folder
        $script:Emulator = $null
    }
}

# A call of the control API.
function Invoke-Control([string] $Method, [string] $Call, $Body) {
    $request = New-Object Net.Http.HttpRequestMessage (New-Object Net.Http.HttpMethod $Method), ($script:Emulator.Control + $Call)
    if ($null -ne $Body) {
        $request.Content = New-Object Net.Http.StringContent (ConvertTo-Json -InputObject $Body -Depth 10 -Compress)
    }
    $answer = $script:Emulator.Http.SendAsync($request).GetAwaiter().GetResult()
    $text = $answer.Content.ReadAsStringAsync().GetAwaiter().GetResult()
    if (-not $answer.IsSuccessStatusCode) { throw "The emulator refused $Method ${Call}: $text" }
    if ($text) {
        # Item by item, in Windows PowerShell too.
        $value = ConvertFrom-Json $text
        foreach ($item in $value) { $item }
    }
}

# Everything back to the start: state, switches, faults and journal.
function Reset-Emulator { Invoke-Control POST reset }

# Set-EmulatorSwitch @{ putAnswer = 'ok-body' }
function Set-EmulatorSwitch([hashtable] $Switch) { $null = Invoke-Control PATCH switches $Switch }

# Add-EmulatorFault @{ method = 'PUT'; nth = 2 } @{ kind = 'status'; status = 503 }
function Add-EmulatorFault([hashtable] $Match, [hashtable] $Action) {
    $null = Invoke-Control POST faults @{ match = $Match; action = $Action }
}

# Mappings that are there before the test begins: a number of made-up ones, or one.
function Add-EmulatorMapping([int] $Count, [string] $Customer, [string] $Tenant, [string] $Registration = $script:Emulator.RegistrationName) {
    $body = @{ generate = $Count }
    if ($Customer) {
        $body = @{ customerSubscriptionId = $Customer }
        if ($Tenant) { $body.tenantId = $Tenant }
    }
    $null = Invoke-Control POST "mappings?registration=$Registration" $body
}

# What a registration holds, by the emulator's own account, in the order of adding.
function Get-EmulatorMapping([string] $Registration = $script:Emulator.RegistrationName) {
    $state = Invoke-Control GET "state?registration=$Registration"
    foreach ($mapping in $state.registrations.mappings) { $mapping }
}

function Add-EmulatorRegistration([string] $Name, [string] $BillingModel = 'PayAsYouUse') {
    $null = Invoke-Control POST registrations @{ name = $Name; billingModel = $BillingModel; cloudId = (New-Id) }
}

# Says which tenant customer subscriptions belong to, as Azure's directory knows it.
function Set-EmulatorTenant([string] $Tenant, [string[]] $Customer) {
    foreach ($id in $Customer) {
        $null = Invoke-Control POST subscriptions @{ subscriptionId = $id; tenantId = $Tenant }
    }
}

# The requests received, in order.
function Get-Journal([string] $Method, [string] $PathContains) {
    Invoke-Control GET ('journal?method={0}&pathContains={1}' -f $Method, $PathContains).Replace('method=&', '')
}

# The requests received that change something.
function Get-JournalWrite { Get-Journal | Where-Object { $_.method -ne 'GET' } }

# The requests received that ask for a list of mappings, page by page.
function Get-JournalList { Get-Journal GET | Where-Object { $_.path -like '*/customerSubscriptions' } }

function Clear-Journal { Invoke-Control DELETE journal }

# Waits until so many such requests were received.
function Wait-Journal([string] $Method, [string] $PathContains = '', [int] $Count = 1, [switch] $Answered, [int] $TimeoutMs = 20000) {
    $call = 'journal/wait?method={0}&pathContains={1}&count={2}&answered={3}&timeoutMs={4}' -f
        $Method, $PathContains, $Count, ([string] [bool] $Answered).ToLowerInvariant(), $TimeoutMs
    $end = Invoke-Control GET $call
    if (-not $end.reached) { throw "$Count times $Method $PathContains was awaited, $($end.count) came." }
}

# The module

function New-Token([string] $Text) { ConvertTo-SecureString $Text -AsPlainText -Force }

# What it takes to connect with the emulator, for splatting; the hashtable given replaces or adds parameters.
function Get-ConnectParameter([hashtable] $With) {
    $parameters = @{
        AccessToken                = New-Token $script:Emulator.Token
        ArmEndpoint                = $script:Emulator.ArmEndpoint
        AuthorityHost              = $script:Emulator.AuthorityHost
        CaCertificatePath          = $script:Emulator.CaFile
        RegistrationSubscriptionId = $script:Emulator.SubscriptionId
        ResourceGroupName          = $script:Emulator.ResourceGroup
        RegistrationName           = $script:Emulator.RegistrationName
    }
    if ($With) { foreach ($name in $With.Keys) { $parameters[$name] = $With[$name] } }
    $parameters
}

function Connect-Emulator([hashtable] $With) {
    $parameters = Get-ConnectParameter $With
    $null = Connect-AzsRegistrationAccount @parameters
}

# Connects anew to an emulator in its first state: a BeforeEach.
function Reset-Everything {
    Reset-Emulator
    Connect-Emulator
}

# A new GUID in lower case.
function New-Id { [guid]::NewGuid().ToString() }

# The resource id of a mapping.
function Get-MappingId([string] $Customer) { $script:Emulator.RegistrationId + '/customerSubscriptions/' + $Customer }

function New-Row([string] $Customer, [string] $Tenant) {
    $row = [pscustomobject] @{ CustomerSubscriptionId = $Customer }
    if ($Tenant) { $row | Add-Member NoteProperty TenantId $Tenant }
    $row
}

# Results, or the error records that name them, in the order of their rows: they come in the order of their ends, for rows are
# worked off side by side.
function Get-InOrder($Item) {
    $Item | Sort-Object { if ($_ -is [Management.Automation.ErrorRecord]) { $_.TargetObject.Row } else { $_.Row } }
}

# The report of the last run, when nothing of it is under way any more.
function Wait-Report($Runspace) {
    $limit = [DateTime]::UtcNow.AddSeconds(60)
    while ($true) {
        if ($Runspace) { $report = @((Invoke-InRunspace $Runspace { Get-AzsRegistrationReport -WarningAction SilentlyContinue }).Output) }
        else { $report = @(Get-AzsRegistrationReport -WarningAction SilentlyContinue) }
        if (@($report | Where-Object { $_.Outcome -eq 'Pending' }).Count -eq 0) { return $report }
        if ([DateTime]::UtcNow -gt $limit) { throw 'The report has items that never end.' }
        Start-Sleep -Milliseconds 50
    }
}

# How many requests were on their way at once, at most, by the journal.
function Get-MostAtOnce {
    $sent = @(Get-Journal | Sort-Object n)
    ($sent | ForEach-Object {
        $one = $_
        # An answer is noted before it goes out, so what follows from it is not beside it.
        @($sent | Where-Object { $_.n -le $one.n -and ($null -eq $_.answeredMs -or $_.answeredMs -gt $one.elapsedMs) }).Count
    } | Measure-Object -Maximum).Maximum
}

# Other runspaces of this process

# A runspace with the module, connected to the emulator unless told otherwise.
function New-ConnectedRunspace([hashtable] $With, $Console, [switch] $NotConnected) {
    $state = [Management.Automation.Runspaces.InitialSessionState]::CreateDefault()
    $null = $state.ImportPSModule(@($ModulePath))
    if ($Console) {
        $runspace = [runspacefactory]::CreateRunspace($Console, $state)
    }
    else {
        $runspace = [runspacefactory]::CreateRunspace($state)
    }
    $runspace.Open()
    if (-not $NotConnected) {
        $null = Invoke-InRunspace $runspace { param($parameters) Connect-AzsRegistrationAccount @parameters } (Get-ConnectParameter $With)
    }
    $runspace
}

# A host that answers questions: with labels of choices in their order, '' being Enter.
function New-ScriptedConsole([string[]] $Answer) {
    if (-not ('AzsTests.ScriptedConsole' -as [type])) { Add-Type -Path (Join-Path $PSScriptRoot 'ScriptedConsole.cs') }
    $console = New-Object AzsTests.ScriptedConsole
    foreach ($one in $Answer) { $console.Answers.Enqueue($one) }
    $console
}

# Runs a script block there. Errors are in .Streams.Error of the result, what was written in .Output.
function Invoke-InRunspace($Runspace, [scriptblock] $Script, $Argument) {
    $shell = Start-InRunspace $Runspace $Script $Argument
    $null = $shell.Shell.EndInvoke($shell.Handle)
    $shell
}

# Starts a script block there and returns at once.
function Start-InRunspace($Runspace, [scriptblock] $Script, $Argument) {
    $shell = [powershell]::Create()
    $shell.Runspace = $Runspace
    # As text: a script block belongs to the runspace that made it.
    $null = $shell.AddScript($Script.ToString())
    if ($null -ne $Argument) { $null = $shell.AddArgument($Argument) }
    $nothing = New-Object 'System.Management.Automation.PSDataCollection[psobject]'
    $nothing.Complete()
    $output = New-Object 'System.Management.Automation.PSDataCollection[psobject]'
    [pscustomobject] @{
        Shell   = $shell
        Handle  = $shell.BeginInvoke($nothing, $output)
        Output  = $output
        Streams = $shell.Streams
    }
}

# Other processes

function New-TestFolder {
    $folder = Join-Path ([IO.Path]::GetTempPath()) ('azs-test-' + [guid]::NewGuid().ToString('n'))
    $null = New-Item -ItemType Directory $folder
    $folder
}

# The text of a script that imports the module and connects to the emulator, with a body.
function Get-ChildScript([string] $Body, [switch] $NotConnected) {
    function Quoted([string] $Text) { "'" + $Text.Replace("'", "''") + "'" }
    $lines = @('Import-Module ' + (Quoted $ModulePath))
    if (-not $NotConnected) {
        $e = $script:Emulator
        $lines += '$null = Connect-AzsRegistrationAccount -AccessToken (ConvertTo-SecureString $env:AZS_TEST_TOKEN -AsPlainText -Force) -ArmEndpoint {0} -AuthorityHost {1} -CaCertificatePath {2} -ResourceId {3}' -f
            (Quoted $e.ArmEndpoint), (Quoted $e.AuthorityHost), (Quoted $e.CaFile), (Quoted $e.RegistrationId)
    }
    ($lines + $Body) -join "`n"
}

# Writes such a script to a file.
function New-ChildScript([string] $Body, [switch] $NotConnected) {
    $file = Join-Path $script:Emulator.Folder ('child-' + [guid]::NewGuid().ToString('n') + '.ps1')
    Set-Content -LiteralPath $file -Value (Get-ChildScript $Body -NotConnected:$NotConnected)
    $file
}

# Runs a script in a PowerShell of its own. Its input is a pipe: closed at once, left open without a word, or with text.
function Invoke-Pwsh {
    param(
        [string] $Script,
        [switch] $NotConnected,
        [switch] $NonInteractive,
        [switch] $LeaveInputOpen,
        [string] $InputText,
        [hashtable] $Environment
    )
    $file = New-ChildScript $Script -NotConnected:$NotConnected
    $switch = ''
    if ($NonInteractive) { $switch = '-NonInteractive ' }
    Invoke-Program (Get-Process -Id $PID).Path ('-NoProfile {0}-File "{1}"' -f $switch, $file) $InputText $Environment -LeaveInputOpen:$LeaveInputOpen
}

# Runs a script in a PowerShell on a terminal of its own. Each step is what is awaited on it and what is typed then.
# $null where there is no way to make a terminal.
function Invoke-OnTerminal([string] $Script, [object[]] $Step, [string[]] $Switch = @()) {
    $python = Get-Command python3 -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if (-not $python -or $env:OS -eq 'Windows_NT') { return }
    $command = @((Get-Process -Id $PID).Path, '-NoProfile', '-NoLogo') + $Switch + @('-File', (New-ChildScript $Script))
    $steps = foreach ($one in $Step) { @{ expect = $one[0]; send = $one[1] } }
    $task = ConvertTo-Json -Compress -Depth 4 @{ command = $command; steps = @($steps) }
    # A terminal without abilities: nothing but text comes from it.
    Invoke-Program $python.Source ('"{0}"' -f (Join-Path $PSScriptRoot 'drive_console.py')) $task @{ TERM = 'dumb' }
}

function Invoke-Program([string] $File, [string] $Argument, [string] $InputText, [hashtable] $Environment, [switch] $LeaveInputOpen) {
    $start = New-Object Diagnostics.ProcessStartInfo
    $start.FileName = $File
    $start.Arguments = $Argument
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $start.EnvironmentVariables['NO_COLOR'] = '1'
    $start.EnvironmentVariables['AZS_TEST_TOKEN'] = $script:Emulator.Token
    if ($Environment) { foreach ($name in $Environment.Keys) { $start.EnvironmentVariables[$name] = $Environment[$name] } }
    $process = [Diagnostics.Process]::Start($start)
    if ($InputText) { $process.StandardInput.Write($InputText) }
    if (-not $LeaveInputOpen) { $process.StandardInput.Close() }
    $output = $process.StandardOutput.ReadToEndAsync()
    $errors = $process.StandardError.ReadToEndAsync()
    $ended = $process.WaitForExit(60000)
    if (-not $ended) { $process.Kill() }
    $process.WaitForExit()
    [pscustomobject] @{
        Ended    = $ended
        ExitCode = $process.ExitCode
        Output   = $output.GetAwaiter().GetResult()
        Error    = $errors.GetAwaiter().GetResult()
    }
}
