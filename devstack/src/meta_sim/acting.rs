//! What follows when somebody does something: a bubble, and a webhook until the gateway takes it.

use std::sync::Arc;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::chat::{Chat, ChatEntry, Side, Ticks};
use super::person::Person;
use super::webhook::{Act, Rider, Update};
use super::world::{World, new_wamid};

/// How a message comes to the gateway, when it is not the usual way.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Way {
    /// How often, all at once; 0 counts as 1.
    pub(crate) copies: usize,
    /// How long before its delivery it was written.
    pub(crate) written_earlier: SignedDuration,
    /// Whether another handler owns the chat: the field is `standby`.
    pub(crate) is_standby: bool,
}

impl World {
    /// Lets a person do something and delivers it; returns the message's id at once.
    pub(crate) fn act(self: &Arc<Self>, chat: &Arc<Chat>, act: &Act, rider: &Rider, way: Way) -> String {
        let wamid = new_wamid();
        let at = self.clock.now() - way.written_earlier;
        let with_phone = !rider.without_phone && !self.rules().hides_phones;
        let value = self.number.message_value(&chat.person(), &wamid, at, with_phone, act, rider);
        let field = if way.is_standby { "standby" } else { "messages" };
        if act.opens_window() && rider.group_id.is_none() {
            chat.open_window(at);
        }
        self.number_meter.count(self.clock.now());
        let update = Update::new(self, field, value, None, Some(&wamid));
        self.show_act(chat, &wamid, at, act, rider, &update);
        for _ in 1..way.copies {
            self.carry(Arc::clone(chat), wamid.clone(), update.clone());
        }
        self.carry(Arc::clone(chat), wamid.clone(), update);
        wamid
    }

    /// Tells the gateway something that is nobody's message.
    pub(crate) fn tell(self: &Arc<Self>, field: &str, value: Value) {
        let at = (!["messages", "standby", "smb_message_echoes"].contains(&field)).then(|| self.clock.now());
        let update = Update::new(self, field, value, at, None);
        let world = Arc::clone(self);
        self.spawn(async move {
            world.post(update).await;
        });
    }

    /// Lets a human of the business write from the app on a phone, and echoes it to the gateway.
    pub(crate) fn echo(self: &Arc<Self>, chat: &Arc<Chat>, text: &str) -> String {
        let wamid = new_wamid();
        let (at, person) = (self.clock.now(), chat.person());
        let mut echo = json!({"from": self.number.display_phone_number, "to_user_id": person.user_id, "id": wamid,
                              "timestamp": at.as_second().to_string(), "type": "text", "text": {"body": text}});
        if let Some(phone) = &person.phone {
            echo["to"] = json!(phone);
        }
        let entry = ChatEntry {
            text: text.to_owned(),
            ticks: Ticks::Delivered,
            note: Some("written by a human in the app".to_owned()),
            wire: echo.to_string(),
            ..ChatEntry::new(wamid.clone(), Side::Business, at)
        };
        self.put(chat, entry);
        self.tell("smb_message_echoes", self.number.value("message_echoes", &Value::Null, &echo));
        wamid
    }

    /// Lets a person change what they wrote.
    pub(crate) fn edit(self: &Arc<Self>, chat: &Arc<Chat>, wamid: &str, text: &str) -> String {
        let act = if self.rules().tells_edits {
            Act::Edit { wamid: wamid.to_owned(), text: text.to_owned() }
        } else {
            Act::Unsupported { kind: Some("edit".to_owned()), code: 131_051 }
        };
        self.act_on(chat, wamid, &act, "edited", Some(text))
    }

    /// Lets a person take a message back.
    pub(crate) fn delete(self: &Arc<Self>, chat: &Arc<Chat>, wamid: &str) -> String {
        let act = if self.rules().tells_edits {
            Act::Revoke { wamid: wamid.to_owned() }
        } else {
            Act::Unsupported { kind: None, code: 131_051 } // a capture shows no more than this
        };
        self.act_on(chat, wamid, &act, "deleted", None)
    }

    /// Does something to an earlier message: its bubble changes, and the gateway is told as far as Meta tells it.
    fn act_on(self: &Arc<Self>, chat: &Arc<Chat>, wamid: &str, act: &Act, note: &str, text: Option<&str>) -> String {
        let change = |entry: &mut ChatEntry| {
            entry.note = Some(note.to_owned());
            text.unwrap_or_default().clone_into(&mut entry.text);
            entry.file = None;
        };
        if let Some(entry) = chat.change(wamid, change) {
            self.show(chat, entry);
        }
        self.act(chat, act, &Rider::default(), Way::default())
    }

    /// Makes a person somebody else, and tells the gateway when that is wanted.
    pub(crate) fn move_person(self: &Arc<Self>, chat: &Arc<Chat>, now: Person, is_told: bool) -> Result<Person> {
        let was = chat.person();
        self.change_identity(chat, now.clone())?;
        if is_told {
            let notice = identity_notice(&was, &now, self.clock.now());
            self.tell("messages", self.number.value("messages", &Value::Null, &notice));
        }
        Ok(now)
    }

    fn show_act(&self, chat: &Arc<Chat>, wamid: &str, at: Timestamp, act: &Act, rider: &Rider, update: &Update) {
        if let Act::Reaction { wamid: on, emoji } = act {
            return self.put_reaction(wamid, chat, Side::Person, on, emoji.as_deref().unwrap_or_default());
        }
        let entry = ChatEntry {
            text: act.shown(),
            file: act.file(),
            quoted: rider.quoted.clone(),
            wire: update.body(),
            ..ChatEntry::new(wamid.to_owned(), Side::Person, at)
        };
        self.put(chat, entry);
    }

    /// Delivers a message and moves its ticks when it was taken.
    fn carry(self: &Arc<Self>, chat: Arc<Chat>, wamid: String, update: Update) {
        let world = Arc::clone(self);
        self.spawn(async move {
            let (ticks, note) = match Arc::clone(&world).post(update).await {
                Some(1) => (Ticks::Delivered, None),
                Some(count) => (Ticks::Delivered, Some(format!("taken at attempt {count}"))),
                None => (Ticks::Failed, Some("given up: the gateway never answered 200".to_owned())),
            };
            if let Some(entry) = chat.tick(&wamid, ticks, note) {
                world.show(&chat, entry);
            }
        });
    }
}

/// Returns the `system` message that tells of a new number or user id: it has no `contacts` beside it.
fn identity_notice(was: &Person, now: &Person, at: Timestamp) -> Value {
    let has_new_number = was.phone != now.phone;
    let kind = if has_new_number { "user_changed_number" } else { "user_changed_user_id" };
    let what = if has_new_number { "phone number" } else { "user ID" };
    let mut system = json!({"type": kind, "body": format!("{} changed their {what}", was.name),
                            "user_id": now.user_id, "previous_user_id": was.user_id});
    let mut notice = json!({"id": new_wamid(), "timestamp": at.as_second().to_string(), "type": "system"});
    if has_new_number {
        if let Some(phone) = &now.phone {
            system["wa_id"] = json!(phone);
        }
        if let Some(phone) = &was.phone {
            notice["from"] = json!(phone);
        }
    }
    notice["system"] = system;
    notice
}
