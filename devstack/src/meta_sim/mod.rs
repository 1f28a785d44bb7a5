//! Meta's side of WhatsApp, simulated over its own wire protocol.
//!
//! - `graph`: what the messenger calls, strict by the reference, with faults on demand
//! - `manage`: what an operator calls: token, number, account, subscriptions, and each way they can be broken
//! - `webhook`: what the gateway gets: escaped, signed and repeated as Meta does it
//! - `receipts`: what follows a send
//! - `person`, `people`, `chat`, `bubbles`: who writes, and what their phones show
//! - `acting`: what follows when somebody does something
//! - `account_event`: what Meta tells of the account, the number and its templates
//! - `rules`, `template`: Meta's limits, and the texts it approved
//! - `media`: files and how long they can be had
//! - `deeds`, `trouble`: what a test can let people do, and let go wrong
//! - `record`: what happened, for tests to ask about
//! - `control`: the same by HTTP under `/_sim/`, and the chat page
//! - `world`: the state behind all of them
//!
//! Section numbers in comments are those of the WhatsApp reference.

mod account_event;
mod acting;
mod bubbles;
mod chat;
pub(crate) mod control;
mod deeds;
mod graph;
mod manage;
mod media;
mod options;
mod people;
mod person;
mod receipts;
mod record;
mod rules;
mod template;
mod trouble;
pub mod webhook;
mod world;

use std::net::SocketAddr;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::middleware;
use serde_json::Value;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use account_event::{AccountEvent, SecurityEvent};
pub use chat::{Button, ButtonKind, ChatEntry, ShownFile, Side, Ticks};
pub use deeds::{ContactCard, SayOptions, Sent, SentFile};
pub use graph::{DownloadFault, LookupFault, SendFault};
pub use manage::{AccountOptions, Ailment, Entity, MessageTemplate};
pub use media::{Attachment, HashStyle, MediaKind, MediaManner, SizeStyle};
pub use options::{MetaSimOptions, ReceiptMode, ReceiptPace, RetrySchedule};
pub use person::Person;
pub use record::{DeliveryAttempt, Refusal, SentMessage};
pub use rules::{PairLimit, Rules, WindowRule};
pub use template::{TemplateButton, TemplateForm};
pub use webhook::{DeliveryManner, Forwarded};

use webhook::{BusinessNumber, Courier, CourierOptions};
use world::World;

/// How many changes a chat page may lag behind before it has to read everything again.
const EVENT_BACKLOG_MAX: usize = 1_024;

/// A running simulator. Clones are handles on the same one.
#[derive(Clone)]
pub struct MetaSim {
    world: Arc<World>,
    address: SocketAddr,
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
            address,
            tokens: graph::Tokens::new(options.access_token),
            halt: RwLock::default(),
            rules: RwLock::new(options.rules),
            number_meter: rules::NumberMeter::default(),
            account,
            clock: options.clock,
            courier,
            post_office: webhook::PostOffice::default(),
            faults: graph::Faults::default(),
            media: media::Store::new(options.media),
            hearsay: options.hearsay,
            sent: record::Log::default(),
            refusals: record::Log::default(),
            receipt_pace: options.receipt_pace,
            receipt_mode: RwLock::new(if options.receipts { ReceiptMode::InOrder } else { ReceiptMode::Off }),
            withheld: std::sync::Mutex::default(),
            free_tier: receipts::FreeTier::new(options.free_service_messages),
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
        world.set_delivery(options.delivery);
        world.tasks.spawn(crate::wire::serve(options.listener, router, world.stop.clone()));
        Ok(Self { world, address })
    }

    /// Returns the address of the chat page and of Graph: `GRAPH_API_URL`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Adds a person. One who is known by that user id stays as they are.
    pub fn person(&self, person: Person) -> Person {
        Person::clone(&self.chat_of(person).person())
    }

    /// Waits for the reply to a message: the one that quotes it, else the first after it that quotes nothing.
    pub async fn wait_for_reply(&self, person: &Person, after_wamid: &str, timeout: Duration) -> Result<ChatEntry> {
        let chat = self.chat_of(person.clone());
        let reply = chat.wait_for(|entries| chat::reply_to(entries, after_wamid));
        tokio::time::timeout(timeout, reply).await.with_context(|| format!("no reply to {after_wamid} in {timeout:?}"))
    }

    /// Waits until a bubble of this person's chat has come at least this far.
    pub async fn wait_for_ticks(&self, person: &Person, wamid: &str, ticks: Ticks, timeout: Duration) -> Result<()> {
        let chat = self.chat_of(person.clone());
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

    fn chat_of(&self, person: Person) -> Arc<chat::Chat> {
        self.world.add_person(person).expect("tests and the stack make people WhatsApp could know")
    }
}
