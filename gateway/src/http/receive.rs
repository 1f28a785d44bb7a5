//! Meta's notification POST: read, check, store, answer. No model, no Graph call, no other service.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use platform::telemetry;
use tracing::Instrument as _;

use super::Door;
use crate::inbox::NotStored;
use crate::metrics;
use crate::webhook;

/// Meta sends up to 3 MB.
const BODY_BYTES_MAX: usize = 3 * 1024 * 1024;

/// How long a sender may take to hand its body over.
const BODY_READ_TIMEOUT: Duration = Duration::from_secs(5);

/// Takes one notification.
pub(super) async fn receive(State(door): State<Door>, request: Request) -> Response {
    let started = Instant::now();
    let span = tracing::info_span!(
        "webhook",
        otel.name = "POST /webhook/whatsapp",
        otel.kind = "server",
        otel.status_code = tracing::field::Empty,
        http.request.method = "POST",
        http.route = "/webhook/whatsapp",
        http.response.status_code = tracing::field::Empty,
        messaging.batch.message_count = tracing::field::Empty,
    );
    if let Some(parent) = request.headers().get("traceparent").and_then(|value| value.to_str().ok()) {
        telemetry::set_parent(&span, parent);
    }
    let response = take(door, request).instrument(span.clone()).await;
    let status = response.status();
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    metrics::get().webhook(status, started.elapsed());
    response
}

async fn take(door: Door, request: Request) -> Response {
    // Chunked bodies do not tell their size, so they count as the largest.
    let length = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<usize>().ok())
        .unwrap_or(BODY_BYTES_MAX);
    if length > BODY_BYTES_MAX {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "a notification is at most 3 MiB");
    }
    // Shed before the body is in memory: Meta keeps it and sends it again for seven days.
    let kib = u32::try_from(length / 1024 + 1).unwrap_or(u32::MAX);
    let Ok(_room) = Arc::clone(&door.body_kib).try_acquire_many_owned(kib) else {
        return shed();
    };
    let signature = request.headers().get("x-hub-signature-256").map(|value| value.as_bytes().to_vec());
    let body = match tokio::time::timeout(BODY_READ_TIMEOUT, axum::body::to_bytes(request.into_body(), BODY_BYTES_MAX))
        .await
    {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return refuse(StatusCode::PAYLOAD_TOO_LARGE, "the body broke off or is larger than 3 MiB"),
        Err(_) => return refuse(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time"),
    };
    if let Err(error) = door.app_secrets.check(signature.as_deref(), &body) {
        tracing::warn!(error.reason = "bad_signature", "a notification was refused: {error}");
        return refuse(StatusCode::UNAUTHORIZED, &error.to_string());
    }
    let Ok(entries) = webhook::decode(&body, door.phone_number_id.as_deref()) else {
        tracing::warn!(error.reason = "not_a_payload", "a signed notification is not a JSON object");
        return refuse(StatusCode::BAD_REQUEST, "the body is not a JSON object");
    };
    tracing::Span::current().record("messaging.batch.message_count", entries.len());
    drop(body);
    match door.inbox.accept(entries).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(NotStored::Overloaded) => shed(),
        Err(NotStored::Failed(error)) => {
            tracing::error!(error, "a notification was not committed; Meta will send it again");
            refuse(StatusCode::SERVICE_UNAVAILABLE, "it could not be stored: send it again")
        }
    }
}

fn shed() -> Response {
    tracing::warn!(error.reason = "overloaded", "a notification was shed; Meta will send it again");
    refuse(StatusCode::SERVICE_UNAVAILABLE, "too much is in work: send it again")
}

fn refuse(status: StatusCode, why: &str) -> Response {
    let mut response = Response::new(Body::from(format!("{why}\n")));
    *response.status_mut() = status;
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, http::HeaderValue::from_static("5"));
    }
    response
}
