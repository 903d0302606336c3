//! What an operation reports: flat structs that begin with `size`, `kind` and `tag`.

use super::error::azs_error;
use super::text::azs_str;

/// `kind`: an `azs_mapping_event`, one item of a list, or the answer to a get.
pub const AZS_EVENT_MAPPING: i32 = 1;
/// `kind`: an `azs_finished_event`, the terminal event of a request. Each accepted request has exactly one.
pub const AZS_EVENT_FINISHED: i32 = 2;
/// `kind`: an `azs_progress_event`.
pub const AZS_EVENT_PROGRESS: i32 = 3;
/// `kind`: an `azs_log_event`.
pub const AZS_EVENT_LOG: i32 = 4;
/// `kind`: an `azs_credential_event`.
pub const AZS_EVENT_CREDENTIAL_NEEDED: i32 = 5;
// 6 is kept for a registration, 7 for a difference of a plan.

/// `outcome`: the tenant had no mapping; it has the wanted one now.
pub const AZS_OUTCOME_ADDED: i32 = 1;
/// `outcome`: the tenant's usage went to `old_customer_subscription_id`; it goes to the wanted subscription now.
pub const AZS_OUTCOME_REPLACED: i32 = 2;
/// `outcome`: the mapping was there already; nothing was sent.
pub const AZS_OUTCOME_UNCHANGED: i32 = 3;
/// `outcome`: the mapping was removed.
pub const AZS_OUTCOME_REMOVED: i32 = 4;
/// `outcome`: a read before the removal said that there is no such mapping; nothing was sent.
pub const AZS_OUTCOME_NOT_FOUND: i32 = 5;
/// `outcome` of a list or a get: everything was handed out as `AZS_EVENT_MAPPING`.
pub const AZS_OUTCOME_READ: i32 = 6;
/// `outcome`: the request was refused or failed; nothing changed. `error` says why.
pub const AZS_OUTCOME_FAILED: i32 = 20;
/// `outcome`: it cannot be told whether a write took effect. `error` says why; look before you repeat it.
pub const AZS_OUTCOME_UNKNOWN: i32 = 21;
/// `outcome`: never sent, because of a cancellation or of an error that ends the batch. Nothing changed.
pub const AZS_OUTCOME_NOT_STARTED: i32 = 22;
/// `outcome`: the expectation of the write does not hold: `old_customer_subscription_id` would be replaced.
/// Nothing was sent. Ask, then submit again with `AZS_EXPECT_EXACTLY` and that old value.
pub const AZS_OUTCOME_WOULD_REPLACE: i32 = 23;
/// `outcome`: the mapping belongs to another tenant than the request named. The error says whether anything was sent.
pub const AZS_OUTCOME_TENANT_MISMATCH: i32 = 24;
/// `outcome`: somebody else changed the mapping meanwhile; it was left as found.
pub const AZS_OUTCOME_CHANGED_BY_ANOTHER: i32 = 25;
/// `outcome` of a list or a get: given up because of a cancellation.
pub const AZS_OUTCOME_CANCELLED: i32 = 26;

/// A mapping of a tenant to the subscription that its usage is charged to.
///
/// The texts belong to the event and end with it.
#[repr(C)]
pub struct azs_mapping {
    /// The whole resource id, with leading slash, in the service's spelling of the customer subscription.
    pub resource_id: azs_str,
    /// Subscription of the registration.
    pub registration_subscription_id: azs_str,
    /// Resource group of the registration.
    pub resource_group_name: azs_str,
    /// Name of the registration.
    pub registration_name: azs_str,
    /// Customer subscription, in the service's spelling.
    pub customer_subscription_id: azs_str,
    /// Tenant whose usage is charged to it; NULL where the service did not say.
    pub tenant_id: azs_str,
    /// The service's `name`, as it came; NULL where there was none.
    pub name: azs_str,
    /// The service's `etag`; NULL where there was none.
    pub etag: azs_str,
}

/// The beginning of each event. Read `kind`, then cast to the struct that it names.
#[repr(C)]
pub struct azs_event {
    /// Bytes of the whole event.
    pub size: u32,
    /// One of `AZS_EVENT_...`.
    pub kind: i32,
    /// The tag that the request was submitted with; 0 for events of the whole operation.
    pub tag: u64,
}

/// An item of a list, or the answer to a get.
#[repr(C)]
pub struct azs_mapping_event {
    /// Bytes of this struct.
    pub size: u32,
    /// `AZS_EVENT_MAPPING`.
    pub kind: i32,
    /// Tag of the request.
    pub tag: u64,
    /// The mapping.
    pub mapping: azs_mapping,
}

/// The end of a request.
#[repr(C)]
pub struct azs_finished_event {
    /// Bytes of this struct.
    pub size: u32,
    /// `AZS_EVENT_FINISHED`.
    pub kind: i32,
    /// Tag of the request.
    pub tag: u64,
    /// One of `AZS_OUTCOME_...`.
    pub outcome: i32,
    /// 1 where `error` is filled in.
    pub has_error: u8,
    /// 1 where a look-up, not the answer to the write, showed the outcome.
    pub confirmed_by_lookup: u8,
    /// 1 where a replacement came to light only after the write: nobody was asked about it.
    pub replaced_unasked: u8,
    /// How many HTTP requests were sent for it.
    pub http_requests: u32,
    /// For a list: how many mappings were handed out.
    pub item_count: u64,
    /// The row number that the request came with, counted from 1; 0 where it came from no row.
    pub row: u64,
    /// What the request was about, as far as it is known; the reached state for a change that succeeded.
    pub mapping: azs_mapping,
    /// For `REPLACED`, `WOULD_REPLACE` and `CHANGED_BY_ANOTHER`: the subscription that was found; NULL where none was.
    pub old_customer_subscription_id: azs_str,
    /// The tenant of the mapping that was found; NULL where none was.
    pub old_tenant_id: azs_str,
    /// The error, where `has_error` is 1.
    pub error: azs_error,
}

/// `wait`: nothing in particular is waited for.
pub const AZS_WAIT_NONE: i32 = 0;
/// `wait`: a pause before something is sent again.
pub const AZS_WAIT_RETRY: i32 = 1;
/// `wait`: the service asked for a pause (429 or Retry-After).
pub const AZS_WAIT_THROTTLED: i32 = 2;
/// `wait`: a credential is needed.
pub const AZS_WAIT_CREDENTIAL: i32 = 3;
/// `wait`: removals wait until a listing of the same registration has been read to its end.
pub const AZS_WAIT_LISTING: i32 = 4;
/// `wait`: the next moment at which the service's limit of requests lets one through.
pub const AZS_WAIT_PACING: i32 = 5;
/// `wait`: the endpoint has answered before and cannot be reached any more; one request keeps trying.
pub const AZS_WAIT_OUTAGE: i32 = 6;
/// `wait`: a write whose end is not known can still take effect, or another operation of the client changes the same.
pub const AZS_WAIT_SETTLING: i32 = 7;

/// How far the operation has come. Only the newest state is kept, so a slow caller misses states, never the last.
#[repr(C)]
pub struct azs_progress_event {
    /// Bytes of this struct.
    pub size: u32,
    /// `AZS_EVENT_PROGRESS`.
    pub kind: i32,
    /// 0.
    pub tag: u64,
    /// Requests that ended, whatever their outcome.
    pub finished: u64,
    /// Those of them that ended with an outcome from 20 on.
    pub failed: u64,
    /// Requests accepted and not ended.
    pub outstanding: u64,
    /// Mappings read by lists so far.
    pub listed: u64,
    /// One of `AZS_WAIT_...`: what the operation waits for just now.
    pub wait: i32,
    /// How long that wait was expected to last when it began, in milliseconds; 0 where that is unknown.
    pub wait_ms: u32,
}

/// `level`: what an operator wants to see with -Verbose.
pub const AZS_LOG_VERBOSE: i32 = 1;
/// `level`: what an operator should see in any case.
pub const AZS_LOG_WARNING: i32 = 2;

/// Lines about the work, never with a secret in them.
#[repr(C)]
pub struct azs_log_event {
    /// Bytes of this struct.
    pub size: u32,
    /// `AZS_EVENT_LOG`.
    pub kind: i32,
    /// 0.
    pub tag: u64,
    /// One of `AZS_LOG_...`, for all lines of the event.
    pub level: i32,
    /// Lines that were left out since the last log event because the caller did not take them in time.
    pub dropped: u32,
    /// One or more lines, separated by a line feed.
    pub text: azs_str,
}

/// `reason`: the client has no credential yet.
pub const AZS_CREDENTIAL_MISSING: i32 = 1;
/// `reason`: the credential has expired.
pub const AZS_CREDENTIAL_EXPIRED: i32 = 2;
/// `reason`: the service answered 401 to the credential.
pub const AZS_CREDENTIAL_REJECTED: i32 = 3;

/// Requests wait for a credential. Answer with `azs_client_set_credential`, for all operations of the client at once.
/// The event comes again with each `azs_operation_next` until then.
#[repr(C)]
pub struct azs_credential_event {
    /// Bytes of this struct.
    pub size: u32,
    /// `AZS_EVENT_CREDENTIAL_NEEDED`.
    pub kind: i32,
    /// 0.
    pub tag: u64,
    /// One of `AZS_CREDENTIAL_KIND_...`.
    pub credential_kind: i32,
    /// Why it is needed.
    pub reason: i32,
    /// The claims that the service asks for (base64, as in its challenge); NULL where it asked for none.
    pub claims: azs_str,
}
