//! What a person attaches to a message.

use bytes::Bytes;

use super::MediaKind;
use crate::magic;

/// A file on a person's phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// What it is to WhatsApp.
    pub kind: MediaKind,
    /// What the sender's phone says it is, parameters included: nobody checks.
    pub mime_type: String,
    /// The bytes.
    pub content: Bytes,
    /// Its name, of documents.
    pub filename: Option<String>,
    /// What is written below it.
    pub caption: Option<String>,
    /// Whether it was recorded in the chat.
    pub is_voice: bool,
}

impl Attachment {
    /// A voice note: Opus in Ogg, recorded in the chat.
    pub fn voice_note(content: impl Into<Bytes>) -> Self {
        Self { is_voice: true, ..Self::of(MediaKind::Audio, "audio/ogg; codecs=opus", content) }
    }

    /// A photo; a JPEG unless the bytes say that it is a PNG.
    pub fn photo(content: impl Into<Bytes>) -> Self {
        let content = content.into();
        Self::of(MediaKind::Image, magic::picture(&content).unwrap_or("image/jpeg"), content)
    }

    /// A document.
    pub fn document(filename: impl Into<String>, mime_type: impl Into<String>, content: impl Into<Bytes>) -> Self {
        Self { filename: Some(filename.into()), ..Self::of(MediaKind::Document, mime_type, content) }
    }

    /// A file of any kind.
    pub fn of(kind: MediaKind, mime_type: impl Into<String>, content: impl Into<Bytes>) -> Self {
        Self {
            kind,
            mime_type: mime_type.into(),
            content: content.into(),
            filename: None,
            caption: None,
            is_voice: false,
        }
    }

    /// The same with something written below it.
    #[must_use]
    pub fn with_caption(self, caption: impl Into<String>) -> Self {
        Self { caption: Some(caption.into()), ..self }
    }
}
