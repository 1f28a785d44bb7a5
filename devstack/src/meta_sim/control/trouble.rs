//! `/_sim/*` for what goes wrong.

use std::sync::{Arc, PoisonError};

use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::routes::{Answer, Refused};
use crate::meta_sim::media::MediaManner;
use crate::meta_sim::options::ReceiptMode;
use crate::meta_sim::receipts;
use crate::meta_sim::rules::Rules;
use crate::meta_sim::webhook::DeliveryManner;
use crate::meta_sim::world::World;
use crate::script::{Script, When};

pub(super) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/_sim/trouble", get(trouble))
        .route("/_sim/faults", post(add_send_fault).delete(clear_faults))
        .route("/_sim/faults/{call}", post(add_fault))
        .route("/_sim/halt", post(set_halt))
        .route("/_sim/token", post(set_token))
        .route("/_sim/rules", post(set_rules))
        .route("/_sim/window/close", post(close_window))
        .route("/_sim/delivery", post(set_delivery))
        .route("/_sim/delivery/release", post(release_updates))
        .route("/_sim/media", post(set_media_manner))
        .route("/_sim/receipts", post(set_receipts))
        .route("/_sim/receipts/release", post(release_receipts))
}

/// Answers what is set at the moment.
async fn trouble(State(world): State<Arc<World>>) -> Json<Value> {
    let halt = *world.halt.read().unwrap_or_else(PoisonError::into_inner);
    Json(json!({"rules": world.rules(), "delivery": world.post_office.manner(), "receipts": world.receipt_mode(),
                "media": world.media.manner(), "halt": halt, "has_token": world.tokens.has_good()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddFault<F> {
    when: When,
    fault: F,
    /// Narrows it to one person, by user id, or to one file, by id.
    #[serde(default)]
    person: Option<String>,
}

async fn add_send_fault(
    State(world): State<Arc<World>>,
    Json(rule): Json<AddFault<crate::meta_sim::SendFault>>,
) -> StatusCode {
    world.faults.sends.add(rule.when, rule.fault, rule.person);
    StatusCode::NO_CONTENT
}

/// Adds a fault of another call than a send.
async fn add_fault(
    State(world): State<Arc<World>>,
    Path(call): Path<String>,
    Json(rule): Json<AddFault<Value>>,
) -> Result<StatusCode, Refused> {
    match call.as_str() {
        "marks" => add(&world.faults.marks, rule)?,
        "uploads" => add(&world.faults.uploads, rule)?,
        "lookups" => add(&world.faults.lookups, rule)?,
        "downloads" => add(&world.faults.downloads, rule)?,
        _ => return Err(Refused(StatusCode::NOT_FOUND, format!("there is no call named {call}"))),
    }
    Ok(StatusCode::NO_CONTENT)
}

fn add<F: Clone + DeserializeOwned>(script: &Script<F>, rule: AddFault<Value>) -> Result<(), Refused> {
    let fault = serde_json::from_value(rule.fault);
    let fault = fault.map_err(|error| Refused(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
    script.add(rule.when, fault, rule.person);
    Ok(())
}

async fn clear_faults(State(world): State<Arc<World>>) -> StatusCode {
    world.faults.clear();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Halt {
    /// Meta's code; `None` ends the halt.
    code: Option<u32>,
}

async fn set_halt(State(world): State<Arc<World>>, Json(halt): Json<Halt>) -> StatusCode {
    *world.halt.write().unwrap_or_else(PoisonError::into_inner) = halt.code;
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum TokenChange {
    /// Every token ends.
    Expire,
    /// Every token that ended is good again.
    Revive,
    /// This one is good too.
    Admit(String),
}

async fn set_token(State(world): State<Arc<World>>, Json(change): Json<TokenChange>) -> StatusCode {
    match change {
        TokenChange::Expire => world.tokens.expire(),
        TokenChange::Revive => world.tokens.revive(),
        TokenChange::Admit(token) => world.tokens.admit(token),
    }
    StatusCode::NO_CONTENT
}

async fn set_rules(State(world): State<Arc<World>>, Json(rules): Json<Rules>) -> StatusCode {
    *world.rules.write().unwrap_or_else(PoisonError::into_inner) = rules;
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct WhichPerson {
    person: String,
}

async fn close_window(State(world): State<Arc<World>>, Json(which): Json<WhichPerson>) -> Answer {
    let chat = world.chat(&which.person)?;
    world.close_window(&chat);
    Ok(Json(json!({"closed": true})))
}

async fn set_delivery(State(world): State<Arc<World>>, Json(manner): Json<DeliveryManner>) -> StatusCode {
    world.set_delivery(manner);
    StatusCode::NO_CONTENT
}

async fn release_updates(State(world): State<Arc<World>>) -> Json<Value> {
    Json(json!({"released": world.release_updates()}))
}

async fn set_media_manner(State(world): State<Arc<World>>, Json(manner): Json<MediaManner>) -> StatusCode {
    world.media.set_manner(manner);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetReceipts {
    mode: ReceiptMode,
}

async fn set_receipts(State(world): State<Arc<World>>, Json(wanted): Json<SetReceipts>) -> StatusCode {
    *world.receipt_mode.write().unwrap_or_else(PoisonError::into_inner) = wanted.mode;
    StatusCode::NO_CONTENT
}

async fn release_receipts(State(world): State<Arc<World>>) -> Json<Value> {
    Json(json!({"released": receipts::release(&world)}))
}
