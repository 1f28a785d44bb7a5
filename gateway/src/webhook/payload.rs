//! The parts of Meta's payload that are read. Everything is optional, unknown fields pass, numbers may be strings.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

/// The envelope. Changes stay raw until their field is known.
#[derive(Deserialize, Debug)]
pub(super) struct Envelope<'a> {
    #[serde(borrow, default, deserialize_with = "lenient_list")]
    pub entry: Vec<&'a RawValue>,
}

#[derive(Deserialize, Debug)]
pub(super) struct EntryPart<'a> {
    #[serde(borrow, default, deserialize_with = "lenient_list")]
    pub changes: Vec<&'a RawValue>,
}

#[derive(Deserialize, Debug)]
pub(super) struct Change<'a> {
    #[serde(default)]
    pub field: Option<String>,
    #[serde(borrow, default)]
    pub value: Option<&'a RawValue>,
}

#[derive(Deserialize, Debug)]
pub(super) struct Value<'a> {
    #[serde(default)]
    pub metadata: Option<Metadata>,
    #[serde(borrow, default)]
    pub contacts: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    pub messages: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    pub statuses: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    pub errors: Option<&'a RawValue>,
}

#[derive(Deserialize, Debug, Clone, Default)]
pub(super) struct Metadata {
    #[serde(default, deserialize_with = "text_or_number")]
    pub phone_number_id: Option<String>,
}

/// Who a message is from, as the envelope says it beside the message.
#[derive(Deserialize, Serialize, Clone, Default)]
pub(crate) struct Contact {
    #[serde(default, deserialize_with = "text_or_number", skip_serializing_if = "Option::is_none")]
    pub wa_id: Option<String>,
    #[serde(default, deserialize_with = "text_or_number", skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Contact(..)")
    }
}

/// The public profile of a person.
#[derive(Deserialize, Serialize, Clone, Default)]
pub(crate) struct Profile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What decides where a message goes, before it is read in full.
#[derive(Deserialize)]
pub(super) struct MessageHead {
    #[serde(default, deserialize_with = "text_or_number")]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    pub from: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    pub from_user_id: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    pub timestamp: Option<String>,
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    #[serde(default)]
    pub group_id: Option<serde_json::Value>,
}

/// A message as it is kept in the inbox: what came, and who it is from.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredMessage {
    /// Meta's id of the business number it was sent to.
    pub phone_number_id: String,
    /// The contact beside it.
    pub contact: Option<Contact>,
    /// The message exactly as it came.
    pub message: Box<RawValue>,
}

/// A status as it is kept in the inbox.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredStatus {
    /// The status exactly as it came.
    pub status: Box<RawValue>,
}

/// A message, as far as this version reads it.
#[derive(Deserialize)]
pub(crate) struct RawMessage {
    #[serde(default, deserialize_with = "text_or_number")]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    pub from: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    pub from_user_id: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    pub timestamp: Option<String>,
    #[serde(default)]
    pub group_id: Option<serde_json::Value>,
    #[serde(default, rename = "type")]
    pub kind: String,
    #[serde(default)]
    context: Option<serde_json::Value>,
    #[serde(default)]
    text: Option<TextPart>,
    #[serde(default)]
    interactive: Option<Interactive>,
}

#[derive(Deserialize)]
struct TextPart {
    #[serde(default, deserialize_with = "text_or_number")]
    body: Option<String>,
}

#[derive(Deserialize)]
struct Interactive {
    #[serde(default)]
    button_reply: Option<ButtonReply>,
    #[serde(default)]
    list_reply: Option<ButtonReply>,
}

#[derive(Deserialize)]
struct ButtonReply {
    #[serde(default)]
    id: String,
}

/// What a message says.
pub(crate) enum MessageBody {
    /// Words.
    Text(String),
    /// A tap on a button or list row of ours.
    Tap(String),
    /// A kind that is noted and never answered: reactions, system notices, a group's talk.
    Silent(String),
    /// A kind that this version cannot use; the sender is told.
    Unsupported,
}

impl RawMessage {
    /// Returns whether it quotes another message.
    pub fn quotes(&self) -> bool {
        self.context.as_ref().is_some_and(|context| context.get("id").is_some())
    }

    /// Takes what the message says.
    pub fn into_body(self) -> MessageBody {
        if self.group_id.is_some() {
            return MessageBody::Silent("group".to_owned());
        }
        match (self.kind.as_str(), self.text, self.interactive) {
            ("text", Some(text), _) => MessageBody::Text(text.body.unwrap_or_default()),
            (
                "interactive",
                _,
                Some(Interactive { button_reply: Some(reply), .. } | Interactive { list_reply: Some(reply), .. }),
            ) => MessageBody::Tap(reply.id),
            ("reaction" | "system" | "request_welcome" | "unknown" | "ephemeral", ..) => MessageBody::Silent(self.kind),
            _ => MessageBody::Unsupported,
        }
    }
}

/// A delivery status.
#[derive(Deserialize, Default)]
pub(crate) struct Status {
    #[serde(default, deserialize_with = "text_or_number")]
    pub id: Option<String>,
    #[serde(default, rename = "status")]
    pub state: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    pub timestamp: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    pub recipient_id: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    pub recipient_user_id: Option<String>,
    #[serde(default)]
    pub biz_opaque_callback_data: Option<String>,
    #[serde(default)]
    pub errors: Option<Vec<StatusError>>,
    #[serde(default)]
    pub pricing: Option<StatusPricing>,
}

/// Why a message failed.
#[derive(Deserialize, Default)]
pub(crate) struct StatusError {
    #[serde(default, deserialize_with = "text_or_number")]
    pub code: Option<String>,
    #[serde(default)]
    pub error_data: Option<serde_json::Value>,
}

/// What a message costs.
#[derive(Deserialize, Default)]
pub(crate) struct StatusPricing {
    #[serde(default)]
    pub billable: Option<bool>,
    #[serde(default)]
    pub pricing_model: Option<String>,
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    #[serde(default)]
    pub category: Option<String>,
}

/// Takes a string or a number as a string; anything else counts as absent.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// Takes a list; null counts as an empty one.
fn lenient_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<&'de RawValue>, D::Error> {
    Ok(Option::<Vec<&'de RawValue>>::deserialize(deserializer)?.unwrap_or_default())
}

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
