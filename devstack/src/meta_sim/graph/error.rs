//! Graph's errors, as JSON and as receipts carry them.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use rand::distr::{Alphanumeric, SampleString as _};
use serde_json::{Value, json};

/// An error as Graph would answer it.
#[derive(Clone, Debug)]
pub(crate) struct GraphError {
    pub(crate) http: StatusCode,
    pub(crate) code: u32,
    pub(crate) subcode: Option<u32>,
    pub(crate) kind: &'static str,
    pub(crate) title: String,
    pub(crate) details: Option<String>,
}

impl GraphError {
    /// Returns the error with this code, with the HTTP status and the title of the reference.
    pub(crate) fn of_code(code: u32) -> Self {
        let (http, title) = known(code);
        Self {
            http: StatusCode::from_u16(http).expect("the table holds valid statuses"),
            code,
            subcode: None,
            kind: "OAuthException",
            title: title.to_owned(),
            details: None,
        }
    }

    /// A parameter is missing or not one that exists.
    pub(crate) fn invalid_parameter(details: impl Into<String>) -> Self {
        Self::of_code(100).details(details)
    }

    /// A parameter has a value that is not allowed.
    pub(crate) fn invalid_value(details: impl Into<String>) -> Self {
        Self::of_code(131_009).details(details)
    }

    /// A parameter that this kind of message needs is missing.
    pub(crate) fn missing(parameter: &str) -> Self {
        Self::of_code(131_008).details(format!("Parameter {parameter} is required."))
    }

    /// The token is missing or wrong.
    pub(crate) fn bad_token() -> Self {
        let title = "Invalid OAuth access token - Cannot parse access token".to_owned();
        Self { title, ..Self::of_code(190) }
    }

    /// The token was good once.
    pub(crate) fn expired_token() -> Self {
        let title = "Error validating access token: Session has expired".to_owned();
        Self { title, subcode: Some(463), ..Self::of_code(190) }
    }

    /// There is no such object, or it may not be seen.
    pub(crate) fn no_such_object(id: &str) -> Self {
        Self::no_such_object_to("post", id)
    }

    /// There is no such object to `get`, `post` or `delete`, or it may not be seen.
    pub(crate) fn no_such_object_to(method: &str, id: &str) -> Self {
        let mut error = Self::of_code(100);
        error.subcode = Some(33);
        error.kind = "GraphMethodException";
        error.title = format!(
            "Unsupported {method} request. Object with ID '{id}' does not exist, cannot be loaded due to missing \
             permissions, or does not support this operation"
        );
        error
    }

    /// There is no such version or path.
    pub(crate) fn unknown_path(path: &str) -> Self {
        let mut error = Self::of_code(2500);
        error.title = format!("Unknown path components: {path}");
        error
    }

    pub(crate) fn details(mut self, details: impl Into<String>) -> Self {
        self.details = Some(details.into());
        self
    }

    fn message(&self) -> String {
        match self.code {
            190 | 2500 => self.title.clone(),
            _ if self.subcode == Some(33) => self.title.clone(),
            code => format!("(#{code}) {}", self.title),
        }
    }

    fn json(&self) -> Value {
        let mut error = json!({"message": self.message(), "type": self.kind, "code": self.code});
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = json!(subcode);
        }
        if let Some(details) = &self.details {
            error["error_data"] = json!({"messaging_product": "whatsapp", "details": details});
        }
        error["fbtrace_id"] = json!(format!("A{}", Alphanumeric.sample_string(&mut rand::rng(), 22)));
        json!({"error": error})
    }

    /// Returns the error as it stands in the `errors` of a failed receipt.
    pub(crate) fn in_receipt(&self) -> Value {
        let details = self.details.as_deref().unwrap_or(&self.title);
        json!({"code": self.code, "title": self.title, "message": self.title, "error_data": {"details": details},
               "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"})
    }
}

impl IntoResponse for GraphError {
    fn into_response(self) -> Response {
        let mut response = (self.http, Json(self.json())).into_response();
        if self.http == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static(r#"OAuth "Facebook Platform" "invalid_token""#);
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// HTTP status and title by code: section 6.2 of the reference.
fn known(code: u32) -> (u16, &'static str) {
    match code {
        0 => (401, "We were unable to authenticate the app user"),
        1 => (400, "Invalid request or possible server error"),
        2 => (503, "Service temporarily unavailable due to downtime or due to being overloaded"),
        3 => (500, "Capability or permissions issue"),
        4 => (400, "The app has reached its API call rate limit"),
        10 | 200..=299 => (403, "Permission is either not granted or has been removed"),
        33 => (400, "The business phone number has been deleted"),
        100 => (400, "Invalid parameter"),
        190 => (401, "Error validating access token: Session has expired"),
        368 => (403, "Temporarily blocked for policies violations"),
        80_007 => (400, "Rate limit issues"),
        130_429 => (400, "Rate limit hit"),
        130_472 => (400, "User's number is part of an experiment"),
        130_497 => (403, "Business account is restricted from messaging users in this country"),
        131_000 => (500, "Something went wrong"),
        131_005 => (403, "Access denied"),
        131_008 => (400, "Required parameter is missing"),
        131_009 => (400, "Parameter value is not valid"),
        131_016 => (500, "Service unavailable"),
        131_021 => (400, "Recipient cannot be sender"),
        131_026 => (400, "Message undeliverable"),
        131_030 => (400, "Recipient phone number not in allowed list"),
        131_031 => (403, "Account has been locked"),
        131_037 => (400, "WhatsApp provided number needs display name approval before message can be sent"),
        131_042 => (400, "Business eligibility payment issue"),
        131_045 => (500, "Incorrect certificate"),
        131_047 => (400, "Re-engagement message"),
        131_048 => (400, "Spam rate limit hit"),
        131_049 => (400, "This message was not delivered to maintain healthy ecosystem engagement"),
        131_050 => (400, "User has stopped receiving marketing messages"),
        131_051 => (400, "Unsupported message type"),
        131_052 => (400, "Media download error"),
        131_053 => (400, "Media upload error"),
        131_056 => (400, "(Business Account, Consumer Account) pair rate limit hit"),
        131_060 => (400, "This message is unavailable"),
        131_057 => (500, "Account in maintenance mode"),
        131_062 => (400, "Business-scoped user id recipients are not allowed for this message"),
        132_000 => (400, "Template param count mismatch"),
        132_001 => (404, "Template does not exist"),
        132_005 => (400, "Template hydrated text too long"),
        132_007 => (400, "Template format character policy violated"),
        132_012 => (400, "Template parameter format mismatch"),
        132_015 => (400, "Template is paused"),
        132_018 => (400, "Template parameter is not valid"),
        132_016 => (400, "Template is disabled"),
        133_000 => (500, "Incomplete deregistration"),
        133_004 => (503, "Server temporarily unavailable"),
        133_010 => (400, "Phone number not registered"),
        135_000 => (400, "Generic user error"),
        2500 => (400, "An active access token must be used to query information about the current user."),
        _ => (400, "Error"),
    }
}
