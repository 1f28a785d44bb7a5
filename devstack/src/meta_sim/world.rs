//! What the simulator knows, shared by all its doors.

use std::collections::HashMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};
use jiff::SignedDuration;
use platform::clock::Clock;
use serde::Serialize;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::bubbles::Owner;
use super::chat::{Chat, ChatEntry};
use super::graph::{Faults, GraphError, Tokens};
use super::manage::Account;
use super::media;
use super::options::{ReceiptMode, ReceiptPace};
use super::people::People;
use super::person::Person;
use super::receipts::{FreeTier, Receipt};
use super::record::{Log, Refusal, SentMessage};
use super::rules::{NumberMeter, Rules, WINDOW};
use super::webhook::{BusinessNumber, Courier, PostOffice};
use crate::hearsay::Hearsay;

pub(crate) struct World {
    pub(crate) number: BusinessNumber,
    pub(crate) account: Account,
    pub(crate) address: SocketAddr,
    pub(crate) tokens: Tokens,
    /// The code that everything is refused with, while the number is halted.
    pub(crate) halt: RwLock<Option<u32>>,
    pub(crate) rules: RwLock<Rules>,
    pub(crate) number_meter: NumberMeter,
    pub(crate) clock: Clock,
    pub(crate) courier: Courier,
    pub(crate) post_office: PostOffice,
    pub(crate) faults: Faults,
    pub(crate) media: media::Store,
    pub(crate) hearsay: Hearsay,
    pub(crate) sent: Log<SentMessage>,
    pub(crate) refusals: Log<Refusal>,
    pub(crate) receipt_pace: ReceiptPace,
    pub(crate) receipt_mode: RwLock<ReceiptMode>,
    pub(crate) withheld: Mutex<Vec<Receipt>>,
    pub(crate) free_tier: FreeTier,
    pub(crate) people: RwLock<People>,
    /// Whose chat each message is in, and who wrote it.
    pub(crate) messages: Mutex<HashMap<String, Owner>>,
    pub(crate) events: broadcast::Sender<Event>,
    pub(crate) runtime: tokio::runtime::Handle,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
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
    /// A person has a new number or user id.
    Identity { was: String, person: Person },
}

impl World {
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

    pub(crate) fn rules(&self) -> Rules {
        *self.rules.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn receipt_mode(&self) -> ReceiptMode {
        *self.receipt_mode.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether a person can be written to without a template.
    pub(crate) fn is_window_open(&self, chat: &Chat) -> bool {
        match chat.window_opened_at() {
            Some(opened_at) => self.clock.now().duration_since(opened_at) <= WINDOW,
            None => !self.rules().strangers_need_templates,
        }
    }

    /// Lets a person's 24 hours be over.
    pub(crate) fn close_window(&self, chat: &Chat) {
        chat.backdate_window(self.clock.now() - WINDOW - SignedDuration::from_secs(1));
    }

    /// Tells the open pages; costs nothing when there are none.
    pub(crate) fn publish(&self, event: impl FnOnce() -> Event) {
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
