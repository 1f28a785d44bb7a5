//! How calls are refused before a method sees them, and a reason for what the transport refuses without one.

use std::time::Duration;

use tonic::body::Body;
use tonic::{Code, Status};

use super::callers::Refused;
use super::guard::Guarded;
use crate::error::{Refusal, Situation};

/// How the transport's message begins when a request is no message of its method.
const UNREADABLE: [&str; 4] = [
    "failed to decode Protobuf message",
    "Missing request message",
    "Unexpected EOF decoding stream",
    "protocol error",
];

pub(super) fn refused(domain: &'static str, refused: Refused, method: &str) -> Status {
    match refused {
        Refused::UnknownCaller => Refusal::new(
            Situation::Unauthenticated,
            domain,
            "ERROR_REASON_UNKNOWN_CALLER",
            "the call shows no caller key that this server knows: send `authorization: Bearer <CALLER_KEY>`",
        ),
        Refused::MethodNotAllowed => Refusal::new(
            Situation::NotYours,
            domain,
            "ERROR_REASON_METHOD_NOT_ALLOWED",
            format!("the caller key does not open {method}"),
        )
        .metadata("method", method),
        Refused::RateLimited(wait) => Refusal::new(
            Situation::Quota,
            domain,
            "ERROR_REASON_RATE_LIMITED",
            "the caller key allows no further call for now: wait as long as RetryInfo says",
        )
        .retry_after(wait),
        Refused::Changed => Refusal::new(
            Situation::Unavailable,
            domain,
            "ERROR_REASON_OVERLOADED",
            "the entry of the caller key changed while the answer went on: call again",
        )
        .retry_after(Duration::ZERO),
    }
    .into_status()
}

pub(super) fn overloaded(domain: &'static str) -> Status {
    Refusal::new(
        Situation::Unavailable,
        domain,
        "ERROR_REASON_OVERLOADED",
        "more requests are in work than MAX_CONCURRENT_REQUESTS allows: try again",
    )
    .retry_after(Duration::from_millis(200))
    .into_status()
}

pub(super) fn out_of_time(domain: &'static str) -> Status {
    Refusal::new(
        Situation::OutOfTime,
        domain,
        "ERROR_REASON_OUT_OF_TIME",
        "the deadline of the call passed and its work was given up: whether it was done, the same request tells",
    )
    .into_status()
}

pub(super) fn unreadable(domain: &'static str) -> Status {
    Refusal::new(
        Situation::Malformed,
        domain,
        "ERROR_REASON_INVALID_FIELD",
        "the request is no message of this method, or compressed",
    )
    .into_status()
}

pub(super) fn too_large(domain: &'static str, bytes_max: usize) -> Status {
    Refusal::new(
        Situation::Malformed,
        domain,
        "ERROR_REASON_REQUEST_TOO_LARGE",
        format!("a message of the request is larger than {bytes_max} bytes (MAX_REQUEST_BYTES)"),
    )
    .metadata("maxBytes", bytes_max.to_string())
    .into_status()
}

/// Returns the gRPC code of a response. Errors of unary calls come as headers alone; of a stream only the beginning is seen.
pub(super) fn code_of(response: &http::Response<Body>) -> i32 {
    let code = response.headers().get(Status::GRPC_STATUS);
    code.map_or(0, |code| code.to_str().ok().and_then(|code| code.parse().ok()).unwrap_or(2))
}

/// Gives an error a reason when the transport made it: every error of a service says one.
pub(super) fn with_reason(guarded: &Guarded, method: &str, response: http::Response<Body>) -> http::Response<Body> {
    let code = code_of(&response);
    if code == 0 || response.headers().contains_key(Status::GRPC_STATUS_DETAILS) {
        return response;
    }
    let Some(status) = Status::from_header_map(response.headers()) else { return response };
    let domain = guarded.error_domain;
    match status.code() {
        Code::OutOfRange => too_large(domain, guarded.request_bytes_max).into_http(),
        Code::Internal if UNREADABLE.iter().any(|begins| status.message().starts_with(begins)) => {
            unreadable(domain).into_http()
        }
        Code::Internal | Code::Unknown => {
            tracing::error!(error = status.message(), "an error without a reason, which the caller is not told");
            let refusal = Refusal::new(Situation::Bug, domain, "ERROR_REASON_INTERNAL", "the service failed");
            refusal.into_status().into_http()
        }
        Code::Unimplemented => {
            let message = format!("there is no method {method} here, or not for what was sent");
            let refusal = Refusal::new(Situation::Unimplemented, domain, "ERROR_REASON_UNKNOWN_METHOD", message);
            refusal.metadata("method", method).into_status().into_http()
        }
        _ => response,
    }
}
