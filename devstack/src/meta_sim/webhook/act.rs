//! What people do on their phones, as messages of a webhook carry it: section 2.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::meta_sim::chat::ShownFile;
use crate::meta_sim::graph::GraphError;
use crate::meta_sim::media::{MediaKind, Medium};

/// What a person does.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Writes.
    Text(String),
    /// Taps a reply button.
    Button { id: String, title: String },
    /// Chooses a row of a list.
    Row { id: String, title: String },
    /// Taps a quick-reply button of a template.
    TemplateButton { payload: String, text: String },
    /// Sends a file.
    Media { kind: MediaKind, medium: Arc<Medium>, caption: Option<String>, is_voice: bool, url: Option<String> },
    /// Puts an emoji on a message, or takes it back.
    Reaction { wamid: String, emoji: Option<String> },
    /// Changes an earlier message, on numbers whose webhooks tell so.
    Edit { wamid: String, text: String },
    /// Takes back an earlier message, on numbers whose webhooks tell so.
    Revoke { wamid: String },
    /// Does something that the API does not carry; edits and deletions are among it on plain numbers.
    Unsupported { kind: Option<String>, code: u32 },
    /// Anything else: the body under the key of its own type, when there is one.
    Other { kind: String, body: Option<Value> },
}

/// What is said beside the act.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rider {
    pub(crate) quoted: Option<String>,
    pub(crate) without_phone: bool,
    pub(crate) forwarded: Option<Forwarded>,
    pub(crate) referral: Option<Value>,
    pub(crate) group_id: Option<String>,
}

/// That a message was passed on.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Forwarded {
    /// A few times.
    Once,
    /// Five times and more.
    Often,
}

impl Rider {
    /// Returns `context`, when there is something to say in it.
    pub(crate) fn context(&self, business_phone: &str) -> Option<Value> {
        let mut context = Map::new();
        if let Some(quoted) = &self.quoted {
            context.insert("from".to_owned(), json!(business_phone));
            context.insert("id".to_owned(), json!(quoted));
        }
        match self.forwarded {
            Some(Forwarded::Once) => drop(context.insert("forwarded".to_owned(), json!(true))),
            Some(Forwarded::Often) => drop(context.insert("frequently_forwarded".to_owned(), json!(true))),
            None => {}
        }
        (!context.is_empty()).then_some(Value::Object(context))
    }
}

impl Act {
    /// Writes `type`, the body under its key, and the errors where there are some.
    pub(crate) fn write(&self, message: &mut Map<String, Value>) {
        let (kind, body) = self.wire();
        message.insert("type".to_owned(), json!(kind));
        if let Some(body) = body {
            message.insert(kind, body);
        }
        if let Self::Unsupported { code, .. } = self {
            message.insert("errors".to_owned(), json!([GraphError::of_code(*code).in_receipt()]));
        }
    }

    fn wire(&self) -> (String, Option<Value>) {
        let (kind, body) = match self {
            Self::Text(body) => ("text", json!({"body": body})),
            Self::Button { id, title } => {
                ("interactive", json!({"type": "button_reply", "button_reply": {"id": id, "title": title}}))
            }
            Self::Row { id, title } => {
                ("interactive", json!({"type": "list_reply", "list_reply": {"id": id, "title": title}}))
            }
            Self::TemplateButton { payload, text } => ("button", json!({"payload": payload, "text": text})),
            Self::Media { kind, medium, caption, is_voice, url } => {
                let body = media_body(*kind, medium, caption.as_deref(), *is_voice, url.as_deref());
                (kind.word(), body)
            }
            Self::Reaction { wamid, emoji } => {
                let mut body = json!({"message_id": wamid});
                if let Some(emoji) = emoji {
                    body["emoji"] = json!(emoji);
                }
                ("reaction", body)
            }
            Self::Edit { wamid, text } => {
                let message = json!({"type": "text", "text": {"body": text}});
                ("edit", json!({"original_message_id": wamid, "message": message}))
            }
            Self::Revoke { wamid } => ("revoke", json!({"original_message_id": wamid})),
            Self::Unsupported { kind: None, .. } => return ("unsupported".to_owned(), None),
            Self::Unsupported { kind: Some(kind), .. } => ("unsupported", json!({"type": kind})),
            Self::Other { kind, body } => return (kind.clone(), body.clone()),
        };
        (kind.to_owned(), Some(body))
    }

    /// Returns what the bubble shows.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Text(body) => body.clone(),
            Self::Button { title, .. } | Self::Row { title, .. } => title.clone(),
            Self::TemplateButton { text, .. } => text.clone(),
            Self::Media { caption, .. } => caption.clone().unwrap_or_default(),
            Self::Reaction { emoji, .. } => emoji.clone().unwrap_or_default(),
            Self::Edit { text, .. } => format!("[edited] {text}"),
            Self::Revoke { .. } => "[deleted a message]".to_owned(),
            Self::Unsupported { kind, .. } => format!("[unsupported: {}]", kind.as_deref().unwrap_or("unknown")),
            Self::Other { kind, .. } => format!("[{kind}]"),
        }
    }

    /// Returns the file that the bubble shows.
    pub(crate) fn file(&self) -> Option<ShownFile> {
        match self {
            Self::Media { kind, medium, .. } => Some(ShownFile::of(*kind, medium)),
            _ => None,
        }
    }

    /// Returns whether this opens the 24 hours in which anything may be sent. Reactions, edits, and what the API cannot
    /// carry are undocumented; whoever counts on them may be wrong, so here they do not.
    pub(crate) fn opens_window(&self) -> bool {
        match self {
            Self::Reaction { .. } | Self::Edit { .. } | Self::Revoke { .. } | Self::Unsupported { .. } => false,
            Self::Other { kind, .. } => kind != "system",
            Self::Text(_)
            | Self::Button { .. }
            | Self::Row { .. }
            | Self::TemplateButton { .. }
            | Self::Media { .. } => true,
        }
    }
}

fn media_body(kind: MediaKind, medium: &Medium, caption: Option<&str>, is_voice: bool, url: Option<&str>) -> Value {
    let mut body = json!({"id": medium.id, "mime_type": medium.mime_type, "sha256": medium.sha256_base64()});
    if let Some(caption) = caption {
        body["caption"] = json!(caption);
    }
    if let Some(url) = url {
        body["url"] = json!(url);
    }
    match kind {
        MediaKind::Audio => body["voice"] = json!(is_voice),
        MediaKind::Sticker => body["animated"] = json!(false),
        MediaKind::Document => {
            if let Some(filename) = &medium.filename {
                body["filename"] = json!(filename);
            }
        }
        MediaKind::Image | MediaKind::Video => {}
    }
    body
}
