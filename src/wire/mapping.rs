//! Customer subscriptions, alone and in pages.

use serde_json::{Map, Value};

/// One customer subscription, as it was read. The sources disagree about every member but the tenant (the articles'
/// samples, the OpenAPI examples): the id comes from the last segment of `id`, else from that of `name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MappingItem {
    /// The customer's subscription, in the service's spelling; `None` where `id` and `name` are blank, as in the
    /// OpenAPI example of an answer to PUT.
    pub(crate) customer_subscription: Option<String>,
    pub(crate) tenant: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) etag: Option<String>,
}

impl MappingItem {
    pub(crate) fn read(object: &Map<String, Value>) -> MappingItem {
        let name = text(object.get("name"));
        let from_id = text(object.get("id")).and_then(|id| below_collection(&id));
        let from_name = || name.as_deref().and_then(last_segment);
        MappingItem {
            customer_subscription: from_id.or_else(from_name),
            tenant: object
                .get("properties")
                .and_then(Value::as_object)
                .and_then(|properties| text(properties.get("tenantId"))),
            etag: text(object.get("etag")),
            name,
        }
    }
}

/// A page of a list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MappingPage {
    pub(crate) items: Vec<MappingItem>,
    /// Where the next page is; `None` at the end (absent, null or blank: RPC, "Paging Response Body").
    pub(crate) next_link: Option<String>,
}

impl MappingPage {
    /// Reads a page; the error says what is wrong with it.
    pub(crate) fn read(object: &Map<String, Value>) -> Result<MappingPage, String> {
        let items = match object.get("value") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(items)) => items
                .iter()
                .enumerate()
                .map(|(at, item)| {
                    let object =
                        item.as_object().ok_or_else(|| format!("item {} is not an object", at + 1))?;
                    let item = MappingItem::read(object);
                    match item.customer_subscription {
                        Some(_) => Ok(item),
                        None => Err(format!("item {} has neither an id nor a name", at + 1)),
                    }
                })
                .collect::<Result<_, _>>()?,
            Some(_) => return Err("'value' is not a list".to_owned()),
        };
        Ok(MappingPage { items, next_link: text(object.get("nextLink")) })
    }
}

/// The segment after `customerSubscriptions`, or the last one where an id has another form.
fn below_collection(id: &str) -> Option<String> {
    let segments: Vec<&str> = id.split('/').map(str::trim).collect();
    let collection =
        segments.iter().position(|segment| segment.eq_ignore_ascii_case("customerSubscriptions"));
    match collection {
        Some(at) => segments.get(at + 1).copied().and_then(clean),
        None => last_segment(id),
    }
}

fn last_segment(text: &str) -> Option<String> {
    text.rsplit('/').map(str::trim).find(|segment| !segment.is_empty()).and_then(clean)
}

/// The articles put the sample id in braces and blanks.
fn clean(segment: &str) -> Option<String> {
    let inner = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(segment).trim();
    (!inner.is_empty()).then(|| inner.to_owned())
}

fn text(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Result<MappingPage, String> {
        MappingPage::read(serde_json::from_str::<Value>(text).unwrap().as_object().unwrap())
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
    fn an_item_that_names_nothing_is_an_error() {
        assert_eq!(
            page(r#"{"value":[{"name":"a"},{"id":" ","name":""}]}"#).unwrap_err(),
            "item 2 has neither an id nor a name"
        );
        assert_eq!(page(r#"{"value":[1]}"#).unwrap_err(), "item 1 is not an object");
        assert_eq!(page(r#"{"value":{}}"#).unwrap_err(), "'value' is not a list");
    }
}
