//! The Graph side: `POST /{version}/{phone-number-id}/messages`.

mod error;
mod fault;
mod fields;
mod interactive;
mod request;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use http::{HeaderMap, Uri, header};
use jiff::SignedDuration;
use serde_json::{Value, json};

pub(crate) use error::GraphError;
pub use fault::SendFault;
pub(crate) use request::{Addressee, Outgoing};

use super::chat::{Chat, ChatEntry, Side, Ticks};
use super::receipts::{self, Fate};
use super::record::{Refusal, SentMessage};
use super::world::{World, new_wamid};
use crate::wire;
use request::Request;

/// The oldest and the newest version that is served; section 8 of the reference.
const VERSIONS: std::ops::RangeInclusive<u32> = 13..=26;
/// How long after a person's last message they can be written to without a template.
const WINDOW: SignedDuration = SignedDuration::from_hours(24);

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new().route("/{version}/{phone_number_id}/messages", post(messages)).fallback(unknown_path)
}

async fn unknown_path(uri: Uri) -> GraphError {
    GraphError::unknown_path(uri.path())
}

async fn messages(
    State(world): State<Arc<World>>,
    Path((version, number)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let checked = check_access(&world, &version, &number, &headers).and_then(|()| {
        let json = serde_json::from_slice(&body)
            .map_err(|_| GraphError::invalid_parameter("The body of the request is not valid JSON."))?;
        Ok((request::parse(&json)?, json))
    });
    match checked {
        Ok((Request::Send(outgoing), json)) => send(&world, *outgoing, json, &headers, &body).await,
        Ok((Request::MarkRead { wamid, is_typing }, _)) => mark_read(&world, &wamid, is_typing).into_response(),
        Err(error) => refuse(&world, &body, error),
    }
}

fn check_access(world: &World, version: &str, number: &str, headers: &HeaderMap) -> Result<(), GraphError> {
    let served =
        version.strip_prefix('v').and_then(|rest| rest.strip_suffix(".0")).and_then(|major| major.parse().ok());
    if !served.is_some_and(|major: u32| VERSIONS.contains(&major)) {
        return Err(GraphError::unknown_path(&format!("/{version}/{number}/messages")));
    }
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if token != Some(world.access_token.as_str()) {
        return Err(GraphError::bad_token());
    }
    if number != world.number.phone_number_id {
        return Err(GraphError::no_such_object(number));
    }
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !content_type.starts_with("application/json") {
        return Err(GraphError::invalid_parameter("The Content-Type must be application/json."));
    }
    Ok(())
}

async fn send(world: &Arc<World>, outgoing: Outgoing, json: Value, headers: &HeaderMap, body: &Bytes) -> Response {
    let chat = world.chat_of(&outgoing.addressee);
    let fault = world.script.strike(chat.as_ref().map(|chat| chat.person.user_id.as_str()));
    match &fault {
        Some(SendFault::Error { code, subcode, http_status, details }) => {
            return refuse(world, body, fault::scripted_error(*code, *subcode, *http_status, details.clone()));
        }
        Some(SendFault::Html { http_status }) => {
            world.refuse(body, None, format!("page with HTTP status {http_status}"));
            return fault::html(*http_status);
        }
        Some(SendFault::Hang) => {
            world.refuse(body, None, "no answer".to_owned());
            return std::future::pending().await;
        }
        Some(SendFault::Cut) => {
            world.refuse(body, None, "connection cut".to_owned());
            return wire::cut_connection();
        }
        Some(SendFault::Slow { delay_ms }) => tokio::time::sleep(Duration::from_millis(*delay_ms)).await,
        Some(_) | None => {}
    }
    if let Err(error) = check_sendable(world, &outgoing, chat.as_deref()) {
        return refuse(world, body, error);
    }
    let sent = accept(world, &outgoing, chat.as_ref(), json, headers, body);
    let answer = Json(acceptance(&outgoing.addressee, &sent.wamid)).into_response();
    let Some(chat) = chat else { return answer }; // swallowed: not even a receipt comes
    let fate = match &fault {
        Some(SendFault::AcceptThenFail { code }) => Fate::Fails(*code),
        _ => Fate::Arrives,
    };
    if fault == Some(SendFault::ReceiptsFirst) {
        receipts::report_at_once(world, &chat, &sent).await;
        return answer;
    }
    world.spawn(receipts::report(Arc::clone(world), chat, sent, fate));
    match fault {
        Some(SendFault::AcceptThenCut) => wire::cut_connection(),
        Some(SendFault::AcceptThenHang) => std::future::pending().await,
        _ => answer,
    }
}

/// Refuses what is well formed and still cannot be sent.
fn check_sendable(world: &World, outgoing: &Outgoing, chat: Option<&Chat>) -> Result<(), GraphError> {
    if let Addressee::Phone { digits, .. } = &outgoing.addressee
        && *digits == world.number.display_phone_number
    {
        return Err(GraphError::of_code(131_021));
    }
    // Of people who never wrote through this simulator it cannot know the window, so it lets them be written to.
    if let Some(last_written_at) = chat.and_then(Chat::last_written_at)
        && world.clock.now().duration_since(last_written_at) > WINDOW
    {
        return Err(GraphError::of_code(131_047).details(
            "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
        ));
    }
    Ok(())
}

/// Takes a message: from here on it counts as sent.
fn accept(
    world: &World,
    outgoing: &Outgoing,
    chat: Option<&Arc<Chat>>,
    json: Value,
    headers: &HeaderMap,
    body: &Bytes,
) -> Arc<SentMessage> {
    let at = world.clock.now();
    let traceparent = headers.get("traceparent").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let text_of = |name: &str| json.get(name).and_then(Value::as_str).map(str::to_owned);
    let sent = SentMessage {
        at,
        to: text_of("to"),
        recipient: text_of("recipient"),
        wamid: new_wamid(),
        callback_data: outgoing.callback_data.clone(),
        traceparent: traceparent.clone(),
        lost: chat.is_none(),
        body: json,
    };
    let sent = world.sent.push(sent);
    if let Some(chat) = chat {
        let entry = ChatEntry {
            wamid: sent.wamid.clone(),
            side: Side::Business,
            at,
            text: outgoing.shown.text.clone(),
            buttons: outgoing.shown.buttons.clone(),
            quoted: outgoing.quoted.clone(),
            ticks: Ticks::Pending,
            wire: String::from_utf8_lossy(body).into_owned(),
            answer_ms: None,
            trace_id: traceparent.and_then(|header| header.split('-').nth(1).map(str::to_owned)),
            note: None,
            instant: Instant::now(),
        };
        world.put(chat, entry);
    }
    sent
}

fn acceptance(addressee: &Addressee, wamid: &str) -> Value {
    let contact = match addressee {
        Addressee::Phone { input, digits } => json!({"input": input, "wa_id": digits}),
        Addressee::UserId(user_id) => json!({"input": user_id, "user_id": user_id}),
        Addressee::Nobody { input } => json!({"input": input, "wa_id": input}),
    };
    json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": wamid}]})
}

fn mark_read(world: &World, wamid: &str, is_typing: bool) -> Result<Json<Value>, GraphError> {
    if world.owner_of(wamid).is_some_and(|(_, side)| side == Side::Business) {
        return Err(GraphError::invalid_value("Param message_id is not an ID of a received message."));
    }
    world.mark_read(wamid, is_typing);
    Ok(Json(json!({"success": true})))
}

fn refuse(world: &World, body: &Bytes, error: GraphError) -> Response {
    world.refuse(body, Some(error.code), format!("error {} with HTTP status {}", error.code, error.http.as_u16()));
    error.into_response()
}

impl World {
    fn refuse(&self, body: &Bytes, code: Option<u32>, outcome: String) {
        let body = String::from_utf8_lossy(body).into_owned();
        self.refusals.push(Refusal { at: self.clock.now(), body, code, outcome });
    }
}
