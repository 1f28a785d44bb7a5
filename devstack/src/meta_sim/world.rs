//! What the simulator knows, shared by all its doors.

use std::collections::HashMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Instant;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};
use jiff::SignedDuration;
use platform::clock::Clock;
use serde::Serialize;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::chat::{Chat, ChatEntry, Side, Ticks};
use super::graph::{Addressee, Faults, GraphError, Tokens};
use super::manage::Account;
use super::media;
use super::options::{ReceiptMode, ReceiptPace};
use super::person::Person;
use super::receipts::Receipt;
use super::record::{Log, Refusal, SentMessage};
use super::webhook::{Act, BusinessNumber, Courier, Rider};
use crate::hearsay::Hearsay;

pub(crate) struct World {
    pub(crate) number: BusinessNumber,
    pub(crate) address: SocketAddr,
    pub(crate) tokens: Tokens,
    /// The code that everything is refused with, while the number is halted.
    pub(crate) halt: RwLock<Option<u32>>,
    pub(crate) account: Account,
    pub(crate) clock: Clock,
    pub(crate) courier: Courier,
    pub(crate) faults: Faults,
    pub(crate) media: media::Store,
    pub(crate) hearsay: Hearsay,
    pub(crate) sent: Log<SentMessage>,
    pub(crate) refusals: Log<Refusal>,
    pub(crate) receipt_pace: ReceiptPace,
    pub(crate) receipt_mode: RwLock<ReceiptMode>,
    pub(crate) withheld: Mutex<Vec<Receipt>>,
    pub(crate) free_service_messages: u64,
    pub(crate) priced_count: AtomicU64,
    pub(crate) people: RwLock<People>,
    /// Whose chat each message is in, and who wrote it.
    pub(crate) messages: Mutex<HashMap<String, (Arc<Chat>, Side)>>,
    pub(crate) events: broadcast::Sender<Event>,
    pub(crate) runtime: tokio::runtime::Handle,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
}

/// Everybody, found by either name.
#[derive(Default)]
pub(crate) struct People {
    in_order: Vec<Arc<Chat>>,
    by_user_id: HashMap<String, Arc<Chat>>,
    by_phone: HashMap<String, Arc<Chat>>,
}

/// How a message comes to the gateway, when it is not the usual way.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Way {
    /// How often, all at once; 0 counts as 1.
    pub(crate) copies: usize,
    /// How long before its delivery it was written.
    pub(crate) written_earlier: SignedDuration,
}

/// Something the chat page shows at once.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    /// A bubble is new or has changed.
    Entry { person: String, entry: Box<ChatEntry> },
    /// The business is typing.
    Typing { person: String },
    /// A person is new.
    Person { person: Person },
}

impl World {
    /// Adds a person, or returns the chat of the one who is known by that user id.
    pub(crate) fn add_person(&self, person: Person) -> Result<Arc<Chat>> {
        person.check()?;
        let mut people = self.people.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(chat) = people.by_user_id.get(&person.user_id) {
            return Ok(Arc::clone(chat));
        }
        let chat = Arc::new(Chat::new(person.clone(), true));
        people.in_order.push(Arc::clone(&chat));
        people.by_user_id.insert(person.user_id.clone(), Arc::clone(&chat));
        if let Some(phone) = &person.phone {
            people.by_phone.insert(phone.clone(), Arc::clone(&chat));
        }
        drop(people);
        self.publish(|| Event::Person { person });
        Ok(chat)
    }

    /// Adds somebody of whom one name is known, because the business wrote to them.
    fn add_stranger(&self, addressee: &Addressee) -> Option<Arc<Chat>> {
        let mut people = self.people.write().unwrap_or_else(PoisonError::into_inner);
        match addressee {
            Addressee::Phone { digits, .. } => {
                // The user id is only our own name for them: it goes into no webhook.
                let chat = Arc::new(Chat::new(Person::new("", digits, format!("ZZ.{digits}")), false));
                Some(Arc::clone(people.by_phone.entry(digits.clone()).or_insert(chat)))
            }
            Addressee::UserId(user_id) => {
                let chat = Arc::new(Chat::new(Person::without_phone("", user_id), true));
                Some(Arc::clone(people.by_user_id.entry(user_id.clone()).or_insert(chat)))
            }
            Addressee::Nobody { .. } => None,
        }
    }

    pub(crate) fn chats(&self) -> Vec<Arc<Chat>> {
        self.people.read().unwrap_or_else(PoisonError::into_inner).in_order.clone()
    }

    pub(crate) fn chat(&self, user_id: &str) -> Result<Arc<Chat>> {
        let people = self.people.read().unwrap_or_else(PoisonError::into_inner);
        people.by_user_id.get(user_id).cloned().with_context(|| format!("nobody has the user id {user_id}"))
    }

    /// Returns the chat a message goes to; `None` when it reaches nobody. Somebody unknown becomes known:
    /// the simulator cannot tell who of the world has WhatsApp.
    pub(crate) fn chat_of(&self, addressee: &Addressee) -> Option<Arc<Chat>> {
        let known = {
            let people = self.people.read().unwrap_or_else(PoisonError::into_inner);
            match addressee {
                Addressee::Phone { digits, .. } => people.by_phone.get(digits).cloned(),
                Addressee::UserId(user_id) => people.by_user_id.get(user_id).cloned(),
                Addressee::Nobody { .. } => return None,
            }
        };
        known.or_else(|| self.add_stranger(addressee))
    }

    /// Lets a person do something and delivers it; returns the message's id at once.
    pub(crate) fn act(self: &Arc<Self>, chat: &Arc<Chat>, act: &Act, rider: &Rider, way: Way) -> String {
        let wamid = new_wamid();
        let at = self.clock.now() - way.written_earlier;
        let value = self.number.message_value(&chat.person(), &wamid, at, act, rider);
        let webhook = self.courier.seal(&self.number.envelope(&value), Arc::from([wamid.clone()]));
        let entry = ChatEntry {
            wamid: wamid.clone(),
            side: Side::Person,
            at,
            text: act.shown(),
            buttons: Vec::new(),
            file: act.file(),
            reaction: None,
            quoted: rider.quoted.clone(),
            ticks: Ticks::Pending,
            wire: String::from_utf8_lossy(&webhook.body).into_owned(),
            answer_ms: None,
            trace_id: None,
            note: None,
            instant: Instant::now(),
        };
        self.put(chat, entry);
        for _ in 0..way.copies.max(1) {
            let (world, chat, webhook, wamid) = (Arc::clone(self), Arc::clone(chat), webhook.clone(), wamid.clone());
            self.spawn(async move {
                let attempts = world.courier.deliver(&webhook).await;
                let (ticks, note) = match attempts {
                    Some(1) => (Ticks::Delivered, None),
                    Some(count) => (Ticks::Delivered, Some(format!("taken at attempt {count}"))),
                    None => (Ticks::Failed, Some("given up: the gateway never answered 200".to_owned())),
                };
                if let Some(entry) = chat.tick(&wamid, ticks, note) {
                    world.show(&chat, entry);
                }
            });
        }
        wamid
    }

    /// Shows a message, and those before it, as read by the business.
    pub(crate) fn mark_read(&self, wamid: &str, is_typing: bool) {
        let Some((chat, _)) = self.owner_of(wamid) else { return };
        for entry in chat.entries().iter().filter(|entry| entry.side == Side::Person) {
            if let Some(entry) = chat.tick(&entry.wamid, Ticks::Read, None) {
                self.show(&chat, entry);
            }
            if entry.wamid == wamid {
                break;
            }
        }
        if is_typing {
            self.publish(|| Event::Typing { person: chat.person().user_id.clone() });
        }
    }

    /// Returns whose chat a message is in, and who wrote it.
    pub(crate) fn owner_of(&self, wamid: &str) -> Option<(Arc<Chat>, Side)> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).get(wamid).cloned()
    }

    /// Puts a message into a chat and on the open pages.
    pub(crate) fn put(&self, chat: &Arc<Chat>, entry: ChatEntry) {
        let owner = (Arc::clone(chat), entry.side);
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).insert(entry.wamid.clone(), owner);
        let entry = chat.push(entry);
        self.show(chat, entry);
    }

    /// Returns the address of this simulator as a caller knows it.
    pub(crate) fn base_url(&self, headers: &HeaderMap) -> String {
        let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
        host.map_or_else(|| format!("http://{}", self.address), |host| format!("http://{host}"))
    }

    /// Refuses everything while the number is halted.
    pub(crate) fn check_halt(&self) -> Result<(), GraphError> {
        let code = *self.halt.read().unwrap_or_else(PoisonError::into_inner);
        code.map_or(Ok(()), |code| Err(GraphError::of_code(code)))
    }

    pub(crate) fn receipt_mode(&self) -> ReceiptMode {
        *self.receipt_mode.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn show(&self, chat: &Chat, entry: ChatEntry) {
        self.publish(|| Event::Entry { person: chat.person().user_id.clone(), entry: Box::new(entry) });
    }

    /// Tells the open pages; costs nothing when there are none.
    fn publish(&self, event: impl FnOnce() -> Event) {
        if self.events.receiver_count() > 0 {
            self.events.send(event()).ok(); // the last page may just have gone
        }
    }

    /// Runs something until it is done or the simulator stops. Callers need not be in a runtime.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn_on(self.stop.clone().run_until_cancelled_owned(work), &self.runtime);
    }
}

/// Returns an id as WhatsApp makes them: opaque, and long.
pub(crate) fn new_wamid() -> String {
    let random: [u8; 30] = rand::random();
    format!("wamid.{}", STANDARD.encode(random))
}
