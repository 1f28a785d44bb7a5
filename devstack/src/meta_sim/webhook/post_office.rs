//! Makes webhooks come as they do on bad days: several in one, out of order, twice, or much later.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use rand::seq::SliceRandom as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{BusinessNumber, Courier, Webhook};
use crate::meta_sim::world::World;

/// How long updates are collected before they leave together or shuffled.
const COLLECTING_TIME: Duration = Duration::from_millis(100);
/// The most updates in one webhook.
const BATCH_MAX: usize = 1_000;

/// How updates come to the gateway.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct DeliveryManner {
    /// How often each webhook is delivered beyond the first time.
    pub extra_copies: usize,
    /// How many updates are collected and delivered out of order, one after the other; up to 1: none.
    pub shuffled: usize,
    /// How many updates come in one webhook; up to 1: each in its own.
    pub batched: usize,
    /// Whether nothing is delivered until it is released: with the clock moved on meanwhile, that is hours late.
    pub is_held: bool,
}

/// Something the gateway is told.
#[derive(Clone)]
pub(crate) struct Update {
    field: String,
    /// The body that carries it alone, and the same signed.
    envelope: Value,
    webhook: Webhook,
}

/// An update that waits, and who wants to know when it was taken.
struct Waiting {
    update: Update,
    taken: oneshot::Sender<Option<u32>>,
}

#[derive(Default)]
pub(crate) struct PostOffice {
    manner: RwLock<DeliveryManner>,
    waiting: Mutex<Vec<Waiting>>,
}

impl DeliveryManner {
    fn is_plain(&self) -> bool {
        self.shuffled <= 1 && self.batched <= 1 && !self.is_held
    }

    fn bag_size(&self) -> usize {
        self.shuffled.max(self.batched)
    }
}

impl Update {
    /// Writes and signs an update of a field; `at` is for those fields that tell when it happened.
    pub(crate) fn new(world: &World, field: &str, value: Value, at: Option<Timestamp>, wamid: Option<&str>) -> Self {
        let envelope = envelope(&world.number, vec![Change { field: field.to_owned(), value }], at);
        let webhook = world.courier.seal(&envelope, wamid.map(str::to_owned).into_iter().collect());
        Self { field: field.to_owned(), envelope, webhook }
    }

    fn into_change(self) -> Change {
        let mut envelope = self.envelope;
        let value = envelope.pointer_mut("/entry/0/changes/0/value").map(Value::take).unwrap_or_default();
        Change { field: self.field, value }
    }

    /// Returns the body that carries it alone.
    pub(crate) fn body(&self) -> String {
        String::from_utf8_lossy(&self.webhook.body).into_owned()
    }
}

impl PostOffice {
    pub(crate) fn manner(&self) -> DeliveryManner {
        *self.manner.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Vec<Waiting> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl World {
    /// Delivers an update as the manner of the day has it, and returns how many attempts it took.
    pub(crate) async fn post(self: Arc<Self>, update: Update) -> Option<u32> {
        let manner = self.post_office.manner();
        if manner.is_plain() {
            return deliver(&self, &update.webhook, manner.extra_copies).await;
        }
        let (taken, outcome) = oneshot::channel();
        let count = {
            let mut waiting = self.post_office.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.push(Waiting { update, taken });
            waiting.len()
        };
        if !manner.is_held {
            if count >= manner.bag_size() {
                self.release_updates();
            } else if count == 1 {
                let world = Arc::clone(&self);
                self.spawn(async move {
                    tokio::time::sleep(COLLECTING_TIME).await;
                    if !world.post_office.manner().is_held {
                        world.release_updates();
                    }
                });
            }
        }
        outcome.await.unwrap_or(None)
    }

    /// Sets how updates come; what was collected so far leaves, unless nothing is to leave.
    pub(crate) fn set_delivery(self: &Arc<Self>, manner: DeliveryManner) {
        *self.post_office.manner.write().unwrap_or_else(PoisonError::into_inner) = manner;
        if !manner.is_held {
            self.release_updates();
        }
    }

    /// Sends off what was collected, and returns how many updates that were.
    pub(crate) fn release_updates(self: &Arc<Self>) -> usize {
        let mut bag = self.post_office.take();
        let count = bag.len();
        if count == 0 {
            return 0;
        }
        let manner = self.post_office.manner();
        if manner.shuffled > 1 {
            bag.shuffle(&mut rand::rng());
        }
        let world = Arc::clone(self);
        self.spawn(async move {
            let batch_size = manner.batched.clamp(1, BATCH_MAX);
            let mut bag = bag.into_iter().peekable();
            while bag.peek().is_some() {
                let batch: Vec<Waiting> = bag.by_ref().take(batch_size).collect();
                let sending = send_batch(Arc::clone(&world), batch, manner.extra_copies);
                if manner.shuffled > 1 {
                    sending.await; // one after the other, or the order would be the network's
                } else {
                    world.spawn(sending);
                }
            }
        });
        count
    }
}

async fn send_batch(world: Arc<World>, batch: Vec<Waiting>, extra_copies: usize) {
    let (updates, taken): (Vec<_>, Vec<_>) = batch.into_iter().map(|waiting| (waiting.update, waiting.taken)).unzip();
    let attempts = if let [alone] = updates.as_slice() {
        deliver(&world, &alone.webhook, extra_copies).await
    } else {
        let wamids = updates.iter().flat_map(|update| update.webhook.wamids().iter().cloned()).collect();
        let changes = joined(updates.into_iter().map(Update::into_change).collect());
        let webhook = world.courier.seal(&envelope(&world.number, changes, None), wamids);
        deliver(&world, &webhook, extra_copies).await
    };
    for sender in taken {
        sender.send(attempts).ok(); // nobody may be waiting any more
    }
}

/// Delivers a webhook so many times more than once, all at once, and returns how it went the first time.
async fn deliver(world: &Arc<World>, webhook: &Webhook, extra_copies: usize) -> Option<u32> {
    for _ in 0..extra_copies {
        let (world_of_copy, webhook) = (Arc::clone(world), webhook.clone());
        world.spawn(async move {
            world_of_copy.courier.deliver(&webhook).await;
        });
    }
    Courier::deliver(&world.courier, webhook).await
}

/// One element of `changes`.
struct Change {
    field: String,
    value: Value,
}

/// Puts every second update into the value before it, where both are lists of the same kind: Meta does both.
fn joined(changes: Vec<Change>) -> Vec<Change> {
    let mut joined: Vec<Change> = Vec::new();
    let mut may_join = false;
    for change in changes {
        let before = joined.last_mut().filter(|before| may_join && before.field == change.field);
        let has_joined = before.is_some_and(|before| join(&mut before.value, &change.value));
        may_join = !has_joined;
        if !has_joined {
            joined.push(change);
        }
    }
    joined
}

fn join(before: &mut Value, value: &Value) -> bool {
    let list =
        ["messages", "statuses"].into_iter().find(|list| before.get(list).is_some() && value.get(list).is_some());
    let Some(list) = list else { return false };
    for name in [list, "contacts"] {
        let Some(items) = value.get(name).and_then(Value::as_array) else { continue };
        if before.get(name).is_none() {
            before[name] = json!([]);
        }
        if let Some(target) = before[name].as_array_mut() {
            target.extend(items.iter().cloned());
        }
    }
    true
}

/// Returns the whole body; many changes are split into two entries of the same account.
fn envelope(number: &BusinessNumber, changes: Vec<Change>, at: Option<Timestamp>) -> Value {
    let half = if changes.len() > 2 { changes.len().div_ceil(2) } else { changes.len().max(1) };
    let mut entries = Vec::with_capacity(2);
    let mut changes = changes.into_iter().map(Change::json).peekable();
    while changes.peek().is_some() {
        let mut entry = json!({"id": number.waba_id});
        if let Some(at) = at {
            entry["time"] = json!(at.as_second());
        }
        entry["changes"] = changes.by_ref().take(half).collect();
        entries.push(entry);
    }
    let mut envelope = json!({"object": "whatsapp_business_account"});
    envelope["entry"] = Value::Array(entries);
    envelope
}

impl Change {
    fn json(self) -> Value {
        let mut change = json!({"field": self.field});
        change["value"] = self.value;
        change
    }
}
