//! Rows: what values come to, and which rows are refused before any request.

use std::sync::Arc;

use azs_registration::resource_id::RegistrationId;
use azs_registration::tenants::{Purpose, TargetInput};

const SUBSCRIPTION: &str = "dd8597b4-8739-4467-8b10-f8679f62bfbf";
const CUSTOMER: &str = "e09a4e93-29a7-4eba-a6d4-76202383f07f";
const OTHER: &str = "00000000-0000-4000-8000-000000000000";

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn default() -> Arc<RegistrationId> {
    Arc::new(RegistrationId::new(SUBSCRIPTION, "azurestack", "hub1").unwrap())
}

fn id(registration: &str) -> String {
    format!("{}/customerSubscriptions/{CUSTOMER}", default().to_string().replace("hub1", registration))
}

#[test]
fn names_and_ids_come_to_the_same() {
    let by_names = TargetInput {
        registration_name: some(" HUB2 "),
        customer_subscription_id: some(CUSTOMER),
        ..TargetInput::default()
    };
    let by_id = TargetInput { resource_id: some(&id("hub2")), ..TargetInput::default() };
    let names = by_names.resolve(Some(&default()), Purpose::Add).unwrap();
    let ids = by_id.resolve(None, Purpose::Add).unwrap();
    assert_eq!(names.registration.key(), ids.registration.key());
    assert_eq!(names.customer.unwrap().value(), ids.customer.unwrap().value());
}

#[test]
fn what_is_missing_comes_from_the_default_and_blank_cells_are_missing() {
    let blank = TargetInput {
        resource_id: some(""),
        resource_group_name: some("  "),
        tenant_id: some(""),
        customer_subscription_id: some(CUSTOMER),
        ..TargetInput::default()
    };
    let target = blank.resolve(Some(&default()), Purpose::Add).unwrap();
    assert_eq!((target.registration.name(), target.tenant.is_none()), ("hub1", true));
}

#[test]
fn refused_rows_name_the_row_the_column_and_what_was_expected() {
    let row = |change: fn(&mut TargetInput)| {
        let mut input =
            TargetInput { customer_subscription_id: some(CUSTOMER), row: 2, ..TargetInput::default() };
        change(&mut input);
        input
    };
    let cases: [(TargetInput, &str, &str); 9] = [
        (row(|it| it.customer_subscription_id = some("contoso")), "CustomerSubscriptionId", "GuidNotValid"),
        (row(|it| it.customer_subscription_id = some(" ")), "CustomerSubscriptionId", "GuidNotValid"),
        (row(|it| it.customer_subscription_id = None), "CustomerSubscriptionId", "ValueMissing"),
        (row(|it| it.tenant_id = some("contoso.onmicrosoft.com")), "TenantId", "GuidNotValid"),
        (row(|it| it.resource_group_name = some("a/b")), "ResourceGroupName", "ResourceGroupNameNotValid"),
        (row(|it| it.subscription_id = some(CUSTOMER)), "SubscriptionId", "SubscriptionIdAmbiguous"),
        (
            row(|it| {
                it.resource_id = some(&id("hub1"));
                it.registration_name = some("hub2");
            }),
            "RegistrationName",
            "RowContradictsItself",
        ),
        (
            row(|it| {
                it.resource_id = some(&id("hub1"));
                it.customer_subscription_id = some(OTHER);
            }),
            "CustomerSubscriptionId",
            "RowContradictsItself",
        ),
        (row(|it| it.resource_id = some("hub1")), "ResourceId", "ResourceIdNotValid"),
    ];
    for (input, column, code) in cases {
        let error = input.resolve(Some(&default()), Purpose::Add).unwrap_err();
        assert_eq!(
            (error.code(), error.parts().column.as_deref(), error.parts().row),
            (code, Some(column), 2),
            "{error}"
        );
        assert!(error.parts().message.starts_with("Row 2: "), "{error}");
        assert!(error.parts().message.contains("xpected") || code == "SubscriptionIdAmbiguous", "{error}");
    }
}

#[test]
fn a_resource_id_in_the_place_of_a_guid_is_recognised() {
    let said = |text: &str| {
        let input = TargetInput { customer_subscription_id: some(text), ..TargetInput::default() };
        input.resolve(Some(&default()), Purpose::Add).unwrap_err().parts().message.clone()
    };
    assert!(said(&id("hub1")).contains("goes into ResourceId"));
    assert!(said(&format!("/subscriptions/{CUSTOMER}")).contains("only the GUID is wanted"));
}

#[test]
fn a_subscription_column_may_repeat_what_another_value_says() {
    for input in [
        TargetInput { resource_id: some(&id("hub1")), ..TargetInput::default() },
        TargetInput {
            registration_subscription_id: some(SUBSCRIPTION),
            customer_subscription_id: some(CUSTOMER),
            ..TargetInput::default()
        },
    ] {
        let input = TargetInput { subscription_id: some(&SUBSCRIPTION.to_uppercase()), ..input };
        assert!(input.resolve(Some(&default()), Purpose::Add).is_ok());
    }
}

#[test]
fn without_a_registration_each_missing_part_is_named() {
    let input = TargetInput {
        registration_name: some("hub1"),
        customer_subscription_id: some(CUSTOMER),
        ..TargetInput::default()
    };
    let error = input.resolve(None, Purpose::Get).unwrap_err();
    assert_eq!(
        (error.code(), error.parts().column.as_deref()),
        ("RegistrationMissing", Some("RegistrationSubscriptionId"))
    );
}

#[test]
fn a_removal_needs_a_subscription_or_a_tenant() {
    let none = TargetInput::default();
    assert_eq!(none.resolve(Some(&default()), Purpose::Remove).unwrap_err().code(), "ValueMissing");
    let tenant = TargetInput { tenant_id: some(CUSTOMER), ..TargetInput::default() };
    assert!(tenant.resolve(Some(&default()), Purpose::Remove).unwrap().customer.is_none());
}

#[test]
fn a_default_registration_is_nothing_but_a_registration() {
    let names = TargetInput {
        registration_subscription_id: some(SUBSCRIPTION),
        resource_group_name: some("azurestack"),
        registration_name: some("hub1"),
        ..TargetInput::default()
    };
    assert_eq!(names.registration_only().unwrap().unwrap().key(), default().key());
    assert!(
        TargetInput { tenant_id: some(" "), ..TargetInput::default() }.registration_only().unwrap().is_none()
    );
    for (input, column) in [
        (TargetInput { customer_subscription_id: some(CUSTOMER), ..names.clone() }, "CustomerSubscriptionId"),
        (TargetInput { tenant_id: some("nonsense"), ..names.clone() }, "TenantId"),
        (TargetInput { resource_id: some(&id("hub1")), ..TargetInput::default() }, "ResourceId"),
    ] {
        let error = input.registration_only().unwrap_err();
        assert_eq!((error.code(), error.parts().column.as_deref()), ("ValueNotExpected", Some(column)));
    }
}
