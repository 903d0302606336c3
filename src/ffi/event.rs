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
/// `kind`: an `azs_registration_event`, one item of a list of registrations.
pub const AZS_EVENT_REGISTRATION: i32 = 6;
/// `kind`: an `azs_difference_event`, one difference between what is wanted and what a registration holds.
pub const AZS_EVENT_DIFFERENCE: i32 = 7;

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
/// `outcome` of a list, a get or a comparison: everything was handed out.
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
/// `outcome` of a list, a get or a comparison: given up because of a cancellation.
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

/// A registration, as a list has it. NULL where the service did not say.
///
/// The texts belong to the event and end with it.
#[repr(C)]
pub struct azs_registration_event {
    /// Bytes of this struct.
    pub size: u32,
    /// `AZS_EVENT_REGISTRATION`.
    pub kind: i32,
    /// Tag of the request.
    pub tag: u64,
    /// The whole resource id, with leading slash. Never NULL.
    pub resource_id: azs_str,
    /// Subscription of the registration. Never NULL.
    pub registration_subscription_id: azs_str,
    /// Resource group of the registration. Never NULL.
    pub resource_group_name: azs_str,
    /// Name of the registration. Never NULL.
    pub registration_name: azs_str,
    /// The service's `name`, as it came.
    pub name: azs_str,
    /// Where it is: `global`.
    pub location: azs_str,
    /// The cloud id (CloudDeploymentID) of the Azure Stack Hub that is registered.
    pub cloud_id: azs_str,
    /// The application that the Azure Stack Hub connects to Azure with.
    pub object_id: azs_str,
    /// How it is charged, as `PayAsYouUse`: the one billing model that may have tenants.
    pub billing_model: azs_str,
    /// The service's `etag`.
    pub etag: azs_str,
    /// Who made it. Only the api-version 2020-06-01-preview has this and the next three.
    pub created_by: azs_str,
    /// When it was made, as the service writes it.
    pub created_at: azs_str,
    /// Who changed it last.
    pub last_modified_by: azs_str,
    /// When it was changed last, as the service writes it.
    pub last_modified_at: azs_str,
}

/// `difference`: what is wanted is not there. Apply it with `azs_tenant_add`.
pub const AZS_DIFFERENCE_ADD: i32 = 1;
/// `difference`: the tenant has another subscription, or the subscription another tenant. One `azs_tenant_add` moves it; the
/// old mapping is not to be removed besides.
pub const AZS_DIFFERENCE_REPLACE: i32 = 2;
/// `difference`: it is mapped, and not wanted. Apply it with `azs_tenant_remove`. Only where `prune` was 1.
pub const AZS_DIFFERENCE_REMOVE: i32 = 3;
/// `difference`: it is as wanted. Only where `include_equal` was 1.
pub const AZS_DIFFERENCE_UNCHANGED: i32 = 4;
/// `difference`: the subscription is listed more than once, in different spellings or for different tenants. Nothing is to
/// be applied; `error` says what to do.
pub const AZS_DIFFERENCE_SPELLING: i32 = 20;
/// `difference`: it cannot be told what a change would do, as where the service does not say a tenant. Nothing is to be
/// applied; `error` says why.
pub const AZS_DIFFERENCE_UNDECIDED: i32 = 21;

/// A difference between what is wanted and what a registration holds.
///
/// To apply one, put `registration_resource_id` into the target of the request, and for an add the wanted values,
/// `expectation` and `expected_customer_subscription_id`, for a removal both old values, so that they must still belong
/// together. What has changed since ends such a request without anything being sent.
///
/// The texts belong to the event and end with it.
#[repr(C)]
pub struct azs_difference_event {
    /// Bytes of this struct.
    pub size: u32,
    /// `AZS_EVENT_DIFFERENCE`.
    pub kind: i32,
    /// Tag of the request.
    pub tag: u64,
    /// One of `AZS_DIFFERENCE_...`. From 20 on, nothing is to be applied.
    pub difference: i32,
    /// For an add or a replacement, one of `AZS_EXPECT_...`; else 0.
    pub expectation: i32,
    /// 1: it only holds after the differences before it have been applied. Submit it when those have ended.
    pub in_order: u8,
    /// 1 where `error` is filled in: for the differences from 20 on.
    pub has_error: u8,
    /// Number of the row that wants it, counted from 1; 0 where none does.
    pub row: u64,
    /// The resource id of the registration, with leading slash. Never NULL.
    pub registration_resource_id: azs_str,
    /// The wanted customer subscription, in the service's spelling where it is listed, else in lower case; NULL where no row
    /// wants it.
    pub wanted_customer_subscription_id: azs_str,
    /// Its tenant: the row's, else the listed one, else that of the sign-in challenge; NULL where nobody said it.
    pub wanted_tenant_id: azs_str,
    /// The listed customer subscription that would go, or that is in the way, in the service's spelling; NULL where there is
    /// none.
    pub old_customer_subscription_id: azs_str,
    /// Its tenant; NULL where nobody said it.
    pub old_tenant_id: azs_str,
    /// For `AZS_EXPECT_EXACTLY`; else NULL.
    pub expected_customer_subscription_id: azs_str,
    /// Why nothing is to be applied, where `has_error` is 1.
    pub error: azs_error,
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
    /// 1 where it could not be read whether something was replaced.
    pub replacement_unsaid: u8,
    /// How many HTTP requests were sent for it.
    pub http_requests: u32,
    /// 1 where a write of it took effect, whatever the outcome says besides.
    pub took_effect: u8,
    /// For a list, a get or a comparison: how many items were handed out.
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
    /// For `REPLACED`: a subscription whose mapping was replaced besides; NULL where none was.
    pub also_customer_subscription_id: azs_str,
    /// The tenant of that mapping; NULL where nobody said it.
    pub also_tenant_id: azs_str,
    /// For a change, its number in the report of its operation, for `azs_report_resolve`: counted from 1; else 0.
    pub entry: u64,
    /// 1 where the change had ended as unknown, and a later look showed what became of it.
    pub resolved: u8,
    /// 1 where the change was attempted, and its line in the audit log could not be written. An `AZS_EVENT_LOG` says the
    /// line, while the operation is there.
    pub audit_missing: u8,
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

/// How far the operation has come. Only the newest state is kept, so a slow caller misses states, never the last. It comes
/// five times a second at most, and once a second while something is outstanding.
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
    /// Items that lists and comparisons gave so far.
    pub listed: u64,
    /// One of `AZS_WAIT_...`: what the operation waits for just now.
    pub wait: i32,
    /// How long that wait was expected to last when it began, in milliseconds; 0 where that is unknown.
    pub wait_ms: u32,
    /// Those of `outstanding` that are being sent, or wait for their answer. The others wait: for their turn, for what `wait`
    /// says, or because no more may be on their way at once.
    pub in_flight: u64,
    /// Requests that end in a second, of late; 0 where that is not known yet, or nothing ends.
    pub rate: f64,
    /// Items that lists and comparisons give in a second, of late; 0 where that is not known yet, or none come.
    pub listing_rate: f64,
    /// When what is outstanding will probably have ended, in milliseconds from now on; 0 where that cannot be told.
    pub time_left_ms: u64,
    /// How long the wait is expected to last from now on, in milliseconds; 0 where that is unknown.
    pub wait_left_ms: u32,
    /// What is waited for, in words for an operator; NULL where nothing in particular is.
    pub wait_text: azs_str,
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
