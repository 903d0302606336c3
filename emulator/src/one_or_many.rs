//! JSON that is one value or a list of them.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// One value, or a list of them.
pub(crate) struct OneOrMany<T>(pub(crate) Vec<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for OneOrMany<T> {
    /// Tells the forms apart by their shape, so that a mistake in an item is named as what it is.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let many = if value.is_array() { value } else { Value::Array(vec![value]) };
        serde_json::from_value(many).map(Self).map_err(serde::de::Error::custom)
    }
}
