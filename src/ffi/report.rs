//! The report of an operation: what became of each of its changes.

use std::mem::{offset_of, size_of};
use std::ptr;
use std::sync::Mutex;

use super::event::{azs_event, azs_finished_event};
use super::guard::{guard, lock};
use super::operation::{azs_operation, submit};
use super::outgoing::Outgoing;
use super::read::{clear, required, write_struct};
use super::status::{AZS_E_FILE, AZS_E_NULL, AZS_E_VALUE, AZS_EVENT, AZS_IDLE, AZS_OK};
use crate::advice::Words;
use crate::operation::{Entries, Event, Report, Request};
use crate::tenants::{Finished, Outcome};

/// How many changes an operation has, and what became of them.
#[repr(C)]
pub struct azs_report_summary {
    /// Bytes of this struct, set by the caller.
    pub size: u32,
    /// Not used; 0.
    pub reserved: u32,
    /// Changes that were accepted.
    pub accepted: u64,
    /// Those that have not ended: in flight, or waiting.
    pub pending: u64,
    /// Ended as `AZS_OUTCOME_ADDED`.
    pub added: u64,
    /// Ended as `AZS_OUTCOME_REPLACED`.
    pub replaced: u64,
    /// Ended as `AZS_OUTCOME_UNCHANGED`.
    pub unchanged: u64,
    /// Ended as `AZS_OUTCOME_REMOVED`.
    pub removed: u64,
    /// Ended as `AZS_OUTCOME_NOT_FOUND`.
    pub not_found: u64,
    /// Ended as `AZS_OUTCOME_FAILED`.
    pub failed: u64,
    /// Ended as `AZS_OUTCOME_UNKNOWN`.
    pub unknown: u64,
    /// Ended as `AZS_OUTCOME_NOT_STARTED`.
    pub not_started: u64,
    /// Ended as `AZS_OUTCOME_WOULD_REPLACE`.
    pub would_replace: u64,
    /// Ended as `AZS_OUTCOME_TENANT_MISMATCH`.
    pub tenant_mismatch: u64,
    /// Ended as `AZS_OUTCOME_CHANGED_BY_ANOTHER`.
    pub changed_by_another: u64,
}

/// The least `size` that a caller built for this major version of the ABI can pass.
const SUMMARY_SIZE_V1: usize = offset_of!(azs_report_summary, changed_by_another) + size_of::<u64>();

/// `outcome` of an entry of a report: the change has not ended.
pub const AZS_OUTCOME_PENDING: i32 = 0;

/// A report. Opaque. It goes on with what is still in flight when the operation and the client have been freed. Any
/// thread may use it; `azs_report_next` one at a time, or each gets other entries.
pub struct azs_report {
    report: Report,
    /// In whose words its errors say what to do.
    words: Words,
    reading: Mutex<Reading>,
}

struct Reading {
    entries: Entries,
    /// The entry that the caller looks at.
    current: Option<Box<Outgoing>>,
}

impl azs_report {
    fn reading(report: Report, words: Words) -> azs_report {
        let reading = Mutex::new(Reading { entries: report.entries(), current: None });
        azs_report { report, words, reading }
    }
}

/// Gives the report of an operation, to be given to `azs_report_free`. Each call gives a handle of its own, which reads
/// from the beginning. Any thread.
///
/// # Safety
/// `operation` is a live handle; `report` points to a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_operation_report(
    operation: *mut azs_operation,
    report: *mut *mut azs_report,
) -> i32 {
    guard(|| {
        // SAFETY: the caller promises NULL or a place for a pointer.
        unsafe { clear(report) }.ok_or(AZS_E_NULL)?;
        // SAFETY: the caller promises a live handle.
        let operation = unsafe { required(operation) }?;
        let made = azs_report::reading(operation.report(), operation.words());
        // SAFETY: checked for NULL above.
        unsafe { report.write(Box::into_raw(Box::new(made))) };
        Ok(AZS_OK)
    })
}

/// Fills in how many changes there are so far, and what became of them: as much of the struct as its `size` says. Any
/// thread.
///
/// # Safety
/// `report` is a live handle; `summary` points to a struct of at least its `size` bytes that can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_report_summarize(
    report: *const azs_report,
    summary: *mut azs_report_summary,
) -> i32 {
    guard(|| {
        // SAFETY: the caller promises a live handle.
        let now = unsafe { required(report) }?.report.summary();
        let filled = azs_report_summary {
            size: 0,
            reserved: 0,
            accepted: now.begun,
            pending: now.pending,
            added: now.count(Outcome::Added),
            replaced: now.count(Outcome::Replaced),
            unchanged: now.count(Outcome::Unchanged),
            removed: now.count(Outcome::Removed),
            not_found: now.count(Outcome::NotFound),
            failed: now.count(Outcome::Failed),
            unknown: now.count(Outcome::Unknown),
            not_started: now.count(Outcome::NotStarted),
            would_replace: now.count(Outcome::WouldReplace),
            tenant_mismatch: now.count(Outcome::TenantMismatch),
            changed_by_another: now.count(Outcome::ChangedByAnother),
        };
        // SAFETY: the caller promises a writable struct of `size` bytes.
        unsafe { write_struct(filled, summary, SUMMARY_SIZE_V1) }?;
        Ok(AZS_OK)
    })
}

/// Gives the next entry: first the changes that have ended, in the order of their ends, then those that have not, with
/// `AZS_OUTCOME_PENDING`. `AZS_EVENT` with `*entry` set, an `azs_finished_event`, or `AZS_IDLE` at the end, and up
/// to there no entry twice; asked again later, it gives what has ended since. `AZS_E_FILE` where the file cannot be read that the entries of a long batch are in.
///
/// The entry is valid until the next call of this function, or `azs_report_free`, on the same handle.
///
/// # Safety
/// `report` is a live handle; `entry` points to a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_report_next(
    report: *mut azs_report,
    entry: *mut *const azs_finished_event,
) -> i32 {
    guard(|| {
        if entry.is_null() {
            return Err(AZS_E_NULL);
        }
        // SAFETY: checked for NULL; the caller promises a place for a pointer.
        unsafe { entry.write(ptr::null()) };
        // SAFETY: the caller promises a live handle.
        let report = unsafe { required(report) }?;
        let mut reading = lock(&report.reading);
        let Some(next) = reading.entries.next() else {
            reading.current = None;
            return Ok(AZS_IDLE);
        };
        let next = next.map_err(|_| AZS_E_FILE)?;
        let outgoing = match next.finished {
            Some(finished) => {
                Outgoing::new(Event::Finished { tag: next.tag, finished: Box::new(finished) }, report.words)
            }
            None => Outgoing::pending(next.tag, Finished::pending(next.mapping, next.row, next.number)),
        };
        let shown = reading.current.insert(outgoing);
        // SAFETY: checked for NULL; the caller promises a place for a pointer.
        unsafe { entry.write(shown.as_event().cast::<azs_finished_event>()) };
        Ok(AZS_EVENT)
    })
}

/// Submits a request that looks up what became of a change which ended as `AZS_OUTCOME_UNKNOWN`, or has not ended: then its
/// end is waited for. `entry` is its number in the report, as `azs_finished_event` has it; `AZS_E_VALUE` where there is none. As
/// `azs_tenant_add` otherwise: the operation need not be the one that made the change.
///
/// Its end is that of the change as it is known now. Who wrote cannot be told: where what was wanted is there, the change counts
/// as done (`confirmed_by_lookup`); where what was there before is there still, it is `AZS_OUTCOME_FAILED` when the change can take
/// effect no more, 90 s after it was sent, which is waited for unless one item may take less; anything else is
/// `AZS_OUTCOME_CHANGED_BY_ANOTHER`. With `resolved` it has replaced the entry in the report, for handles that come to it from
/// then on. Else the entry is as it was: it has its end from before, or nobody can tell, and `error` says why. Nothing is written
/// to the service, and changes of the same operation are not waited for. Any thread.
///
/// # Safety
/// `operation` and `report` are live handles.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_report_resolve(
    operation: *mut azs_operation,
    tag: u64,
    report: *const azs_report,
    entry: u64,
) -> i32 {
    guard(|| {
        // SAFETY: the caller promises a live handle.
        let report = unsafe { required(report) }?.report.clone();
        if !report.has(entry) {
            return Err(AZS_E_VALUE);
        }
        // SAFETY: passed on to the caller.
        unsafe { submit(operation, tag, Request::Resolve { report, number: entry }) }
    })
}

/// Gives another handle of the same report, also when its operation has been freed; to be given to `azs_report_free`. It
/// reads from the beginning. Any thread.
///
/// # Safety
/// `report` is a live handle; `another` points to a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_report_clone(report: *const azs_report, another: *mut *mut azs_report) -> i32 {
    guard(|| {
        // SAFETY: the caller promises NULL or a place for a pointer.
        unsafe { clear(another) }.ok_or(AZS_E_NULL)?;
        // SAFETY: the caller promises a live handle.
        let report = unsafe { required(report) }?;
        let made = azs_report::reading(report.report.clone(), report.words);
        // SAFETY: checked for NULL above.
        unsafe { another.write(Box::into_raw(Box::new(made))) };
        Ok(AZS_OK)
    })
}

/// Frees a report and its current entry. NULL is fine. Any thread.
///
/// # Safety
/// `report` is NULL, or a live handle that no other call is using.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_report_free(report: *mut azs_report) {
    let _ = guard(|| {
        if !report.is_null() {
            // SAFETY: it came from Box::into_raw, and the caller gives it up.
            drop(unsafe { Box::from_raw(report) });
        }
        Ok(AZS_OK)
    });
}

// An entry is read through the beginning that all events share.
const _: () = assert!(offset_of!(azs_finished_event, tag) == offset_of!(azs_event, tag));
