// Structs that go into the library, laid out as in include/azs_registration.h. A test compares size and offsets with
// what the C compiler makes of the header: the names are the header's in Pascal case.
using System;
using System.Runtime.InteropServices;

namespace Azs.Registration.Native;

/// <summary>UTF-8 text; NULL is "not given".</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AzsStr
{
    public byte* Data;
    public nuint Len;
}

[StructLayout(LayoutKind.Sequential)]
internal struct AzsClientConfig
{
    public uint Size;
    public byte CanSupplyCredential;
    public AzsStr ArmEndpoint;
    public AzsStr AuthorityHost;
    public AzsStr CaCertificatePath;
    public AzsStr ApiVersion;
    public AzsStr Caller;
    public uint ConnectTimeoutMs;
    public uint AnswerTimeoutMs;
    public byte NoTenantDiscovery;
    public int AdviceWords;
    public AzsStr Cloud;
    public AzsStr Audience;
    public IntPtr SignIn;
}

[StructLayout(LayoutKind.Sequential)]
internal struct AzsSignIn
{
    public uint Size;
    public int Kind;
    public AzsStr TenantId;
    public AzsStr RegistrationSubscriptionId;
    public AzsStr ApplicationId;
    public AzsStr Secret;
    public AzsStr CertificatePath;
    public AzsStr CertificatePassword;
    public AzsStr FederatedTokenFile;
    public AzsStr ManagedIdentityEndpoint;
}

[StructLayout(LayoutKind.Sequential)]
internal struct AzsTenantTarget
{
    public AzsStr ResourceId;
    public AzsStr RegistrationSubscriptionId;
    public AzsStr ResourceGroupName;
    public AzsStr RegistrationName;
    public AzsStr CustomerSubscriptionId;
    public AzsStr TenantId;
    public AzsStr SubscriptionId;
    public ulong Row;
}

[StructLayout(LayoutKind.Sequential)]
internal struct AzsRowCell
{
    public AzsStr Name;
    public AzsStr Value;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AzsRow
{
    public uint Size;
    public int Kind;
    public AzsRowCell* Cells;
    public nuint CellCount;
    public AzsStr Object;
    public ulong Row;
    public AzsTenantTarget CommandLine;
    public AzsTenantTarget Bound;
    public int AdviceWords;
}

[StructLayout(LayoutKind.Sequential)]
internal struct AzsOperationConfig
{
    public uint Size;
    public uint MaxOutstanding;
    public uint MaxItems;
    public uint ItemTimeoutMs;
    public byte WantProgress;
    public byte WantLog;
    public AzsTenantTarget DefaultRegistration;
    public AzsStr CorrelationId;
    public uint ThrottleLimit;
    public AzsStr AuditLog;
}

[StructLayout(LayoutKind.Sequential)]
internal struct AzsTenantAddRequest
{
    public uint Size;
    public int Expectation;
    public AzsTenantTarget Target;
    public AzsStr ExpectedCustomerSubscriptionId;
    public byte PreserveCase;
}

[StructLayout(LayoutKind.Sequential)]
internal struct AzsTenantListRequest
{
    public uint Size;
    public AzsTenantTarget Target;
}

[StructLayout(LayoutKind.Sequential)]
internal struct AzsTenantGetRequest
{
    public uint Size;
    public AzsTenantTarget Target;
}

[StructLayout(LayoutKind.Sequential)]
internal struct AzsTenantRemoveRequest
{
    public uint Size;
    public AzsTenantTarget Target;
}

[StructLayout(LayoutKind.Sequential)]
internal struct AzsRegistrationListRequest
{
    public uint Size;
    public AzsStr RegistrationSubscriptionId;
    public AzsStr ResourceGroupName;
    public AzsStr CloudId;
}

[StructLayout(LayoutKind.Sequential)]
internal struct AzsPlanCompareRequest
{
    public uint Size;
    public byte Prune;
    public byte IncludeEqual;
    public IntPtr Plan;
    public AzsTenantTarget Registration;
}
