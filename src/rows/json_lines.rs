//! JSON lines: an object on each line, whose members are the columns.

use std::fmt;
use std::io::Read;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::cells::Cells;
use super::column::Column;
use super::misspelt;
use super::reader::Row;
use super::records::LONGEST;
use super::text::Text;
use crate::error::{Category, Error, Result};

const ONE_EACH: &str = "Write each object on a line of its own, as azsreg --output jsonl, jq -c '.[]' and \
                        ForEach-Object { $_ | ConvertTo-Json -Compress } do.";

/// The rows of a file of JSON lines.
pub(super) struct JsonLines<R> {
    text: Text<R>,
    line: u64,
    row: u64,
}

/// The members of an object in the order in which they stand: each is here, also where two have one name.
struct Members<V>(Vec<(String, V)>);

/// The value of a member, whose own members are all here too where it is an object.
enum Member {
    Object(Members<Value>),
    Other(Value),
}

impl<R: Read> JsonLines<R> {
    pub(super) fn new(text: Text<R>) -> JsonLines<R> {
        JsonLines { text, line: 0, row: 0 }
    }

    /// The next row. An error about no row ends the file.
    pub(super) fn next(&mut self) -> Result<Option<Row>> {
        let mut read = Vec::new();
        while read.trim_ascii().is_empty() {
            self.line += 1;
            if !self.text.read_line(&mut read, LONGEST)? {
                return Ok(None);
            }
            if read.len() > LONGEST {
                let message = format!(
                    "Line {} is longer than {} KB. Expected an object on each line.",
                    self.line,
                    LONGEST >> 10
                );
                return Err(Error::new(Category::Input, "RowTooLong", message).with_action(ONE_EACH));
            }
        }
        self.row += 1;
        if self.row == 1 && read.trim_ascii().starts_with(b"[") {
            let message = format!("Line {} begins an array. Expected an object on each line.", self.line);
            return Err(Error::new(Category::Input, "JsonNotLines", message).with_action(ONE_EACH));
        }
        self.understand(&read).map(Some).map_err(|error| error.with_place(self.row, self.line))
    }

    fn understand(&self, line: &[u8]) -> Result<Row> {
        let Members(members): Members<Member> =
            serde_json::from_slice(line).map_err(|why| not_an_object(line, &why))?;
        let (mut cells, mut names) = (Cells::default(), Vec::with_capacity(members.len()));
        for (name, value) in members {
            refuse_misspelt(&name)?;
            match value {
                // A member of a member is a column of its own.
                Member::Object(Members(inner)) => {
                    for (inner, value) in &inner {
                        let inner = format!("{name}.{inner}");
                        // What other objects hold is about something else, however it is called.
                        if name.eq_ignore_ascii_case("properties") {
                            refuse_misspelt(&inner)?;
                        }
                        set(&mut cells, &inner, value)?;
                    }
                    if Column::named(&name).is_some() {
                        set(&mut cells, &name, &Value::Object(inner.into_iter().collect()))?;
                    }
                }
                Member::Other(value) => set(&mut cells, &name, &value)?,
            }
            names.push(name);
        }
        Ok(Row { number: self.row, line: self.line, cells, names: Arc::from(names) })
    }
}

fn refuse_misspelt(name: &str) -> Result<()> {
    misspelt::refusal(name).map_or(Ok(()), Err)
}

fn set(cells: &mut Cells, name: &str, value: &Value) -> Result<()> {
    let Some(column) = Column::named(name) else { return Ok(()) };
    if cells.get(column).is_some() {
        let message = format!("'{}' is there twice. Expected it once.", column.name());
        return Err(
            Error::input("ColumnTwice", column.name(), name, message).with_action("Leave one of both out.")
        );
    }
    let kind = match value {
        Value::String(text) => {
            cells.set(column, text.as_str());
            return Ok(());
        }
        // As an empty cell: the column is there and says nothing.
        Value::Null => {
            cells.set(column, "");
            return Ok(());
        }
        // Any object may have an id of its own, which is none of a resource.
        _ if column == Column::Id => return Ok(()),
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    let message = format!("{} is {kind}. Expected a text, in quotes.", column.name());
    Err(Error::input("TypeNotExpected", column.name(), &value.to_string(), message))
}

fn not_an_object(line: &[u8], why: &serde_json::Error) -> Error {
    let start: String = String::from_utf8_lossy(line.trim_ascii()).chars().take(40).collect();
    let what = if serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok() {
        "is JSON, but no object".to_owned()
    } else {
        // The line that the parser counts is always the first.
        let said = why.to_string();
        let said = said.split(" at line ").next().unwrap_or_default().to_owned();
        format!("is no JSON ({said}, at column {})", why.column())
    };
    let message = format!("'{start}' {what}. Expected an object on each line.");
    Error::new(Category::Input, "JsonNotValid", message).with_action(ONE_EACH)
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Members<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Object<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for Object<V> {
            type Value = Members<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> std::result::Result<Self::Value, A::Error> {
                members(map)
            }
        }
        deserializer.deserialize_map(Object(PhantomData))
    }
}

fn members<'de, V: Deserialize<'de>, A: MapAccess<'de>>(
    mut map: A,
) -> std::result::Result<Members<V>, A::Error> {
    let mut members = Vec::new();
    while let Some(member) = map.next_entry()? {
        members.push(member);
    }
    Ok(Members(members))
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Member;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> std::result::Result<Member, A::Error> {
                members(map).map(Member::Object)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> std::result::Result<Member, A::Error> {
                Value::deserialize(SeqAccessDeserializer::new(seq)).map(Member::Other)
            }

            fn visit_str<E>(self, text: &str) -> std::result::Result<Member, E> {
                Ok(Member::Other(text.into()))
            }

            fn visit_bool<E>(self, value: bool) -> std::result::Result<Member, E> {
                Ok(Member::Other(value.into()))
            }

            fn visit_u64<E>(self, number: u64) -> std::result::Result<Member, E> {
                Ok(Member::Other(number.into()))
            }

            fn visit_i64<E>(self, number: i64) -> std::result::Result<Member, E> {
                Ok(Member::Other(number.into()))
            }

            fn visit_f64<E>(self, number: f64) -> std::result::Result<Member, E> {
                Ok(Member::Other(number.into()))
            }

            fn visit_unit<E>(self) -> std::result::Result<Member, E> {
                Ok(Member::Other(Value::Null))
            }
        }
        deserializer.deserialize_any(Any)
    }
}
