//! The body of a request: small, JSON, and every field in its form.

use std::time::Duration;

use axum::extract::Request;
use http::header;
use serde::de::DeserializeOwned;

use super::problem::{Invalid, Problem};

/// Bytes of a body.
const BYTES_MAX: usize = 4 * 1024;
/// How long a client may take to hand its body over.
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// Reads a body.
pub(super) async fn read<T: DeserializeOwned>(request: Request) -> Result<T, Problem> {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Problem::UnsupportedMediaType);
    }
    let bytes = match tokio::time::timeout(READ_TIMEOUT, axum::body::to_bytes(request.into_body(), BYTES_MAX)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return Err(Problem::TooLarge),
        Err(_) => return Err(Problem::invalid("body", "did not arrive in time")),
    };
    // What serde says may quote the body.
    serde_json::from_slice(&bytes)
        .map_err(|_| Problem::invalid("body", "must be a JSON object with the fields of the request, as strings"))
}

/// Collects fields that break a rule.
#[derive(Default)]
pub(super) struct Field(Vec<Invalid>);

impl Field {
    /// Reads a number in E.164 and returns its digits.
    pub(super) fn phone_number(&mut self, text: &str) -> String {
        let digits = text.strip_prefix('+').unwrap_or_default();
        let is_number = (7..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        self.check(is_number, "phone_number", "must be a number in E.164: + and 7 to 15 digits");
        digits.to_owned()
    }

    pub(super) fn purpose(&mut self, text: &str) {
        let is_word = (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        self.check(is_word, "purpose", "must be 1 to 64 lower-case letters, digits and underscores");
    }

    pub(super) fn language(&mut self, text: &str) {
        let is_language = (2..=16).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        self.check(text.is_empty() || is_language, "language", "must be a language like en or en_US");
    }

    pub(super) fn code(&mut self, text: &str) {
        let is_code = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        self.check(is_code, "code", "must be 6 digits");
    }

    /// Returns `value` unless a field broke a rule.
    pub(super) fn done<T>(self, value: T) -> Result<T, Problem> {
        if self.0.is_empty() { Ok(value) } else { Err(Problem::Invalid(self.0)) }
    }

    fn check(&mut self, holds: bool, field: &'static str, detail: &'static str) {
        if !holds {
            self.0.push(Invalid { field, detail });
        }
    }
}
