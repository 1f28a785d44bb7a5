//! Who asks, and what they may.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Answer;
use super::account::{Facts, TokenState};
use super::error::Refusal;
use super::request::Call;
use crate::meta_sim::world::World;

/// Lets the system user's token pass, with a permission where one is needed and for the account where one is meant.
pub(super) fn system(world: &World, call: &Call, scope: Option<&str>) -> Result<(), Refusal> {
    let token = call.token.as_deref().ok_or_else(Refusal::no_token)?;
    world.account.read(|facts| {
        token_counts(world, facts, token)?;
        let Some(scope) = scope else { return Ok(()) };
        if !facts.token.scopes.iter().any(|granted| granted == scope) {
            return Err(Refusal::not_permitted(scope));
        }
        if facts.token.targets.contains(&world.account.ids().waba_id) {
            return Ok(());
        }
        Err(Refusal::not_permitted(scope).for_people(
            "No access to this account",
            "The system user has no access to this WhatsApp account. Assign the account to the system user in Business \
             settings and generate a new token.",
        ))
    })
}

/// Lets the app's own token pass: `{app-id}|{app-secret}`.
pub(super) fn app(world: &World, call: &Call) -> Result<(), Refusal> {
    let token = call.token.as_deref().ok_or_else(Refusal::no_token)?;
    if is_app_token(world, token)? { Ok(()) } else { Err(needs_app_token()) }
}

/// Returns whether this is the app's own token; one of an app with a wrong secret is refused.
pub(super) fn is_app_token(world: &World, token: &str) -> Result<bool, Refusal> {
    let Some((app_id, secret)) = token.split_once('|') else { return Ok(false) };
    let ids = world.account.ids();
    if app_id == ids.app_id && secret == ids.app_secret {
        return Ok(true);
    }
    Err(Refusal::bad_token("Invalid OAuth access token signature.", None))
}

/// Lets messages and media pass while token and number are in order.
pub(super) fn may_send(world: &World, call: &Call) -> Result<(), Refusal> {
    world.account.read(|facts| {
        if let Some(token) = call.token.as_deref()
            && world.tokens.check(Some(token)).is_ok()
        {
            token_counts(world, facts, token)?;
        }
        if facts.number.platform_type == "NOT_APPLICABLE" {
            return Err(Refusal::detailed(
                133_010,
                "Phone number not registered",
                "Phone number not registered on the Whatsapp Business Platform.",
            ));
        }
        Ok(())
    })
}

/// `GET /{version}/me`: the probe that needs no token.
pub(super) fn me(world: &World, call: &Call) -> Answer {
    system(world, call, None)?;
    Ok(json!({"id": "600000000000001", "name": "The Backroom"}))
}

/// Returns what is wrong with a token, as errors and `debug_token` word it.
pub(super) fn complaint(world: &World, facts: &Facts, token: &str, now: Timestamp) -> Option<(String, Option<u32>)> {
    let has_ended = world.tokens.check(Some(token)).is_err();
    match facts.token.state {
        TokenState::Valid if has_ended => {
            Some(("Error validating access token: Session has expired".to_owned(), Some(463)))
        }
        TokenState::Valid => None,
        TokenState::Expired => {
            let expired_at = now + facts.token.expires_in.unwrap_or_default();
            let (expired_at, now) = (in_metas_words(expired_at), in_metas_words(now));
            let words = format!(
                "Error validating access token: Session has expired on {expired_at}. The current time is {now}."
            );
            Some((words, Some(463)))
        }
        // Meta quotes what it was shown: whoever prints its words has to take that out.
        TokenState::Invalid => Some((format!("Malformed access token {token}"), None)),
    }
}

pub(super) fn token_counts(world: &World, facts: &Facts, token: &str) -> Result<(), Refusal> {
    if world.tokens.is_unknown(token) {
        return Err(Refusal::bad_token("Invalid OAuth access token - Cannot parse access token", None));
    }
    match complaint(world, facts, token, world.clock.now()) {
        None => Ok(()),
        Some((words, subcode)) => Err(Refusal::bad_token(words, subcode)),
    }
}

fn needs_app_token() -> Refusal {
    Refusal::of(http::StatusCode::BAD_REQUEST, 15, "(#15) This method must be called with an app access_token.")
}

fn in_metas_words(at: Timestamp) -> String {
    at.strftime("%A, %d-%b-%y %H:%M:%S UTC").to_string()
}

/// Returns success as most changes answer it.
pub(super) fn success() -> Value {
    json!({"success": true})
}
