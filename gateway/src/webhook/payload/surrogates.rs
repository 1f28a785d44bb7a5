//! Half characters in escapes, mended before JSON is read.

use std::borrow::Cow;

/// Replaces escapes of half a character (`\ud83d` without its other half): Meta cuts names in the middle of an emoji, and
/// JSON readers refuse the whole text for it.
pub(crate) fn mend_surrogates(json: &str) -> Cow<'_, str> {
    let bytes = json.as_bytes();
    let mut mended = String::new();
    let mut copied = 0;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        match surrogate(bytes, at) {
            Some(Half::High) if surrogate(bytes, at + 6) == Some(Half::Low) => at += 12,
            Some(_) => {
                mended.push_str(&json[copied..at]);
                mended.push_str("\\ufffd");
                at += 6;
                copied = at;
            }
            // Some other escape: two bytes at least.
            None => at += 2,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    mended.push_str(&json[copied..]);
    Cow::Owned(mended)
}

#[derive(PartialEq)]
enum Half {
    High,
    Low,
}

/// Returns which half of a character is escaped at this place.
fn surrogate(bytes: &[u8], at: usize) -> Option<Half> {
    let escape = bytes.get(at..at + 6)?;
    if &escape[..2] != b"\\u"
        || !escape[2].eq_ignore_ascii_case(&b'd')
        || !escape[4..].iter().all(u8::is_ascii_hexdigit)
    {
        return None;
    }
    match escape[3] {
        b'8' | b'9' | b'a' | b'b' | b'A' | b'B' => Some(Half::High),
        b'c'..=b'f' | b'C'..=b'F' => Some(Half::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_characters_are_mended_and_whole_ones_are_left() {
        assert_eq!(mend_surrogates(r#"{"a":"\ud83d\ude00 x"}"#), r#"{"a":"\ud83d\ude00 x"}"#);
        assert_eq!(mend_surrogates(r#"{"a":"x\ud83d"}"#), r#"{"a":"x\ufffd"}"#);
        assert_eq!(mend_surrogates(r#"{"a":"\ude00\ud83dx\\ud83d"}"#), r#"{"a":"\ufffd\ufffdx\\ud83d"}"#);
    }
}
