//! `audio`, `document`, `image`, `sticker` and `video` of a send. Section 4.2.

use std::sync::Arc;

use super::error::GraphError;
use super::fields::Fields;
use crate::meta_sim::chat::{ShownFile, Side};
use crate::meta_sim::media::{MediaKind, Medium, kind_of};
use crate::meta_sim::world::World;

const ID_UNIT_COUNT_MAX: usize = 64;
const LINK_UNIT_COUNT_MAX: usize = 2_048;
const CAPTION_UNIT_COUNT_MAX: usize = 1_024;
const FILENAME_UNIT_COUNT_MAX: usize = 240;

/// Which file is wanted, and what stands beside it.
#[derive(Clone, Debug)]
pub(crate) struct MediaCall {
    kind: MediaKind,
    source: Source,
    caption: Option<String>,
    filename: Option<String>,
    is_voice: bool,
}

#[derive(Clone, Debug)]
enum Source {
    Id(String),
    Link(String),
}

/// A file that may be sent.
pub(super) struct Ready {
    pub(super) text: String,
    pub(super) file: Option<ShownFile>,
    pub(super) is_voice: bool,
}

pub(super) fn parse(kind: MediaKind, body: &Fields<'_>) -> Result<MediaCall, GraphError> {
    let own: &[&str] = match kind {
        MediaKind::Audio => &["voice"],
        MediaKind::Document => &["caption", "filename"],
        MediaKind::Image | MediaKind::Video => &["caption"],
        MediaKind::Sticker => &[],
    };
    body.only(&[&["id", "link"], own].concat())?;
    let word = kind.word();
    let id = body.optional_text("id", ID_UNIT_COUNT_MAX)?;
    let link = body.optional_text("link", LINK_UNIT_COUNT_MAX)?;
    let source = match (id, link) {
        (Some(id), None) => Source::Id(id.to_owned()),
        (None, Some(link)) if is_address(link) => Source::Link(link.to_owned()),
        (None, Some(_)) => {
            return Err(GraphError::invalid_parameter(format!("Param {word}['link'] is not a valid URI.")));
        }
        _ => {
            let details = format!("Param {word} needs exactly one of ['id', 'link'].");
            return Err(GraphError::invalid_parameter(details));
        }
    };
    Ok(MediaCall {
        kind,
        source,
        caption: body.optional_text("caption", CAPTION_UNIT_COUNT_MAX)?.map(str::to_owned),
        filename: body.optional_text("filename", FILENAME_UNIT_COUNT_MAX)?.map(str::to_owned),
        is_voice: body.optional_bool("voice")?.unwrap_or(false),
    })
}

/// Looks the file up. What a link leads to is not fetched: the simulator has no outside.
pub(super) fn resolve(world: &World, call: &MediaCall) -> Result<Ready, GraphError> {
    let text = call.caption.clone().unwrap_or_default();
    match &call.source {
        Source::Id(id) => {
            let medium = world.media.find(id, world.clock.now()).filter(|medium| medium.by == Side::Business);
            let medium = medium.ok_or_else(|| unknown(call.kind, id))?;
            check_kind(call, &medium)?;
            let file = ShownFile {
                filename: call.filename.clone().or(medium.filename.clone()),
                ..ShownFile::of(call.kind, &medium)
            };
            Ok(Ready { text, file: Some(file), is_voice: call.is_voice })
        }
        Source::Link(link) => Ok(Ready { text: format!("{link}\n{text}"), file: None, is_voice: call.is_voice }),
    }
}

fn check_kind(call: &MediaCall, medium: &Arc<Medium>) -> Result<(), GraphError> {
    let essence = medium.essence();
    if kind_of(&essence) != Some(call.kind) {
        let details = format!("Media of type {essence} cannot be sent as {}.", call.kind.word());
        return Err(GraphError::of_code(131_053).details(details));
    }
    if call.is_voice && essence != "audio/ogg" {
        return Err(GraphError::of_code(131_053).details("A voice message must be audio/ogg with the Opus codec."));
    }
    Ok(())
}

fn unknown(kind: MediaKind, id: &str) -> GraphError {
    GraphError::invalid_parameter(format!(
        "Param {}['id'] is not a valid whatsapp business account media attachment ID: {id}",
        kind.word()
    ))
}

fn is_address(link: &str) -> bool {
    url::Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}
