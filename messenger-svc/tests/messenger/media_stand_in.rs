//! A stand-in for Meta's media: describes files and hands them out as the test says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use futures::StreamExt as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// What stands behind an id.
#[derive(Clone, Debug)]
pub struct File {
    /// Bytes of it; their content is a pattern.
    pub size: usize,
    /// `file_size` of the description.
    pub announced: Value,
    pub sha256: Option<String>,
    /// Whether the download says how large it is.
    pub has_length: bool,
    /// Bytes after which the download breaks off.
    pub breaks_at: Option<usize>,
    /// Where the description says it lies; `None`: here.
    pub url: Option<String>,
    /// Downloads that are answered so first: status, and `Location` of a redirect.
    pub downloads: Vec<(u16, &'static str)>,
    /// What the description is answered instead.
    pub description: Option<(u16, Value)>,
    /// Whether the download waits to be released after its first bytes.
    pub hangs: bool,
}

impl Default for File {
    fn default() -> Self {
        Self {
            size: 3000,
            announced: Value::Null,
            sha256: None,
            has_length: true,
            breaks_at: None,
            url: None,
            downloads: Vec::new(),
            description: None,
            hangs: false,
        }
    }
}

/// One call.
#[derive(Clone, Debug)]
pub struct Call {
    /// `describe` or `download`.
    pub kind: &'static str,
    pub query: HashMap<String, String>,
    pub headers: HeaderMap,
}

#[derive(Default)]
struct Inner {
    url: Mutex<String>,
    files: Mutex<HashMap<String, File>>,
    calls: Mutex<Vec<Call>>,
    release: Notify,
}

/// The stand-in.
#[derive(Clone)]
pub struct MediaStandIn {
    inner: Arc<Inner>,
    pub url: String,
}

impl MediaStandIn {
    pub async fn start() -> Self {
        let inner = Arc::new(Inner::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        url.clone_into(&mut inner.url.lock().unwrap());
        let app = axum::Router::new()
            .route("/v25.0/{id}", get(describe))
            .route("/files/{id}", get(download))
            .with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { inner, url }
    }

    pub fn put(&self, id: &str, file: File) {
        self.inner.files.lock().unwrap().insert(id.to_owned(), file);
    }

    pub fn calls(&self, kind: &str) -> Vec<Call> {
        self.inner.calls.lock().unwrap().iter().filter(|call| call.kind == kind).cloned().collect()
    }

    /// Lets the downloads that hang go on.
    pub fn release(&self) {
        self.inner.release.notify_waiters();
    }
}

/// The bytes of a file of that size.
pub fn bytes(size: usize) -> Vec<u8> {
    piece(0, size)
}

/// The bytes from there on: each place has its own, modulo a prime, so that what is lost or doubled shows.
fn piece(at: usize, size: usize) -> Vec<u8> {
    let round: Vec<u8> = (0..251).collect();
    let mut bytes = round.repeat(size / 251 + 2);
    bytes.drain(..at % 251);
    bytes.truncate(size);
    bytes
}

async fn describe(
    State(inner): State<Arc<Inner>>,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    inner.calls.lock().unwrap().push(Call { kind: "describe", query, headers });
    let Some(file) = inner.files.lock().unwrap().get(&id).cloned() else {
        let error = json!({"error": {"message": "Unsupported get request", "type": "GraphMethodException", "code": 100,
            "error_subcode": 33, "fbtrace_id": "Atrace"}});
        return (StatusCode::BAD_REQUEST, axum::Json(error)).into_response();
    };
    if let Some((status, body)) = file.description {
        let status = StatusCode::from_u16(status).unwrap();
        return match body {
            Value::String(html) if status.is_redirection() => (status, [("location", html)]).into_response(),
            Value::String(html) => (status, html).into_response(),
            body => (status, axum::Json(body)).into_response(),
        };
    }
    let url = file.url.unwrap_or_else(|| format!("{}/files/{id}", inner.url.lock().unwrap()));
    axum::Json(json!({"messaging_product": "whatsapp", "url": url, "mime_type": "audio/ogg; codecs=opus",
        "sha256": file.sha256, "file_size": file.announced, "id": id}))
    .into_response()
}

async fn download(State(inner): State<Arc<Inner>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let query = HashMap::new();
    inner.calls.lock().unwrap().push(Call { kind: "download", query, headers });
    let file = {
        let mut files = inner.files.lock().unwrap();
        let Some(file) = files.get_mut(&id) else { return StatusCode::OK.into_response() };
        if !file.downloads.is_empty() {
            let (status, location) = file.downloads.remove(0);
            let status = StatusCode::from_u16(status).unwrap();
            return (status, [("location", location)], "<html>").into_response();
        }
        file.clone()
    };
    let (size, breaks_at) = (file.size, file.breaks_at);
    let end = breaks_at.unwrap_or(size);
    let pieces = futures::stream::iter((0..end).step_by(16 * 1024)).then(move |at| {
        let inner = Arc::clone(&inner);
        async move {
            if file.hangs && at > 0 {
                inner.release.notified().await;
            }
            Ok::<_, std::io::Error>(Bytes::from(piece(at, (end - at).min(16 * 1024))))
        }
    });
    let broken = futures::stream::iter(breaks_at).then(|_| async {
        // What was written before is to arrive.
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        Err(std::io::Error::other("cut"))
    });
    let mut response = Body::from_stream(pieces.chain(broken)).into_response();
    if file.has_length {
        response.headers_mut().insert("content-length", size.into());
    }
    response
}
