//! A stand-in for the Graph API: remembers every call and answers by script.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::strict;

/// One call.
#[derive(Clone, Debug)]
pub struct Call {
    pub at: Instant,
    pub number: String,
    pub authorization: String,
    pub traceparent: Option<String>,
    pub body: Value,
}

impl Call {
    /// The text that was sent.
    pub fn text(&self) -> String {
        self.body["text"]["body"].as_str().unwrap_or_default().to_owned()
    }

    /// Our id of the message.
    pub fn message_id(&self) -> String {
        self.body["biz_opaque_callback_data"].as_str().unwrap_or_default().to_owned()
    }
}

/// A file that was uploaded.
#[derive(Clone, Debug)]
pub struct Upload {
    pub number: String,
    pub mime_type: String,
    pub file_name: String,
    pub content: Vec<u8>,
}

/// What to answer.
#[derive(Clone, Debug)]
pub enum Reply {
    Accept,
    Error(u16, i32),
    /// The same with a subcode.
    Suberror(u16, i32, i32),
    Raw(u16, &'static str),
    /// Takes the request and cuts the connection in the middle of the answer.
    CutOff,
    /// Takes the request and answers once released, if the caller is still there.
    Hang,
    /// The same, with another answer.
    HangThen(Box<Reply>),
}

#[derive(Default)]
struct Inner {
    calls: Mutex<Vec<Call>>,
    script: Mutex<VecDeque<Reply>>,
    by_number: Mutex<HashMap<String, Reply>>,
    tokens: Mutex<Option<Vec<String>>>,
    header: Mutex<Option<(&'static str, String)>>,
    uploads: Mutex<Vec<Upload>>,
    uploads_begun: AtomicUsize,
    upload_script: Mutex<VecDeque<Reply>>,
    ticks: Mutex<Vec<Value>>,
    release: Notify,
}

/// The stand-in.
#[derive(Clone)]
pub struct GraphStandIn {
    inner: Arc<Inner>,
    pub url: String,
}

impl GraphStandIn {
    pub async fn start() -> Self {
        let inner = Arc::new(Inner::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = axum::Router::new()
            .route("/v25.0/{number}/messages", post(answer))
            .route("/v25.0/{number}/media", post(upload).layer(DefaultBodyLimit::disable()))
            .with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { inner, url }
    }

    /// Answers the next calls so, in this order; then accepts.
    pub fn script(&self, replies: impl IntoIterator<Item = Reply>) {
        self.inner.script.lock().unwrap().extend(replies);
    }

    /// Answers every call for a number so.
    pub fn always(&self, number: &str, reply: Reply) {
        self.inner.by_number.lock().unwrap().insert(number.to_owned(), reply);
    }

    /// Accepts only these tokens; others get 190.
    pub fn accept_tokens(&self, tokens: &[&str]) {
        *self.inner.tokens.lock().unwrap() = Some(tokens.iter().map(|token| format!("Bearer {token}")).collect());
    }

    /// Answers the next uploads so, in this order; then takes them.
    pub fn script_uploads(&self, replies: impl IntoIterator<Item = Reply>) {
        self.inner.upload_script.lock().unwrap().extend(replies);
    }

    /// Puts a header on every answer.
    pub fn header(&self, header: Option<(&'static str, &str)>) {
        *self.inner.header.lock().unwrap() = header.map(|(name, value)| (name, value.to_owned()));
    }

    pub fn uploads(&self) -> Vec<Upload> {
        self.inner.uploads.lock().unwrap().clone()
    }

    /// Uploads that came, answered or not.
    pub fn uploads_begun(&self) -> usize {
        self.inner.uploads_begun.load(Ordering::Relaxed)
    }

    /// Read ticks; they are no messages and stand in no other list.
    pub fn ticks(&self) -> Vec<Value> {
        self.inner.ticks.lock().unwrap().clone()
    }

    /// Answers the calls that hang.
    pub fn release(&self) {
        self.inner.release.notify_waiters();
    }

    pub fn calls(&self) -> Vec<Call> {
        self.inner.calls.lock().unwrap().clone()
    }

    /// Texts in the order in which they came.
    pub fn texts(&self) -> Vec<String> {
        self.calls().iter().map(Call::text).collect()
    }
}

async fn answer(
    State(inner): State<Arc<Inner>>,
    Path(number): Path<String>,
    headers: HeaderMap,
    body: axum::Json<Value>,
) -> Response {
    let mut response = decide(&inner, number, &headers, body.0).await;
    if let Some((name, value)) = inner.header.lock().unwrap().clone() {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

async fn decide(inner: &Inner, number: String, headers: &HeaderMap, body: Value) -> Response {
    if body["status"] == "read" {
        inner.ticks.lock().unwrap().push(body);
        return match inner.by_number.lock().unwrap().get(&number) {
            Some(Reply::Error(http, code)) => error(*http, *code),
            Some(Reply::Raw(http, body)) => (StatusCode::from_u16(*http).unwrap(), *body).into_response(),
            _ => axum::Json(json!({"success": true})).into_response(),
        };
    }
    let uploads: Vec<String> = (1..=inner.uploads.lock().unwrap().len()).map(|i| format!("MEDIA{i}")).collect();
    if let Err(code) = strict::check(&body, &uploads) {
        return error(400, code);
    }
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let authorization = header("authorization").unwrap_or_default();
    let count = {
        let mut calls = inner.calls.lock().unwrap();
        calls.push(Call {
            at: Instant::now(),
            number: number.clone(),
            authorization: authorization.clone(),
            traceparent: header("traceparent"),
            body,
        });
        calls.len()
    };
    let is_refused = inner.tokens.lock().unwrap().as_ref().is_some_and(|tokens| !tokens.contains(&authorization));
    if is_refused {
        return error(401, 190);
    }
    let scripted = inner.by_number.lock().unwrap().get(&number).cloned();
    let scripted = scripted.or_else(|| inner.script.lock().unwrap().pop_front());
    let mut reply = scripted.unwrap_or(Reply::Accept);
    if let Reply::HangThen(then) = reply {
        inner.release.notified().await;
        reply = *then;
    }
    match reply {
        Reply::Accept | Reply::HangThen(_) => accept(count),
        Reply::Error(http, code) => error(http, code),
        Reply::Suberror(http, code, subcode) => {
            let body = json!({"error": {"message": "refused", "code": code, "error_subcode": subcode, "fbtrace_id": "Atrace"}});
            (StatusCode::from_u16(http).unwrap(), axum::Json(body)).into_response()
        }
        Reply::Raw(http, body) => (StatusCode::from_u16(http).unwrap(), body).into_response(),
        Reply::CutOff => {
            let pieces = [Ok("{\"messages\":"), Err(std::io::Error::other("cut"))];
            Body::from_stream(futures::stream::iter(pieces)).into_response()
        }
        Reply::Hang => {
            inner.release.notified().await;
            accept(count)
        }
    }
}

async fn upload(
    State(inner): State<Arc<Inner>>,
    Path(number): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    assert!(headers["authorization"].to_str().unwrap().starts_with("Bearer "));
    inner.uploads_begun.fetch_add(1, Ordering::Relaxed);
    let mut response = take_upload(&inner, &number, &headers, &body).await;
    if let Some((name, value)) = inner.header.lock().unwrap().clone() {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

async fn take_upload(inner: &Inner, number: &str, headers: &HeaderMap, body: &Bytes) -> Response {
    let scripted = inner.upload_script.lock().unwrap().pop_front();
    match scripted {
        Some(Reply::Hang) => inner.release.notified().await,
        Some(Reply::Error(http, code)) => return error(http, code),
        Some(Reply::Raw(http, body)) => return (StatusCode::from_u16(http).unwrap(), body).into_response(),
        _ => {}
    }
    let Some(upload) = read_upload(headers, body, number.to_owned()) else { return error(400, 131_053) };
    let mut uploads = inner.uploads.lock().unwrap();
    uploads.push(upload);
    axum::Json(json!({"id": format!("MEDIA{}", uploads.len())})).into_response()
}

/// Reads the three parts of an upload; anything else is none.
fn read_upload(headers: &HeaderMap, body: &[u8], number: String) -> Option<Upload> {
    let boundary = headers["content-type"].to_str().ok()?.strip_prefix("multipart/form-data; boundary=")?;
    let parts = split(body, format!("--{boundary}").as_bytes());
    let part = |name: &str| {
        parts.iter().find_map(|part| {
            let end = part.windows(4).position(|four| four == b"\r\n\r\n")?;
            let head = std::str::from_utf8(&part[..end]).ok()?.to_owned();
            let content = part[end + 4..].strip_suffix(b"\r\n")?.to_vec();
            head.contains(&format!("name=\"{name}\"")).then_some((head, content))
        })
    };
    let mime_type = String::from_utf8(part("type")?.1).ok()?;
    let (head, content) = part("file")?;
    let file_name = head.split("filename=\"").nth(1)?.split('"').next()?.to_owned();
    let is_good = part("messaging_product")?.1 == b"whatsapp" && head.contains(&format!("Content-Type: {mime_type}"));
    is_good.then_some(Upload { number, mime_type, file_name, content })
}

fn split<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let starts: Vec<usize> =
        body.windows(boundary.len()).enumerate().filter(|(_, at)| *at == boundary).map(|(i, _)| i).collect();
    starts.windows(2).map(|pair| &body[pair[0] + boundary.len()..pair[1]]).collect()
}

fn accept(count: usize) -> Response {
    let body = json!({"messaging_product": "whatsapp", "messages": [{"id": format!("wamid.OUT{count}")}]});
    axum::Json(body).into_response()
}

fn error(http: u16, code: i32) -> Response {
    let body = json!({"error": {"message": format!("(#{code}) refused 27820000000"), "type": "OAuthException", "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": "about 27820000000"}, "fbtrace_id": "Atrace"}});
    (StatusCode::from_u16(http).unwrap(), axum::Json(body)).into_response()
}
