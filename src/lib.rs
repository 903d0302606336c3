//! Tenants of Azure Stack Hub registrations.
