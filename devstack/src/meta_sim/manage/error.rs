//! How Graph refuses a management call.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use rand::distr::{Alphanumeric, SampleString as _};
use serde_json::json;

use super::request::Call;

/// A refusal as Graph answers it (section 6.1).
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    http: StatusCode,
    pub(super) code: u32,
    subcode: Option<u32>,
    kind: &'static str,
    message: String,
    details: Option<String>,
    /// Title and text for people; Graph has them for some errors.
    for_people: Option<(&'static str, String)>,
}

impl Refusal {
    pub(super) fn of(http: StatusCode, code: u32, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { http, code, subcode: None, kind: "OAuthException", message, details: None, for_people: None }
    }

    /// A parameter is missing or wrong.
    pub(super) fn invalid(message: impl std::fmt::Display) -> Self {
        Self::of(StatusCode::BAD_REQUEST, 100, format!("(#100) {message}"))
    }

    /// There is no such object, or it may not be seen.
    pub(super) fn no_such_object(call: &Call) -> Self {
        let verb = call.method.as_str().to_lowercase();
        let message = format!(
            "Unsupported {verb} request. Object with ID '{}' does not exist, cannot be loaded due to missing \
             permissions, or does not support this operation. Please read the Graph API documentation at \
             https://developers.facebook.com/docs/graph-api",
            call.object
        );
        let mut refusal = Self::of(StatusCode::BAD_REQUEST, 100, message);
        refusal.subcode = Some(33);
        refusal.kind = "GraphMethodException";
        refusal
    }

    /// There is no such version or edge.
    pub(super) fn unknown_path(path: &str) -> Self {
        let rest = path.trim_start_matches('/').split_once('/').map_or("", |(_, rest)| rest);
        Self::of(StatusCode::BAD_REQUEST, 2500, format!("Unknown path components: /{rest}"))
    }

    /// Nobody asks.
    pub(super) fn no_token() -> Self {
        let message = "An active access token must be used to query information about the current user.";
        Self::of(StatusCode::BAD_REQUEST, 2500, message)
    }

    /// The token does not count.
    pub(super) fn bad_token(message: impl Into<String>, subcode: Option<u32>) -> Self {
        Self { subcode, ..Self::of(StatusCode::UNAUTHORIZED, 190, message) }
    }

    /// The token may not do this.
    pub(super) fn not_permitted(scope: &str) -> Self {
        let message =
            format!("(#200) Requires {scope} permission to manage the object: it is not granted or was removed");
        Self::of(StatusCode::FORBIDDEN, 200, message)
    }

    /// An error with details, as the registration calls have them.
    pub(super) fn detailed(code: u32, title: &str, details: impl Into<String>) -> Self {
        let mut refusal = Self::of(StatusCode::BAD_REQUEST, code, format!("(#{code}) {title}"));
        refusal.details = Some(details.into());
        refusal
    }

    /// Adds what people are to read.
    pub(super) fn for_people(mut self, title: &'static str, text: impl Into<String>) -> Self {
        self.for_people = Some((title, text.into()));
        self
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut error = json!({"message": self.message, "type": self.kind, "code": self.code});
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = json!(subcode);
        }
        if let Some((title, text)) = &self.for_people {
            error["is_transient"] = json!(false);
            error["error_user_title"] = json!(title);
            error["error_user_msg"] = json!(text);
        }
        if let Some(details) = &self.details {
            error["error_data"] = json!({"messaging_product": "whatsapp", "details": details});
        }
        error["fbtrace_id"] = json!(format!("A{}", Alphanumeric.sample_string(&mut rand::rng(), 22)));
        (self.http, Json(json!({"error": error}))).into_response()
    }
}
