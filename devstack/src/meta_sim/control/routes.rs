//! `/_sim/*`: what the handle does, as JSON, for tests of other processes, for the chat page and for the terminal.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{deeds, files, page, trouble};
use crate::meta_sim::acting::Way;
use crate::meta_sim::chat;
use crate::meta_sim::deeds::tap_of;
use crate::meta_sim::person::Person;
use crate::meta_sim::webhook::Rider;
use crate::meta_sim::world::World;

/// How long a question for a reply waits when it does not say.
const REPLY_TIMEOUT_MS: u64 = 30_000;

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/", get(page::index))
        .route("/assets/{name}", get(page::asset))
        .route("/_sim/events", get(page::events))
        .route("/_sim/about", get(about))
        .route("/_sim/people", post(add_person))
        .route("/_sim/transcript", get(transcript))
        .route("/_sim/tap", post(tap))
        .route("/_sim/files", post(files::send).layer(DefaultBodyLimit::max(files::LENGTH_MAX)))
        .route("/_sim/files/{id}", get(files::content))
        .route("/_sim/reply", get(reply))
        .route("/_sim/webhook", post(webhook))
        .route("/_sim/verify", post(verify))
        .route("/_sim/sent", get(sent))
        .route("/_sim/refusals", get(refusals))
        .route("/_sim/deliveries", get(deliveries))
        .merge(deeds::routes())
        .merge(trouble::routes())
}

/// A refusal of the control door, as JSON.
pub(super) struct Refused(pub(super) StatusCode, pub(super) String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"error": self.1}))).into_response()
    }
}

impl From<anyhow::Error> for Refused {
    fn from(error: anyhow::Error) -> Self {
        Self(StatusCode::BAD_REQUEST, format!("{error:#}"))
    }
}

pub(super) type Answer = Result<Json<Value>, Refused>;

async fn about(State(world): State<Arc<World>>) -> Json<Value> {
    let people: Vec<_> = world.chats().iter().map(|chat| Person::clone(&chat.person())).collect();
    Json(json!({"webhook_url": world.courier.url(), "phone_number_id": world.number.phone_number_id,
                "business_number": world.number.display_phone_number, "people": people}))
}

async fn add_person(State(world): State<Arc<World>>, Json(person): Json<Person>) -> Answer {
    Ok(Json(json!({"person": *world.add_person(person)?.person()})))
}

#[derive(Deserialize)]
struct WhichPerson {
    person: String,
}

async fn transcript(State(world): State<Arc<World>>, Query(query): Query<WhichPerson>) -> Answer {
    Ok(Json(json!({"entries": world.chat(&query.person)?.entries()})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tap {
    person: String,
    wamid: String,
    button_id: String,
}

async fn tap(State(world): State<Arc<World>>, Json(tap): Json<Tap>) -> Answer {
    let chat = world.chat(&tap.person)?;
    let act = tap_of(&chat, &tap.wamid, &tap.button_id)?;
    let rider = Rider { quoted: Some(tap.wamid), ..Rider::default() };
    Ok(Json(json!({"wamid": world.act(&chat, &act, &rider, Way::default())})))
}

#[derive(Deserialize)]
struct WhichReply {
    person: String,
    after: String,
    timeout_ms: Option<u64>,
}

async fn reply(State(world): State<Arc<World>>, Query(query): Query<WhichReply>) -> Answer {
    let chat = world.chat(&query.person)?;
    let patience = Duration::from_millis(query.timeout_ms.unwrap_or(REPLY_TIMEOUT_MS));
    let reply = chat.wait_for(|entries| chat::reply_to(entries, &query.after));
    match tokio::time::timeout(patience, reply).await {
        Ok(entry) => Ok(Json(json!({"entry": entry}))),
        Err(_) => Err(Refused(StatusCode::REQUEST_TIMEOUT, format!("no reply in {patience:?}"))),
    }
}

async fn webhook(State(world): State<Arc<World>>, Json(envelope): Json<Value>) -> Json<Value> {
    let webhook = world.courier.seal(&envelope, Arc::from([]));
    let attempts = world.courier.deliver(&webhook).await;
    Json(json!({"attempts": attempts}))
}

async fn verify(State(world): State<Arc<World>>) -> Answer {
    world.courier.verify().await?;
    Ok(Json(json!({"verified": true})))
}

async fn sent(State(world): State<Arc<World>>) -> Json<Value> {
    let sent: Vec<_> = world.sent.all().iter().map(|sent| json!(**sent)).collect();
    Json(json!({"sent": sent}))
}

async fn refusals(State(world): State<Arc<World>>) -> Json<Value> {
    let refusals: Vec<_> = world.refusals.all().iter().map(|refusal| json!(**refusal)).collect();
    Json(json!({"refusals": refusals}))
}

async fn deliveries(State(world): State<Arc<World>>) -> Json<Value> {
    let attempts: Vec<_> = world.courier.attempts.all().iter().map(|attempt| json!(**attempt)).collect();
    Json(json!({"deliveries": attempts}))
}
