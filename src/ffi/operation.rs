//! An operation: takes requests, gives events.

use std::mem::{offset_of, size_of};
use std::ptr;
use std::sync::Mutex;
use std::time::Duration;

use super::client::azs_client;
use super::error::{azs_error_handle, hand_out};
use super::event::{azs_event, azs_mapping};
use super::guard::{guard, lock};
use super::outgoing::{Outgoing, view_mapping};
use super::read::{boolean, clear, read_struct, required};
use super::status::{
    AZS_DRAINED, AZS_E_BUSY, AZS_E_CANCELLED, AZS_E_CONFIG, AZS_E_INPUT, AZS_E_NULL, AZS_EVENT, AZS_FULL,
    AZS_IDLE, AZS_OK, AZS_TIMEOUT,
};
use super::tenant::{
    azs_tenant_add_request, azs_tenant_get_request, azs_tenant_list_request, azs_tenant_remove_request,
    azs_tenant_target, expectation, target,
};
use super::text::azs_str;
use crate::advice::Words;
use crate::operation::{Next, Operation, OperationOptions, Report, Request, Submitted};
use crate::tenants::Mapping;

/// How an operation works.
#[repr(C)]
pub struct azs_operation_config {
    /// Bytes of this struct.
    pub size: u32,
    /// Requests that may be accepted and whose end was not taken; 0: 256.
    pub max_outstanding: u32,
    /// Items of lists that are kept for the caller before reading pauses; 0: 1,024.
    pub max_items: u32,
    /// How long one request may take for sending and backing off, in milliseconds; 0: 120,000.
    pub item_timeout_ms: u32,
    /// 1: `AZS_EVENT_PROGRESS` is wanted.
    pub want_progress: u8,
    /// 1: `AZS_EVENT_LOG` is wanted. What a line of the audit log would have said that cannot be written comes in any case.
    pub want_log: u8,
    /// The registration to take for requests that name none: a resource id or names; all NULL: there is none.
    pub default_registration: azs_tenant_target,
    /// A GUID to send as `x-ms-correlation-request-id`; NULL: a new one for the operation.
    pub correlation_id: azs_str,
    /// HTTP requests that may be on their way at once; 0: 5. It is a limit: how many there are depends on what the service
    /// bears.
    pub throttle_limit: u32,
    /// A file that gets a line (JSON, UTF-8) for each change that was attempted: for which a write may have left this machine,
    /// and for no other; NULL: none. It is opened here to append to, and made where there is none. A line is on the disk
    /// before its `AZS_EVENT_FINISHED` is given. Where one cannot be written, a warning (`AZS_EVENT_LOG`) has its content,
    /// the end has `audit_missing`, nothing is changed any more, and what was not sent ends as `AZS_OUTCOME_NOT_STARTED` with
    /// the code `AuditLogNotWritable`; at most `throttle_limit` changes are under way without a line.
    pub audit_log: azs_str,
}

/// An operation. Opaque. Submitting and cancelling: any thread, several at once too. `azs_operation_next`: one
/// thread at a time.
pub struct azs_operation {
    operation: Operation,
    /// In whose words its errors say what to do.
    words: Words,
    /// The event that the caller looks at, kept until the next one is asked for. The lock is also what makes a second
    /// thread in `azs_operation_next` busy.
    current: Mutex<Option<Box<Outgoing>>>,
}

impl azs_operation {
    pub(super) fn report(&self) -> Report {
        self.operation.report()
    }

    pub(super) fn words(&self) -> Words {
        self.words
    }
}

/// The least `size` that a caller built for this major version of the ABI can pass: up to the last member of 1.0.
const CONFIG_SIZE_V1: usize = offset_of!(azs_operation_config, audit_log) + size_of::<azs_str>();

/// Makes an operation. Nothing is sent yet.
///
/// `operation` receives the handle, to be given to `azs_operation_free`. Where the configuration is refused the
/// function returns `AZS_E_CONFIG` and, if `error` is not NULL, puts a handle there that says why, to be given to
/// `azs_error_free`. Any thread.
///
/// # Safety
/// `client` is a live handle; `config` points to a struct of at least its `size` bytes whose texts can be read;
/// `operation`, and `error` unless it is NULL, point to places for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_operation_new(
    client: *mut azs_client,
    config: *const azs_operation_config,
    operation: *mut *mut azs_operation,
    error: *mut *mut azs_error_handle,
) -> i32 {
    guard(|| {
        // SAFETY: the caller promises NULL or places for pointers.
        unsafe {
            let _ = clear(error);
            clear(operation).ok_or(AZS_E_NULL)?;
        }
        // SAFETY: the caller promises a live handle.
        let client = unsafe { required(client) }?;
        // SAFETY: the caller promises a readable struct of `size` bytes.
        let config = unsafe { read_struct(config, CONFIG_SIZE_V1) }?;
        // SAFETY: the caller promises that the texts can be read.
        let options = unsafe { operation_options(&config) }?;
        match options.and_then(|options| Operation::new(&client.client, options)) {
            Ok(made) => {
                let made = Box::new(azs_operation {
                    operation: made,
                    words: client.client.advice_words(),
                    current: Mutex::new(None),
                });
                // SAFETY: checked for NULL above.
                unsafe { operation.write(Box::into_raw(made)) };
                Ok(AZS_OK)
            }
            Err(refused) => {
                // SAFETY: NULL, or a place for a pointer.
                unsafe { hand_out(refused, client.client.advice_words(), error) };
                Err(AZS_E_CONFIG)
            }
        }
    })
}

/// Reads `config`. The outer error is a status, the inner one a refused configuration.
///
/// # Safety
/// The texts can be read.
unsafe fn operation_options(
    config: &azs_operation_config,
) -> Result<Result<OperationOptions, crate::Error>, i32> {
    // SAFETY: passed on to the caller.
    let (registration, correlation_id, audit_log) = unsafe {
        (target(&config.default_registration)?, config.correlation_id.copy()?, config.audit_log.copy()?)
    };
    let mut options = OperationOptions {
        want_progress: boolean(config.want_progress)?,
        want_log: boolean(config.want_log)?,
        audit_log: audit_log.map(Into::into),
        ..OperationOptions::default()
    };
    if config.max_outstanding > 0 {
        options.max_outstanding = config.max_outstanding as usize;
    }
    if config.max_items > 0 {
        options.max_items = config.max_items as usize;
    }
    if config.throttle_limit > 0 {
        options.throttle_limit = config.throttle_limit as usize;
    }
    if config.item_timeout_ms > 0 {
        options.item_timeout = Duration::from_millis(config.item_timeout_ms.into());
    }
    Ok(options.with_inputs(&registration, correlation_id.as_deref()))
}

/// Gives the next event of the operation.
///
/// Waits up to `timeout_ms` (0: not at all; UINT32_MAX: for ever) and returns `AZS_EVENT` with `*event` set,
/// `AZS_TIMEOUT`, `AZS_IDLE` (nothing is outstanding) or `AZS_DRAINED` (cancelled, and nothing is left). A
/// cancellation ends the wait at once. Each accepted request has exactly one `AZS_EVENT_FINISHED`, after its items.
///
/// The event belongs to the operation: it is valid until the next call of this function, or `azs_operation_free`, on
/// the same operation; no other call touches it. One thread at a time: a second one gets `AZS_E_BUSY`.
///
/// # Safety
/// `operation` is a live handle; `event` points to a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_operation_next(
    operation: *mut azs_operation,
    timeout_ms: u32,
    event: *mut *const azs_event,
) -> i32 {
    guard(|| {
        if event.is_null() {
            return Err(AZS_E_NULL);
        }
        // SAFETY: checked for NULL; the caller promises a place for a pointer.
        unsafe { event.write(ptr::null()) };
        // SAFETY: the caller promises a live handle.
        let operation = unsafe { required(operation) }?;
        let mut current = match operation.current.try_lock() {
            Ok(current) => current,
            Err(std::sync::TryLockError::WouldBlock) => return Err(AZS_E_BUSY),
            Err(std::sync::TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        };
        let timeout = (timeout_ms != u32::MAX).then(|| Duration::from_millis(timeout_ms.into()));
        Ok(match operation.operation.next(timeout) {
            Next::Event(next) => {
                let outgoing = current.insert(Outgoing::new(next, operation.words));
                // SAFETY: checked for NULL; the caller promises a place for a pointer.
                unsafe { event.write(outgoing.as_event()) };
                AZS_EVENT
            }
            Next::Timeout => AZS_TIMEOUT,
            Next::Idle => AZS_IDLE,
            Next::Drained => AZS_DRAINED,
        })
    })
}

/// Cancels the operation: it takes no more requests, what waits ends as not started, reads are given up. A write in
/// flight is not dropped: its end is known when the service answers, at the latest 10 s later. A waiting
/// `azs_operation_next` returns at once. Any thread; again is fine; never blocks.
///
/// # Safety
/// `operation` is a live handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_operation_cancel(operation: *mut azs_operation) -> i32 {
    guard(|| {
        // SAFETY: the caller promises a live handle.
        unsafe { required(operation) }?.operation.cancel();
        Ok(AZS_OK)
    })
}

/// Frees an operation and its current event; its report can outlive it. NULL is fine. Requests that have not ended are cancelled as by
/// `azs_operation_cancel`. Never blocks on the network. It must not run beside `azs_operation_next`: cancel, let
/// that return, then free. The client may have been freed before.
///
/// # Safety
/// `operation` is NULL, or a live handle that no other call is using.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_operation_free(operation: *mut azs_operation) {
    let _ = guard(|| {
        if !operation.is_null() {
            // SAFETY: it came from Box::into_raw, and the caller gives it up.
            let operation = unsafe { Box::from_raw(operation) };
            operation.operation.cancel();
            *lock(&operation.current) = None;
        }
        Ok(AZS_OK)
    });
}

/// Submits a request to add or change a mapping. Never blocks: `AZS_OK` when it was accepted, `AZS_FULL` when an
/// event has to be taken first. Its end is an `AZS_EVENT_FINISHED` with `tag`. Everything given is copied. Any thread.
///
/// # Safety
/// `operation` is a live handle; `request` points to a struct of at least its `size` bytes whose texts can be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_tenant_add(
    operation: *mut azs_operation,
    tag: u64,
    request: *const azs_tenant_add_request,
) -> i32 {
    guard(|| {
        // SAFETY: the caller promises a readable struct of `size` bytes.
        let request = unsafe {
            read_struct(request, offset_of!(azs_tenant_add_request, preserve_case) + size_of::<u8>())
        }?;
        // SAFETY: the caller promises that the texts can be read.
        let (target, expected) =
            unsafe { (target(&request.target)?, request.expected_customer_subscription_id.copy()?) };
        let expectation = expectation(request.expectation, expected)?;
        let preserve_case = boolean(request.preserve_case)?;
        // SAFETY: passed on to the caller.
        unsafe { submit(operation, tag, Request::Add { target, expectation, preserve_case }) }
    })
}

/// Submits a request to list the mappings of a registration: an `AZS_EVENT_MAPPING` for each, then its
/// `AZS_EVENT_FINISHED`. As `azs_tenant_add` otherwise.
///
/// # Safety
/// As `azs_tenant_add`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_tenant_list(
    operation: *mut azs_operation,
    tag: u64,
    request: *const azs_tenant_list_request,
) -> i32 {
    guard(|| {
        // SAFETY: the caller promises a readable struct of `size` bytes.
        let request = unsafe {
            read_struct(request, offset_of!(azs_tenant_list_request, target) + size_of::<azs_tenant_target>())
        }?;
        // SAFETY: passed on to the caller.
        unsafe { submit_target(operation, tag, &request.target, |target| Request::List { target }) }
    })
}

/// Submits a request to get one mapping: an `AZS_EVENT_MAPPING`, then its `AZS_EVENT_FINISHED`. As `azs_tenant_add`
/// otherwise.
///
/// # Safety
/// As `azs_tenant_add`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_tenant_get(
    operation: *mut azs_operation,
    tag: u64,
    request: *const azs_tenant_get_request,
) -> i32 {
    guard(|| {
        // SAFETY: the caller promises a readable struct of `size` bytes.
        let request = unsafe {
            read_struct(request, offset_of!(azs_tenant_get_request, target) + size_of::<azs_tenant_target>())
        }?;
        // SAFETY: passed on to the caller.
        unsafe { submit_target(operation, tag, &request.target, |target| Request::Get { target }) }
    })
}

/// Submits a request to remove a mapping. As `azs_tenant_add` otherwise. From then on the tenant's usage is charged
/// to the subscription of the registration.
///
/// # Safety
/// As `azs_tenant_add`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_tenant_remove(
    operation: *mut azs_operation,
    tag: u64,
    request: *const azs_tenant_remove_request,
) -> i32 {
    guard(|| {
        // SAFETY: the caller promises a readable struct of `size` bytes.
        let request = unsafe {
            read_struct(
                request,
                offset_of!(azs_tenant_remove_request, target) + size_of::<azs_tenant_target>(),
            )
        }?;
        // SAFETY: passed on to the caller.
        unsafe { submit_target(operation, tag, &request.target, |target| Request::Remove { target }) }
    })
}

/// What a target comes to, with the operation's default registration. Opaque; read it with `azs_resolved_get`, free
/// it with `azs_resolved_free`.
pub struct azs_resolved {
    /// Keep the texts that `view` points to.
    _mapping: Box<Mapping>,
    _resource_id: Option<String>,
    view: azs_mapping,
}

/// Checks what an operator gave, exactly as submitting does, and says what it comes to: for prompts, and for
/// refusing a row before anybody is asked about it. Nothing is sent.
///
/// `purpose` is one of `AZS_PURPOSE_...`. `AZS_E_INPUT` with a handle in `error` (unless NULL), to be given to
/// `azs_error_free`, where the target is refused. Any thread.
///
/// # Safety
/// `operation` is a live handle; `given` points to a target whose texts can be read; `resolved`, and `error` unless
/// it is NULL, point to places for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_tenant_resolve(
    operation: *mut azs_operation,
    purpose: i32,
    given: *const azs_tenant_target,
    resolved: *mut *mut azs_resolved,
    error: *mut *mut azs_error_handle,
) -> i32 {
    guard(|| {
        // SAFETY: the caller promises NULL or places for pointers.
        unsafe {
            let _ = clear(error);
            clear(resolved).ok_or(AZS_E_NULL)?;
        }
        // SAFETY: the caller promises live pointers.
        let (operation, given) = unsafe { (required(operation)?, required(given)?) };
        // SAFETY: the caller promises that the texts can be read.
        let input = unsafe { target(given) }?;
        match operation.operation.resolve(super::tenant::purpose(purpose)?, &input) {
            Ok(mapping) => {
                let resource_id = mapping.resource_id();
                let mapping = Box::new(mapping);
                let view = view_mapping(&mapping, resource_id.as_deref());
                let made = azs_resolved { _mapping: mapping, _resource_id: resource_id, view };
                // SAFETY: checked for NULL above.
                unsafe { resolved.write(Box::into_raw(Box::new(made))) };
                Ok(AZS_OK)
            }
            Err(refused) => {
                // SAFETY: NULL, or a place for a pointer.
                unsafe { hand_out(refused, operation.words, error) };
                Err(AZS_E_INPUT)
            }
        }
    })
}

/// What a target came to, valid until the handle is freed: the parts that are not known are NULL. NULL gives NULL.
/// Any thread.
///
/// # Safety
/// `resolved` is NULL, or a live handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_resolved_get(resolved: *const azs_resolved) -> *const azs_mapping {
    if resolved.is_null() {
        return ptr::null();
    }
    // SAFETY: the caller promises a live handle.
    unsafe { &raw const (*resolved).view }
}

/// Frees what a target came to. NULL is fine. Any thread.
///
/// # Safety
/// `resolved` is NULL, or a live handle that no other call is using.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_resolved_free(resolved: *mut azs_resolved) {
    let _ = guard(|| {
        if !resolved.is_null() {
            // SAFETY: it came from Box::into_raw, and the caller gives it up.
            drop(unsafe { Box::from_raw(resolved) });
        }
        Ok(AZS_OK)
    });
}

/// # Safety
/// `operation` is a live handle; the texts of `given` can be read.
unsafe fn submit_target(
    operation: *mut azs_operation,
    tag: u64,
    given: &azs_tenant_target,
    request: impl FnOnce(crate::tenants::TargetInput) -> Request,
) -> Result<i32, i32> {
    // SAFETY: passed on to the caller.
    let target = unsafe { target(given) }?;
    // SAFETY: passed on to the caller.
    unsafe { submit(operation, tag, request(target)) }
}

/// # Safety
/// `operation` is a live handle.
pub(super) unsafe fn submit(operation: *mut azs_operation, tag: u64, request: Request) -> Result<i32, i32> {
    // SAFETY: the caller promises a live handle.
    match unsafe { required(operation) }?.operation.submit(tag, request) {
        Submitted::Accepted => Ok(AZS_OK),
        Submitted::Full => Ok(AZS_FULL),
        Submitted::Cancelled => Err(AZS_E_CANCELLED),
    }
}
