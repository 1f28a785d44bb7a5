//! What a scripted Gemini answers.

use serde_json::{Value, json};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// Something that the grammar leaves open.
pub const HARD: &str = "the fridge guy swapped 12 milk because of the power cut or whatever";

pub fn form(actions: &Value) -> String {
    json!({"transcript": null, "language": "en", "actions": actions}).to_string()
}

pub fn filled(intent: &str, item: &str, quantity: &str) -> Value {
    json!({"intent": intent, "item": item, "quantity": quantity, "unit": null, "pack_size": null, "reason": "unknown",
           "price": null, "price_basis": null, "party": null, "question": "none"})
}

pub fn said(text: &str) -> Value {
    json!({"candidates": [{"finishReason": "STOP", "content": {"role": "model", "parts": [{"text": text}]}}],
           "usageMetadata": {"promptTokenCount": 700, "candidatesTokenCount": 60, "thoughtsTokenCount": 5},
           "modelVersion": "gemini-3.5-flash-lite-001", "responseId": "r-1"})
}

pub fn error(status: u16, name: &str, details: &Value) -> ResponseTemplate {
    let body = json!({"error": {"code": status, "status": name, "message": "no", "details": details}});
    ResponseTemplate::new(status).set_body_json(body)
}

pub fn ok(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

/// A Gemini that always answers so.
pub async fn gemini_that(answers: ResponseTemplate) -> MockServer {
    let gemini = MockServer::start().await;
    Mock::given(method("POST")).respond_with(answers).mount(&gemini).await;
    gemini
}

/// A Gemini that always fills in these actions.
pub async fn gemini_filling(actions: &Value) -> MockServer {
    gemini_that(ok(&said(&form(actions)))).await
}

/// How often it was asked.
pub async fn calls(gemini: &MockServer) -> usize {
    gemini.received_requests().await.unwrap().len()
}
