//! `/_sim/*` for what people do beside writing and tapping.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::routes::Answer;
use crate::meta_sim::account_event::AccountEvent;
use crate::meta_sim::acting::Way;
use crate::meta_sim::deeds::SayOptions;
use crate::meta_sim::person::Person;
use crate::meta_sim::webhook::{Act, Forwarded, Rider};
use crate::meta_sim::world::World;

pub(super) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/_sim/say", post(say))
        .route("/_sim/raw", post(raw))
        .route("/_sim/react", post(react))
        .route("/_sim/edit", post(edit))
        .route("/_sim/delete", post(delete))
        .route("/_sim/unsupported", post(unsupported))
        .route("/_sim/identity", post(identity))
        .route("/_sim/echo", post(echo))
        .route("/_sim/tell", post(tell))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Say {
    person: String,
    text: String,
    #[serde(default)]
    quoted: Option<String>,
    #[serde(default)]
    copies: usize,
    #[serde(default)]
    without_phone: bool,
    #[serde(default)]
    forwarded: Option<Forwarded>,
    #[serde(default)]
    referral: Option<Value>,
    #[serde(default)]
    group_id: Option<String>,
    #[serde(default)]
    is_standby: bool,
    #[serde(default)]
    written_earlier_s: u64,
}

async fn say(State(world): State<Arc<World>>, Json(say): Json<Say>) -> Answer {
    let chat = world.chat(&say.person)?;
    let options = SayOptions {
        quoted: say.quoted,
        copies: say.copies,
        without_phone: say.without_phone,
        forwarded: say.forwarded,
        referral: say.referral,
        group_id: say.group_id,
        is_standby: say.is_standby,
        written_earlier: Duration::from_secs(say.written_earlier_s),
    };
    let wamid = world.act(&chat, &Act::Text(say.text), &options.rider(), options.way());
    Ok(Json(json!({"wamid": wamid})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    person: String,
    kind: String,
    #[serde(default)]
    body: Option<Value>,
    #[serde(default)]
    quoted: Option<String>,
}

/// Lets a person send a message of any type.
async fn raw(State(world): State<Arc<World>>, Json(raw): Json<Raw>) -> Answer {
    let chat = world.chat(&raw.person)?;
    let rider = Rider { quoted: raw.quoted, ..Rider::default() };
    let act = Act::Other { kind: raw.kind, body: raw.body };
    Ok(Json(json!({"wamid": world.act(&chat, &act, &rider, Way::default())})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct React {
    person: String,
    wamid: String,
    /// `None` takes it back.
    emoji: Option<String>,
}

async fn react(State(world): State<Arc<World>>, Json(react): Json<React>) -> Answer {
    let chat = world.chat(&react.person)?;
    let act = Act::Reaction { wamid: react.wamid, emoji: react.emoji };
    Ok(Json(json!({"wamid": world.act(&chat, &act, &Rider::default(), Way::default())})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    person: String,
    wamid: String,
    text: String,
}

async fn edit(State(world): State<Arc<World>>, Json(edit): Json<Edit>) -> Answer {
    let chat = world.chat(&edit.person)?;
    Ok(Json(json!({"wamid": world.edit(&chat, &edit.wamid, &edit.text)})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delete {
    person: String,
    wamid: String,
}

async fn delete(State(world): State<Arc<World>>, Json(delete): Json<Delete>) -> Answer {
    let chat = world.chat(&delete.person)?;
    Ok(Json(json!({"wamid": world.delete(&chat, &delete.wamid)})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unsupported {
    person: String,
    #[serde(default)]
    kind: Option<String>,
}

async fn unsupported(State(world): State<Arc<World>>, Json(wanted): Json<Unsupported>) -> Answer {
    let chat = world.chat(&wanted.person)?;
    let act = Act::Unsupported { kind: wanted.kind, code: 131_051 };
    Ok(Json(json!({"wamid": world.act(&chat, &act, &Rider::default(), Way::default())})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Identity {
    person: String,
    #[serde(default)]
    phone: Option<String>,
    user_id: String,
    /// Whether the gateway is not told.
    #[serde(default)]
    silent: bool,
}

/// Gives a person a new user id, and a new number when one is named.
async fn identity(State(world): State<Arc<World>>, Json(identity): Json<Identity>) -> Answer {
    let chat = world.chat(&identity.person)?;
    let was = chat.person();
    let phone = identity.phone.or(was.phone.clone());
    let now = Person { name: was.name.clone(), phone, user_id: identity.user_id };
    Ok(Json(json!({"person": world.move_person(&chat, now, !identity.silent)?})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Echo {
    person: String,
    text: String,
}

async fn echo(State(world): State<Arc<World>>, Json(echo): Json<Echo>) -> Answer {
    let chat = world.chat(&echo.person)?;
    Ok(Json(json!({"wamid": world.echo(&chat, &echo.text)})))
}

async fn tell(State(world): State<Arc<World>>, Json(event): Json<AccountEvent>) -> StatusCode {
    world.tell_event(&event);
    StatusCode::NO_CONTENT
}
