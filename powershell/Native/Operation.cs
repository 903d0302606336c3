using System;

namespace Azs.Registration.Native;

/// <summary>How an operation works.</summary>
internal sealed class OperationOptions
{
    /// <summary>The registration for requests that name none.</summary>
    public TenantTarget? DefaultRegistration { get; init; }

    /// <summary>How many requests may be under way; null takes the library's default.</summary>
    public uint? MaxOutstanding { get; init; }

    /// <summary>How many HTTP requests may be on their way at once.</summary>
    public uint ThrottleLimit { get; init; } = LibraryDefaults.ThrottleLimit;

    /// <summary>How long one item may take; null takes the library's default.</summary>
    public TimeSpan? ItemTimeout { get; init; }

    /// <summary>The full path of a file that gets a line for each change that was attempted; null: none.</summary>
    public string? AuditLog { get; init; }
}

/// <summary>What became of a submitted request.</summary>
internal enum Submission
{
    /// <summary>It will end with an event of its own.</summary>
    Accepted,

    /// <summary>An event has to be taken first.</summary>
    Full,

    /// <summary>The operation takes no more requests.</summary>
    Cancelled,
}

/// <summary>An operation of the library: takes requests, gives events.</summary>
internal sealed unsafe class Operation : IDisposable
{
    private readonly NativeApi api;
    private readonly OperationHandle handle;

    public Operation(NativeApi api, ClientHandle client, OperationOptions options)
    {
        this.api = api;
        using NativeText texts = new();
        AzsOperationConfig config = new()
        {
            Size = (uint)sizeof(AzsOperationConfig),
            MaxOutstanding = options.MaxOutstanding ?? 0,
            ThrottleLimit = options.ThrottleLimit,
            ItemTimeoutMs = (uint)(options.ItemTimeout?.TotalMilliseconds ?? 0),
            WantProgress = 1,
            WantLog = 1,
            DefaultRegistration = options.DefaultRegistration?.ToNative(texts) ?? default,
            AuditLog = texts.In(options.AuditLog),
        };
        Status status = api.OperationNew(client, &config, out IntPtr operation, out IntPtr error);
        handle = new OperationHandle(api, operation);
        Failures.ThrowUnlessOk(api, status, error, "azs_operation_new");
    }

    /// <summary>Submits a request to add or change a mapping.</summary>
    public Submission Add(ulong tag, TenantTarget target, Expectation expectation, string? expected, bool preserveCase)
    {
        using NativeText texts = new();
        AzsTenantAddRequest request = new()
        {
            Size = (uint)sizeof(AzsTenantAddRequest),
            Expectation = (int)expectation,
            Target = target.ToNative(texts),
            ExpectedCustomerSubscriptionId = texts.In(expected),
            PreserveCase = preserveCase ? (byte)1 : (byte)0,
        };
        return Accepted(api.TenantAdd(handle, tag, &request), "azs_tenant_add");
    }

    /// <summary>Submits a request that finds out what adding would come to. Nothing is changed.</summary>
    /// <remarks>
    /// It is an add that expects to replace a subscription that there cannot be: wherever something would be sent, that does
    /// not hold, and it ends as WouldReplace, with what is there, or with no old subscription where nothing is.
    /// </remarks>
    /// <param name="tag">The tag of the request.</param>
    /// <param name="target">What would be added.</param>
    /// <param name="impossible">The subscription that there cannot be: a new one each time, for requests about the same one wait for each other.</param>
    public Submission Look(ulong tag, TenantTarget target, string impossible) =>
        Add(tag, target, Expectation.Exactly, impossible, preserveCase: false);

    /// <summary>Submits a request to list the mappings of a registration.</summary>
    public Submission List(ulong tag, TenantTarget target)
    {
        using NativeText texts = new();
        AzsTenantListRequest request = new() { Size = (uint)sizeof(AzsTenantListRequest), Target = target.ToNative(texts) };
        return Accepted(api.TenantList(handle, tag, &request), "azs_tenant_list");
    }

    /// <summary>
    /// Submits a request that looks up what became of a change which ended as unknown, or has not ended. Its end is that of the
    /// change; where it is <see cref="RequestFinished.Resolved"/>, the report has it too.
    /// </summary>
    public Submission Resolve(ulong tag, ReportHandle report, ulong entry) =>
        Accepted(api.ReportResolve(handle, tag, report, entry), "azs_report_resolve");

    /// <summary>Submits a request to get one mapping.</summary>
    public Submission Get(ulong tag, TenantTarget target)
    {
        using NativeText texts = new();
        AzsTenantGetRequest request = new() { Size = (uint)sizeof(AzsTenantGetRequest), Target = target.ToNative(texts) };
        return Accepted(api.TenantGet(handle, tag, &request), "azs_tenant_get");
    }

    /// <summary>Submits a request to remove a mapping.</summary>
    public Submission Remove(ulong tag, TenantTarget target)
    {
        using NativeText texts = new();
        AzsTenantRemoveRequest request = new() { Size = (uint)sizeof(AzsTenantRemoveRequest), Target = target.ToNative(texts) };
        return Accepted(api.TenantRemove(handle, tag, &request), "azs_tenant_remove");
    }

    /// <summary>Submits a request that looks up what became of a change. Nothing is changed.</summary>
    /// <param name="tag">The tag of the request.</param>
    /// <param name="report">The report that has the change, of whichever operation.</param>
    /// <param name="entry">Its number there.</param>
    public Submission Resolve(ulong tag, Report report, ulong entry) =>
        Accepted(report.Resolve(handle, tag, entry), "azs_report_resolve");

    /// <summary>What a target comes to together with the default registration. Nothing is sent.</summary>
    /// <exception cref="RefusedException">The target is refused.</exception>
    public Mapping Resolve(Purpose purpose, TenantTarget target)
    {
        using NativeText texts = new();
        AzsTenantTarget given = target.ToNative(texts);
        Status status = api.TenantResolve(handle, purpose, &given, out IntPtr resolved, out IntPtr error);
        using ResolvedHandle result = new(api, resolved);
        Failures.ThrowUnlessOk(api, status, error, "azs_tenant_resolve");
        AzsMapping* mapping = api.ResolvedGet(result);
        return mapping == null ? new Mapping() : Mapping.From(*mapping);
    }

    /// <summary>What becomes of the changes. It outlives the operation.</summary>
    /// <exception cref="RefusedException">The library failed.</exception>
    public Report NewReport()
    {
        Status status = api.OperationReport(handle, out IntPtr report);
        Failures.ThrowUnlessOk(api, status, IntPtr.Zero, "azs_operation_report");
        return new Report(api, report);
    }

    /// <summary>Takes the next event: one thread at a time.</summary>
    /// <returns>Event, Timeout, Idle or Drained.</returns>
    public Status Next(TimeSpan timeout, out OperationEvent? next)
    {
        next = null;
        bool held = false;
        try
        {
            // The event is the operation's memory: it is not to be freed before the copy is made.
            handle.DangerousAddRef(ref held);
            Status status = api.OperationNext(handle, (uint)timeout.TotalMilliseconds, out AzsEvent* found);
            if (status < Status.Ok)
            {
                throw new RefusedException(Failures.Unexpected("azs_operation_next", status));
            }

            if (status == Status.Event && found != null)
            {
                next = OperationEvent.From(found);
            }

            return status;
        }
        finally
        {
            if (held)
            {
                handle.DangerousRelease();
            }
        }
    }

    /// <summary>Starts nothing more, and wakes a waiting <see cref="Next"/>. Any thread.</summary>
    public void Cancel()
    {
        if (!handle.IsClosed)
        {
            try
            {
                api.OperationCancel(handle);
            }
            catch (ObjectDisposedException)
            {
                // Ctrl+C came while the pipeline was being taken down: freeing cancels as well.
            }
        }
    }

    /// <summary>Frees the operation, at the latest when a call that another thread is inside of returns.</summary>
    public void Dispose() => handle.Dispose();

    private static Submission Accepted(Status status, string function) => status switch
    {
        Status.Ok => Submission.Accepted,
        Status.Full => Submission.Full,
        Status.ECancelled => Submission.Cancelled,
        _ => throw new RefusedException(Failures.Unexpected(function, status)),
    };
}
