//! What is refused, as RFC 9457 has it: `application/problem+json` with a `type` that stays.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use platform::error::{reason_of, retry_delay_of};
use serde::Serialize;

/// When to come back to what is down, unless it says otherwise.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Why a request is refused.
#[derive(Debug)]
pub(super) enum Problem {
    /// Fields break rules.
    Invalid(Vec<Invalid>),
    /// The body is not JSON.
    UnsupportedMediaType,
    /// The body is too large.
    TooLarge,
    /// The path takes POST alone.
    MethodNotAllowed,
    /// Too much of this client or for this phone.
    RateLimited { wait: Duration },
    /// The code does not count, for whatever reason.
    CodeRejected,
    /// The operator set no key or no template.
    NotConfigured,
    /// A service behind is down or full.
    Unavailable { wait: Duration },
    /// Our fault.
    Internal,
}

/// A field that breaks a rule; never its value.
#[derive(Debug, Serialize)]
pub(super) struct Invalid {
    pub field: &'static str,
    pub detail: &'static str,
}

#[derive(Serialize)]
struct Document {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Invalid>,
}

impl Problem {
    pub(super) fn invalid(field: &'static str, detail: &'static str) -> Self {
        Self::Invalid(vec![Invalid { field, detail }])
    }

    /// Says what a service's refusal means here.
    pub(super) fn of(status: &tonic::Status) -> Self {
        let reason = reason_of(status).unwrap_or_default();
        let wait = retry_delay_of(status).unwrap_or(RETRY_AFTER);
        match (reason.as_str(), status.code()) {
            ("ERROR_REASON_OTP_REJECTED", _) => Self::CodeRejected,
            ("ERROR_REASON_OTP_TOO_SOON" | "ERROR_REASON_OTP_LIMIT", _) => Self::RateLimited { wait },
            ("ERROR_REASON_OTP_NOT_CONFIGURED", _) => Self::NotConfigured,
            ("ERROR_REASON_INVALID_FIELD", _) => Self::invalid("phone_number", "is not a number that WhatsApp takes"),
            (
                _,
                tonic::Code::Unavailable
                | tonic::Code::DeadlineExceeded
                | tonic::Code::Cancelled
                | tonic::Code::ResourceExhausted
                | tonic::Code::Aborted,
            ) => {
                tracing::warn!(error.reason = reason, "a service behind did not answer: {:?}", status.code());
                Self::Unavailable { wait }
            }
            (_, code) => {
                tracing::error!(error.reason = reason, "a service behind refused what it should take: {code:?}");
                Self::Internal
            }
        }
    }

    // The words stay: clients branch on them.
    fn words(&self) -> (StatusCode, &'static str, &'static str, &'static str) {
        match self {
            Self::Invalid(_) => (
                StatusCode::BAD_REQUEST,
                "invalid-request",
                "The request is not valid",
                "Fields are missing or malformed; errors lists them.",
            ),
            Self::UnsupportedMediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "The body is not JSON",
                "Send it as application/json.",
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-large",
                "The body is too large",
                "A body has at most 4 KiB, and must not break off.",
            ),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "The method is not allowed",
                "This path takes POST alone.",
            ),
            Self::RateLimited { .. } => (
                StatusCode::TOO_MANY_REQUESTS,
                "rate-limited",
                "Too many requests",
                "Come back after the seconds that Retry-After names.",
            ),
            Self::CodeRejected => (
                StatusCode::BAD_REQUEST,
                "code-rejected",
                "The code does not count",
                "It is wrong, too old, used or replaced, or none was sent. Ask for another one.",
            ),
            Self::NotConfigured => (
                StatusCode::NOT_FOUND,
                "not-configured",
                "One-time codes are not set up",
                "The operator has to set MEMBER_TOKEN_KEY at the gateway, and OTP_KEY and OTP_TEMPLATE at the messenger.",
            ),
            Self::Unavailable { .. } => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "It cannot be done at the moment",
                "Come back after the seconds that Retry-After names.",
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "Something is wrong on our side",
                "The operator finds it in the log.",
            ),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, name, title, detail) = self.words();
        let wait = match &self {
            Self::RateLimited { wait } | Self::Unavailable { wait } => Some(*wait),
            _ => None,
        };
        let errors = if let Self::Invalid(errors) = self { errors } else { Vec::new() };
        let r#type = format!("urn:thebackroom:problem:{name}");
        let document = Document { r#type, title, status: status.as_u16(), detail, errors };
        let body = serde_json::to_vec(&document).expect("strings and numbers always become JSON");
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        if let Some(wait) = wait {
            // Rounded up: who comes back at the second must not be early.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        response
    }
}
