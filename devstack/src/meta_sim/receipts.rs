//! Receipts: what Meta tells the gateway of a message it accepted.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::chat::{Chat, Ticks};
use super::graph::GraphError;
use super::options::ReceiptMode;
use super::record::SentMessage;
use super::webhook::{Update, contact};
use super::world::World;

/// What becomes of an accepted message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    /// It reaches the phone and is read.
    Arrives,
    /// It reaches the phone and is read and listened to.
    IsPlayed,
    /// It is sent, and that is all one hears of it: reactions.
    IsSent,
    /// It does not arrive, for the reason with this code.
    Fails(u32),
}

/// A receipt on its way.
#[derive(Clone, Debug)]
pub(crate) struct Receipt {
    chat: Arc<Chat>,
    wamid: String,
    ticks: Ticks,
    note: Option<String>,
    status: Value,
    contact: Value,
}

const SENT: (Ticks, &str) = (Ticks::Sent, "sent");
const DELIVERED: (Ticks, &str) = (Ticks::Delivered, "delivered");
const READ: (Ticks, &str) = (Ticks::Read, "read");
const PLAYED: (Ticks, &str) = (Ticks::Read, "played");

/// Reports a message in the manner that is set, at the pace that is set.
pub(crate) async fn report(world: Arc<World>, chat: Arc<Chat>, sent: Arc<SentMessage>, fate: Fate) {
    let mode = world.receipt_mode();
    if mode == ReceiptMode::Off {
        return;
    }
    let mut receipts = receipts_of(&world, &chat, &sent, fate, mode);
    if mode == ReceiptMode::Reversed {
        receipts.reverse();
    }
    if mode == ReceiptMode::Withheld {
        world.withheld.lock().unwrap_or_else(PoisonError::into_inner).append(&mut receipts);
        return;
    }
    let pace = world.receipt_pace;
    let began = tokio::time::Instant::now();
    for (receipt, due) in receipts.into_iter().zip([pace.sent, pace.delivered, pace.read, pace.read * 2]) {
        tokio::time::sleep_until(began + due).await;
        // Meta delivers in parallel: a slow gateway may get the next one before it has answered the last.
        if mode == ReceiptMode::Duplicated {
            world.spawn(deliver(Arc::clone(&world), receipt.clone()));
        }
        world.spawn(deliver(Arc::clone(&world), receipt));
    }
}

/// Reports a message whole and returns when the gateway has taken every receipt.
pub(crate) async fn report_at_once(world: &Arc<World>, chat: &Arc<Chat>, sent: &SentMessage, fate: Fate) {
    for receipt in receipts_of(world, chat, sent, fate, ReceiptMode::InOrder) {
        deliver(Arc::clone(world), receipt).await;
    }
}

/// Delivers one receipt; the ticks move when the gateway knows.
pub(crate) async fn deliver(world: Arc<World>, receipt: Receipt) {
    let value = world.number.status_value(&receipt.contact, &receipt.status);
    let update = Update::new(&world, "messages", value, None, Some(&receipt.wamid));
    if Arc::clone(&world).post(update).await.is_some()
        && let Some(entry) = receipt.chat.tick(&receipt.wamid, receipt.ticks, receipt.note)
    {
        world.show(&receipt.chat, entry);
    }
}

/// Delivers the receipts that were withheld, all at once, and returns how many.
pub(crate) fn release(world: &Arc<World>) -> usize {
    let held = std::mem::take(&mut *world.withheld.lock().unwrap_or_else(PoisonError::into_inner));
    let count = held.len();
    for receipt in held {
        world.spawn(deliver(Arc::clone(world), receipt));
    }
    count
}

fn receipts_of(world: &World, chat: &Arc<Chat>, sent: &SentMessage, fate: Fate, mode: ReceiptMode) -> Vec<Receipt> {
    let steps: &[(Ticks, &str)] = match (fate, mode) {
        (Fate::Fails(code), _) => return vec![failed(world, chat, sent, code)],
        (Fate::IsSent, _) => &[SENT],
        (_, ReceiptMode::Unread) => &[SENT, DELIVERED],
        (_, ReceiptMode::ChatOpen) => &[SENT, READ],
        (Fate::IsPlayed, _) => &[SENT, DELIVERED, READ, PLAYED],
        (Fate::Arrives, _) => &[SENT, DELIVERED, READ],
    };
    // On `sent` and on one of `delivered` and `read`; whether a reaction costs is said nowhere.
    let pricing = (!matches!(fate, Fate::IsSent)).then(|| world.free_tier.price(sent.category, world.clock.now()));
    let step = |(index, (ticks, word)): (usize, &(Ticks, &str))| {
        let mut status = status(world, chat, sent, word);
        if index < 2
            && let Some(pricing) = &pricing
        {
            status["pricing"] = pricing.clone();
        }
        let person = chat.person();
        let contact = if chat.has_user_id { contact(&person, person.phone.is_some()) } else { Value::Null };
        receipt(chat, sent, *ticks, None, contact, status)
    };
    steps.iter().enumerate().map(step).collect()
}

fn failed(world: &World, chat: &Arc<Chat>, sent: &SentMessage, code: u32) -> Receipt {
    let mut status = status(world, chat, sent, "failed");
    if sent.to.is_some()
        && let Some(map) = status.as_object_mut()
    {
        map.remove("recipient_user_id"); // Meta leaves it out of a failure of a message to a phone
    }
    status["errors"] = json!([GraphError::of_code(code).in_receipt()]);
    receipt(chat, sent, Ticks::Failed, Some(format!("failed with error {code}")), Value::Null, status)
}

fn status(world: &World, chat: &Chat, sent: &SentMessage, step: &str) -> Value {
    let mut status = json!({"id": sent.wamid, "status": step, "timestamp": world.clock.now().as_second().to_string()});
    let person = chat.person();
    if let Some(phone) = &person.phone {
        status["recipient_id"] = json!(phone);
    }
    if chat.has_user_id {
        status["recipient_user_id"] = json!(person.user_id);
    }
    if let Some(data) = &sent.callback_data {
        status["biz_opaque_callback_data"] = json!(data);
    }
    status
}

fn receipt(
    chat: &Arc<Chat>,
    sent: &SentMessage,
    ticks: Ticks,
    note: Option<String>,
    contact: Value,
    status: Value,
) -> Receipt {
    Receipt { chat: Arc::clone(chat), wamid: sent.wamid.clone(), ticks, note, status, contact }
}

/// How many replies of the month were free so far.
#[derive(Debug)]
pub(crate) struct FreeTier {
    allowance: u64,
    month: Mutex<Month>,
}

#[derive(Debug, Default)]
struct Month {
    year: i16,
    number: i8,
    delivered_count: u64,
}

impl FreeTier {
    pub(crate) fn new(allowance: u64) -> Self {
        Self { allowance, month: Mutex::default() }
    }

    /// Returns what the next delivered message costs: replies are free until the month's allowance is used up.
    fn price(&self, category: &str, now: Timestamp) -> Value {
        let is_free = category == "service" && self.take(now);
        let kind = if is_free { "free_customer_service" } else { "regular" };
        json!({"billable": !is_free, "pricing_model": "PMP", "type": kind, "category": category})
    }

    fn take(&self, now: Timestamp) -> bool {
        let today = now.to_zoned(TimeZone::UTC);
        let mut month = self.month.lock().unwrap_or_else(PoisonError::into_inner);
        if (month.year, month.number) != (today.year(), today.month()) {
            *month = Month { year: today.year(), number: today.month(), delivered_count: 0 };
        }
        month.delivered_count += 1;
        month.delivered_count <= self.allowance
    }
}
