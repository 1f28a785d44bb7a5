//! What a test can let people do.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::MetaSim;
use super::account_event::AccountEvent;
use super::acting::Way;
use super::chat::{ButtonKind, Chat, Side};
use super::media::{Attachment, INBOUND_LENGTH_MAX, NewMedium};
use super::person::Person;
use super::webhook::{Act, Forwarded, Rider};
use super::world::World;
use crate::hearsay::Hearsay;

/// A message that a person sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// WhatsApp's id of it.
    pub wamid: String,
}

/// A file that a person sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentFile {
    /// WhatsApp's id of the message.
    pub wamid: String,
    /// The id of the file; `None` when it was too large to get one.
    pub media_id: Option<String>,
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
    /// That it was passed on.
    pub forwarded: Option<Forwarded>,
    /// The advertisement or post that led here: `source_url`, `source_id`, `source_type` and so on.
    pub referral: Option<Value>,
    /// The group it was written in.
    pub group_id: Option<String>,
    /// Whether another handler owns the chat: it comes under the field `standby`.
    pub is_standby: bool,
    /// How long ago it was written: Meta delivers late and keeps the time of writing.
    pub written_earlier: Duration,
}

impl SayOptions {
    pub(crate) fn rider(&self) -> Rider {
        Rider {
            quoted: self.quoted.clone(),
            without_phone: self.without_phone,
            forwarded: self.forwarded,
            referral: self.referral.clone(),
            group_id: self.group_id.clone(),
        }
    }

    pub(crate) fn way(&self) -> Way {
        let written_earlier = SignedDuration::try_from(self.written_earlier).unwrap_or_default();
        Way { copies: self.copies, written_earlier, is_standby: self.is_standby }
    }
}

impl MetaSim {
    /// Lets a person write; the webhook is delivered in the background until the gateway takes it.
    pub fn say(&self, person: &Person, text: impl Into<String>) -> Sent {
        self.say_with(person, text, &SayOptions::default())
    }

    /// Lets a person write in an unusual way.
    pub fn say_with(&self, person: &Person, text: impl Into<String>, options: &SayOptions) -> Sent {
        self.act(person, &Act::Text(text.into()), options)
    }

    /// Lets a person send a file.
    pub fn send_file(&self, person: &Person, attachment: Attachment) -> SentFile {
        self.send_file_with(person, attachment, &SayOptions::default())
    }

    /// Lets a person send a file in an unusual way. One above 100 MB gets no id: error 131052 comes in its place.
    pub fn send_file_with(&self, person: &Person, attachment: Attachment, options: &SayOptions) -> SentFile {
        let chat = self.chat_of(person.clone());
        let act = attach(&self.world, attachment);
        let media_id = act.file().map(|file| file.id);
        SentFile { wamid: self.world.act(&chat, &act, &options.rider(), options.way()), media_id }
    }

    /// Notes what a recording or a picture says, for the simulated Gemini that shares these notes.
    pub fn note_words(&self, content: &[u8], words: impl Into<String>) {
        self.world.hearsay.note(content, words);
    }

    /// Returns the notes of what recordings and pictures say.
    pub fn hearsay(&self) -> Hearsay {
        self.world.hearsay.clone()
    }

    /// Lets a person send a message of any type: `body` goes under the key `kind`.
    pub fn send_raw(&self, person: &Person, kind: &str, body: Value, options: &SayOptions) -> Sent {
        self.act(person, &Act::Other { kind: kind.to_owned(), body: Some(body) }, options)
    }

    /// Lets a person tap a button or choose a row of a message they got.
    pub fn tap(&self, person: &Person, wamid: &str, button_id: &str) -> Result<Sent> {
        let chat = self.chat_of(person.clone());
        let act = tap_of(&chat, wamid, button_id)?;
        Ok(self.act(person, &act, &SayOptions { quoted: Some(wamid.to_owned()), ..SayOptions::default() }))
    }

    /// Lets a person put an emoji on a message.
    pub fn react(&self, person: &Person, wamid: &str, emoji: &str) -> Sent {
        let act = Act::Reaction { wamid: wamid.to_owned(), emoji: Some(emoji.to_owned()) };
        self.act(person, &act, &SayOptions::default())
    }

    /// Lets a person take an emoji back.
    pub fn take_reaction_back(&self, person: &Person, wamid: &str) -> Sent {
        self.act(person, &Act::Reaction { wamid: wamid.to_owned(), emoji: None }, &SayOptions::default())
    }

    /// Lets a person change what they wrote: as `unsupported` on plain numbers, as `edit` where the rules tell edits.
    pub fn edit(&self, person: &Person, wamid: &str, text: &str) -> Sent {
        let chat = self.chat_of(person.clone());
        Sent { wamid: self.world.edit(&chat, wamid, text) }
    }

    /// Lets a person take a message back: as `unsupported` on plain numbers, as `revoke` where the rules tell edits.
    pub fn delete(&self, person: &Person, wamid: &str) -> Sent {
        let chat = self.chat_of(person.clone());
        Sent { wamid: self.world.delete(&chat, wamid) }
    }

    /// Lets a person do something that the API does not carry, for example `poll_creation`; `None`: not even its kind.
    pub fn send_unsupported(&self, person: &Person, kind: Option<&str>) -> Sent {
        let act = Act::Unsupported { kind: kind.map(str::to_owned), code: 131_051 };
        self.act(person, &act, &SayOptions::default())
    }

    /// Lets a person send contacts.
    pub fn send_contacts(&self, person: &Person, cards: &[ContactCard]) -> Sent {
        let cards: Vec<Value> = cards.iter().map(ContactCard::json).collect();
        self.send_raw(person, "contacts", Value::Array(cards), &SayOptions::default())
    }

    /// Lets a person send where they are.
    pub fn send_location(&self, person: &Person, latitude: f64, longitude: f64, name: Option<&str>) -> Sent {
        let mut body = json!({"latitude": latitude, "longitude": longitude});
        if let Some(name) = name {
            body["name"] = json!(name);
        }
        self.send_raw(person, "location", body, &SayOptions::default())
    }

    /// Lets a person order from a catalogue: ids with quantities and prices, as Meta's JSON has them.
    pub fn send_order(&self, person: &Person, catalog_id: &str, product_items: &Value) -> Sent {
        let body = json!({"catalog_id": catalog_id, "product_items": product_items});
        self.send_raw(person, "order", body, &SayOptions::default())
    }

    /// Gives a person a new number, and with it a new user id; the gateway is told. Returns who they are now.
    pub fn change_number(&self, person: &Person, phone: &str, user_id: &str) -> Result<Person> {
        let chat = self.chat_of(person.clone());
        let now = Person { phone: Some(phone.to_owned()), user_id: user_id.to_owned(), ..person.clone() };
        self.world.move_person(&chat, now, true)
    }

    /// Gives a person a new user id; the gateway is told. Returns who they are now.
    pub fn change_user_id(&self, person: &Person, user_id: &str) -> Result<Person> {
        let chat = self.chat_of(person.clone());
        let now = Person { user_id: user_id.to_owned(), ..Person::clone(&chat.person()) };
        self.world.move_person(&chat, now, true)
    }

    /// Makes a person somebody else without a word to the gateway: the notice may come later, or never.
    pub fn change_silently(&self, person: &Person, now: Person) -> Result<Person> {
        let chat = self.chat_of(person.clone());
        self.world.move_person(&chat, now, false)
    }

    /// Lets a human of the business write from the app on a phone; the gateway gets an echo.
    pub fn echo(&self, person: &Person, text: &str) -> Sent {
        let chat = self.chat_of(person.clone());
        Sent { wamid: self.world.echo(&chat, text) }
    }

    /// Tells the gateway something about the account, the number or a template. A template's state changes with it.
    pub fn tell(&self, event: &AccountEvent) {
        self.world.tell_event(event);
    }

    fn act(&self, person: &Person, act: &Act, options: &SayOptions) -> Sent {
        let chat = self.chat_of(person.clone());
        Sent { wamid: self.world.act(&chat, act, &options.rider(), options.way()) }
    }
}

/// Somebody in a person's address book.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactCard {
    /// What they are called.
    pub name: String,
    /// Their number as it is written in the address book.
    pub phone: Option<String>,
    /// Their number as WhatsApp knows it; `None` when it knows none.
    pub wa_id: Option<String>,
}

impl ContactCard {
    fn json(&self) -> Value {
        let mut card = json!({"name": {"formatted_name": self.name, "first_name": self.name}});
        if let Some(phone) = &self.phone {
            card["phones"] = json!([{"phone": phone, "type": "CELL"}]);
            if let Some(wa_id) = &self.wa_id {
                card["phones"][0]["wa_id"] = json!(wa_id);
            }
        }
        card
    }
}

/// Gives a person's file an id and returns the message that carries it.
pub(crate) fn attach(world: &Arc<World>, attachment: Attachment) -> Act {
    let Attachment { kind, mime_type, content, filename, caption, is_voice } = attachment;
    if content.len() > INBOUND_LENGTH_MAX {
        return Act::Unsupported { kind: None, code: 131_052 };
    }
    let now = world.clock.now();
    let medium = world.media.keep(NewMedium { by: Side::Person, mime_type, filename, content }, now);
    let url = world
        .media
        .manner()
        .has_inline_url
        .then(|| format!("http://{}{}", world.address, world.media.link(&medium, now)));
    Act::Media { kind, medium, caption, is_voice, url }
}

/// Returns what tapping a button of a message sends.
pub(crate) fn tap_of(chat: &Chat, wamid: &str, button_id: &str) -> Result<Act> {
    let message = chat.find(wamid).with_context(|| format!("no message {wamid} in this chat"))?;
    let Some(button) = message.buttons.into_iter().find(|button| button.id == button_id) else {
        bail!("message {wamid} has no such button");
    };
    let (id, title) = (button.id, button.title);
    Ok(match button.kind {
        ButtonKind::Reply => Act::Button { id, title },
        ButtonKind::Row => Act::Row { id, title },
        ButtonKind::Template => Act::TemplateButton { payload: id, text: title },
    })
}
