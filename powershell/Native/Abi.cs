// Numbers of the C ABI (include/azs_registration.h). A test compares each with the header: a name here is the header's
// in Pascal case without its prefix, so that AZS_OUTCOME_WOULD_REPLACE is Outcome.WouldReplace.
namespace Azs.Registration.Native;

/// <summary>AZS_ABI_: the version of the ABI that this assembly is written for.</summary>
internal static class AbiVersion
{
    public const int Major = 1;
    public const int Minor = 0;
}

/// <summary>AZS_: what a function returns.</summary>
internal enum Status
{
    Ok = 0,
    Event = 1,
    Timeout = 2,
    Idle = 3,
    Drained = 4,
    Full = 5,
    ENull = -1,
    EUtf8 = -2,
    EValue = -3,
    ESize = -4,
    EBusy = -100,
    ECancelled = -101,
    EConfig = -200,
    EInput = -300,
    EFile = -400,
    EPanic = -900,
}

/// <summary>AZS_CREDENTIAL_KIND_</summary>
internal enum CredentialKind
{
    Token = 1,
    Assertion = 2,
}

/// <summary>AZS_SIGN_IN_: how a client signs in by itself.</summary>
internal enum SignInKind
{
    Secret = 1,
    Certificate = 2,
    FederatedToken = 3,
    ManagedIdentity = 4,
    AzureCli = 5,
}

/// <summary>AZS_CREDENTIAL_: why a credential is needed.</summary>
internal enum CredentialReason
{
    Missing = 1,
    Expired = 2,
    Rejected = 3,
}

/// <summary>AZS_ERROR_: what kind of thing went wrong.</summary>
internal enum ErrorKind
{
    Input = 1,
    Authentication = 2,
    Permission = 3,
    NotFound = 4,
    Conflict = 5,
    Throttled = 6,
    Refused = 7,
    Service = 8,
    Connection = 9,
    Timeout = 10,
    InvalidAnswer = 11,
    Cancelled = 12,
    Internal = 13,
}

/// <summary>AZS_WORDS_: in whose words an error says what to do.</summary>
internal enum Words
{
    Neutral = 0,
    Powershell = 1,
    CommandLine = 2,
}

/// <summary>AZS_EVENT_</summary>
internal enum EventKind
{
    Mapping = 1,
    Finished = 2,
    Progress = 3,
    Log = 4,
    CredentialNeeded = 5,
    Registration = 6,
    Difference = 7,
}

/// <summary>AZS_OUTCOME_: how a request ended. From 20 on: not as wanted.</summary>
internal enum Outcome
{
    /// <summary>An entry of a report that has not ended.</summary>
    Pending = 0,
    Added = 1,
    Replaced = 2,
    Unchanged = 3,
    Removed = 4,
    NotFound = 5,
    Read = 6,
    Failed = 20,
    Unknown = 21,
    NotStarted = 22,
    WouldReplace = 23,
    TenantMismatch = 24,
    ChangedByAnother = 25,
    Cancelled = 26,
}

/// <summary>AZS_DIFFERENCE_: between what is wanted and what a registration holds. From 20 on: nothing is to be applied.</summary>
internal enum DifferenceKind
{
    Add = 1,
    Replace = 2,
    Remove = 3,
    Unchanged = 4,
    Spelling = 20,
    Undecided = 21,
}

/// <summary>AZS_WAIT_</summary>
internal enum Wait
{
    None = 0,
    Retry = 1,
    Throttled = 2,
    Credential = 3,
    Listing = 4,
    Pacing = 5,
    Outage = 6,
    Settling = 7,
}

/// <summary>AZS_LOG_</summary>
internal enum LogLevel
{
    Verbose = 1,
    Warning = 2,
}

/// <summary>AZS_EXPECT_: what a write may replace.</summary>
internal enum Expectation
{
    NothingReplaced = 0,
    Anything = 1,
    Exactly = 2,
}

/// <summary>AZS_ROW_: what a row is read for.</summary>
internal enum RowKind
{
    Mapping = 1,
    Registration = 2,
}

/// <summary>AZS_PURPOSE_: what a target is checked for.</summary>
internal enum Purpose
{
    Add = 1,
    List = 2,
    Get = 3,
    Remove = 4,
}
