//! Who acts in a script, and what their phones show.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use devstack::meta_sim::{Button, ButtonKind, ChatEntry, ContactCard, Forwarded, Person, SayOptions, Side, Ticks};
use serde_json::Value;

use super::script::{Act, Manner, Script};
use super::stage::Stage;

/// How often a phone is looked at.
const GLANCE: Duration = Duration::from_millis(5);
/// How long a webhook may take to be taken.
const DELIVERY_MAX: Duration = Duration::from_mins(1);

/// Everybody of a script.
pub(super) struct People<'a> {
    stage: &'a Stage,
    phones: HashMap<String, Phone>,
}

struct Phone {
    person: Person,
    /// How many answers were looked at.
    seen: usize,
    /// What was written in ways that the phone does not show: text and id.
    written: Vec<(String, String)>,
    has_acted: bool,
}

impl<'a> People<'a> {
    /// Makes everybody, opens their shops and fills them.
    pub(super) async fn gather(stage: &'a Stage, script: &Script) -> Result<Self> {
        let mut phones = HashMap::new();
        let mut meet = |name: &str| {
            let person = stage.somebody(name);
            let phone = Phone { person: person.clone(), seen: 0, written: Vec::new(), has_acted: false };
            phones.insert(name.to_owned(), phone);
            person
        };
        for guest in &script.guests {
            meet(guest);
        }
        for shop in &script.shops {
            let owner = meet(&shop.owner);
            let staff: Vec<_> = shop.staff.iter().map(|(name, role)| (meet(name), *role)).collect();
            stage.open_shop(&owner, shop, &staff).await?;
        }
        Ok(Self { stage, phones })
    }

    /// Returns who goes by a name.
    pub(super) fn person(&self, name: &str) -> Result<&Person> {
        Ok(&self.phone(name)?.person)
    }

    /// Returns the names of those who did something.
    pub(super) fn who_acted(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.phones.iter().filter(|(_, phone)| phone.has_acted).map(|(name, _)| name.clone()).collect();
        names.sort();
        names
    }

    /// Lets somebody write several messages that arrive together.
    pub(super) async fn say_together(&mut self, name: &str, texts: &[String]) -> Result<()> {
        let ids = self.stage.deliver_together(self.person(name)?, texts).await?;
        let phone = self.phone_mut(name)?;
        phone.has_acted = true;
        phone.written.extend(std::iter::zip(texts.iter().cloned(), ids));
        Ok(())
    }

    /// Lets somebody do something, and waits until the gateway has taken it.
    pub(super) async fn act(&mut self, name: &str, act: &Act) -> Result<()> {
        let meta = self.stage.meta();
        let person = self.person(name)?.clone();
        let mut wamids = Vec::new();
        match act {
            Act::Say { text, manner } => {
                let options = self.options(name, manner)?;
                wamids.push(meta.say_with(&person, text, &options).wamid);
            }
            Act::Tap { title, on, times } => {
                let (message, button) = self.button(name, title, on.as_deref())?;
                for _ in 0..*times {
                    wamids.push(meta.tap(&person, &message, &button)?.wamid);
                }
            }
            Act::Delete { what } => wamids.push(meta.delete(&person, &self.find(name, what)?).wamid),
            Act::Change { what, to } => wamids.push(meta.edit(&person, &self.find(name, what)?, to).wamid),
            Act::React { emoji, to } => {
                let reaction = meta.react(&person, &self.find(name, to)?, emoji);
                self.wait_until_taken(&reaction.wamid).await?;
            }
            Act::SendCard { of } => {
                let other = self.person(of)?;
                let phone = other.phone.clone();
                let card = ContactCard { name: other.name.clone(), phone: phone.clone(), wa_id: phone };
                wamids.push(meta.send_contacts(&person, &[card]).wamid);
            }
        }
        self.phone_mut(name)?.has_acted = true;
        for wamid in wamids {
            meta.wait_for_ticks(&person, &wamid, Ticks::Delivered, DELIVERY_MAX).await?;
        }
        Ok(())
    }

    /// Waits for the next answer to somebody and returns its lines, the buttons last; `None` when none comes in time.
    pub(super) async fn next_answer(&mut self, name: &str, patience: Duration) -> Result<Option<Vec<String>>> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(lines) = self.answer_there_is(name)? {
                return Ok(Some(lines));
            }
            if Instant::now() > deadline {
                return Ok(None);
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Returns the next answer to somebody, if it is there already.
    pub(super) fn answer_there_is(&mut self, name: &str) -> Result<Option<Vec<String>>> {
        let entries = self.stage.meta().transcript(self.person(name)?);
        let phone = self.phone_mut(name)?;
        let answer = entries.iter().filter(|entry| entry.side == Side::Business).nth(phone.seen);
        phone.seen += usize::from(answer.is_some());
        Ok(answer.map(lines_of))
    }

    fn options(&self, name: &str, manner: &Manner) -> Result<SayOptions> {
        Ok(SayOptions {
            quoted: manner.quoting.as_deref().map(|what| self.find(name, what)).transpose()?,
            copies: manner.copies,
            forwarded: manner.is_forwarded.then_some(Forwarded::Once),
            written_earlier: manner.written_earlier.try_into().context("it was written before it came")?,
            ..SayOptions::default()
        })
    }

    /// Returns the id of the newest message on somebody's phone in which these words stand.
    fn find(&self, name: &str, words: &str) -> Result<String> {
        let phone = self.phone(name)?;
        let entries = self.stage.meta().transcript(&phone.person);
        let shown = entries.iter().rev().map(|entry| (&entry.text, &entry.wamid));
        let written = phone.written.iter().rev().map(|(text, wamid)| (text, wamid));
        let found = shown.chain(written).find(|(text, _)| text.contains(words));
        found.map(|(_, wamid)| wamid.clone()).with_context(|| format!("no message says \"{words}\""))
    }

    /// Returns the newest message with this button, and the button's id.
    fn button(&self, name: &str, title: &str, on: Option<&str>) -> Result<(String, String)> {
        let entries = self.stage.meta().transcript(self.person(name)?);
        for entry in entries.iter().rev().filter(|entry| on.is_none_or(|words| entry.text.contains(words))) {
            if let Some(button) = entry.buttons.iter().find(|button| button.title == title) {
                return Ok((entry.wamid.clone(), button.id.clone()));
            }
        }
        bail!("no message{} has a button [{title}]", on.map(|words| format!(" \"{words}\"")).unwrap_or_default())
    }

    async fn wait_until_taken(&self, wamid: &str) -> Result<()> {
        let deadline = Instant::now() + DELIVERY_MAX;
        let is_taken = || {
            let deliveries = self.stage.meta().deliveries();
            deliveries.iter().any(|attempt| attempt.status == Some(200) && attempt.wamids.iter().any(|id| id == wamid))
        };
        while !is_taken() {
            if Instant::now() > deadline {
                bail!("the gateway does not take a reaction");
            }
            tokio::time::sleep(GLANCE).await;
        }
        Ok(())
    }

    fn phone(&self, name: &str) -> Result<&Phone> {
        self.phones.get(name).with_context(|| format!("nobody is called {name}"))
    }

    fn phone_mut(&mut self, name: &str) -> Result<&mut Phone> {
        self.phones.get_mut(name).with_context(|| format!("nobody is called {name}"))
    }
}

/// Returns the lines of an answer as they are written in a file: `[Undo]`, and `[Choose: this / that]` for a list.
fn lines_of(entry: &ChatEntry) -> Vec<String> {
    // A space that does not break a number looks like any other.
    let text = entry.text.replace(['\u{a0}', '\u{202f}'], " ");
    let mut lines: Vec<String> = text.lines().map(|line| line.trim_end().to_owned()).collect();
    let is_list = entry.buttons.iter().any(|button| button.kind == ButtonKind::Row);
    let titles = |between: &str| {
        entry.buttons.iter().map(|button: &Button| button.title.as_str()).collect::<Vec<_>>().join(between)
    };
    if is_list {
        let wire: Value = serde_json::from_str(&entry.wire).unwrap_or_default();
        let opener = wire.pointer("/interactive/action/button").and_then(Value::as_str).unwrap_or_default();
        lines.push(format!("[{opener}: {}]", titles(" / ")));
    } else if !entry.buttons.is_empty() {
        lines.push(format!("[{}]", titles("] [")));
    }
    lines
}
