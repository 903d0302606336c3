//! Resource ids as operators paste them.

use azs_registration::resource_id::{RegistrationId, ResourceId};
use proptest::prelude::*;

const ID: &str = "/subscriptions/dd8597b4-8739-4467-8b10-f8679f62bfbf/resourceGroups/azurestack/providers/\
                  Microsoft.AzureStack/registrations/testregistration/customerSubscriptions/\
                  E09A4E93-29A7-4EBA-A6D4-76202383F07F";

#[test]
fn slash_blanks_and_casing_of_the_fixed_parts_do_not_matter() {
    let expected = ResourceId::parse(ID).unwrap();
    let odd = ID
        .replace("subscriptions/d", "SUBSCRIPTIONS/d")
        .replace("Microsoft.AzureStack", "microsoft.azurestack");
    for given in [ID.trim_start_matches('/').to_owned(), format!("  {ID}\t\r\n"), format!("{ID}/"), odd] {
        assert_eq!(ResourceId::parse(&given).unwrap(), expected, "{given}");
    }
    let customer = expected.customer_subscription.unwrap();
    assert_eq!(customer.spelling(), "E09A4E93-29A7-4EBA-A6D4-76202383F07F");
    assert_eq!(expected.registration.customer_subscription(customer.spelling()), ID);
}

#[test]
fn an_id_may_end_with_the_registration_or_the_collection() {
    let registration = ID.split("/customerSubscriptions").next().unwrap();
    for given in [registration.to_owned(), format!("{registration}/customersubscriptions")] {
        let parsed = ResourceId::parse(&given).unwrap();
        assert_eq!(
            (parsed.registration.to_string().as_str(), parsed.customer_subscription),
            (registration, None)
        );
    }
}

#[test]
fn what_is_wrong_is_said_with_the_form_that_is_expected() {
    for (given, why) in [
        (String::new(), "it is empty"),
        (format!("https://management.azure.com{ID}"), "keep what begins with /subscriptions/"),
        (format!("//management.azure.com{ID}"), "keep what begins with /subscriptions/"),
        (format!("{ID}?api-version=2017-06-01"), "leave out '?'"),
        (format!("{ID}/more"), "goes on after the customer's subscription with 'more'"),
        (ID.replace("registrations", "registration"), "part 7 is 'registration', not 'registrations'"),
        (ID.replace("Microsoft.AzureStack", "Microsoft.Compute"), "part 6 is 'Microsoft.Compute'"),
        (
            ID.replace("dd8597b4-", ""),
            "RegistrationSubscriptionId '8739-4467-8b10-f8679f62bfbf' is not a GUID",
        ),
        (ID.replace("E09A4E93-", "{E09A4E93-}"), "CustomerSubscriptionId"),
        (ID.replace("testregistration", "{registrationName}"), "is still a placeholder"),
        (ID.replace("azurestack/providers", "azure%20stack/providers"), "contains '%'"),
        (ID.replace("azurestack/providers", "azurestack./providers"), "ends in a full stop"),
        (ID.replace("testregistration", ".."), "relative path"),
        (ID.replace("testregistration", ""), "part 8 ('') is empty"),
        ("/subscriptions/dd8597b4-8739-4467-8b10-f8679f62bfbf".to_owned(), "it ends before 'resourceGroups'"),
    ] {
        let error = ResourceId::parse(&given).unwrap_err();
        let message = &error.parts().message;
        assert!(message.contains(why), "{given}: {message}");
        assert!(message.contains("Expected /subscriptions/"), "{message}");
        assert_eq!(error.parts().column.as_deref(), Some("ResourceId"));
    }
}

#[test]
fn registrations_are_compared_without_case() {
    let one = RegistrationId::new("dd8597b4-8739-4467-8b10-f8679f62bfbf", "AzureStack", "Äzure").unwrap();
    let two = RegistrationId::new("DD8597B4-8739-4467-8B10-F8679F62BFBF", "azurestack", "äZURE").unwrap();
    assert_eq!(one.key(), two.key());
}

proptest! {
    /// Nothing that anybody pastes makes the parser fail, and what it takes is what it gives back.
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,300}") {
        let _ = ResourceId::parse(&text);
    }

    #[test]
    fn what_is_read_is_given_back(
        group in "[A-Za-z0-9_()\\-äöüЖ]{1,30}",
        name in "[A-Za-z0-9_ ()\\-.!é]{0,30}[A-Za-z0-9]",
        bytes in any::<u128>(),
        before in "[ \t]{0,3}/?",
        after in "/?[ \t]{0,3}",
    ) {
        let name = name.trim_start();
        let guid = uuid::Uuid::from_u128(bytes).hyphenated().to_string();
        let canonical = format!(
            "/subscriptions/{guid}/resourceGroups/{group}/providers/Microsoft.AzureStack/registrations/{name}/customerSubscriptions/{guid}"
        );
        let parsed = ResourceId::parse(&format!("{before}{}{after}", canonical.trim_start_matches('/'))).unwrap();
        let customer = parsed.customer_subscription.unwrap();
        prop_assert_eq!(parsed.registration.customer_subscription(customer.spelling()), canonical);
    }
}
