//! `/_sim/account`: breaks and heals the account by HTTP, for the chat page and for tests of other processes.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};

use super::Ailment;
use crate::meta_sim::world::World;

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new().route("/_sim/account", get(show).post(ail).delete(heal))
}

async fn show(State(world): State<Arc<World>>) -> Json<Value> {
    let ids = world.account.ids();
    Json(world.account.read(|facts| {
        json!({
            "app_id": ids.app_id, "waba_id": ids.waba_id, "phone_number_id": ids.phone_number_id,
            "business_id": ids.business_id, "status": facts.number.status, "platform_type": facts.number.platform_type,
            "is_subscribed": facts.is_subscribed, "callback_url": facts.callback(),
            "verification_code": facts.number.code, "templates": facts.templates,
        })
    }))
}

async fn ail(State(world): State<Arc<World>>, Json(ailment): Json<Ailment>) -> StatusCode {
    world.account.ail(&ailment);
    StatusCode::NO_CONTENT
}

async fn heal(State(world): State<Arc<World>>) -> StatusCode {
    world.account.heal();
    StatusCode::NO_CONTENT
}
