//! `/_sim/files`: what people attach, and what both sides have in their chats.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::json;

use super::routes::{Answer, Refused};
use crate::meta_sim::acting::Way;
use crate::meta_sim::deeds::attach;
use crate::meta_sim::media::{Attachment, INBOUND_LENGTH_MAX, MediaKind};
use crate::meta_sim::webhook::Rider;
use crate::meta_sim::world::World;

/// The largest body that is read: a file may be one byte larger than Meta gives an id to.
pub(super) const LENGTH_MAX: usize = INBOUND_LENGTH_MAX + 1;

/// What is said of a file whose bytes are the body of the request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SendFile {
    person: String,
    kind: MediaKind,
    mime_type: String,
    #[serde(default)]
    filename: Option<String>,
    #[serde(default)]
    caption: Option<String>,
    #[serde(default)]
    voice: bool,
    /// What a recording or a picture says, for the simulated Gemini.
    #[serde(default)]
    words: Option<String>,
    #[serde(default)]
    quoted: Option<String>,
    #[serde(default)]
    without_phone: bool,
}

/// Lets a person send a file.
pub(super) async fn send(State(world): State<Arc<World>>, Query(query): Query<SendFile>, content: Bytes) -> Answer {
    let chat = world.chat(&query.person)?;
    if content.is_empty() {
        return Err(Refused(StatusCode::BAD_REQUEST, "a file has at least one byte".to_owned()));
    }
    if let Some(words) = query.words {
        world.hearsay.note(&content, words);
    }
    let attachment = Attachment {
        kind: query.kind,
        mime_type: query.mime_type,
        content,
        filename: query.filename,
        caption: query.caption,
        is_voice: query.voice,
    };
    let act = attach(&world, attachment);
    let rider = Rider { quoted: query.quoted, without_phone: query.without_phone, ..Rider::default() };
    let wamid = world.act(&chat, &act, &rider, Way::default());
    Ok(Json(json!({"wamid": wamid, "media_id": act.file().map(|file| file.id)})))
}

/// Serves a file to the chat page, without a token: the phones have it.
pub(super) async fn content(State(world): State<Arc<World>>, Path(id): Path<String>) -> Response {
    let Some(medium) = world.media.find_ever(&id) else { return StatusCode::NOT_FOUND.into_response() };
    let mime_type = HeaderValue::from_str(&medium.essence());
    let headers = [
        (header::CONTENT_TYPE, mime_type.unwrap_or(HeaderValue::from_static("application/octet-stream"))),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        // A page that somebody sent as a document must not run as one of ours.
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
    ];
    (headers, medium.content.clone()).into_response()
}
