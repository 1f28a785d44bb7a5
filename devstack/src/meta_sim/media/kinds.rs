//! Which files Meta takes: the table of section 5.

use serde::{Deserialize, Serialize};

/// What a file is to WhatsApp: the `type` of the message that carries it.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// A sound; a voice note when it was recorded in the chat.
    Audio,
    /// Anything with a file name.
    Document,
    /// A picture.
    Image,
    /// A sticker.
    Sticker,
    /// A film.
    Video,
}

impl MediaKind {
    /// Returns the word on the wire.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Document => "document",
            Self::Image => "image",
            Self::Sticker => "sticker",
            Self::Video => "video",
        }
    }

    /// Returns the kind of this word.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        [Self::Audio, Self::Document, Self::Image, Self::Sticker, Self::Video]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

const MIB: usize = 1024 * 1024;
/// The largest file that can be uploaded.
pub(crate) const UPLOAD_LENGTH_MAX: usize = 100 * MIB;
/// The largest file of a person that gets an id.
pub(crate) const INBOUND_LENGTH_MAX: usize = 100 * MIB;
/// The largest animated sticker; one that stands still has a fifth of it, and the simulator does not look.
const STICKER_LENGTH_MAX: usize = 500 * 1024;

const TYPES: [(MediaKind, &[&str]); 5] = [
    (MediaKind::Audio, &["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"]),
    (
        MediaKind::Document,
        &[
            "text/plain",
            "application/pdf",
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ],
    ),
    (MediaKind::Image, &["image/jpeg", "image/png"]),
    (MediaKind::Sticker, &["image/webp"]),
    (MediaKind::Video, &["video/mp4", "video/3gpp"]),
];

/// Returns what a type (without parameters) is to WhatsApp; `None` for one that is not taken.
pub(crate) fn kind_of(mime_type: &str) -> Option<MediaKind> {
    TYPES.iter().find(|(_, types)| types.contains(&mime_type)).map(|(kind, _)| *kind)
}

/// Returns how large a file of a kind may be when it is sent.
pub(crate) fn length_max(kind: MediaKind) -> usize {
    match kind {
        MediaKind::Audio | MediaKind::Video => 16 * MIB,
        MediaKind::Document => UPLOAD_LENGTH_MAX,
        MediaKind::Image => 5 * MIB,
        MediaKind::Sticker => STICKER_LENGTH_MAX,
    }
}

/// Returns every type that is taken, for the error message that lists them.
pub(crate) fn taken_types() -> String {
    TYPES.iter().flat_map(|(_, types)| types.iter().copied()).collect::<Vec<_>>().join(", ")
}
