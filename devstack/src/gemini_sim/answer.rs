//! A good answer, as JSON.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::check::Checked;

const CHARACTERS_PER_TOKEN: usize = 4;
const TOKENS_PER_SECOND: usize = 32;
/// About what a phone records.
const OPUS_BYTES_PER_SECOND: usize = 2_000;
const TOKENS_PER_IMAGE: usize = 1_120;
const TOKENS_PER_PAGE: usize = 560;

/// What the model says.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) model: String,
    pub(crate) text: String,
    pub(crate) finish_reason: String,
    pub(crate) has_thought: bool,
    pub(crate) has_parts: bool,
    pub(crate) block_reason: Option<String>,
    /// Tokens of the request by kind.
    pub(crate) prompt: Vec<(&'static str, usize)>,
}

impl Answer {
    pub(crate) fn new(model: &str, text: String, request: &Checked) -> Self {
        Self {
            model: model.to_owned(),
            text,
            finish_reason: "STOP".to_owned(),
            has_thought: false,
            has_parts: true,
            block_reason: None,
            prompt: tokens_of(request),
        }
    }

    pub(crate) fn without_parts(self, finish_reason: &str) -> Self {
        Self { has_parts: false, finish_reason: finish_reason.to_owned(), ..self }
    }

    pub(crate) fn blocked(self, reason: &str) -> Self {
        Self { block_reason: Some(reason.to_owned()), ..self }
    }

    pub(crate) fn json(&self) -> Value {
        let prompt: usize = self.prompt.iter().map(|(_, count)| count).sum();
        let said = self.text.len() / CHARACTERS_PER_TOKEN + 1;
        let details: Vec<Value> =
            self.prompt.iter().map(|(modality, count)| json!({"modality": modality, "tokenCount": count})).collect();
        let mut usage =
            json!({"promptTokenCount": prompt, "totalTokenCount": prompt + said, "promptTokensDetails": details});
        let id = hex::encode(rand::random::<[u8; 8]>());
        if let Some(reason) = &self.block_reason {
            usage["totalTokenCount"] = json!(prompt);
            return json!({"promptFeedback": {"blockReason": reason}, "usageMetadata": usage,
                          "modelVersion": self.model, "responseId": id});
        }
        let mut candidate = json!({"finishReason": self.finish_reason, "index": 0});
        if self.has_parts {
            let mut parts = vec![json!({"text": self.text})];
            if self.has_thought {
                parts.insert(0, json!({"text": "The message is about stock.", "thought": true}));
            }
            candidate["content"] = json!({"parts": parts, "role": "model"});
            usage["candidatesTokenCount"] = json!(said);
        } else {
            candidate["content"] = json!({"role": "model"});
        }
        json!({"candidates": [candidate], "usageMetadata": usage, "modelVersion": self.model, "responseId": id})
    }
}

/// Returns how many tokens of each kind a request has. Nobody may rely on more than the order of magnitude.
fn tokens_of(request: &Checked) -> Vec<(&'static str, usize)> {
    let mut tokens = vec![("TEXT", request.user_text.len() / CHARACTERS_PER_TOKEN + 1)];
    tokens.extend(request.media.iter().map(|media| match media.mime_type.split('/').next() {
        Some("audio") => ("AUDIO", media.content.len() / OPUS_BYTES_PER_SECOND * TOKENS_PER_SECOND + TOKENS_PER_SECOND),
        Some("image") => ("IMAGE", TOKENS_PER_IMAGE),
        _ => ("DOCUMENT", TOKENS_PER_PAGE),
    }));
    tokens
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        Json(self.json()).into_response()
    }
}
