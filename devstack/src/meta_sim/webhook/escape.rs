//! JSON as Meta writes it: ASCII only, and more escaped than JSON asks for.

use std::fmt::Write as _;

use serde_json::Value;

/// Writes JSON as Meta does: `\u00e4` in lower-case hex, surrogate pairs, `\/`, and the escapes PHP makes for HTML.
pub fn to_meta_json(value: &Value) -> String {
    let plain = value.to_string();
    let mut escaped = String::with_capacity(plain.len() + 64);
    for character in plain.chars() {
        // Outside of strings JSON has none of the characters below, so there is no need to know where a string is.
        match character {
            '/' => escaped.push_str("\\/"),
            '<' => escaped.push_str("\\u003C"),
            '@' => escaped.push_str("\\u0040"),
            '%' => escaped.push_str("\\u0025"),
            ascii if ascii.is_ascii() => escaped.push(ascii),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    write!(escaped, "\\u{unit:04x}").expect("a String takes everything");
                }
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_is_escaped_as_in_the_reference() {
        let written = to_meta_json(&json!({"text": "café 😀 a/b"}));

        assert_eq!(written, r#"{"text":"caf\u00e9 \ud83d\ude00 a\/b"}"#);
    }

    #[test]
    fn what_is_written_reads_back_as_the_same_value() {
        let value = json!({"a": "x\\/\"@<%\n\u{1}é", "b": [1, true, null], "ключ": "𝄞"});

        let written = to_meta_json(&value);

        assert!(written.is_ascii());
        assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), value);
    }
}
