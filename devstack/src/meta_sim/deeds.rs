//! What a test can let people do.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use jiff::SignedDuration;
use serde_json::Value;

use super::MetaSim;
use super::chat::{Chat, Side};
use super::media::{Attachment, INBOUND_LENGTH_MAX, NewMedium};
use super::person::Person;
use super::webhook::{Act, Forwarded, Rider};
use super::world::{Way, World};

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
        Way { copies: self.copies, written_earlier }
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

    fn act(&self, person: &Person, act: &Act, options: &SayOptions) -> Sent {
        let chat = self.chat_of(person.clone());
        Sent { wamid: self.world.act(&chat, act, &options.rider(), options.way()) }
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
    Ok(if button.is_row { Act::Row { id, title } } else { Act::Button { id, title } })
}
