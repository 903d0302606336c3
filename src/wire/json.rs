//! Bodies: nothing, a JSON object, or something else.

use serde_json::{Map, Value};

/// The body of an answer.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// No body, or blanks only.
    Empty,
    /// A JSON object.
    Object(Map<String, Value>),
    /// Anything else: the beginning of it, for messages.
    Other(String),
}

/// How much of a foreign answer a message shows.
const SHOWN: usize = 200;

/// Reads a body. Text that is not JSON gets one more chance with the slips of the articles' sample answers mended.
pub(crate) fn read_body(bytes: &[u8]) -> Body {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Body::Empty;
    }
    if let Ok(Value::Object(object)) = serde_json::from_slice(bytes) {
        return Body::Object(object);
    }
    if let Some(Value::Object(object)) =
        std::str::from_utf8(bytes).ok().and_then(|text| serde_json::from_str(&mend(text)).ok())
    {
        return Body::Object(object);
    }
    let mut beginning = String::from_utf8_lossy(&bytes[..bytes.len().min(4 * SHOWN)]).into_owned();
    beginning = beginning.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((at, _)) = beginning.char_indices().nth(SHOWN) {
        beginning.truncate(at);
        beginning.push('…');
    }
    Body::Other(beginning)
}

/// Mends the two slips of the articles' sample answers: typographic quotation marks (2018), and a backslash before a
/// letter that JSON knows no escape for, as in `Microsoft.AzureStack\customerSubscriptions` (both).
fn mend(text: &str) -> String {
    let mut mended = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{201c}' | '\u{201d}' => mended.push('"'),
            '\\' => match chars.peek() {
                Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u') => {
                    mended.push('\\');
                    mended.extend(chars.next());
                }
                _ => mended.push_str("\\\\"),
            },
            c => mended.push(c),
        }
    }
    mended
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_and_blanks_are_empty() {
        assert!(matches!(read_body(b""), Body::Empty));
        assert!(matches!(read_body(b" \r\n"), Body::Empty));
        assert!(matches!(read_body(b"\xef\xbb\xbf"), Body::Empty));
    }

    #[test]
    fn a_proxy_page_is_shown_from_its_beginning() {
        let Body::Other(shown) = read_body(b"<html>\n  <body>Please   sign in</body>") else {
            panic!("not Other")
        };
        assert_eq!(shown, "<html> <body>Please sign in</body>");
        let Body::Other(shown) = read_body("é".repeat(1000).as_bytes()) else { panic!("not Other") };
        assert_eq!(shown.chars().count(), SHOWN + 1);
    }

    #[test]
    fn arrays_and_bare_values_are_no_objects() {
        for text in ["[]", "null", "\"x\"", "{\"a\":1", "{} {}"] {
            assert!(matches!(read_body(text.as_bytes()), Body::Other(_)), "{text}");
        }
    }

    #[test]
    fn valid_escapes_survive_mending() {
        let Body::Object(object) = read_body(b"{\"a\":\"x\\n\\\\y\\c\"}") else { panic!("not an object") };
        assert_eq!(object["a"], "x\n\\y\\c");
    }
}
