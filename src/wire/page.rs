//! Pages of a list, whatever its items are.

use serde_json::{Map, Value};

use super::text;

/// A page of a list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// Where the next page is; `None` at the end (absent, null or blank: RPC, "Paging Response Body").
    pub(crate) next_link: Option<String>,
}

/// What a list is made of.
pub(crate) trait Item: Sized {
    /// Reads an item; `None` where it does not say which one it is.
    fn read_item(object: &Map<String, Value>) -> Option<Self>;
}

impl<T: Item> Page<T> {
    /// Reads a page; the error says what is wrong with it. Only the first page may do without a list: an answer behind a
    /// link that has none is the end of nothing.
    pub(crate) fn read(object: &Map<String, Value>, first: bool) -> Result<Page<T>, String> {
        let items = match object.get("value") {
            None | Some(Value::Null) if first => Vec::new(),
            None | Some(Value::Null) => return Err("it has no 'value'".to_owned()),
            Some(Value::Array(items)) => items
                .iter()
                .enumerate()
                .map(|(at, item)| {
                    let object =
                        item.as_object().ok_or_else(|| format!("item {} is not an object", at + 1))?;
                    T::read_item(object)
                        .ok_or_else(|| format!("item {} has neither an id nor a name", at + 1))
                })
                .collect::<Result<_, _>>()?,
            Some(_) => return Err("'value' is not a list".to_owned()),
        };
        let next_link = match object.get("nextLink") {
            None | Some(Value::Null | Value::String(_)) => text(object.get("nextLink")),
            Some(_) => return Err("'nextLink' is no text".to_owned()),
        };
        Ok(Page { items, next_link })
    }
}
