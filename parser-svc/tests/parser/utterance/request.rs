//! An utterance as a request: what its fields are called in the contract.

use std::collections::BTreeSet;

use proto::common::v1 as common;
use proto::parser::v1 as pb;
use proto::parser::v1::action::Intent;
use proto::parser::v1::parse_message_request::Content;
use serde_json::{Map, Value};

use super::Utterance;

/// Returns the request that asks to read the utterance.
pub fn request(utterance: &Utterance) -> pb::ParseMessageRequest {
    let context = &utterance.context;
    pb::ParseMessageRequest {
        shop_id: "0190a000-0000-7000-8000-000000000001".to_owned(),
        content: Some(content(utterance)),
        channel: channel(&utterance.channel).into(),
        context: Some(pb::Context {
            last_actions: actions(&context.last),
            quoted_actions: actions(&context.reply_to),
            open_question: context.pending.as_object().map(question),
            counting: context.session == "count",
            previous_text: context.previous_text.clone(),
            booked_documents: Some(context.seen_ref.clone()).into_iter().filter(|number| !number.is_empty()).collect(),
        }),
        catalogue: catalogue(utterance),
        ..pb::ParseMessageRequest::default()
    }
}

fn content(utterance: &Utterance) -> Content {
    let (text, original) = (utterance.text.clone(), actions(&utterance.context.original));
    match utterance.context.event.as_str() {
        "revoke" => Content::DeletedMessage(pb::DeletedMessage { actions: original }),
        "edit" => Content::EditedMessage(pb::EditedMessage { text, actions: original }),
        _ => Content::Text(text),
    }
}

fn channel(name: &str) -> pb::Channel {
    match name {
        "voice" => pb::Channel::Voice,
        "image" | "photo" => pb::Channel::Photo,
        _ => pb::Channel::Unspecified,
    }
}

fn catalogue(utterance: &Utterance) -> Vec<pb::CatalogueItem> {
    let context = &utterance.context;
    let on_hand = |name: &str| {
        let value = context.on_hand.get(name).and_then(Value::as_str)?;
        Some(common::Decimal { value: value.to_owned() })
    };
    let named = |name: &str, units: Vec<String>| pb::CatalogueItem {
        on_hand: on_hand(name),
        name: name.to_owned(),
        units,
        aliases: Vec::new(),
    };
    let units_of = |name: &str| -> Vec<String> {
        let listed = context.units.get(name).and_then(Value::as_array);
        listed.into_iter().flatten().filter_map(Value::as_str).map(String::from).collect()
    };
    let listed = context.catalogue.iter().map(|name| named(name, units_of(name)));
    let known = context.units.keys().chain(context.on_hand.keys());
    let unlisted: BTreeSet<&String> = known.filter(|name| !context.catalogue.contains(name)).collect();
    listed.chain(unlisted.into_iter().map(|name| named(name, units_of(name)))).collect()
}

fn actions(value: &Value) -> Vec<pb::Action> {
    match value {
        Value::Object(one) => vec![action(one)],
        Value::Array(several) => several.iter().filter_map(Value::as_object).map(action).collect(),
        _ => Vec::new(),
    }
}

fn question(pending: &Map<String, Value>) -> pb::OpenQuestion {
    let asks = match text(pending, "ask") {
        "which_item" => pb::Clarification::Item,
        "confirm" => pb::Clarification::Unspecified,
        other => {
            pb::Clarification::from_str_name(&format!("CLARIFICATION_{}", other.to_uppercase())).unwrap_or_default()
        }
    };
    let options = pending.get("options").and_then(Value::as_array);
    pb::OpenQuestion {
        asks: asks.into(),
        drafts: pending.get("draft").map(actions).unwrap_or_default(),
        options: options.into_iter().flatten().filter_map(Value::as_str).map(String::from).collect(),
    }
}

fn action(fields: &Map<String, Value>) -> pb::Action {
    let decimal = |key: &str| match text(fields, key) {
        "" => None,
        value => Some(common::Decimal { value: value.to_owned() }),
    };
    let item = match text(fields, "item") {
        "" => None,
        name => Some(pb::ItemMention { name: name.to_owned(), said: name.to_owned(), ..pb::ItemMention::default() }),
    };
    let line = Some(pb::StockLine {
        item,
        quantity: decimal("quantity"),
        unit: text(fields, "unit").to_owned(),
        price: decimal("price").map(|amount| pb::Price {
            money: Some(common::Money { amount: Some(amount), ..common::Money::default() }),
            ..pb::Price::default()
        }),
        ..pb::StockLine::default()
    });
    let intent = match text(fields, "intent") {
        "add" => Intent::Add(pb::Add { line, ..pb::Add::default() }),
        "remove" => {
            let reason = format!("REMOVE_REASON_{}", text(fields, "reason").to_uppercase());
            let reason = pb::RemoveReason::from_str_name(&reason).unwrap_or_default();
            Intent::Remove(pb::Remove { line, reason: reason.into(), all: false })
        }
        "set" => Intent::SetStock(pb::SetStock { line, ..pb::SetStock::default() }),
        "undo" => Intent::Undo(pb::Undo::default()),
        _ => Intent::Unknown(pb::Unknown { line, ..pb::Unknown::default() }),
    };
    pb::Action { intent: Some(intent), ..pb::Action::default() }
}

fn text<'a>(fields: &'a Map<String, Value>, key: &str) -> &'a str {
    fields.get(key).and_then(Value::as_str).unwrap_or_default()
}
