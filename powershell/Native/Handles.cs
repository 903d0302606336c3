using System;
using System.Runtime.InteropServices;

namespace Azs.Registration.Native;

/// <summary>
/// A handle of the library. The marshaller holds a reference while a call uses it, so that nothing is freed beside a
/// call that another thread is still inside of.
/// </summary>
internal abstract class NativeHandle : SafeHandle
{
    private readonly Action<IntPtr> free;

    protected NativeHandle(IntPtr value, Action<IntPtr> free)
        : base(IntPtr.Zero, ownsHandle: true)
    {
        this.free = free;
        SetHandle(value);
    }

    public override bool IsInvalid => handle == IntPtr.Zero;

    protected override bool ReleaseHandle()
    {
        free(handle);
        return true;
    }
}

internal sealed class ClientHandle : NativeHandle
{
    public ClientHandle(NativeApi api, IntPtr value)
        : base(value, api.ClientFree.Invoke)
    {
    }
}

internal sealed class OperationHandle : NativeHandle
{
    public OperationHandle(NativeApi api, IntPtr value)
        : base(value, api.OperationFree.Invoke)
    {
    }
}

internal sealed class ReportHandle : NativeHandle
{
    public ReportHandle(NativeApi api, IntPtr value)
        : base(value, api.ReportFree.Invoke)
    {
    }
}

internal sealed class ErrorHandle : NativeHandle
{
    public ErrorHandle(NativeApi api, IntPtr value)
        : base(value, api.ErrorFree.Invoke)
    {
    }
}

internal sealed class ResolvedHandle : NativeHandle
{
    public ResolvedHandle(NativeApi api, IntPtr value)
        : base(value, api.ResolvedFree.Invoke)
    {
    }
}

internal sealed class RowTargetHandle : NativeHandle
{
    public RowTargetHandle(NativeApi api, IntPtr value)
        : base(value, api.RowTargetFree.Invoke)
    {
    }
}

internal sealed class PlanHandle : NativeHandle
{
    public PlanHandle(NativeApi api, IntPtr value)
        : base(value, api.PlanFree.Invoke)
    {
    }
}
