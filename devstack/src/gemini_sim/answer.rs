//! A good answer, as JSON.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// What the model says.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) model: String,
    pub(crate) text: String,
    pub(crate) finish_reason: String,
    pub(crate) has_thought: bool,
    pub(crate) has_parts: bool,
    pub(crate) block_reason: Option<String>,
    pub(crate) prompt_length: usize,
}

impl Answer {
    pub(crate) fn new(model: &str, text: String, prompt_length: usize) -> Self {
        Self {
            model: model.to_owned(),
            text,
            finish_reason: "STOP".to_owned(),
            has_thought: false,
            has_parts: true,
            block_reason: None,
            prompt_length,
        }
    }

    pub(crate) fn without_parts(self, finish_reason: &str) -> Self {
        Self { has_parts: false, finish_reason: finish_reason.to_owned(), ..self }
    }

    pub(crate) fn blocked(self, reason: &str) -> Self {
        Self { block_reason: Some(reason.to_owned()), ..self }
    }

    pub(crate) fn json(&self) -> Value {
        // About four characters to a token; nobody may rely on more than the order of magnitude.
        let (prompt, said) = (self.prompt_length / 4 + 1, self.text.len() / 4 + 1);
        let mut usage = json!({"promptTokenCount": prompt, "totalTokenCount": prompt + said,
                               "promptTokensDetails": [{"modality": "TEXT", "tokenCount": prompt}]});
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

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        Json(self.json()).into_response()
    }
}
