//! `GET /debug_token`: what a token is (section 9.3).

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::Answer;
use super::access;
use super::error::Refusal;
use super::request::Call;
use crate::meta_sim::world::World;

/// How long ago the token was made.
const AGE: SignedDuration = SignedDuration::from_hours(30 * 24);

pub(super) fn answer(world: &World, call: &Call) -> Answer {
    let asker = call.token.as_deref().ok_or_else(Refusal::no_token)?;
    let is_app = access::is_app_token(world, asker)?;
    if !is_app {
        access::system(world, call, None)?;
    }
    let input = call.query.get("input_token").filter(|token| !token.is_empty());
    let input = input.ok_or_else(|| Refusal::invalid("The parameter input_token is required."))?;
    if world.tokens.is_unknown(input) {
        let error = json!({"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"});
        return Ok(json!({"data": {"error": error, "is_valid": false, "scopes": []}}));
    }
    let now = world.clock.now();
    world.account.read(|facts| {
        let token = &facts.token;
        if is_app && token.app_id != world.account.ids().app_id {
            return Err(Refusal::invalid("The App_id in the input_token did not match the Viewing App"));
        }
        let seconds_at = |span: Option<SignedDuration>| span.map_or(0, |span| (now + span).as_second());
        let granular: Vec<Value> =
            token.scopes.iter().map(|scope| json!({"scope": scope, "target_ids": token.targets})).collect();
        let mut data = json!({
            "app_id": token.app_id, "type": token.kind, "application": "The Backroom",
            "data_access_expires_at": 0, "expires_at": seconds_at(token.expires_in), "is_valid": true,
            "issued_at": seconds_at(Some(-AGE)), "scopes": token.scopes, "granular_scopes": granular,
            "user_id": "600000000000001",
        });
        if let Some((message, subcode)) = access::complaint(world, facts, input, now) {
            data["is_valid"] = json!(false);
            data["error"] = json!({"code": 190, "message": message});
            if let Some(subcode) = subcode {
                data["error"]["subcode"] = json!(subcode);
            }
        }
        Ok(json!({"data": data}))
    })
}
