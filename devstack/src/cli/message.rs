//! `backroom message`: what became of a message we sent.

use anyhow::{Context as _, Result, bail};
use clap::Args;
use jiff::Timestamp;
use proto::messenger::v1 as pb;
use serde_json::{Value, json};
use tonic::Code;
use uuid::Uuid;

use super::{messenger, ui};

/// Show what became of a message we sent: its state, its history, its price.
#[derive(Args, Clone, Debug)]
pub(super) struct Message {
    /// Our id of it, WhatsApp's id, or the id of the request that sent it.
    id: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    at: messenger::At,
}

impl Message {
    pub(super) async fn run(self) -> Result<()> {
        let mut client = self.at.call()?;
        for key in keys(&self.id) {
            match client.get_message(pb::GetMessageRequest { key: Some(key) }).await {
                Ok(answer) => {
                    let message = answer.into_inner().message.context("the answer holds a message")?;
                    show(&message, self.json);
                    return Ok(());
                }
                Err(status) if status.code() == Code::NotFound => {}
                Err(status) => return Err(messenger::refusal(&status)),
            }
        }
        bail!("no message of ours has the id {}", self.id)
    }
}

/// Returns what an id may be, the likeliest first: request ids often begin with a WhatsApp id.
fn keys(id: &str) -> Vec<pb::get_message_request::Key> {
    use pb::get_message_request::Key;
    let request = Key::RequestId(id.to_owned());
    if id.parse::<Uuid>().is_ok() {
        vec![Key::MessageId(id.to_owned()), request]
    } else if id.starts_with("wamid.") {
        vec![Key::WhatsappMessageId(id.to_owned()), request]
    } else {
        vec![request]
    }
}

fn show(message: &pb::Message, as_json: bool) {
    if as_json {
        ui::say(format_args!("{:#}", shown(message)));
        return;
    }
    let line = |name: &str, value: &str| {
        if !value.is_empty() {
            ui::say(format_args!("{name:<9} {value}"));
        }
    };
    line("message", &message.message_id);
    line("request", &message.request_id);
    line("WhatsApp", &message.whatsapp_message_id);
    line("state", &word(message.state));
    line("tries", &message.attempt_count.to_string());
    let price = message.pricing.as_ref().map_or_else(|| "not known yet".to_owned(), price_in_words);
    line("price", &price);
    if message.error_code != 0 || !message.error_detail.is_empty() {
        line("error", &format!("{} {}", message.error_code, message.error_detail));
    }
    if !message.merged_into_message_id.is_empty() {
        line("sent with", &message.merged_into_message_id);
    }
    ui::say("history");
    for event in history(message) {
        let at = at(event.occur_time.as_ref()).map_or_else(|| "-".to_owned(), |at| format!("{at:.0}"));
        let error = if event.error_code == 0 { String::new() } else { format!("  error {}", event.error_code) };
        ui::say(format_args!("  {at:<20}  {}{error}", word(event.state)));
    }
}

fn price_in_words(price: &pb::Pricing) -> String {
    let billed = if price.billable { "billed" } else { "not billed" };
    format!("{}, {}, {billed} ({})", price.category, price.pricing_type, price.pricing_model)
}

fn shown(message: &pb::Message) -> Value {
    let or_null = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
    let error = (message.error_code != 0 || !message.error_detail.is_empty())
        .then(|| json!({"code": message.error_code, "detail": message.error_detail}));
    let price = message.pricing.as_ref().map(|price| {
        json!({"billable": price.billable, "model": price.pricing_model, "type": price.pricing_type,
               "category": price.category})
    });
    let history: Vec<Value> = history(message)
        .into_iter()
        .map(|event| {
            json!({"state": word(event.state), "at": at(event.occur_time.as_ref()),
                   "error_code": (event.error_code != 0).then_some(event.error_code)})
        })
        .collect();
    json!({
        "message_id": message.message_id,
        "request_id": message.request_id,
        "whatsapp_message_id": or_null(&message.whatsapp_message_id),
        "state": word(message.state),
        "attempt_count": message.attempt_count,
        "created_at": at(message.create_time.as_ref()),
        "updated_at": at(message.update_time.as_ref()),
        "price": price,
        "error": error,
        "merged_into_message_id": or_null(&message.merged_into_message_id),
        "history": history,
    })
}

/// Returns the steps in their order. Meta's clock has whole seconds, so within one the state decides.
fn history(message: &pb::Message) -> Vec<&pb::DeliveryEvent> {
    let mut events: Vec<&pb::DeliveryEvent> = message.events.iter().collect();
    events.sort_by_key(|event| (event.occur_time.as_ref().map(|time| time.seconds), event.state));
    events
}

fn at(time: Option<&prost_types::Timestamp>) -> Option<Timestamp> {
    time.and_then(|time| messenger::time(time.seconds, time.nanos))
}

/// Returns the state in one lower-case word.
fn word(state: i32) -> String {
    let name = pb::DeliveryState::try_from(state).unwrap_or_default().as_str_name();
    name.trim_start_matches("DELIVERY_STATE_").to_lowercase()
}
