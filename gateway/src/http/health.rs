//! `/livez`: the process turns. `/readyz`: it may be given work.

use std::time::Duration;

use axum::extract::State;
use http::StatusCode;
use platform::db;

use super::Door;

/// Answers while the process can answer at all.
pub(super) async fn livez() -> &'static str {
    "ok\n"
}

/// Answers 503 from the moment the drain begins, and while the inbox cannot commit.
///
/// Other services are not asked: webhooks are taken without them.
pub(super) async fn readyz(State(door): State<Door>) -> (StatusCode, &'static str) {
    if door.shutdown.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n");
    }
    match tokio::time::timeout(Duration::from_secs(2), db::ping(&door.pool)).await {
        Ok(Ok(())) => (StatusCode::OK, "ready\n"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "the database of the inbox (DATABASE_URL) does not answer\n"),
    }
}
