//! A stand-in for the Graph API: remembers every call and answers by script.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

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

/// What to answer.
#[derive(Clone, Debug)]
pub enum Reply {
    Accept,
    Error(u16, i32),
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
        let app = axum::Router::new().route("/v25.0/{number}/messages", post(answer)).with_state(Arc::clone(&inner));
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
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let authorization = header("authorization").unwrap_or_default();
    let count = {
        let mut calls = inner.calls.lock().unwrap();
        calls.push(Call {
            at: Instant::now(),
            number: number.clone(),
            authorization: authorization.clone(),
            traceparent: header("traceparent"),
            body: body.0,
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

fn accept(count: usize) -> Response {
    let body = json!({"messaging_product": "whatsapp", "messages": [{"id": format!("wamid.OUT{count}")}]});
    axum::Json(body).into_response()
}

fn error(http: u16, code: i32) -> Response {
    let body = json!({"error": {"message": format!("(#{code}) refused 27820000000"), "type": "OAuthException", "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": "about 27820000000"}, "fbtrace_id": "Atrace"}});
    (StatusCode::from_u16(http).unwrap(), axum::Json(body)).into_response()
}
