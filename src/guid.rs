//! GUIDs as operators write them and as the service spells them.

use std::fmt;

use uuid::Uuid;

/// A GUID with the spelling it came in. Two spellings of one GUID are equal only by [`Guid::value`].
#[derive(Clone, PartialEq, Eq)]
pub struct Guid {
    value: Uuid,
    spelling: Box<str>,
}

impl Guid {
    /// Reads a GUID of the form 8-4-4-4-12 hex digits. `None` for every other form that GUIDs have (braces, no
    /// hyphens): Azure Resource Manager knows this one alone.
    pub fn parse(text: &str) -> Option<Guid> {
        let hyphens = [8, 13, 18, 23];
        let formed = text.len() == 36
            && text.bytes().enumerate().all(|(at, byte)| match hyphens.contains(&at) {
                true => byte == b'-',
                false => byte.is_ascii_hexdigit(),
            });
        let value = if formed { Uuid::try_parse(text).ok()? } else { return None };
        Some(Guid { value, spelling: text.into() })
    }

    /// The number, by which GUIDs are compared.
    pub fn value(&self) -> Uuid {
        self.value
    }

    /// The spelling it came in.
    pub fn spelling(&self) -> &str {
        &self.spelling
    }

    /// The spelling in lower case.
    pub fn lower(&self) -> String {
        self.spelling.to_ascii_lowercase()
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spelling)
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spelling)
    }
}
