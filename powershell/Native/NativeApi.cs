using System;
using System.Runtime.InteropServices;

namespace Azs.Registration.Native;

/// <summary>The functions of the library (include/azs_registration.h), bound by name.</summary>
internal sealed unsafe class NativeApi
{
    public NativeApi(IntPtr library, Func<IntPtr, string, IntPtr> findExport)
    {
        T Bind<T>(string name)
            where T : Delegate
        {
            IntPtr address = findExport(library, name);
            return address == IntPtr.Zero
                ? throw new MissingExportException(name)
                : Marshal.GetDelegateForFunctionPointer<T>(address);
        }

        // First of all: with another ABI, nothing below means what it says.
        AbiVersion = Bind<VersionFunction>("azs_abi_version")();
        if (!IsUsable(AbiVersion))
        {
            throw new WrongAbiException(AbiVersion);
        }

        Version = Bind<TextFunction>("azs_version");
        ClientNew = Bind<ClientNewFunction>("azs_client_new");
        ClientCloud = Bind<ClientCloudFunction>("azs_client_cloud");
        ClientSetCredential = Bind<ClientSetCredentialFunction>("azs_client_set_credential");
        ClientFree = Bind<FreeFunction>("azs_client_free");
        ErrorGet = Bind<ErrorGetFunction>("azs_error_get");
        ErrorFree = Bind<FreeFunction>("azs_error_free");
        RecommendedAction = Bind<RecommendedActionFunction>("azs_recommended_action");
        OperationNew = Bind<OperationNewFunction>("azs_operation_new");
        OperationNext = Bind<OperationNextFunction>("azs_operation_next");
        OperationCancel = Bind<OperationCancelFunction>("azs_operation_cancel");
        OperationFree = Bind<FreeFunction>("azs_operation_free");
        OperationReport = Bind<OperationReportFunction>("azs_operation_report");
        ReportSummarize = Bind<ReportSummarizeFunction>("azs_report_summarize");
        ReportNext = Bind<ReportNextFunction>("azs_report_next");
        ReportResolve = Bind<ReportResolveFunction>("azs_report_resolve");
        ReportClone = Bind<ReportCloneFunction>("azs_report_clone");
        ReportFree = Bind<FreeFunction>("azs_report_free");
        TenantAdd = Bind<TenantAddFunction>("azs_tenant_add");
        TenantList = Bind<TenantListFunction>("azs_tenant_list");
        TenantGet = Bind<TenantGetFunction>("azs_tenant_get");
        TenantRemove = Bind<TenantRemoveFunction>("azs_tenant_remove");
        TenantResolve = Bind<TenantResolveFunction>("azs_tenant_resolve");
        ResolvedGet = Bind<ResolvedGetFunction>("azs_resolved_get");
        ResolvedFree = Bind<FreeFunction>("azs_resolved_free");
        RowColumn = Bind<RowColumnFunction>("azs_row_column");
        RowRead = Bind<RowReadFunction>("azs_row_read");
        RowTargetGet = Bind<RowTargetGetFunction>("azs_row_target_get");
        RowTargetFree = Bind<FreeFunction>("azs_row_target_free");
        RegistrationList = Bind<RegistrationListFunction>("azs_registration_list");
        PlanNew = Bind<PlanNewFunction>("azs_plan_new");
        PlanWant = Bind<PlanWantFunction>("azs_plan_want");
        PlanCompare = Bind<PlanCompareFunction>("azs_plan_compare");
        PlanFree = Bind<FreeFunction>("azs_plan_free");
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate uint VersionFunction();

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate AzsStr TextFunction();

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void FreeFunction(IntPtr handle);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate Status ClientNewFunction(AzsClientConfig* config, out IntPtr client, out IntPtr error);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate Status ClientCloudFunction(ClientHandle client, AzsCloud* cloud);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate Status ClientSetCredentialFunction(ClientHandle client, CredentialKind kind, AzsStr credential, long expiresOn);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate AzsError* ErrorGetFunction(ErrorHandle handle);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate Status RecommendedActionFunction(AzsStr code, ErrorKind category, Words words, out AzsStr action);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate Status OperationNewFunction(ClientHandle client, AzsOperationConfig* config, out IntPtr operation, out IntPtr error);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate Status OperationNextFunction(OperationHandle operation, uint timeoutMs, out AzsEvent* next);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate Status OperationCancelFunction(OperationHandle operation);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate Status OperationReportFunction(OperationHandle operation, out IntPtr report);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate Status ReportSummarizeFunction(ReportHandle report, AzsReportSummary* summary);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate Status ReportNextFunction(ReportHandle report, out AzsFinishedEvent* entry);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate Status ReportResolveFunction(OperationHandle operation, ulong tag, ReportHandle report, ulong entry);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate Status ReportCloneFunction(ReportHandle report, out IntPtr another);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate Status TenantAddFunction(OperationHandle operation, ulong tag, AzsTenantAddRequest* request);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate Status TenantListFunction(OperationHandle operation, ulong tag, AzsTenantListRequest* request);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate Status TenantGetFunction(OperationHandle operation, ulong tag, AzsTenantGetRequest* request);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate Status TenantRemoveFunction(OperationHandle operation, ulong tag, AzsTenantRemoveRequest* request);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate Status TenantResolveFunction(OperationHandle operation, Purpose purpose, AzsTenantTarget* given, out IntPtr resolved, out IntPtr error);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate AzsMapping* ResolvedGetFunction(ResolvedHandle resolved);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate AzsStr RowColumnFunction(uint index);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate Status RowReadFunction(AzsRow* row, out IntPtr target, out IntPtr error);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate AzsTenantTarget* RowTargetGetFunction(RowTargetHandle target);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate Status RegistrationListFunction(OperationHandle operation, ulong tag, AzsRegistrationListRequest* request);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate Status PlanNewFunction(out IntPtr plan);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate Status PlanWantFunction(PlanHandle plan, AzsTenantTarget* given, out IntPtr error);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate Status PlanCompareFunction(OperationHandle operation, ulong tag, AzsPlanCompareRequest* request);

    /// <summary>Major version of the ABI in the upper 16 bits, minor one in the lower.</summary>
    public uint AbiVersion { get; }

    public TextFunction Version { get; }

    public ClientNewFunction ClientNew { get; }

    public ClientCloudFunction ClientCloud { get; }

    public ClientSetCredentialFunction ClientSetCredential { get; }

    public FreeFunction ClientFree { get; }

    public ErrorGetFunction ErrorGet { get; }

    public FreeFunction ErrorFree { get; }

    public RecommendedActionFunction RecommendedAction { get; }

    public OperationNewFunction OperationNew { get; }

    public OperationNextFunction OperationNext { get; }

    public OperationCancelFunction OperationCancel { get; }

    public FreeFunction OperationFree { get; }

    public OperationReportFunction OperationReport { get; }

    public ReportSummarizeFunction ReportSummarize { get; }

    public ReportNextFunction ReportNext { get; }

    public ReportResolveFunction ReportResolve { get; }

    public ReportCloneFunction ReportClone { get; }

    public FreeFunction ReportFree { get; }

    public TenantAddFunction TenantAdd { get; }

    public TenantListFunction TenantList { get; }

    public TenantGetFunction TenantGet { get; }

    public TenantRemoveFunction TenantRemove { get; }

    public TenantResolveFunction TenantResolve { get; }

    public ResolvedGetFunction ResolvedGet { get; }

    public FreeFunction ResolvedFree { get; }

    public RowColumnFunction RowColumn { get; }

    public RowReadFunction RowRead { get; }

    public RowTargetGetFunction RowTargetGet { get; }

    public FreeFunction RowTargetFree { get; }

    public RegistrationListFunction RegistrationList { get; }

    public PlanNewFunction PlanNew { get; }

    public PlanWantFunction PlanWant { get; }

    public PlanCompareFunction PlanCompare { get; }

    public FreeFunction PlanFree { get; }

    /// <summary>The major version must match; a minor one that is at least ours has all that we call.</summary>
    public static bool IsUsable(uint abi) =>
        abi >> 16 == Native.AbiVersion.Major && (abi & 0xFFFF) >= Native.AbiVersion.Minor;
}
