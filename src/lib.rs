//! Tenants of Azure Stack Hub registrations.
pub mod ffi;
