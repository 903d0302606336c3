//! The requests about tenants: add, list, get, remove.

use super::status::AZS_E_VALUE;
use super::text::azs_str;
use crate::tenants::{Expectation, Purpose, TargetInput};

/// `expectation`: nothing is replaced. The default.
pub const AZS_EXPECT_NOTHING_REPLACED: i32 = 0;
/// `expectation`: whatever is there may be replaced.
pub const AZS_EXPECT_ANYTHING: i32 = 1;
/// `expectation`: exactly `expected_customer_subscription_id` is replaced.
pub const AZS_EXPECT_EXACTLY: i32 = 2;

/// `purpose`: a request to add.
pub const AZS_PURPOSE_ADD: i32 = 1;
/// `purpose`: a request to list.
pub const AZS_PURPOSE_LIST: i32 = 2;
/// `purpose`: a request to get.
pub const AZS_PURPOSE_GET: i32 = 3;
/// `purpose`: a request to remove.
pub const AZS_PURPOSE_REMOVE: i32 = 4;

/// What a request is about, as the operator gave it: the library checks and combines it.
///
/// Either `resource_id` or names, or both where they agree. What is missing about the registration comes from
/// the operation's default registration. A wrong value is no error of the call: the request ends with
/// `AZS_OUTCOME_FAILED` and an error that names the column, and nothing is sent.
#[repr(C)]
pub struct azs_tenant_target {
    /// Id of a customer subscription or of a registration.
    pub resource_id: azs_str,
    /// Subscription of the registration.
    pub registration_subscription_id: azs_str,
    /// Resource group of the registration.
    pub resource_group_name: azs_str,
    /// Name of the registration.
    pub registration_name: azs_str,
    /// The customer's subscription.
    pub customer_subscription_id: azs_str,
    /// The tenant; for a list, only its mappings are handed out.
    pub tenant_id: azs_str,
    /// A column `SubscriptionId` of the row. It can mean two things, so it is refused unless another value of the
    /// row says that it is the registration's.
    pub subscription_id: azs_str,
    /// Number of the row, counted from 1, for messages; 0 where the values come from no row.
    pub row: u64,
}

/// Adds a mapping, or changes one.
#[repr(C)]
pub struct azs_tenant_add_request {
    /// Bytes of this struct.
    pub size: u32,
    /// One of `AZS_EXPECT_...`.
    pub expectation: i32,
    /// What to map: a customer subscription is required.
    pub target: azs_tenant_target,
    /// For `AZS_EXPECT_EXACTLY`.
    pub expected_customer_subscription_id: azs_str,
    /// 1: the customer subscription goes out in the given spelling, else in the stored one or in lower case.
    pub preserve_case: u8,
}

/// Lists the mappings of a registration.
#[repr(C)]
pub struct azs_tenant_list_request {
    /// Bytes of this struct.
    pub size: u32,
    /// The registration, and a tenant or a customer subscription where only its mappings are wanted.
    pub target: azs_tenant_target,
}

/// Gets one mapping.
#[repr(C)]
pub struct azs_tenant_get_request {
    /// Bytes of this struct.
    pub size: u32,
    /// The mapping: a customer subscription is required.
    pub target: azs_tenant_target,
}

/// Removes a mapping.
#[repr(C)]
pub struct azs_tenant_remove_request {
    /// Bytes of this struct.
    pub size: u32,
    /// The mapping: a customer subscription, a tenant, or both where they belong together.
    pub target: azs_tenant_target,
}

/// Copies a target.
///
/// # Safety
/// The texts can be read.
pub(super) unsafe fn target(given: &azs_tenant_target) -> Result<TargetInput, i32> {
    // SAFETY: the caller promises it, for all of them.
    unsafe {
        Ok(TargetInput {
            resource_id: given.resource_id.copy()?,
            registration_subscription_id: given.registration_subscription_id.copy()?,
            resource_group_name: given.resource_group_name.copy()?,
            registration_name: given.registration_name.copy()?,
            customer_subscription_id: given.customer_subscription_id.copy()?,
            tenant_id: given.tenant_id.copy()?,
            subscription_id: given.subscription_id.copy()?,
            row: given.row,
        })
    }
}

/// A target whose texts point into `input`.
pub(super) fn view_target(input: &TargetInput) -> azs_tenant_target {
    let view = |text: &Option<String>| azs_str::view_option(text.as_deref());
    azs_tenant_target {
        resource_id: view(&input.resource_id),
        registration_subscription_id: view(&input.registration_subscription_id),
        resource_group_name: view(&input.resource_group_name),
        registration_name: view(&input.registration_name),
        customer_subscription_id: view(&input.customer_subscription_id),
        tenant_id: view(&input.tenant_id),
        subscription_id: view(&input.subscription_id),
        row: input.row,
    }
}

/// An expectation from its number, and the text that one of them needs.
pub(super) fn expectation(number: i32, expected: Option<String>) -> Result<Expectation, i32> {
    match (number, expected) {
        (AZS_EXPECT_NOTHING_REPLACED, None) => Ok(Expectation::NothingReplaced),
        (AZS_EXPECT_ANYTHING, None) => Ok(Expectation::Anything),
        (AZS_EXPECT_EXACTLY, Some(expected)) => Ok(Expectation::Exactly(expected)),
        _ => Err(AZS_E_VALUE),
    }
}

/// A purpose from its number.
pub(super) fn purpose(number: i32) -> Result<Purpose, i32> {
    match number {
        AZS_PURPOSE_ADD => Ok(Purpose::Add),
        AZS_PURPOSE_LIST => Ok(Purpose::List),
        AZS_PURPOSE_GET => Ok(Purpose::Get),
        AZS_PURPOSE_REMOVE => Ok(Purpose::Remove),
        _ => Err(AZS_E_VALUE),
    }
}
