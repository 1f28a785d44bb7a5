//! `POST /{version}/{phone-number-id}/messages`: what becomes of a call.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde_json::{Value, json};

use super::access::{check_json, check_number, check_token, check_version};
use super::error::GraphError;
use super::fault::{self, SendFault};
use super::request::{self, Addressee, Content, Outgoing, Request, Shown};
use super::{media_call, refuse, template};
use crate::meta_sim::chat::{Button, ButtonKind, Chat, ChatEntry, ShownFile, Side};
use crate::meta_sim::receipts::{self, Fate};
use crate::meta_sim::record::SentMessage;
use crate::meta_sim::rules::WindowRule;
use crate::meta_sim::world::{World, new_wamid};
use crate::wire;

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
    let ready = match check_sendable(world, &outgoing, chat.as_deref()) {
        Ok(ready) => ready,
        Err(error) => return refuse(world, body, error),
    };
    let sent = accept(world, &outgoing, &ready, chat.as_ref(), json, headers, body);
    let answer = Json(acceptance(&outgoing.addressee, &sent.wamid)).into_response();
    let Some(chat) = chat else { return answer }; // swallowed: not even a receipt comes
    let fate = match &fault {
        Some(SendFault::AcceptThenFail { code }) => Fate::Fails(*code),
        _ => ready.fate,
    };
    if fault == Some(SendFault::ReceiptsFirst) {
        receipts::report_at_once(world, &chat, &sent, fate).await;
        return answer;
    }
    world.spawn(receipts::report(Arc::clone(world), chat, sent, fate));
    match fault {
        Some(SendFault::AcceptThenCut) => wire::cut_connection(),
        Some(SendFault::AcceptThenHang) => std::future::pending().await,
        _ => answer,
    }
}

/// A message that can be sent: what the phone shows, what it costs, and what becomes of it.
struct Ready {
    shown: Shown,
    file: Option<ShownFile>,
    /// The message it is put on, and the emoji; it gets no bubble of its own.
    reaction: Option<(String, String)>,
    category: &'static str,
    fate: Fate,
}

impl Ready {
    fn of(shown: Shown) -> Self {
        Self { shown, file: None, reaction: None, category: "service", fate: Fate::Arrives }
    }
}

/// Refuses what is well formed and still cannot be sent.
fn check_sendable(world: &World, outgoing: &Outgoing, chat: Option<&Chat>) -> Result<Ready, GraphError> {
    world.check_halt()?;
    if let Addressee::Phone { digits, .. } = &outgoing.addressee
        && *digits == world.number.display_phone_number
    {
        return Err(GraphError::of_code(131_021));
    }
    if world.is_gone(&outgoing.addressee) {
        return Err(GraphError::of_code(131_026));
    }
    let mut ready = resolve(world, outgoing)?;
    let rules = world.rules();
    if ready.category == "service"
        && let Some(chat) = chat
        && !world.is_window_open(chat)
    {
        match rules.window {
            WindowRule::Refuse => return Err(window_closed()),
            WindowRule::FailLater => ready.fate = Fate::Fails(131_047),
        }
    }
    let now = world.clock.now();
    if let (Some(limit), Some(chat)) = (rules.pair, chat)
        && !chat.pair_meter.take(limit, now)
    {
        return Err(GraphError::of_code(131_056).details("Too many messages sent to this recipient in a short time."));
    }
    if let Some(limit) = rules.messages_per_second
        && !world.number_meter.take(limit, now)
    {
        return Err(GraphError::of_code(130_429).details("Cloud API message throughput has been reached."));
    }
    Ok(ready)
}

/// Looks up what a message refers to.
fn resolve(world: &World, outgoing: &Outgoing) -> Result<Ready, GraphError> {
    match &outgoing.content {
        Content::Plain(shown) => Ok(Ready::of(shown.clone())),
        Content::Reaction { wamid, emoji } => {
            // Meta takes a reaction to anything and tells later that it found nothing to put it on.
            let fate = if world.can_be_reacted_to(wamid) { Fate::IsSent } else { Fate::Fails(131_009) };
            let reaction = Some((wamid.clone(), emoji.clone()));
            Ok(Ready { reaction, fate, ..Ready::of(Shown { text: emoji.clone(), buttons: Vec::new() }) })
        }
        Content::Media(call) => {
            let found = media_call::resolve(world, call)?;
            let fate = if found.is_voice { Fate::IsPlayed } else { Fate::Arrives };
            Ok(Ready { file: found.file, fate, ..Ready::of(Shown { text: found.text, buttons: Vec::new() }) })
        }
        Content::Template(call) => {
            let found = template::resolve(world, call, &outgoing.addressee)?;
            let button = |(title, id): (String, String)| Button { id, title, kind: ButtonKind::Template };
            let buttons = found.quick_replies.into_iter().map(button).collect();
            Ok(Ready { category: found.category, ..Ready::of(Shown { text: found.text, buttons }) })
        }
    }
}

fn window_closed() -> GraphError {
    GraphError::of_code(131_047).details(
        "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
    )
}

/// Takes a message: from here on it counts as sent.
fn accept(
    world: &World,
    outgoing: &Outgoing,
    ready: &Ready,
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
        category: ready.category,
        lost: chat.is_none(),
        body: json,
    };
    let sent = world.sent.push(sent);
    let Some(chat) = chat else { return sent };
    if let Some((wamid, emoji)) = &ready.reaction {
        world.put_reaction(&sent.wamid, chat, Side::Business, wamid, emoji);
        return sent;
    }
    let entry = ChatEntry {
        text: ready.shown.text.clone(),
        buttons: ready.shown.buttons.clone(),
        file: ready.file.clone(),
        quoted: outgoing.quoted.clone(),
        wire: String::from_utf8_lossy(body).into_owned(),
        trace_id: traceparent.and_then(|header| header.split('-').nth(1).map(str::to_owned)),
        ..ChatEntry::new(sent.wamid.clone(), Side::Business, at)
    };
    world.put(chat, entry);
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
    if world.owner_of(wamid).is_some_and(|owner| owner.side == Side::Business) {
        let details = "Param message_id is not an ID of a received message.";
        return refuse(world, body, GraphError::invalid_value(details));
    }
    world.mark_read(wamid, is_typing);
    Json(json!({"success": true})).into_response()
}
