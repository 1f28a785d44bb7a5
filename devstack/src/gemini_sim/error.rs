//! Gemini's errors: `google.rpc.Status` in an envelope, section 5 of the reference.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::check::shape::Violation;

/// An error as Gemini would answer it.
#[derive(Clone, Debug)]
pub(crate) struct GeminiError {
    http: StatusCode,
    status: &'static str,
    message: String,
    details: Vec<Value>,
    is_in_array: bool,
}

impl GeminiError {
    fn new(http: StatusCode, status: &'static str, message: impl Into<String>) -> Self {
        Self { http, status, message: message.into(), details: Vec::new(), is_in_array: false }
    }

    /// The request is not what the API takes.
    pub(crate) fn invalid(violations: &[Violation]) -> Self {
        let message = violations.iter().map(|violation| violation.description.as_str()).collect::<Vec<_>>().join("\n");
        let fields: Vec<_> = violations
            .iter()
            .map(|violation| json!({"field": violation.field, "description": violation.description}))
            .collect();
        Self::new(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message)
            .detail(json!({"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": fields}))
    }

    pub(crate) fn not_json() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", "Invalid JSON payload received. Unexpected token.")
    }

    pub(crate) fn too_large(length_max: usize) -> Self {
        let message = format!("Request payload size exceeds the limit: {length_max} bytes.");
        Self::new(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message)
    }

    pub(crate) fn bad_key() -> Self {
        let message = "API key not valid. Please pass a valid API key.";
        Self::new(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message)
            .detail(json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID",
                           "domain": "googleapis.com",
                           "metadata": {"service": "generativelanguage.googleapis.com"}}))
            .detail(json!({"@type": "type.googleapis.com/google.rpc.LocalizedMessage", "locale": "en-US",
                           "message": message}))
    }

    pub(crate) fn no_key() -> Self {
        let message = "Method doesn't allow unregistered callers (callers without established identity). \
                       Please use API Key or other form of API consumer identity to call this API.";
        Self::new(StatusCode::FORBIDDEN, "PERMISSION_DENIED", message)
    }

    pub(crate) fn two_keys() -> Self {
        let message = "Multiple authentication credentials received. Please pass only one.";
        Self::new(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message)
    }

    pub(crate) fn no_model(model: &str) -> Self {
        let message = format!(
            "models/{model} is not found for API version v1beta, or is not supported for generateContent. \
             Call ListModels to see the list of available models and their supported methods."
        );
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
    }

    pub(crate) fn quota(quota_id: &str, model: &str, retry_delay: &str) -> Self {
        let message = "You exceeded your current quota, please check your plan and billing details.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED", message)
            .detail(json!({"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{
                "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
                "quotaId": quota_id, "quotaDimensions": {"location": "global", "model": model}, "quotaValue": "15"}]}))
            .detail(json!({"@type": "type.googleapis.com/google.rpc.Help", "links": [{
                "description": "Learn more about Gemini API quotas",
                "url": "https://ai.google.dev/gemini-api/docs/rate-limits"}]}))
            .detail(json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": retry_delay}))
    }

    pub(crate) fn too_many_requests_without_details() -> Self {
        let message = "Resource has been exhausted (e.g. check quota).";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED", message)
    }

    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", "An internal error has occurred. Please retry.")
    }

    pub(crate) fn unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", "The model is overloaded. Please try again later.")
    }

    pub(crate) fn permission_denied() -> Self {
        let message = "Your API key was reported as leaked. Please use another API key.";
        Self::new(StatusCode::FORBIDDEN, "PERMISSION_DENIED", message)
    }

    /// Wraps the error in a list, as streaming and compatible routes do.
    pub(crate) fn in_array(mut self) -> Self {
        self.is_in_array = true;
        self
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    fn detail(mut self, detail: Value) -> Self {
        self.details.push(detail);
        self
    }
}

impl IntoResponse for GeminiError {
    fn into_response(self) -> Response {
        let mut error = json!({"code": self.http.as_u16(), "message": self.message, "status": self.status});
        if !self.details.is_empty() {
            error["details"] = json!(self.details);
        }
        let envelope = json!({"error": error});
        let body = if self.is_in_array { json!([envelope]) } else { envelope };
        (self.http, Json(body)).into_response()
    }
}
