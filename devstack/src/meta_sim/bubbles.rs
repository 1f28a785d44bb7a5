//! What stands in the chats: bubbles, ticks, and the emoji on them.

use std::sync::{Arc, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::chat::{Chat, ChatEntry, Side, Ticks};
use super::world::{Event, World};

/// How old a message may be that an emoji is put on.
const REACTION_AGE_MAX: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Whose a message is.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    pub(crate) chat: Arc<Chat>,
    pub(crate) side: Side,
    is_reaction: bool,
    at: Timestamp,
}

impl World {
    /// Puts a message into a chat and on the open pages.
    pub(crate) fn put(&self, chat: &Arc<Chat>, entry: ChatEntry) {
        self.own(&entry.wamid, chat, entry.side, false);
        let entry = chat.push(entry);
        self.show(chat, entry);
    }

    /// Puts an emoji on a message; empty takes it back. It has an id and no bubble.
    pub(crate) fn put_reaction(&self, reaction_id: &str, chat: &Arc<Chat>, side: Side, wamid: &str, emoji: &str) {
        self.own(reaction_id, chat, side, true);
        let emoji = (!emoji.is_empty()).then(|| emoji.to_owned());
        if let Some(entry) = chat.change(wamid, |entry| entry.reaction = emoji) {
            self.show(chat, entry);
        }
    }

    /// Returns whether an emoji can be put on a message.
    pub(crate) fn can_be_reacted_to(&self, wamid: &str) -> bool {
        let now = self.clock.now();
        self.owner_of(wamid).is_some_and(|owner| !owner.is_reaction && now.duration_since(owner.at) < REACTION_AGE_MAX)
    }

    /// Shows a message, and those before it, as read by the business.
    pub(crate) fn mark_read(&self, wamid: &str, is_typing: bool) {
        let Some(Owner { chat, .. }) = self.owner_of(wamid) else { return };
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
    pub(crate) fn owner_of(&self, wamid: &str) -> Option<Owner> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).get(wamid).cloned()
    }

    pub(crate) fn show(&self, chat: &Chat, entry: ChatEntry) {
        self.publish(|| Event::Entry { person: chat.person().user_id.clone(), entry: Box::new(entry) });
    }

    fn own(&self, wamid: &str, chat: &Arc<Chat>, side: Side, is_reaction: bool) {
        let owner = Owner { chat: Arc::clone(chat), side, is_reaction, at: self.clock.now() };
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).insert(wamid.to_owned(), owner);
    }
}
