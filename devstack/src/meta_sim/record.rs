//! What happened, kept for tests to ask about.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// A message that Graph accepted: it counts as sent, whatever the caller heard of it.
#[derive(Clone, Debug, Serialize)]
pub struct SentMessage {
    /// When it was accepted.
    pub at: Timestamp,
    /// The phone it was addressed to, as written in the request.
    pub to: Option<String>,
    /// The business-scoped user id it was addressed to.
    pub recipient: Option<String>,
    /// The request.
    pub body: Value,
    /// WhatsApp's id of it.
    pub wamid: String,
    /// `biz_opaque_callback_data` of the request.
    pub callback_data: Option<String>,
    /// The trace it belongs to, as the request's header said.
    pub traceparent: Option<String>,
    /// What it is billed as: `service`, or the category of its template.
    pub category: &'static str,
    /// Whether it was swallowed: a user id in `to` is accepted and reaches nobody.
    pub lost: bool,
}

impl SentMessage {
    /// Returns what a person reads: the text, the text above the buttons, the caption. Of a template: nothing.
    pub fn text(&self) -> &str {
        let paths = ["/text/body", "/interactive/body/text", "/reaction/emoji", "/document/caption", "/image/caption"];
        paths.iter().find_map(|path| self.body.pointer(path).and_then(Value::as_str)).unwrap_or_default()
    }
}

/// A call to Graph that sent nothing.
#[derive(Clone, Debug, Serialize)]
pub struct Refusal {
    /// When it came.
    pub at: Timestamp,
    /// The request, as text.
    pub body: String,
    /// Meta's error code; `None` for HTML, silence and cut connections.
    pub code: Option<u32>,
    /// What the caller was told or done to.
    pub outcome: String,
}

/// One attempt to deliver a webhook.
#[derive(Clone, Debug, Serialize)]
pub struct DeliveryAttempt {
    /// When it began.
    pub at: Timestamp,
    /// Ids of the messages, or of the messages whose receipts, it carried.
    pub wamids: Arc<[String]>,
    /// Which attempt it was, counted from 1.
    pub attempt: u32,
    /// The HTTP status of the answer.
    pub status: Option<u16>,
    /// What went wrong when there was no answer.
    pub error: Option<String>,
    /// How long it took.
    pub latency: Duration,
}

/// A list that grows and is read as a copy.
#[derive(Debug)]
pub(crate) struct Log<T>(Mutex<Vec<Arc<T>>>);

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Log<T> {
    pub(crate) fn push(&self, item: T) -> Arc<T> {
        let item = Arc::new(item);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&item));
        item
    }

    /// Returns what there is; cheap, because the items themselves are shared.
    pub(crate) fn all(&self) -> Vec<Arc<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
