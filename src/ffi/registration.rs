//! The request about registrations: list.

use std::mem::{offset_of, size_of};

use super::guard::guard;
use super::operation::{azs_operation, submit};
use super::read::read_struct;
use super::text::azs_str;
use crate::operation::Request;
use crate::registrations::ScopeInput;

/// Lists the registrations of a subscription, or of one of its resource groups.
///
/// A wrong or blank value is no error of the call: the request ends with `AZS_OUTCOME_FAILED` and an error that names the
/// column, and nothing is sent.
#[repr(C)]
pub struct azs_registration_list_request {
    /// Bytes of this struct.
    pub size: u32,
    /// Subscription to look in; NULL: that of the operation's default registration.
    pub registration_subscription_id: azs_str,
    /// Resource group to look in; NULL: all of the subscription.
    pub resource_group_name: azs_str,
    /// The cloud id (CloudDeploymentID) of the wanted Azure Stack Hub; NULL: all of them.
    pub cloud_id: azs_str,
}

/// Submits a request to list registrations: an `AZS_EVENT_REGISTRATION` for each, then its `AZS_EVENT_FINISHED`, whose
/// mapping is empty. Never blocks: `AZS_OK` when it was accepted, `AZS_FULL` when an event has to be taken first.
/// Everything given is copied. Any thread.
///
/// With `cloud_id`, the list fails with `CloudIdNotSaid` where none is found and the service does not say the cloud id of
/// some.
///
/// # Safety
/// `operation` is a live handle; `request` points to a struct of at least its `size` bytes whose texts can be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_registration_list(
    operation: *mut azs_operation,
    tag: u64,
    request: *const azs_registration_list_request,
) -> i32 {
    guard(|| {
        // SAFETY: the caller promises a readable struct of `size` bytes.
        let request = unsafe {
            read_struct(request, offset_of!(azs_registration_list_request, cloud_id) + size_of::<azs_str>())
        }?;
        // SAFETY: the caller promises that the texts can be read.
        let scope = unsafe {
            ScopeInput {
                subscription_id: request.registration_subscription_id.copy()?,
                resource_group_name: request.resource_group_name.copy()?,
                cloud_id: request.cloud_id.copy()?,
            }
        };
        // SAFETY: passed on to the caller.
        unsafe { submit(operation, tag, Request::Registrations { scope }) }
    })
}
