//! `POST /{version}/{phone-number-id}/messages`: what becomes of a call.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::access::{check_json, check_number, check_token, check_version};
use super::error::GraphError;
use super::fault::{self, SendFault};
use super::refuse;
use super::request::{self, Addressee, Outgoing, Request};
use crate::meta_sim::chat::{Chat, ChatEntry, Side, Ticks};
use crate::meta_sim::receipts::{self, Fate};
use crate::meta_sim::record::SentMessage;
use crate::meta_sim::world::{World, new_wamid};
use crate::wire;

/// How long after a person's last message they can be written to without a template.
const WINDOW: SignedDuration = SignedDuration::from_hours(24);

pub(super) async fn messages(
    State(world): State<Arc<World>>,
    Path((version, number)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let checked = check_call(&world, &version, &number, &headers).and_then(|()| {
        let json = serde_json::from_slice(&body)
            .map_err(|_| GraphError::invalid_parameter("The body of the request is not valid JSON."))?;
        Ok((request::parse(&json)?, json))
    });
    match checked {
        Ok((Request::Send(outgoing), json)) => send(&world, *outgoing, json, &headers, &body).await,
        Ok((Request::MarkRead { wamid, is_typing }, _)) => mark_read(&world, &wamid, is_typing, &body).await,
        Err(error) => refuse(&world, &body, error),
    }
}

fn check_call(world: &World, version: &str, number: &str, headers: &HeaderMap) -> Result<(), GraphError> {
    check_version(version, &format!("/{version}/{number}/messages"))?;
    check_token(world, headers)?;
    check_number(world, number)?;
    check_json(headers)
}

async fn send(world: &Arc<World>, outgoing: Outgoing, json: Value, headers: &HeaderMap, body: &Bytes) -> Response {
    let chat = world.chat_of(&outgoing.addressee);
    let fault = world.faults.sends.strike(chat.as_ref().map(|chat| chat.person().user_id.clone()).as_deref());
    if let Some(answer) = fault::instead(world, fault.as_ref(), body).await {
        return answer;
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
    world.check_halt()?;
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
            file: None,
            reaction: None,
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

async fn mark_read(world: &World, wamid: &str, is_typing: bool, body: &Bytes) -> Response {
    if let Some(answer) = fault::instead(world, world.faults.marks.strike(None).as_ref(), body).await {
        return answer;
    }
    if world.owner_of(wamid).is_some_and(|(_, side)| side == Side::Business) {
        let details = "Param message_id is not an ID of a received message.";
        return refuse(world, body, GraphError::invalid_value(details));
    }
    world.mark_read(wamid, is_typing);
    Json(json!({"success": true})).into_response()
}
