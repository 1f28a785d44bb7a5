//! The Graph side: what the messenger calls.
//!
//! - `access`: version, token, number
//! - `request`, `interactive`, `media_call`, `template`, `fields`: what `/messages` takes
//! - `send`: what becomes of it
//! - `media`: files, up and down
//! - `error`, `fault`, `media_fault`: how it says no, by itself and on demand

mod access;
mod error;
mod fault;
mod fields;
mod interactive;
mod media;
mod media_call;
mod media_fault;
mod request;
mod send;
mod template;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, http::Uri};
use bytes::Bytes;
use http::HeaderMap;
use serde_json::json;

pub(crate) use access::Tokens;
pub(crate) use error::GraphError;
pub use fault::SendFault;
pub use media_fault::{DownloadFault, LookupFault};
pub(crate) use request::Addressee;

use super::media::UPLOAD_LENGTH_MAX;
use super::record::Refusal;
use super::world::World;
use crate::script::Script;

/// What a form around the largest file adds to it.
const FORM_LENGTH_MAX: usize = 64 * 1024;

/// What is to go wrong, by the call it strikes.
#[derive(Default)]
pub(crate) struct Faults {
    pub(crate) sends: Script<SendFault>,
    pub(crate) marks: Script<SendFault>,
    pub(crate) uploads: Script<SendFault>,
    pub(crate) lookups: Script<LookupFault>,
    pub(crate) downloads: Script<DownloadFault>,
}

impl Faults {
    pub(crate) fn clear(&self) {
        self.sends.clear();
        self.marks.clear();
        self.uploads.clear();
        self.lookups.clear();
        self.downloads.clear();
    }
}

pub(crate) fn routes() -> Router<Arc<World>> {
    let upload = post(media::upload).layer(DefaultBodyLimit::max(UPLOAD_LENGTH_MAX + FORM_LENGTH_MAX));
    Router::new()
        .route("/{version}/{id}/messages", post(send::messages))
        .route("/{version}/{id}/media", upload)
        .route("/{version}/{id}", get(look).delete(delete))
        .route("/whatsapp_business/attachments/", get(media::download))
        .fallback(unknown_path)
}

async fn unknown_path(uri: Uri) -> GraphError {
    GraphError::unknown_path(uri.path())
}

/// Answers what an object is: here files alone.
async fn look(
    State(world): State<Arc<World>>,
    Path((version, id)): Path<(String, String)>,
    Query(scope): Query<media::Scope>,
    headers: HeaderMap,
) -> Response {
    if let Err(error) = check_call(&world, &version, &id, &headers) {
        return error.into_response();
    }
    match world.media.find(&id, world.clock.now()) {
        Some(medium) => media::lookup(&world, &medium, &scope, &headers).await,
        None => GraphError::no_such_object_to("get", &id).into_response(),
    }
}

async fn delete(
    State(world): State<Arc<World>>,
    Path((version, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(error) = check_call(&world, &version, &id, &headers) {
        return error.into_response();
    }
    if world.media.find(&id, world.clock.now()).is_some() && world.media.forget(&id) {
        Json(json!({"success": true})).into_response()
    } else {
        GraphError::no_such_object_to("delete", &id).into_response()
    }
}

fn check_call(world: &World, version: &str, id: &str, headers: &HeaderMap) -> Result<(), GraphError> {
    access::check_version(version, &format!("/{version}/{id}"))?;
    access::check_token(world, headers)
}

/// Refuses a call and notes it.
fn refuse(world: &World, body: &Bytes, error: GraphError) -> Response {
    world.note_refusal(
        body,
        Some(error.code),
        format!("error {} with HTTP status {}", error.code, error.http.as_u16()),
    );
    error.into_response()
}

impl World {
    /// Notes a call that did nothing.
    pub(crate) fn note_refusal(&self, body: &Bytes, code: Option<u32>, outcome: String) {
        let body = String::from_utf8_lossy(body).into_owned();
        self.refusals.push(Refusal { at: self.clock.now(), body, code, outcome });
    }
}
