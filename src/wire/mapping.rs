//! Customer subscriptions, alone and in pages.

use serde_json::{Map, Value};

use super::page::Item;
use super::text;
use crate::guid::Guid;

/// One customer subscription, as it was read. The sources disagree about every member but the tenant (the articles'
/// samples, the OpenAPI examples): the id comes from the last segment of `id`, else from that of `name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MappingItem {
    /// The customer's subscription, in the service's spelling; `None` where `id` and `name` are blank, as in the
    /// OpenAPI example of an answer to PUT.
    pub(crate) customer_subscription: Option<String>,
    /// `None` where nobody says it; a GUID of zeros names nobody.
    pub(crate) tenant: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) etag: Option<String>,
}

impl MappingItem {
    pub(crate) fn read(object: &Map<String, Value>) -> MappingItem {
        let name = text(object.get("name"));
        let id = text(object.get("id"));
        // An id that does not lead to a customer subscription says less than the name does.
        let below = id.as_deref().and_then(below_collection);
        let from_name = || name.as_deref().and_then(last_segment);
        let from_id = || id.as_deref().and_then(last_segment);
        MappingItem {
            customer_subscription: below.or_else(from_name).or_else(from_id),
            tenant: object
                .get("properties")
                .and_then(Value::as_object)
                .and_then(|properties| text(properties.get("tenantId")))
                .filter(|tenant| Guid::parse(tenant).is_none_or(|tenant| !tenant.value().is_nil())),
            etag: text(object.get("etag")),
            name,
        }
    }
}

impl Item for MappingItem {
    fn read_item(object: &Map<String, Value>) -> Option<MappingItem> {
        let item = MappingItem::read(object);
        item.customer_subscription.is_some().then_some(item)
    }
}

/// The segment after `customerSubscriptions`.
fn below_collection(id: &str) -> Option<String> {
    let mut segments = id.split('/').map(str::trim);
    segments.find(|segment| segment.eq_ignore_ascii_case("customerSubscriptions"))?;
    segments.next().and_then(clean)
}

fn last_segment(text: &str) -> Option<String> {
    text.rsplit('/').map(str::trim).find(|segment| !segment.is_empty()).and_then(clean)
}

/// The articles put the sample id in braces and blanks.
fn clean(segment: &str) -> Option<String> {
    let inner = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(segment).trim();
    (!inner.is_empty()).then(|| inner.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::Page;
    use super::*;

    fn page(text: &str) -> Result<Page<MappingItem>, String> {
        Page::read(serde_json::from_str::<Value>(text).unwrap().as_object().unwrap(), true)
    }

    #[test]
    fn blanks_casing_and_missing_members_are_tolerated() {
        let read = page(
            r#"{"value":[
                {"id":" subscriptions/s/resourcegroups/g/PROVIDERS/microsoft.azurestack/registrations/r/CUSTOMERSUBSCRIPTIONS/A ",
                 "name":"","type":null,"properties":{"tenantId":" T "}},
                {"id":"","name":"r/B","properties":null},
                {"name":" C "}],
               "nextLink":""}"#,
        )
        .unwrap();
        let ids: Vec<_> =
            read.items.iter().map(|item| item.customer_subscription.as_deref().unwrap()).collect();
        assert_eq!(ids, ["A", "B", "C"]);
        assert_eq!(read.items[0].tenant.as_deref(), Some("T"));
        assert_eq!(read.next_link, None);
    }

    #[test]
    fn a_page_without_value_is_empty() {
        assert_eq!(page("{}").unwrap().items, []);
        assert_eq!(page(r#"{"value":null,"nextLink":"x"}"#).unwrap().next_link.as_deref(), Some("x"));
    }

    #[test]
    fn only_the_first_page_may_do_without_a_list() {
        let empty = Map::new();
        assert!(Page::<MappingItem>::read(&empty, true).is_ok());
        assert_eq!(Page::<MappingItem>::read(&empty, false).unwrap_err(), "it has no 'value'");
        assert_eq!(page(r#"{"value":[],"nextLink":1}"#).unwrap_err(), "'nextLink' is no text");
    }

    #[test]
    fn a_name_says_more_than_an_id_of_another_form() {
        let read = page(r#"{"value":[{"id":"/subscriptions/s/registrations/hub","name":"hub/A"}]}"#).unwrap();
        assert_eq!(read.items[0].customer_subscription.as_deref(), Some("A"));
    }

    #[test]
    fn an_item_that_names_nothing_is_an_error() {
        assert_eq!(
            page(r#"{"value":[{"name":"a"},{"id":" ","name":""}]}"#).unwrap_err(),
            "item 2 has neither an id nor a name"
        );
        assert_eq!(page(r#"{"value":[1]}"#).unwrap_err(), "item 1 is not an object");
        assert_eq!(page(r#"{"value":{}}"#).unwrap_err(), "'value' is not a list");
    }
}
