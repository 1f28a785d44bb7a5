//! One person's conversation with the business, as both phones show it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::watch;

use super::media::{MediaKind, Medium};
use super::person::Person;
use super::rules::PairMeter;

/// One bubble.
#[derive(Clone, Debug, Serialize)]
pub struct ChatEntry {
    /// WhatsApp's id of it.
    pub wamid: String,
    /// Who wrote it.
    pub side: Side,
    /// When.
    pub at: Timestamp,
    /// What it says.
    pub text: String,
    /// What can be tapped below it.
    pub buttons: Vec<Button>,
    /// The file it carries.
    pub file: Option<ShownFile>,
    /// What the other side put on it: one emoji.
    pub reaction: Option<String>,
    /// The message it answers, by id.
    pub quoted: Option<String>,
    /// How far it has come.
    pub ticks: Ticks,
    /// The JSON that went over the wire: the webhook's body or the Graph request.
    pub wire: String,
    /// How long the person waited for it, in milliseconds. Only on what the business wrote.
    pub answer_ms: Option<u64>,
    /// The trace that the Graph call belonged to.
    pub trace_id: Option<String>,
    /// How often the webhook was sent until it was taken, or why the message failed.
    pub note: Option<String>,
    /// When, by a clock that does not jump.
    #[serde(skip)]
    pub(crate) instant: Instant,
}

/// Who wrote something.
#[derive(Clone, Copy, Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The person with the phone.
    Person,
    /// The business number.
    Business,
}

/// How far a message has come.
#[derive(Clone, Copy, Debug, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub enum Ticks {
    /// Under way.
    Pending,
    /// Will not arrive.
    Failed,
    /// One tick.
    Sent,
    /// Two ticks; for what a person wrote: the gateway answered 200.
    Delivered,
    /// Two blue ticks.
    Read,
}

/// A reply button or a row of a list.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Button {
    /// What comes back when it is tapped.
    pub id: String,
    /// What it says.
    pub title: String,
    /// What it is a part of.
    pub kind: ButtonKind,
}

/// What a button is a part of.
#[derive(Clone, Copy, Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum ButtonKind {
    /// A message with buttons.
    Reply,
    /// A list.
    Row,
    /// A template.
    Template,
}

/// A file in a bubble.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct ShownFile {
    /// Its id.
    pub id: String,
    /// What it is to WhatsApp.
    pub kind: MediaKind,
    /// Its MIME type.
    pub mime_type: String,
    /// Its name, of documents.
    pub filename: Option<String>,
    /// How large it is, in bytes.
    pub size: usize,
}

impl ChatEntry {
    /// Returns an empty bubble that is under way.
    pub(crate) fn new(wamid: String, side: Side, at: Timestamp) -> Self {
        Self {
            wamid,
            side,
            at,
            text: String::new(),
            buttons: Vec::new(),
            file: None,
            reaction: None,
            quoted: None,
            ticks: Ticks::Pending,
            wire: String::new(),
            answer_ms: None,
            trace_id: None,
            note: None,
            instant: Instant::now(),
        }
    }
}

impl ShownFile {
    pub(crate) fn of(kind: MediaKind, medium: &Medium) -> Self {
        Self {
            id: medium.id.clone(),
            kind,
            mime_type: medium.mime_type.clone(),
            filename: medium.filename.clone(),
            size: medium.content.len(),
        }
    }
}

/// The conversation with one person.
#[derive(Debug)]
pub(crate) struct Chat {
    person: RwLock<Arc<Person>>,
    /// Whether the user id is theirs, and not one made up for somebody who never wrote.
    pub(crate) has_user_id: bool,
    pub(crate) pair_meter: PairMeter,
    /// The newest time at which they wrote something that may be answered freely.
    window_opened_at: Mutex<Option<Timestamp>>,
    entries: Mutex<Vec<ChatEntry>>,
    changed: watch::Sender<()>,
}

impl Chat {
    pub(crate) fn new(person: Person, has_user_id: bool) -> Self {
        let person = RwLock::new(Arc::new(person));
        Self {
            person,
            has_user_id,
            pair_meter: PairMeter::default(),
            window_opened_at: Mutex::default(),
            entries: Mutex::default(),
            changed: watch::Sender::new(()),
        }
    }

    /// Makes them somebody else, as a new number does.
    pub(crate) fn become_person(&self, person: Person) {
        *self.person.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(person);
    }

    /// Returns the newest time at which they wrote something that may be answered freely.
    pub(crate) fn window_opened_at(&self) -> Option<Timestamp> {
        *self.window_opened_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens the window at a time; one that was opened later stays.
    pub(crate) fn open_window(&self, at: Timestamp) {
        let mut opened_at = self.window_opened_at.lock().unwrap_or_else(PoisonError::into_inner);
        *opened_at = (*opened_at).max(Some(at));
    }

    /// Moves the opening of the window to a time in the past.
    pub(crate) fn backdate_window(&self, at: Timestamp) {
        *self.window_opened_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
    }

    /// Returns who they are now.
    pub(crate) fn person(&self) -> Arc<Person> {
        Arc::clone(&self.person.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds a bubble and returns it as it stands, the waiting time filled in.
    pub(crate) fn push(&self, mut entry: ChatEntry) -> ChatEntry {
        let mut entries = self.lock();
        if entry.side == Side::Business {
            entry.answer_ms = asked_at(&entries, entry.quoted.as_deref())
                .and_then(|asked| u64::try_from(entry.instant.duration_since(asked).as_millis()).ok());
        }
        entries.push(entry.clone());
        drop(entries);
        self.changed.send_replace(());
        entry
    }

    /// Moves the ticks of a bubble up, never down, and returns it when that changed it.
    pub(crate) fn tick(&self, wamid: &str, ticks: Ticks, note: Option<String>) -> Option<ChatEntry> {
        let mut entries = self.lock();
        let entry = entries.iter_mut().rev().find(|entry| entry.wamid == wamid)?;
        if entry.ticks >= ticks {
            return None;
        }
        entry.ticks = ticks;
        entry.note = note.or_else(|| entry.note.take());
        let changed = entry.clone();
        drop(entries);
        self.changed.send_replace(());
        Some(changed)
    }

    /// Changes a bubble and returns it.
    pub(crate) fn change(&self, wamid: &str, change: impl FnOnce(&mut ChatEntry)) -> Option<ChatEntry> {
        let mut entries = self.lock();
        let entry = entries.iter_mut().rev().find(|entry| entry.wamid == wamid)?;
        change(entry);
        let changed = entry.clone();
        drop(entries);
        self.changed.send_replace(());
        Some(changed)
    }

    pub(crate) fn entries(&self) -> Vec<ChatEntry> {
        self.lock().clone()
    }

    pub(crate) fn find(&self, wamid: &str) -> Option<ChatEntry> {
        self.lock().iter().rev().find(|entry| entry.wamid == wamid).cloned()
    }

    /// Waits until `look` finds what it looks for.
    pub(crate) async fn wait_for<T>(&self, mut look: impl FnMut(&[ChatEntry]) -> Option<T>) -> T {
        let mut changes = self.changed.subscribe();
        loop {
            changes.mark_unchanged();
            if let Some(found) = look(&self.lock()) {
                return found;
            }
            changes.changed().await.expect("the sender lives as long as the chat");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<ChatEntry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns when the question was asked that a reply answers: the quoted one, else the newest.
fn asked_at(entries: &[ChatEntry], quoted: Option<&str>) -> Option<Instant> {
    let mut questions = entries.iter().rev().filter(|entry| entry.side == Side::Person);
    match quoted {
        Some(wamid) => questions.find(|entry| entry.wamid == wamid),
        None => questions.next(),
    }
    .map(|entry| entry.instant)
}

/// Returns the reply to a message: the one that quotes it, else the first that quotes nothing and came after it.
pub(crate) fn reply_to(entries: &[ChatEntry], wamid: &str) -> Option<ChatEntry> {
    let asked = entries.iter().position(|entry| entry.wamid == wamid)?;
    let replies = || entries[asked + 1..].iter().filter(|entry| entry.side == Side::Business);
    replies()
        .find(|reply| reply.quoted.as_deref() == Some(wamid))
        .or_else(|| replies().find(|reply| reply.quoted.is_none()))
        .cloned()
}
