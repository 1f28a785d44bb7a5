//! Meta's side of WhatsApp, simulated over its own wire protocol.
//!
//! - `graph`: what the messenger calls, strict by the reference, with faults on demand
//! - `manage`: what an operator calls: token, number, account, subscriptions, and each way they can be broken
//! - `webhook`: what the gateway gets: escaped, signed and repeated as Meta does it
//! - `receipts`: what follows a send
//! - `chat`, `person`: who writes, and what their phones show
//! - `record`: what happened, for tests to ask about
//! - `control`: the same by HTTP under `/_sim/`, and the chat page
//! - `world`: the state behind all of them
//!
//! Section numbers in comments are those of the WhatsApp reference.

mod chat;
pub(crate) mod control;
mod graph;
mod manage;
mod options;
mod person;
mod receipts;
mod record;
pub mod webhook;
mod world;

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use axum::middleware;
use serde_json::Value;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use chat::{Button, ChatEntry, Side, Ticks};
pub use graph::SendFault;
pub use manage::{AccountOptions, Ailment, Entity, MessageTemplate};
pub use options::{MetaSimOptions, ReceiptMode, ReceiptPace, RetrySchedule};
pub use person::Person;
pub use record::{DeliveryAttempt, Refusal, SentMessage};

use crate::script::When;
use webhook::{Act, BusinessNumber, Courier, CourierOptions, Rider};
use world::World;

/// How many changes a chat page may lag behind before it has to read everything again.
const EVENT_BACKLOG_MAX: usize = 1_024;

/// A running simulator. Clones are handles on the same one.
#[derive(Clone)]
pub struct MetaSim {
    world: Arc<World>,
    address: SocketAddr,
}

/// A message that a person sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// WhatsApp's id of it.
    pub wamid: String,
}

/// How a message is sent, when it is not the usual way.
#[derive(Clone, Debug, Default)]
pub struct SayOptions {
    /// The message it answers, by id.
    pub quoted: Option<String>,
    /// How often the webhook is delivered, all at once; 0 counts as 1.
    pub copies: usize,
    /// Leaves the phone number out, as Meta does for people with usernames.
    pub without_phone: bool,
}

impl MetaSim {
    /// Starts the simulator; it runs until [`MetaSim::stop`].
    pub fn start(options: MetaSimOptions) -> Result<Self> {
        let address = options.listener.local_addr().context("ask the listener for its address")?;
        let account = manage::Account::new(&options);
        let courier = Courier::new(CourierOptions {
            app_secret: options.app_secret,
            verify_token: options.verify_token,
            url: options.webhook_url,
            retry: options.retry,
            in_flight_max: options.parallel_deliveries,
            clock: options.clock.clone(),
        })?;
        let world = Arc::new(World {
            number: BusinessNumber {
                waba_id: options.waba_id,
                phone_number_id: options.phone_number_id,
                display_phone_number: options.display_phone_number,
            },
            access_token: options.access_token,
            account,
            clock: options.clock,
            courier,
            script: crate::script::Script::default(),
            sent: record::Log::default(),
            refusals: record::Log::default(),
            receipt_pace: options.receipt_pace,
            receipt_mode: RwLock::new(if options.receipts { ReceiptMode::InOrder } else { ReceiptMode::Off }),
            withheld: std::sync::Mutex::default(),
            free_service_messages: options.free_service_messages,
            priced_count: std::sync::atomic::AtomicU64::new(0),
            people: RwLock::default(),
            messages: std::sync::Mutex::default(),
            events: broadcast::Sender::new(EVENT_BACKLOG_MAX),
            runtime: tokio::runtime::Handle::try_current().context("start the simulator inside a runtime")?,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        });
        let router = graph::routes().merge(control::routes()).merge(manage::routes());
        let router = router.layer(middleware::from_fn_with_state(Arc::clone(&world), manage::answer));
        let router = router.with_state(Arc::clone(&world));
        world.tasks.spawn(crate::wire::serve(options.listener, router, world.stop.clone()));
        Ok(Self { world, address })
    }

    /// Returns the address of the chat page and of Graph: `GRAPH_API_URL`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Adds a person. One who is known by that user id stays as they are.
    pub fn person(&self, person: Person) -> Person {
        self.world.add_person(person).expect("tests and the stack make people WhatsApp could know").person.clone()
    }

    /// Lets a person write; the webhook is delivered in the background until the gateway takes it.
    pub fn say(&self, person: &Person, text: impl Into<String>) -> Sent {
        self.say_with(person, text, &SayOptions::default())
    }

    /// Lets a person write in an unusual way.
    pub fn say_with(&self, person: &Person, text: impl Into<String>, options: &SayOptions) -> Sent {
        self.act(person, &Act::Text(text.into()), options)
    }

    /// Lets a person send a message of any type: `body` goes under the key `kind`.
    pub fn send_raw(&self, person: &Person, kind: &str, body: Value, options: &SayOptions) -> Sent {
        self.act(person, &Act::Other { kind: kind.to_owned(), body }, options)
    }

    /// Lets a person tap a button or choose a row of a message they got.
    pub fn tap(&self, person: &Person, wamid: &str, button_id: &str) -> Result<Sent> {
        let chat = self.world.add_person(person.clone())?;
        let act = tap_of(&chat, wamid, button_id)?;
        Ok(self.act(person, &act, &SayOptions { quoted: Some(wamid.to_owned()), ..SayOptions::default() }))
    }

    /// Waits for the reply to a message: the one that quotes it, else the first after it that quotes nothing.
    pub async fn wait_for_reply(&self, person: &Person, after_wamid: &str, timeout: Duration) -> Result<ChatEntry> {
        let chat = self.world.add_person(person.clone())?;
        let reply = chat.wait_for(|entries| chat::reply_to(entries, after_wamid));
        tokio::time::timeout(timeout, reply).await.with_context(|| format!("no reply to {after_wamid} in {timeout:?}"))
    }

    /// Waits until a bubble of this person's chat has come at least this far.
    pub async fn wait_for_ticks(&self, person: &Person, wamid: &str, ticks: Ticks, timeout: Duration) -> Result<()> {
        let chat = self.world.add_person(person.clone())?;
        let reached = chat
            .wait_for(|entries| entries.iter().any(|entry| entry.wamid == wamid && entry.ticks >= ticks).then_some(()));
        tokio::time::timeout(timeout, reached)
            .await
            .with_context(|| format!("{wamid} did not become {ticks:?} in {timeout:?}"))
    }

    /// Delivers a webhook around any value of the field `messages`, until the gateway takes it.
    pub fn post_value(&self, value: &Value) {
        self.post_envelope(&self.world.number.envelope(value));
    }

    /// Signs and delivers a whole webhook, until the gateway takes it.
    pub fn post_envelope(&self, envelope: &Value) {
        let webhook = self.world.courier.seal(envelope, Arc::from([]));
        let world = Arc::clone(&self.world);
        self.world.spawn(async move {
            world.courier.deliver(&webhook).await;
        });
    }

    /// Makes the verification call that Meta makes when a callback address is saved.
    pub async fn verify(&self) -> Result<()> {
        self.world.courier.verify().await
    }

    /// Points webhooks at another address.
    pub fn set_webhook_url(&self, url: impl Into<String>) {
        self.world.courier.set_url(url.into());
    }

    /// Breaks the account in one more way.
    pub fn ail(&self, ailment: &Ailment) {
        self.world.account.ail(ailment);
    }

    /// Takes the account back to how it began.
    pub fn heal(&self) {
        self.world.account.heal();
    }

    /// Makes coming sends go wrong. Rules are looked at in the order they were added.
    pub fn fail_sends(&self, when: When, fault: SendFault) {
        self.world.script.add(when, fault, None);
    }

    /// Makes coming sends to one person go wrong.
    pub fn fail_sends_to(&self, person: &Person, when: When, fault: SendFault) {
        self.world.script.add(when, fault, Some(person.user_id.clone()));
    }

    /// Lets sends go right again.
    pub fn clear_faults(&self) {
        self.world.script.clear();
    }

    /// Sets what becomes of the receipts of messages that are sent from now on.
    pub fn set_receipts(&self, mode: ReceiptMode) {
        *self.world.receipt_mode.write().unwrap_or_else(PoisonError::into_inner) = mode;
    }

    /// Delivers the receipts that were withheld, and returns how many.
    pub fn release_receipts(&self) -> usize {
        receipts::release(&self.world)
    }

    /// Returns every message that Graph accepted, oldest first.
    pub fn sent(&self) -> Vec<Arc<SentMessage>> {
        self.world.sent.all()
    }

    /// Returns how many messages Graph accepted.
    pub fn sent_count(&self) -> usize {
        self.world.sent.len()
    }

    /// Returns every call that Graph refused, cut or left unanswered without sending, oldest first.
    pub fn refusals(&self) -> Vec<Arc<Refusal>> {
        self.world.refusals.all()
    }

    /// Returns every attempt to deliver a webhook, in the order they ended.
    pub fn deliveries(&self) -> Vec<Arc<DeliveryAttempt>> {
        self.world.courier.attempts.all()
    }

    /// Forgets sends, refusals and deliveries; the chats stay.
    pub fn clear_records(&self) {
        self.world.sent.clear();
        self.world.refusals.clear();
        self.world.courier.attempts.clear();
    }

    /// Returns a person's chat, oldest first.
    pub fn transcript(&self, person: &Person) -> Vec<ChatEntry> {
        self.world.chat(&person.user_id).map(|chat| chat.entries()).unwrap_or_default()
    }

    /// Stops everything at once, deliveries and open connections too, and frees the port.
    pub async fn stop(&self) {
        self.world.stop.cancel();
        self.world.tasks.close();
        self.world.tasks.wait().await;
    }

    fn act(&self, person: &Person, act: &Act, options: &SayOptions) -> Sent {
        let chat = self.world.add_person(person.clone()).expect("tests and the stack make people WhatsApp could know");
        let rider = Rider { quoted: options.quoted.clone(), without_phone: options.without_phone };
        Sent { wamid: self.world.act(&chat, act, &rider, options.copies) }
    }
}

/// Returns what tapping a button of a message sends.
pub(crate) fn tap_of(chat: &chat::Chat, wamid: &str, button_id: &str) -> Result<Act> {
    let message = chat.find(wamid).with_context(|| format!("no message {wamid} in this chat"))?;
    let Some(button) = message.buttons.into_iter().find(|button| button.id == button_id) else {
        bail!("message {wamid} has no such button");
    };
    let (id, title) = (button.id, button.title);
    Ok(if button.is_row { Act::Row { id, title } } else { Act::Button { id, title } })
}
