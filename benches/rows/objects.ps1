# As many objects, counted, from a compiled cmdlet that does nothing but write them: what a pipeline costs in any case.
param([int] $Count)

. (Join-Path $PSScriptRoot '../powershell/Measured.ps1')
$compiled = Add-Type -PassThru -TypeDefinition @'
using System.Management.Automation;

public sealed class Written
{
    public string ResourceId { get; set; }
    public string SubscriptionId { get; set; }
    public string ResourceGroupName { get; set; }
    public string RegistrationName { get; set; }
    public string CustomerSubscriptionId { get; set; }
    public string TenantId { get; set; }
}

[Cmdlet(VerbsCommunications.Write, "Only")]
public sealed class WriteOnlyCommand : PSCmdlet
{
    [Parameter]
    public int Count { get; set; }

    protected override void ProcessRecord()
    {
        for (int number = 0; number < Count; number++)
        {
            string id = number.ToString("x12");
            WriteObject(new Written { ResourceId = "a", CustomerSubscriptionId = id, TenantId = id });
        }
    }
}
'@
Import-Module -Assembly $compiled[0].Assembly

Measure-Work { @{ rows = (Write-Only -Count $Count | Measure-Object).Count } }
