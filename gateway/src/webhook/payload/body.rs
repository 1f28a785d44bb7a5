//! What a message says: every kind of the reference, and a place for those of next year.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::contacts::{RawContact, SharedContact};
use super::lenient::{flag, read, read_each, text, text_or_number};
use super::system::SystemNotice;

/// What a message says. A part that cannot be read makes it `Unknown`, never lost.
pub(crate) enum MessageBody {
    /// Words.
    Text(String),
    /// A tap on a button or list row of ours: its id.
    Tap(String),
    /// A tap on a quick-reply button of a template.
    TemplateButton {
        /// What we gave Meta with the button.
        payload: String,
        /// What the button said.
        text: String,
    },
    /// A file: a voice note, photo, document, video or sticker.
    Media(Media),
    /// An emoji on a message, or its removal.
    Reaction,
    /// Cards of people.
    Contacts {
        /// The cards.
        cards: Vec<SharedContact>,
        /// Whether it answers a request for the person's own number.
        is_requested: bool,
    },
    /// A place.
    Location,
    /// A cart of a catalogue.
    Order,
    /// Word of WhatsApp itself about a person.
    System(SystemNotice),
    /// The person changed a message of theirs.
    Edit {
        /// Meta's id of it.
        original_message_id: String,
    },
    /// The person took a message of theirs back.
    Revoke {
        /// Meta's id of it.
        original_message_id: String,
    },
    /// Something that the API does not pass on: also how edited and deleted messages show on most numbers.
    Unsupported {
        /// Meta's word for what it was; may be empty.
        kind: String,
        /// Meta's error codes: 131051, 131060, 131052 and others.
        codes: Vec<i64>,
    },
    /// An answer to something that we never send: forms, addresses, calls, products.
    OtherInteractive,
    /// A kind that this version does not know, or one that it cannot read.
    Unknown(String),
}

/// A file that a person sent, as far as the message describes it.
#[derive(Clone)]
pub(crate) struct Media {
    /// What it is.
    pub kind: MediaKind,
    /// Meta's id of it: the bytes can be fetched by it for seven days.
    pub id: String,
    /// What the sender's device says it is, parameters allowed: `audio/ogg; codecs=opus`.
    pub mime_type: String,
    /// SHA-256 of the bytes, in base64 or hex; may be empty.
    pub sha256: String,
    /// What was written under it.
    pub caption: String,
    /// The name of a document.
    pub file_name: String,
}

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MediaKind {
    /// Sound.
    Audio {
        /// Whether it was recorded as a voice note.
        is_voice: bool,
    },
    /// A photo.
    Image,
    /// A document: PDF, spreadsheet and others.
    Document,
    /// A film.
    Video,
    /// A sticker.
    Sticker,
}

/// The bodies of all kinds, each under the key that is named like it.
#[derive(Deserialize)]
pub(super) struct Parts<'a> {
    #[serde(borrow, default)]
    text: Option<&'a RawValue>,
    #[serde(borrow, default)]
    interactive: Option<&'a RawValue>,
    #[serde(borrow, default)]
    button: Option<&'a RawValue>,
    #[serde(borrow, default)]
    image: Option<&'a RawValue>,
    #[serde(borrow, default)]
    video: Option<&'a RawValue>,
    #[serde(borrow, default)]
    document: Option<&'a RawValue>,
    #[serde(borrow, default)]
    audio: Option<&'a RawValue>,
    // Old schemas name voice notes so.
    #[serde(borrow, default)]
    voice: Option<&'a RawValue>,
    #[serde(borrow, default)]
    sticker: Option<&'a RawValue>,
    #[serde(borrow, default)]
    contacts: Option<&'a RawValue>,
    #[serde(default, deserialize_with = "text")]
    origin: String,
    #[serde(borrow, default)]
    system: Option<&'a RawValue>,
    #[serde(borrow, default)]
    edit: Option<&'a RawValue>,
    #[serde(borrow, default)]
    revoke: Option<&'a RawValue>,
    #[serde(borrow, default)]
    unsupported: Option<&'a RawValue>,
    #[serde(borrow, default)]
    errors: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct TextPart {
    #[serde(default, deserialize_with = "text")]
    body: String,
}

#[derive(Deserialize)]
struct InteractivePart<'a> {
    #[serde(default, rename = "type", deserialize_with = "text")]
    kind: String,
    #[serde(borrow, default)]
    button_reply: Option<&'a RawValue>,
    #[serde(borrow, default)]
    list_reply: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct IdPart {
    #[serde(default, deserialize_with = "text")]
    id: String,
}

#[derive(Deserialize)]
struct ButtonPart {
    #[serde(default, deserialize_with = "text")]
    payload: String,
    #[serde(default, deserialize_with = "text")]
    text: String,
}

#[derive(Deserialize)]
struct MediaPart {
    #[serde(default, deserialize_with = "text")]
    id: String,
    #[serde(default, deserialize_with = "text")]
    mime_type: String,
    #[serde(default, deserialize_with = "text")]
    sha256: String,
    #[serde(default, deserialize_with = "text")]
    caption: String,
    #[serde(default, deserialize_with = "text")]
    filename: String,
    #[serde(default, deserialize_with = "flag")]
    voice: bool,
}

#[derive(Deserialize)]
struct OriginalPart {
    #[serde(default, deserialize_with = "text")]
    original_message_id: String,
}

#[derive(Deserialize)]
struct KindPart {
    #[serde(default, rename = "type", deserialize_with = "text")]
    kind: String,
}

#[derive(Deserialize)]
struct ErrorPart {
    #[serde(default, deserialize_with = "text_or_number")]
    code: Option<String>,
}

impl MessageBody {
    /// Returns whether this version knows messages of this kind.
    pub(in crate::webhook) fn is_known(kind: &str) -> bool {
        const KINDS: [&str; 21] = [
            "text",
            "interactive",
            "button",
            "image",
            "video",
            "document",
            "audio",
            "voice",
            "sticker",
            "reaction",
            "contacts",
            "location",
            "order",
            "system",
            "edit",
            "revoke",
            "unsupported",
            "unknown",
            "request_welcome",
            "ephemeral",
            "",
        ];
        KINDS.contains(&kind)
    }

    /// Reads the body of a message of this kind.
    pub(super) fn read(kind: String, parts: &Parts<'_>) -> Self {
        let codes: Vec<i64> =
            read_each::<ErrorPart>(parts.errors).into_iter().filter_map(|error| error.code?.parse().ok()).collect();
        let known = match kind.as_str() {
            "text" => read(parts.text).map(|text: TextPart| Self::Text(text.body)),
            "interactive" => read(parts.interactive).as_ref().and_then(interactive),
            "button" => read(parts.button)
                .map(|button: ButtonPart| Self::TemplateButton { payload: button.payload, text: button.text }),
            "image" => media(MediaKind::Image, parts.image),
            "video" => media(MediaKind::Video, parts.video),
            "document" => media(MediaKind::Document, parts.document),
            "audio" => media(MediaKind::Audio { is_voice: false }, parts.audio),
            "voice" => media(MediaKind::Audio { is_voice: true }, parts.voice),
            "sticker" => media(MediaKind::Sticker, parts.sticker),
            "reaction" => Some(Self::Reaction),
            "contacts" => contacts(parts),
            "location" => Some(Self::Location),
            "order" => Some(Self::Order),
            "system" => read(parts.system).map(Self::System),
            "edit" => original(parts.edit).map(|original_message_id| Self::Edit { original_message_id }),
            "revoke" => original(parts.revoke).map(|original_message_id| Self::Revoke { original_message_id }),
            "unsupported" => {
                let inner = read(parts.unsupported).map(|inner: KindPart| inner.kind).unwrap_or_default();
                Some(Self::Unsupported { kind: inner, codes: codes.clone() })
            }
            _ => None,
        };
        match known {
            Some(body) => body,
            // On some numbers a changed or deleted message looks like this, with a reason or without.
            None if kind == "unknown" => Self::Unsupported { kind, codes },
            // Meta says why the body is missing: a file that is too large, for example.
            None if !codes.is_empty() => Self::Unsupported { kind, codes },
            None => Self::Unknown(kind),
        }
    }
}

fn interactive(part: &InteractivePart<'_>) -> Option<MessageBody> {
    let reply: Option<IdPart> = read(part.button_reply).or_else(|| read(part.list_reply));
    match reply {
        Some(reply) => Some(MessageBody::Tap(reply.id)),
        None if matches!(part.kind.as_str(), "" | "button_reply" | "list_reply") => None,
        None => Some(MessageBody::OtherInteractive),
    }
}

fn media(kind: MediaKind, raw: Option<&RawValue>) -> Option<MessageBody> {
    let part: MediaPart = read(raw)?;
    if part.id.is_empty() {
        return None;
    }
    let kind = match kind {
        MediaKind::Audio { is_voice } => MediaKind::Audio { is_voice: is_voice || part.voice },
        other => other,
    };
    Some(MessageBody::Media(Media {
        kind,
        id: part.id,
        mime_type: part.mime_type,
        sha256: part.sha256,
        caption: part.caption,
        file_name: part.filename,
    }))
}

/// Documents differ on whether `origin` stands beside the cards or in each.
fn contacts(parts: &Parts<'_>) -> Option<MessageBody> {
    let raw: Vec<RawContact> = read_each(parts.contacts);
    if raw.is_empty() {
        return None;
    }
    let is_requested =
        parts.origin == "contact_request" || raw.iter().any(|contact| contact.origin == "contact_request");
    Some(MessageBody::Contacts { cards: raw.into_iter().map(SharedContact::from).collect(), is_requested })
}

fn original(raw: Option<&RawValue>) -> Option<String> {
    let part: OriginalPart = read(raw)?;
    Some(part.original_message_id).filter(|id| !id.is_empty())
}
