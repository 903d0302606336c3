//! JSON lines: an object on each line, whose members are the columns.

use std::fmt;
use std::io::Read;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
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
struct Members(Vec<(String, Value)>);

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
        let Members(members) = serde_json::from_slice(line).map_err(|why| not_an_object(line, &why))?;
        let (mut cells, mut names) = (Cells::default(), Vec::with_capacity(members.len()));
        for (name, value) in members {
            if let Some(misspelt) = misspelt::refusal(&name) {
                return Err(misspelt);
            }
            match &value {
                // A member of a member is a column of its own.
                Value::Object(inner) => {
                    for (inner, value) in inner {
                        set(&mut cells, &format!("{name}.{inner}"), value)?;
                    }
                    if Column::named(&name).is_some() {
                        set(&mut cells, &name, &value)?;
                    }
                }
                value => set(&mut cells, &name, value)?,
            }
            names.push(name);
        }
        Ok(Row { number: self.row, line: self.line, cells, names: Arc::from(names) })
    }
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

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}
