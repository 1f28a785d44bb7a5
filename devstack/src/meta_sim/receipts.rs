//! Receipts: what Meta tells the gateway of a message it accepted.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use serde_json::{Value, json};

use super::chat::{Chat, Ticks};
use super::graph::GraphError;
use super::options::ReceiptMode;
use super::record::SentMessage;
use super::webhook::{Webhook, contact};
use super::world::World;

/// What becomes of an accepted message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    /// It reaches the phone and is read.
    Arrives,
    /// It does not, for the reason with this code.
    Fails(u32),
}

/// A receipt that is written and signed.
#[derive(Clone, Debug)]
pub(crate) struct Receipt {
    chat: Arc<Chat>,
    wamid: String,
    ticks: Ticks,
    note: Option<String>,
    webhook: Webhook,
}

const STEPS: [(Ticks, &str); 3] = [(Ticks::Sent, "sent"), (Ticks::Delivered, "delivered"), (Ticks::Read, "read")];

/// Reports a message in the manner that is set, at the pace that is set.
pub(crate) async fn report(world: Arc<World>, chat: Arc<Chat>, sent: Arc<SentMessage>, fate: Fate) {
    let mode = world.receipt_mode();
    let mut receipts = match fate {
        _ if mode == ReceiptMode::Off => return,
        Fate::Arrives => arriving(&world, &chat, &sent),
        Fate::Fails(code) => vec![failed(&world, &chat, &sent, code)],
    };
    if mode == ReceiptMode::Reversed {
        receipts.reverse();
    }
    if mode == ReceiptMode::Withheld {
        world.withheld.lock().unwrap_or_else(PoisonError::into_inner).append(&mut receipts);
        return;
    }
    let pace = world.receipt_pace;
    let began = tokio::time::Instant::now();
    for (receipt, due) in receipts.into_iter().zip([pace.sent, pace.delivered, pace.read]) {
        tokio::time::sleep_until(began + due).await;
        // Meta delivers in parallel: a slow gateway may get the next one before it has answered the last.
        if mode == ReceiptMode::Duplicated {
            world.spawn(deliver(Arc::clone(&world), receipt.clone()));
        }
        world.spawn(deliver(Arc::clone(&world), receipt));
    }
}

/// Reports a message whole and returns when the gateway has taken every receipt.
pub(crate) async fn report_at_once(world: &Arc<World>, chat: &Arc<Chat>, sent: &SentMessage) {
    for receipt in arriving(world, chat, sent) {
        deliver(Arc::clone(world), receipt).await;
    }
}

/// Delivers one receipt; the ticks move when the gateway knows.
pub(crate) async fn deliver(world: Arc<World>, receipt: Receipt) {
    if world.courier.deliver(&receipt.webhook).await.is_some()
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

fn arriving(world: &World, chat: &Arc<Chat>, sent: &SentMessage) -> Vec<Receipt> {
    let pricing = world.price();
    let step = |(ticks, word): (Ticks, &str)| {
        let mut status = status(world, chat, sent, word);
        if ticks != Ticks::Read {
            status["pricing"] = pricing.clone(); // on `sent` and on one of `delivered` and `read`
        }
        let contact = chat.has_user_id.then(|| contact(&chat.person(), chat.person().phone.is_some()));
        seal(world, chat, sent, ticks, None, contact.as_ref(), &status)
    };
    STEPS.into_iter().map(step).collect()
}

fn failed(world: &World, chat: &Arc<Chat>, sent: &SentMessage, code: u32) -> Receipt {
    let mut status = status(world, chat, sent, "failed");
    if sent.to.is_some()
        && let Some(map) = status.as_object_mut()
    {
        map.remove("recipient_user_id"); // Meta leaves it out of a failure of a message to a phone
    }
    status["errors"] = json!([GraphError::of_code(code).in_receipt()]);
    seal(world, chat, sent, Ticks::Failed, Some(format!("failed with error {code}")), None, &status)
}

fn status(world: &World, chat: &Chat, sent: &SentMessage, step: &str) -> Value {
    let mut status = json!({"id": sent.wamid, "status": step, "timestamp": world.clock.now().as_second().to_string()});
    if let Some(phone) = &chat.person().phone {
        status["recipient_id"] = json!(phone);
    }
    if chat.has_user_id {
        status["recipient_user_id"] = json!(chat.person().user_id);
    }
    if let Some(data) = &sent.callback_data {
        status["biz_opaque_callback_data"] = json!(data);
    }
    status
}

fn seal(
    world: &World,
    chat: &Arc<Chat>,
    sent: &SentMessage,
    ticks: Ticks,
    note: Option<String>,
    contact: Option<&Value>,
    status: &Value,
) -> Receipt {
    let envelope = world.number.envelope(&world.number.status_value(contact, status));
    let webhook = world.courier.seal(&envelope, Arc::from([sent.wamid.clone()]));
    Receipt { chat: Arc::clone(chat), wamid: sent.wamid.clone(), ticks, note, webhook }
}

impl World {
    /// Returns what the next delivered reply costs: free until the month's allowance is used up.
    fn price(&self) -> Value {
        let delivered = self.priced_count.fetch_add(1, Ordering::Relaxed);
        if delivered < self.free_service_messages {
            json!({"billable": false, "pricing_model": "PMP", "type": "free_customer_service", "category": "service"})
        } else {
            json!({"billable": true, "pricing_model": "PMP", "type": "regular", "category": "service"})
        }
    }
}
