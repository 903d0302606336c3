// Structs that come out of the library, laid out as in include/azs_registration.h. A test compares size and offsets
// with what the C compiler makes of the header. Their texts end with the event or handle: copy them at once.
using System.Runtime.InteropServices;

namespace Azs.Registration.Native;

[StructLayout(LayoutKind.Sequential)]
internal struct AzsError
{
    public uint Size;
    public int Category;
    public int HttpStatus;
    public ulong Row;
    public AzsStr Code;
    public AzsStr Message;
    public AzsStr RecommendedAction;
    public AzsStr Target;
    public AzsStr Column;
    public AzsStr RequestId;
    public AzsStr CorrelationId;
}

[StructLayout(LayoutKind.Sequential)]
internal struct AzsMapping
{
    public AzsStr ResourceId;
    public AzsStr RegistrationSubscriptionId;
    public AzsStr ResourceGroupName;
    public AzsStr RegistrationName;
    public AzsStr CustomerSubscriptionId;
    public AzsStr TenantId;
    public AzsStr Name;
    public AzsStr Etag;
}

/// <summary>What each event begins with.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AzsEvent
{
    public uint Size;
    public int Kind;
    public ulong Tag;
}

[StructLayout(LayoutKind.Sequential)]
internal struct AzsMappingEvent
{
    public uint Size;
    public int Kind;
    public ulong Tag;
    public AzsMapping Mapping;
}

[StructLayout(LayoutKind.Sequential)]
internal struct AzsRegistrationEvent
{
    public uint Size;
    public int Kind;
    public ulong Tag;
    public AzsStr ResourceId;
    public AzsStr RegistrationSubscriptionId;
    public AzsStr ResourceGroupName;
    public AzsStr RegistrationName;
    public AzsStr Name;
    public AzsStr Location;
    public AzsStr CloudId;
    public AzsStr ObjectId;
    public AzsStr BillingModel;
    public AzsStr Etag;
    public AzsStr CreatedBy;
    public AzsStr CreatedAt;
    public AzsStr LastModifiedBy;
    public AzsStr LastModifiedAt;
}

[StructLayout(LayoutKind.Sequential)]
internal struct AzsDifferenceEvent
{
    public uint Size;
    public int Kind;
    public ulong Tag;
    public int Difference;
    public int Expectation;
    public byte InOrder;
    public byte HasError;
    public ulong Row;
    public AzsStr RegistrationResourceId;
    public AzsStr WantedCustomerSubscriptionId;
    public AzsStr WantedTenantId;
    public AzsStr OldCustomerSubscriptionId;
    public AzsStr OldTenantId;
    public AzsStr ExpectedCustomerSubscriptionId;
    public AzsError Error;
}

[StructLayout(LayoutKind.Sequential)]
internal struct AzsFinishedEvent
{
    public uint Size;
    public int Kind;
    public ulong Tag;
    public int Outcome;
    public byte HasError;
    public byte ConfirmedByLookup;
    public byte ReplacedUnasked;
    public byte ReplacementUnsaid;
    public uint HttpRequests;
    public byte TookEffect;
    public ulong ItemCount;
    public ulong Row;
    public AzsMapping Mapping;
    public AzsStr OldCustomerSubscriptionId;
    public AzsStr OldTenantId;
    public AzsError Error;
    public AzsStr AlsoCustomerSubscriptionId;
    public AzsStr AlsoTenantId;
    public ulong Entry;
    public byte Resolved;
    public byte AuditMissing;
}

[StructLayout(LayoutKind.Sequential)]
internal struct AzsProgressEvent
{
    public uint Size;
    public int Kind;
    public ulong Tag;
    public ulong Finished;
    public ulong Failed;
    public ulong Outstanding;
    public ulong Listed;
    public int Wait;
    public uint WaitMs;
    public ulong InFlight;
    public double Rate;
    public double ListingRate;
    public ulong TimeLeftMs;
    public uint WaitLeftMs;
    public AzsStr WaitText;
}

[StructLayout(LayoutKind.Sequential)]
internal struct AzsLogEvent
{
    public uint Size;
    public int Kind;
    public ulong Tag;
    public int Level;
    public uint Dropped;
    public AzsStr Text;
}

[StructLayout(LayoutKind.Sequential)]
internal struct AzsCredentialEvent
{
    public uint Size;
    public int Kind;
    public ulong Tag;
    public int CredentialKind;
    public int Reason;
    public AzsStr Claims;
}

/// <summary>How many changes there are, and what became of them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AzsReportSummary
{
    public uint Size;
    public uint Reserved;
    public ulong Accepted;
    public ulong Pending;
    public ulong Added;
    public ulong Replaced;
    public ulong Unchanged;
    public ulong Removed;
    public ulong NotFound;
    public ulong Failed;
    public ulong Unknown;
    public ulong NotStarted;
    public ulong WouldReplace;
    public ulong TenantMismatch;
    public ulong ChangedByAnother;
}

/// <summary>Which Azure a client talks to.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AzsCloud
{
    public uint Size;
    public AzsStr ArmEndpoint;
    public AzsStr AuthorityHost;
    public AzsStr Audience;
}
