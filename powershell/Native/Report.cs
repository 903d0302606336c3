using System;

namespace Azs.Registration.Native;

/// <summary>
/// The library's report of an operation: what became of each change, also of those that end when the operation is gone.
/// One thread at a time reads it.
/// </summary>
internal sealed unsafe class Report : IDisposable
{
    private readonly NativeApi api;
    private readonly ReportHandle handle;

    public Report(NativeApi api, IntPtr report)
    {
        this.api = api;
        handle = new ReportHandle(api, report);
    }

    /// <summary>The same report, to be read from the beginning.</summary>
    /// <exception cref="RefusedException">The library failed.</exception>
    public Report Clone()
    {
        Status status = api.ReportClone(handle, out IntPtr another);
        return status == Status.Ok ? new Report(api, another) : throw Failed("azs_report_clone", status);
    }

    /// <summary>The next entry: the changes that have ended, in the order of their ends, then those that have not.</summary>
    /// <returns>Null at the end.</returns>
    /// <exception cref="RefusedException">The file of a long report cannot be read, or the library failed.</exception>
    public RequestFinished? Next()
    {
        bool held = false;
        try
        {
            // The entry is the report's memory: it is not to be freed before the copy is made.
            handle.DangerousAddRef(ref held);
            Status status = api.ReportNext(handle, out AzsFinishedEvent* entry);
            return status switch
            {
                Status.Event => OperationEvent.From((AzsEvent*)entry) as RequestFinished,
                Status.Idle => null,
                _ => throw Failed("azs_report_next", status),
            };
        }
        finally
        {
            if (held)
            {
                handle.DangerousRelease();
            }
        }
    }

    public Status Resolve(OperationHandle operation, ulong tag, ulong entry) => api.ReportResolve(operation, tag, handle, entry);

    public void Dispose() => handle.Dispose();

    private static RefusedException Failed(string function, Status status) => new(
        status == Status.EFile
            ? new ErrorInfo(ErrorKind.Internal, "ReportNotReadable", "The temporary file that holds the rest of the report cannot be read.")
            : Failures.Unexpected(function, status));
}
