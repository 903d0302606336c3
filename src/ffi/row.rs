//! Rows: what the properties of an object say, with the names and rules that files are read with.

use std::mem::{offset_of, size_of};

use super::advice::words;
use super::error::{azs_error_handle, hand_out};
use super::guard::guard;
use super::read::{clear, read_struct};
use super::status::{AZS_E_INPUT, AZS_E_NULL, AZS_E_VALUE, AZS_OK};
use super::tenant::{azs_tenant_target, target, view_target};
use super::text::azs_str;
use crate::advice::Words;
use crate::rows::{Cells, Column, Given, RowKind};
use crate::tenants::TargetInput;

/// `kind`: a row about a mapping, or about all mappings of a registration.
pub const AZS_ROW_MAPPING: i32 = 1;
/// `kind`: a row about a registration. What it says of a mapping in it is passed over.
pub const AZS_ROW_REGISTRATION: i32 = 2;

/// A cell of a row.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct azs_row_cell {
    /// The column, in any casing. One that `azs_row_column` does not name is for messages alone.
    pub name: azs_str,
    /// What it holds. NULL and an empty text are the same: a column that is there and says nothing. What is not there is
    /// left out.
    pub value: azs_str,
}

/// A row, and what was said beside it.
#[repr(C)]
pub struct azs_row {
    /// Bytes of this struct.
    pub size: u32,
    /// One of `AZS_ROW_...`.
    pub kind: i32,
    /// The cells; NULL where there are none.
    pub cells: *const azs_row_cell,
    /// Number of cells.
    pub cell_count: usize,
    /// The type of the object that the columns belong to, for messages; NULL: there is no object.
    pub object: azs_str,
    /// Number of the row, counted from 1, for messages; 0: it has none.
    pub row: u64,
    /// Said for all rows: a row may repeat it, and is refused where it says something else. `subscription_id` and `row` are
    /// not looked at.
    pub command_line: azs_tenant_target,
    /// Said for this row by other means than its columns: it goes before them. Blank where the column of the same name is
    /// blank, it counts as not said.
    pub bound: azs_tenant_target,
    /// One of `AZS_WORDS_...`: in whose words a refusal says what to do.
    pub advice_words: i32,
}

/// What a row is about. Opaque; read it with `azs_row_target_get`, free it with `azs_row_target_free`.
pub struct azs_row_target {
    /// Keeps the texts that `view` points to.
    _target: Box<TargetInput>,
    view: azs_tenant_target,
}

/// The name of a column that rows are read from, `index` counted from 0; NULL after the last. All others are passed over. A
/// full stop stands between an object and its member. The text is static. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn azs_row_column(index: u32) -> azs_str {
    let column = Column::ALL.get(index as usize);
    azs_str::view_option(column.map(|column| column.name()))
}

/// Says what a row is about, or refuses it. Nothing is sent, and whether the values are ids is not checked yet:
/// `azs_tenant_resolve`, and submitting, do that.
///
/// `target` receives the handle, to be given to `azs_row_target_free`. `AZS_E_INPUT` with a handle in `error` (unless
/// NULL), to be given to `azs_error_free`, where the row is refused. Everything given is copied. Any thread.
///
/// # Safety
/// `row` points to a struct of at least its `size` bytes, whose `cells` point to `cell_count` cells, and all of whose texts
/// can be read; `target`, and `error` unless it is NULL, point to places for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_row_read(
    row: *const azs_row,
    target: *mut *mut azs_row_target,
    error: *mut *mut azs_error_handle,
) -> i32 {
    guard(|| {
        // SAFETY: the caller promises NULL or places for pointers.
        unsafe {
            let _ = clear(error);
            clear(target).ok_or(AZS_E_NULL)?;
        }
        // SAFETY: the caller promises a readable struct of `size` bytes, and texts.
        match unsafe { read(row) }? {
            Ok(input) => {
                let input = Box::new(input);
                let view = view_target(&input);
                // SAFETY: checked for NULL above.
                unsafe { target.write(Box::into_raw(Box::new(azs_row_target { _target: input, view }))) };
                Ok(AZS_OK)
            }
            Err((refused, words)) => {
                // SAFETY: NULL, or a place for a pointer.
                unsafe { hand_out(refused, words, error) };
                Err(AZS_E_INPUT)
            }
        }
    })
}

/// Reads a row. The outer error is a status, the inner one a refused row, and the words for it.
///
/// # Safety
/// `row` is NULL, or points to a struct of at least its `size` bytes, whose cells and texts can be read.
unsafe fn read(row: *const azs_row) -> Result<Result<TargetInput, (crate::Error, Words)>, i32> {
    // SAFETY: passed on to the caller.
    let row = unsafe { read_struct(row, offset_of!(azs_row, advice_words) + size_of::<i32>()) }?;
    let kind = match row.kind {
        AZS_ROW_MAPPING => RowKind::Mapping,
        AZS_ROW_REGISTRATION => RowKind::Registration,
        _ => return Err(AZS_E_VALUE),
    };
    let (mut cells, mut names) = (Cells::default(), Vec::new());
    // SAFETY: the caller promises the cells.
    for cell in unsafe { cells_of(&row) }? {
        // SAFETY: the caller promises that the texts can be read.
        let (name, value) = unsafe { (cell.name.copy()?.ok_or(AZS_E_NULL)?, cell.value.copy()?) };
        if let Some(column) = Column::named(&name) {
            cells.set(column, value.unwrap_or_default());
        }
        names.push(name);
    }
    // SAFETY: the caller promises that the texts can be read.
    let (object, command_line, bound) =
        unsafe { (row.object.copy()?, target(&row.command_line)?, target(&row.bound)?) };
    let given = Given { command_line: &command_line, bound: &bound };
    let words = words(row.advice_words)?;
    Ok(cells.target(kind, given, row.row, &names, object.as_deref()).map_err(|refused| (refused, words)))
}

/// # Safety
/// `cells` is NULL, or points to `cell_count` cells.
unsafe fn cells_of(row: &azs_row) -> Result<&[azs_row_cell], i32> {
    match row.cell_count {
        0 => Ok(&[]),
        _ if row.cells.is_null() => Err(AZS_E_NULL),
        _ if !row.cells.is_aligned() => Err(AZS_E_VALUE),
        // A slice is at most isize::MAX bytes long.
        count if count > isize::MAX as usize / size_of::<azs_row_cell>() => Err(AZS_E_VALUE),
        // SAFETY: checked above, and the caller promises the rest.
        count => Ok(unsafe { std::slice::from_raw_parts(row.cells, count) }),
    }
}

/// What a row is about, valid until the handle is freed, to be passed on in a request. NULL gives NULL. Any thread.
///
/// # Safety
/// `target` is NULL, or a live handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_row_target_get(target: *const azs_row_target) -> *const azs_tenant_target {
    if target.is_null() {
        return std::ptr::null();
    }
    // SAFETY: the caller promises a live handle.
    unsafe { &raw const (*target).view }
}

/// Frees what a row is about. NULL is fine. Any thread.
///
/// # Safety
/// `target` is NULL, or a live handle that no other call is using.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn azs_row_target_free(target: *mut azs_row_target) {
    let _ = guard(|| {
        if !target.is_null() {
            // SAFETY: it came from Box::into_raw, and the caller gives it up.
            drop(unsafe { Box::from_raw(target) });
        }
        Ok(AZS_OK)
    });
}
