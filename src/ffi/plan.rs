//! Desired state: collecting what is wanted, and comparing it with what a registration holds.

use std::mem::{offset_of, size_of};
use std::sync::{Arc, Mutex};

use super::error::{azs_error_handle, hand_out};
use super::guard::{guard, lock};
use super::operation::{azs_operation, submit};
use super::read::{boolean, clear, read_struct, required};
use super::status::{AZS_E_INPUT, AZS_E_NULL, AZS_OK};
use super::tenant::{azs_tenant_target, target};
use crate::advice::Words;
use crate::operation::Request;
use crate::plan::{CompareOptions, Desired};

/// What a registration should hold. Opaque; any thread may use it, several at once too. It belongs to no client or
/// operation.
pub struct azs_plan {
    /// Shared with the comparisons under way: a row that comes meanwhile makes a copy.
    desired: Mutex<Arc<Desired>>,
}

/// Compares what is wanted with what a registration holds.
#[repr(C)]
pub struct azs_plan_compare_request {
    /// Bytes of this struct.
    pub size: u32,
    /// 1: what is mapped and not wanted comes as `AZS_DIFFERENCE_REMOVE`. 0: it is left alone, and nothing is said of it.
    pub prune: u8,
    /// 1: rows that are as wanted come as `AZS_DIFFERENCE_UNCHANGED`.
    pub include_equal: u8,
    /// What is wanted. It is copied: rows that come later are not compared, and it may be freed at once.
    pub plan: *const azs_plan,
    /// The registration: a resource id or names; what is missing comes from the operation's default registration.
    pub registration: azs_tenant_target,
}

/// Makes an empty plan. `plan` receives the handle, to be given to `azs_plan_free`. Any thread.
///
/// # Safety
/// `plan` points to a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_plan_new(plan: *mut *mut azs_plan) -> i32 {
    guard(|| {
        // SAFETY: the caller promises NULL or a place for a pointer.
        unsafe { clear(plan) }.ok_or(AZS_E_NULL)?;
        let made = Box::new(azs_plan { desired: Mutex::default() });
        // SAFETY: checked for NULL above.
        unsafe { plan.write(Box::into_raw(made)) };
        Ok(AZS_OK)
    })
}

/// Adds a row to what is wanted: a customer subscription, and its tenant where it is known. It is checked as a row to add
/// is, and copied. Nothing is sent. Any thread.
///
/// `AZS_E_INPUT` with a handle in `error` (unless NULL), to be given to `azs_error_free`, where the row is refused. The
/// error names row and column. A plan with a refused row gives no differences any more, for without the row they would be
/// wrong: comparing it ends with that error.
///
/// The row need not name a registration. Where it does, comparing it with another one ends with `RegistrationDiffers`.
///
/// # Safety
/// `plan` is a live handle; `given` points to a target whose texts can be read; `error` is NULL, or points to a place for
/// a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_plan_want(
    plan: *mut azs_plan,
    given: *const azs_tenant_target,
    error: *mut *mut azs_error_handle,
) -> i32 {
    guard(|| {
        // SAFETY: the caller promises NULL or a place for a pointer.
        let _ = unsafe { clear(error) };
        // SAFETY: the caller promises live pointers.
        let (plan, given) = unsafe { (required(plan)?, required(given)?) };
        // SAFETY: the caller promises that the texts can be read.
        let input = unsafe { target(given) }?;
        let mut desired = lock(&plan.desired);
        match Arc::make_mut(&mut desired).want(&input) {
            Ok(()) => Ok(AZS_OK),
            Err(refused) => {
                // SAFETY: NULL, or a place for a pointer.
                unsafe { hand_out(refused, Words::Neutral, error) };
                Err(AZS_E_INPUT)
            }
        }
    })
}

/// Frees a plan. NULL is fine. Comparisons under way go on. Any thread.
///
/// # Safety
/// `plan` is NULL, or a live handle that no other call is using.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_plan_free(plan: *mut azs_plan) {
    let _ = guard(|| {
        if !plan.is_null() {
            // SAFETY: it came from Box::into_raw, and the caller gives it up.
            drop(unsafe { Box::from_raw(plan) });
        }
        Ok(AZS_OK)
    });
}

/// Submits a request to compare: an `AZS_EVENT_DIFFERENCE` for each difference, then its `AZS_EVENT_FINISHED`. Nothing is
/// ever written. Never blocks: `AZS_OK` when it was accepted, `AZS_FULL` when an event has to be taken first. Everything
/// given is copied. Any thread.
///
/// No difference comes before everything has been read and every row is settled. A row that was refused, rows that
/// disagree, and a list that fails end the request with `AZS_OUTCOME_FAILED` and no difference. So does a plan without rows
/// where `prune` is 1. Act on the differences when the end is `AZS_OUTCOME_READ`: a cancellation can come between them.
///
/// The differences come in an order in which they can be applied.
///
/// # Safety
/// `operation` is a live handle; `request` points to a struct of at least its `size` bytes whose texts can be read and
/// whose `plan` is a live handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_plan_compare(
    operation: *mut azs_operation,
    tag: u64,
    request: *const azs_plan_compare_request,
) -> i32 {
    guard(|| {
        // SAFETY: the caller promises a readable struct of `size` bytes.
        let request = unsafe {
            read_struct(
                request,
                offset_of!(azs_plan_compare_request, registration) + size_of::<azs_tenant_target>(),
            )
        }?;
        let options =
            CompareOptions { prune: boolean(request.prune)?, include_equal: boolean(request.include_equal)? };
        // SAFETY: the caller promises a live handle.
        let desired = lock(&unsafe { required(request.plan) }?.desired).clone();
        // SAFETY: the caller promises that the texts can be read.
        let target = unsafe { target(&request.registration) }?;
        // SAFETY: passed on to the caller.
        unsafe { submit(operation, tag, Request::Compare { target, desired, options }) }
    })
}
