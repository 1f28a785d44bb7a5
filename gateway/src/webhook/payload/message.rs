//! A message of a person: who, when, what, and what rides on it.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::body::{MessageBody, Parts};
use super::lenient::{flag, read, text, text_or_number};

/// A message, as far as this version reads it.
pub(crate) struct Message {
    /// Meta's id.
    pub id: Option<String>,
    /// The sender's phone number; absent for people who hide it.
    pub from: Option<String>,
    /// The sender's business-scoped user id; absent in old schemas.
    pub from_user_id: Option<String>,
    /// When it was written, unix seconds.
    pub timestamp: Option<String>,
    /// What rides on it.
    pub riders: Riders,
    /// What it says.
    pub body: MessageBody,
}

/// What rides on a message.
#[derive(Clone, Default)]
pub(crate) struct Riders {
    /// Meta's id of the message that it answers or quotes.
    pub quoted_message_id: Option<String>,
    /// Whether somebody else wrote it and the sender passed it on.
    pub is_forwarded: bool,
}

#[derive(Deserialize)]
struct RawMessage<'a> {
    #[serde(default, deserialize_with = "text_or_number")]
    id: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    from: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    from_user_id: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    timestamp: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "text")]
    kind: String,
    #[serde(borrow, default)]
    context: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Context {
    #[serde(default, deserialize_with = "text_or_number")]
    id: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    forwarded: bool,
    #[serde(default, deserialize_with = "flag")]
    frequently_forwarded: bool,
}

impl Message {
    /// Reads a stored message; `None` when it is no JSON object.
    pub fn read(json: &str) -> Option<Self> {
        let raw: RawMessage<'_> = serde_json::from_str(json).ok()?;
        // Read apart from the head, because what is flattened cannot stay raw.
        let parts: Parts<'_> = serde_json::from_str(json).ok()?;
        let riders = read(raw.context)
            .map(|context: Context| Riders {
                quoted_message_id: context.id.filter(|id| !id.is_empty()),
                is_forwarded: context.forwarded || context.frequently_forwarded,
            })
            .unwrap_or_default();
        let body = MessageBody::read(raw.kind, &parts);
        Some(Self {
            id: raw.id,
            from: raw.from,
            from_user_id: raw.from_user_id,
            timestamp: raw.timestamp,
            riders,
            body,
        })
    }
}
