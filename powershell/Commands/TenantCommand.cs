using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using Azs.Registration.Native;
using Azs.Registration.Rows;

namespace Azs.Registration.Commands;

/// <summary>A command about tenants of a registration: they are named on the command line, by rows, or by both.</summary>
/// <remarks>
/// Nothing that binds from the pipeline is mandatory or validated by PowerShell: a row that the binder refuses never
/// arrives, and a value that it refuses is dropped without a word. So every row arrives here, and is checked here.
/// </remarks>
public abstract class TenantCommand : OperationCommand
{
    // Items of a change that neither the library nor the report has yet, and what each comes to as far as it is known.
    private readonly Dictionary<TenantTarget, Mapping> unfinished = new();
    private TenantTarget commandLine = new();
    private RowReader? reader;
    private long rows;

    private protected TenantCommand()
    {
    }

    /// <summary>
    /// The resource id of a mapping, or of a registration. With or without leading slash, in any casing of its fixed parts.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? ResourceId { get; set; }

    /// <summary>The name of the registration, usually azurestack-CloudID. By default that of the connection.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? RegistrationName { get; set; }

    /// <summary>The resource group of the registration. By default that of the connection.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? ResourceGroupName { get; set; }

    /// <summary>The subscription of the registration. By default that of the connection.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? RegistrationSubscriptionId { get; set; }

    /// <summary>The same as RegistrationSubscriptionId, on the command line only.</summary>
    [Parameter]
    public string? SubscriptionId { get; set; }

    /// <summary>The customer's subscription, which the tenant's usage is charged to.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("CustomerSubscriptionName")]
    public string? CustomerSubscriptionId { get; set; }

    /// <summary>The tenant.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? TenantId { get; set; }

    /// <summary>
    /// A row: an object with properties named like the parameters, as from Import-Csv, Get-AzsRegistrationTenant or
    /// Get-AzResource.
    /// </summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>Reads the command line, before rows overlay it.</summary>
    protected override void BeginProcessing()
    {
        RefuseBlanks(
            nameof(ResourceId),
            nameof(RegistrationName),
            nameof(ResourceGroupName),
            nameof(RegistrationSubscriptionId),
            nameof(SubscriptionId),
            nameof(CustomerSubscriptionId),
            nameof(TenantId),
            nameof(InputObject));
        TenantTarget given = BoundNow();
        commandLine = new TenantTarget
        {
            ResourceId = given.ResourceId,
            RegistrationSubscriptionId = SubscriptionOfRegistration(given.RegistrationSubscriptionId, SubscriptionId),
            ResourceGroupName = given.ResourceGroupName,
            RegistrationName = given.RegistrationName,
            CustomerSubscriptionId = given.CustomerSubscriptionId,
            TenantId = given.TenantId,
        };
        base.BeginProcessing();
    }

    /// <summary>Works on one row, or on the command line alone.</summary>
    protected sealed override void ProcessRecord()
    {
        foreach (PSObject? row in Rows())
        {
            PullReady();
            if (Stopping)
            {
                break;
            }

            Process(row);
        }

        PullReady();
        ReleaseMessages();
    }

    private void Process(PSObject? row)
    {
        TenantTarget target;
        try
        {
            target = TargetOf(row);
        }
        catch (RefusedException refused)
        {
            ErrorInfo error = row?.BaseObject is string or Guid && refused.Error.Code == "RowNotUnderstood"
                ? TextForRow(refused.Error.Row)
                : refused.Error;
            Report?.Note(AzsRegistrationTenantOutcome.Failed, new Mapping(), error.Row, error);
            WriteFailure(error, row);
            return;
        }

        if (Changes)
        {
            unfinished[target] = AsGiven(target);
        }

        if (IsFailing)
        {
            TellNotStarted(target, "an earlier item failed");
        }
        else
        {
            ProcessTarget(target);
        }
    }

    // An id by itself may be a tenant's as well as a subscription's, and nothing is guessed.
    private ErrorInfo TextForRow(long row) => new(
        ErrorKind.Input, "RowNotUnderstood", $"Row {row}: it is a text, which does not say whether it is a customer subscription, a tenant or a resource id.")
    {
        Row = row,
        RecommendedAction =
            $"Say what it is, as in: … | {MyInvocation.MyCommand.Name} -CustomerSubscriptionId {{ $_ }}, or -TenantId {{ $_ }}, or -ResourceId {{ $_ }}.",
    };

    /// <summary>Works on one target.</summary>
    private protected abstract void ProcessTarget(TenantTarget target);

    /// <summary>Checks a target before anything is asked or sent.</summary>
    /// <returns>What it comes to; null where it was refused, which has been told.</returns>
    private protected Mapping? Resolve(Purpose purpose, TenantTarget target)
    {
        try
        {
            Mapping resolved = Operation.Resolve(purpose, target);
            if (unfinished.ContainsKey(target))
            {
                unfinished[target] = resolved;
            }

            return resolved;
        }
        catch (RefusedException refused)
        {
            Refuse(target, AzsRegistrationTenantOutcome.Failed, AsGiven(target), refused.Error);
            return null;
        }
    }

    private protected static AzsRegistrationTenantResult Result(
        AzsRegistrationTenantOutcome outcome, Mapping mapping, string? oldCustomerSubscriptionId, long row) =>
        new(outcome, mapping, oldCustomerSubscriptionId, row);

    /// <summary>Tells and notes that an item ends here: the library knows nothing of it, or not the last word.</summary>
    private protected void Refuse(TenantTarget target, AzsRegistrationTenantOutcome outcome, Mapping mapping, ErrorInfo error)
    {
        Note(target, outcome, mapping, error);
        WriteFailure(error, Result(outcome, mapping, null, target.Row));
    }

    /// <summary>Notes what became of an item for the report.</summary>
    private protected void Note(TenantTarget target, AzsRegistrationTenantOutcome outcome, Mapping mapping, ErrorInfo? error)
    {
        unfinished.Remove(target);
        Report?.Note(outcome, mapping, target.Row, error);
    }

    /// <summary>Notes the end of an item that the library knows, but in a report where it does not count as the item's.</summary>
    private protected void Note(TenantTarget target, RequestFinished finished, ErrorInfo? error)
    {
        unfinished.Remove(target);
        Report?.Note(finished, error);
    }

    /// <summary>Nothing is left to be noted of the item: the library's report has the end of it, or there is nothing to tell.</summary>
    private protected void Forget(TenantTarget target) => unfinished.Remove(target);

    /// <summary>Tells that a request did not come to the wanted end.</summary>
    private protected void WriteFailure(RequestFinished finished) => WriteFailure(ErrorOf(finished), ResultOf(finished));

    private protected static ErrorInfo ErrorOf(RequestFinished finished) =>
        finished.Error ?? new ErrorInfo(ErrorKind.Internal, finished.Outcome.ToString(), "The request did not come to the wanted end.");

    private protected static AzsRegistrationTenantResult ResultOf(RequestFinished finished) => Result(
        OutcomeOf(finished.Outcome), finished.Mapping, finished.OldCustomerSubscriptionId, finished.Row);

    private protected sealed override object ResultOf(object item, AzsRegistrationTenantOutcome outcome)
    {
        TenantTarget target = TargetOf(item);
        return Result(outcome, unfinished.TryGetValue(target, out Mapping? resolved) ? resolved : AsGiven(target), null, target.Row);
    }

    private protected sealed override void TellNotStarted(object item, string why)
    {
        TenantTarget target = TargetOf(item);
        object result = ResultOf(item, AzsRegistrationTenantOutcome.NotStarted);
        ErrorInfo error = NotStarted(target.Row, why);
        if (unfinished.TryGetValue(target, out Mapping? resolved))
        {
            Note(target, AzsRegistrationTenantOutcome.NotStarted, resolved, error);
        }

        WriteFailure(error, result);
    }

    private protected sealed override void NoteUnfinished()
    {
        foreach (KeyValuePair<TenantTarget, Mapping> item in unfinished)
        {
            Report?.Note(
                AzsRegistrationTenantOutcome.NotStarted, item.Value, item.Key.Row, NotStarted(item.Key.Row, "the command ended before"));
        }

        unfinished.Clear();
    }

    private static ErrorInfo NotStarted(long row, string why) => new(
        ErrorKind.Cancelled, "NotStarted", (row > 0 ? $"Row {row}: not" : "Not") + $" started, because {why}.") { Row = row };

    private static TenantTarget TargetOf(object item) => item as TenantTarget ?? ((ITargeted)item).Target;

    private static AzsRegistrationTenantOutcome OutcomeOf(Outcome outcome) => outcome switch
    {
        // A read that was given up.
        Outcome.Cancelled => AzsRegistrationTenantOutcome.NotStarted,
        _ => (AzsRegistrationTenantOutcome)outcome,
    };

    private static Mapping AsGiven(TenantTarget target) => new()
    {
        ResourceId = target.ResourceId,
        RegistrationSubscriptionId = target.RegistrationSubscriptionId,
        ResourceGroupName = target.ResourceGroupName,
        RegistrationName = target.RegistrationName,
        CustomerSubscriptionId = target.CustomerSubscriptionId,
        TenantId = target.TenantId,
    };

    private TenantTarget BoundNow() => new()
    {
        ResourceId = ResourceId,
        RegistrationSubscriptionId = RegistrationSubscriptionId,
        ResourceGroupName = ResourceGroupName,
        RegistrationName = RegistrationName,
        CustomerSubscriptionId = CustomerSubscriptionId,
        TenantId = TenantId,
    };

    /// <summary>The rows of this call: one, or the items of an array that was given to -InputObject; null is the command line alone.</summary>
    private IEnumerable<PSObject?> Rows()
    {
        if (MyInvocation.ExpectingInput || InputObject is null)
        {
            return new[] { InputObject };
        }

        return InputObject.BaseObject is IList items
            ? items.Cast<object?>().Select(item => item is null ? null : PSObject.AsPSObject(item))
            : new[] { InputObject };
    }

    private TenantTarget TargetOf(PSObject? row)
    {
        bool fromRow = row is not null || MyInvocation.ExpectingInput || InputObject is not null;
        if (!fromRow)
        {
            return commandLine;
        }

        reader ??= new RowReader(new RowRules(LoadLibrary()), RowKind.Mapping);
        return reader.Read(row, ++rows, commandLine, BoundNow());
    }

    /// <summary>An item that is more than its target.</summary>
    private protected interface ITargeted
    {
        TenantTarget Target { get; }
    }
}
