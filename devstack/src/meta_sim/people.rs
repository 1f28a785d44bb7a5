//! Everybody with a phone, found by either name; names change.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError};

use anyhow::{Context as _, Result, ensure};

use super::chat::Chat;
use super::graph::Addressee;
use super::person::Person;
use super::world::{Event, World};

/// Everybody, found by either name.
#[derive(Default)]
pub(crate) struct People {
    in_order: Vec<Arc<Chat>>,
    /// Former ids lead here too: tests hold on to people by them.
    by_user_id: HashMap<String, Arc<Chat>>,
    by_phone: HashMap<String, Arc<Chat>>,
    /// Numbers and ids that nobody has any more.
    gone: HashSet<String>,
}

impl World {
    /// Adds a person, or returns the chat of the one who is or was known by that user id.
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

    /// Gives somebody a new number, a new user id or both; what they had before is nobody's from then on.
    pub(crate) fn change_identity(&self, chat: &Arc<Chat>, now: Person) -> Result<()> {
        now.check()?;
        let was = chat.person();
        let mut people = self.people.write().unwrap_or_else(PoisonError::into_inner);
        let taken = people.by_user_id.get(&now.user_id).is_some_and(|other| !Arc::ptr_eq(other, chat));
        ensure!(!taken, "somebody else has that user id");
        if let Some(phone) = was.phone.as_ref().filter(|phone| Some(*phone) != now.phone.as_ref()) {
            people.by_phone.remove(phone);
            people.gone.insert(phone.clone());
        }
        if was.user_id != now.user_id {
            people.gone.insert(was.user_id.clone());
        }
        people.by_user_id.insert(now.user_id.clone(), Arc::clone(chat));
        people.gone.remove(&now.user_id);
        if let Some(phone) = &now.phone {
            people.by_phone.insert(phone.clone(), Arc::clone(chat));
            people.gone.remove(phone);
        }
        chat.become_person(now.clone());
        drop(people);
        self.publish(|| Event::Identity { was: was.user_id.clone(), person: now });
        Ok(())
    }

    /// Returns whether a message would go to a name that nobody has any more.
    pub(crate) fn is_gone(&self, addressee: &Addressee) -> bool {
        let people = self.people.read().unwrap_or_else(PoisonError::into_inner);
        match addressee {
            Addressee::Phone { digits: name, .. } | Addressee::UserId(name) => people.gone.contains(name),
            Addressee::Nobody { .. } => false,
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
}
