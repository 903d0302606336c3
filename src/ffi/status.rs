//! The numbers that functions of the ABI return. 0 is success, a positive number another expected answer, a
//! negative number a mistake in the call. A number is never used twice: one that is retired stays as a comment.

/// The call succeeded.
pub const AZS_OK: i32 = 0;

/// `azs_operation_next`: an event was written to `event`.
pub const AZS_EVENT: i32 = 1;
/// `azs_operation_next`: nothing happened within the time given, or a cancellation woke the call.
pub const AZS_TIMEOUT: i32 = 2;
/// `azs_operation_next`: nothing is outstanding; submit something, or free the operation.
pub const AZS_IDLE: i32 = 3;
/// `azs_operation_next`: the operation was cancelled and every event has been handed out.
pub const AZS_DRAINED: i32 = 4;
/// A submit was not accepted because `max_outstanding` requests are under way: take an event, then submit again.
pub const AZS_FULL: i32 = 5;

// -1 to -99: arguments. Nothing was done.

/// A pointer that must not be NULL was NULL.
pub const AZS_E_NULL: i32 = -1;
/// A text is not UTF-8.
pub const AZS_E_UTF8: i32 = -2;
/// A value cannot be: a number is none of those that its enumeration names, a boolean is neither 0 nor 1, a length is
/// impossible, a token or its expiry can be none, or an expectation and its text do not go together.
pub const AZS_E_VALUE: i32 = -3;
/// The `size` of a struct is smaller than that of the oldest library with the same major version of the ABI.
pub const AZS_E_SIZE: i32 = -4;

// -100 to -199: states. Nothing was done.

/// Another thread is inside `azs_operation_next` of the same operation.
pub const AZS_E_BUSY: i32 = -100;
/// The operation was cancelled: it takes no more requests.
pub const AZS_E_CANCELLED: i32 = -101;

// -200 to -299: configuration; the error handle says what is wrong.

/// The configuration of a client or an operation was refused.
pub const AZS_E_CONFIG: i32 = -200;

// -300 to -399: input of an operator; the error handle says what is wrong.

/// What an operator gave was refused.
pub const AZS_E_INPUT: i32 = -300;

// -400 to -499: this machine.

/// A file of the library's own cannot be read.
pub const AZS_E_FILE: i32 = -400;

// -900 to -999: faults of the library itself.

/// The library panicked. The call had no effect that the caller may rely on; the process is intact.
pub const AZS_E_PANIC: i32 = -900;
