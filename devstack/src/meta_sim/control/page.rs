//! The chat page and its live updates.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::sse::{Event as SseEvent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures::{Stream, StreamExt as _};
use http::{StatusCode, header};
use rust_embed::RustEmbed;
use serde_json::json;
use tokio_stream::wrappers::BroadcastStream;

use crate::meta_sim::world::World;

/// The files of the page, inside the binary.
#[derive(RustEmbed)]
#[folder = "assets"]
struct Assets;

/// Returns the page without phones: it says why there are none.
pub(crate) fn notice_routes(notice: &str) -> Router {
    let about = Json(json!({"notice": notice}));
    Router::new()
        .route("/", get(index))
        .route("/assets/{name}", get(asset))
        .route("/_sim/about", get(|| async move { about }))
}

/// Serves the page.
pub(crate) async fn index() -> Response {
    asset(Path("index.html".to_owned())).await
}

/// Serves one of its files.
pub(crate) async fn asset(Path(name): Path<String>) -> Response {
    let Some(file) = Assets::get(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [
        (header::CONTENT_TYPE, file.metadata.mimetype().to_owned()),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'".to_owned(),
        ),
    ];
    (headers, file.data.into_owned()).into_response()
}

/// Streams every change. A page that lags too far behind is told to read everything again.
pub(crate) async fn events(State(world): State<Arc<World>>) -> Sse<impl Stream<Item = Result<SseEvent, Infallible>>> {
    let changes = BroadcastStream::new(world.events.subscribe()).map(|change| {
        Ok(match change {
            Ok(event) => SseEvent::default().json_data(event).expect("events are plain data"),
            Err(_lagged) => SseEvent::default().data(r#"{"event":"reload"}"#),
        })
    });
    Sse::new(changes).keep_alive(KeepAlive::default())
}
