//! Registrations.

use serde_json::{Map, Value};

use super::page::Item;
use super::text;

/// One registration, as it was read (OpenAPI: Registration over TrackedResource, the same in 2017-06-01 and 2022-06-01;
/// 2020-06-01-preview has `systemData` besides). Only location is required there, and no example has a cloud id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RegistrationItem {
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) etag: Option<String>,
    pub(crate) cloud_id: Option<String>,
    pub(crate) object_id: Option<String>,
    pub(crate) billing_model: Option<String>,
    pub(crate) created_by: Option<String>,
    pub(crate) created_at: Option<String>,
    pub(crate) last_modified_by: Option<String>,
    pub(crate) last_modified_at: Option<String>,
}

impl Item for RegistrationItem {
    fn read_item(object: &Map<String, Value>) -> Option<RegistrationItem> {
        let inner = |name: &str, member: &str| text(object.get(name).and_then(Value::as_object)?.get(member));
        let property = |member: &str| inner("properties", member);
        let system = |member: &str| inner("systemData", member);
        let item = RegistrationItem {
            id: text(object.get("id")),
            name: text(object.get("name")),
            location: text(object.get("location")),
            etag: text(object.get("etag")),
            cloud_id: property("cloudId"),
            object_id: property("objectId"),
            billing_model: property("billingModel"),
            created_by: system("createdBy"),
            created_at: system("createdAt"),
            last_modified_by: system("lastModifiedBy"),
            last_modified_at: system("lastModifiedAt"),
        };
        (item.id.is_some() || item.name.is_some()).then_some(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<RegistrationItem> {
        RegistrationItem::read_item(serde_json::from_str::<Value>(text).unwrap().as_object().unwrap())
    }

    #[test]
    fn every_member_of_the_openapi_files_is_read() {
        let item = read(
            r#"{"id":" /a ","name":"n","type":"t","location":"global","etag":"e","tags":{},
                "properties":{"objectId":"o","cloudId":"c","billingModel":"b"},
                "systemData":{"createdBy":"x","createdAt":"1","lastModifiedBy":"y","lastModifiedAt":"2"}}"#,
        )
        .unwrap();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            item,
            RegistrationItem {
                id: some("/a"),
                name: some("n"),
                location: some("global"),
                etag: some("e"),
                cloud_id: some("c"),
                object_id: some("o"),
                billing_model: some("b"),
                created_by: some("x"),
                created_at: some("1"),
                last_modified_by: some("y"),
                last_modified_at: some("2"),
            }
        );
    }

    #[test]
    fn members_may_be_missing_or_null_but_not_the_name() {
        let item = read(r#"{"name":"n","properties":null,"systemData":{},"etag":" "}"#).unwrap();
        assert_eq!(item, RegistrationItem { name: Some("n".to_owned()), ..RegistrationItem::default() });
        assert_eq!(read(r#"{"id":" ","properties":{"cloudId":"c"}}"#), None);
    }
}
