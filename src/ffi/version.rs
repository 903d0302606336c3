//! Which library this is.

use super::text::azs_str;

/// Major version of the ABI: a caller built for another one must not use the library.
pub const AZS_ABI_MAJOR: u32 = 1;
/// Minor version of the ABI: a caller must not use a library with a lesser one than it was built for.
pub const AZS_ABI_MINOR: u32 = 0;

/// The version of the ABI: the major one in the upper 16 bits, the minor one in the lower. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn azs_abi_version() -> u32 {
    (AZS_ABI_MAJOR << 16) | AZS_ABI_MINOR
}

/// The version of the product, as `0.1.0`. The text is static. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn azs_version() -> azs_str {
    azs_str::view(env!("CARGO_PKG_VERSION"))
}
