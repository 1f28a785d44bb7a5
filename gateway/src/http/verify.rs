//! Meta's verification GET: the challenge goes back as it came when the token is ours.

use axum::extract::{Query, State};
use http::StatusCode;
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use super::Door;

/// What Meta asks with. The dots are part of the names.
#[derive(Deserialize)]
pub(super) struct Verification {
    #[serde(rename = "hub.mode")]
    mode: Option<String>,
    #[serde(rename = "hub.verify_token")]
    token: Option<String>,
    #[serde(rename = "hub.challenge")]
    challenge: Option<String>,
}

/// Echoes the challenge, or says no.
pub(super) async fn verify(
    State(door): State<Door>,
    Query(asked): Query<Verification>,
) -> Result<String, (StatusCode, &'static str)> {
    let given = asked.token.unwrap_or_default();
    let expected = door.verify_token.expose();
    let is_ours = bool::from(given.as_bytes().ct_eq(expected.as_bytes()));
    match asked.challenge {
        Some(challenge) if is_ours && asked.mode.as_deref() == Some("subscribe") => {
            tracing::info!("Meta verified the webhook");
            Ok(challenge)
        }
        _ => {
            tracing::warn!(
                "a verification was refused: the token is not WHATSAPP_VERIFY_TOKEN, or hub.mode or hub.challenge is missing"
            );
            Err((
                StatusCode::FORBIDDEN,
                "the verify token is not the one of this gateway, or hub.mode or hub.challenge is missing\n",
            ))
        }
    }
}
