//! What can be sent, and Meta's limits of it. What is too long is refused, never cut: only its author knows how.

mod check;
mod document;
mod list;
mod merge;
mod template;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::check::Violation;
use self::check::{check_optional_units, check_units};
pub use self::document::{DOCUMENT_BYTES_MAX, Document};
pub use self::list::{ChoiceList, Row, Section};
pub use self::template::{ButtonValue, Parameter, Template, TemplateButton};

/// UTF-16 units of a text.
pub const TEXT_UNITS_MAX: usize = 4096;
/// UTF-16 units of a text above buttons or a list.
pub const BODY_UNITS_MAX: usize = 1024;
/// Buttons under a message.
pub const BUTTONS_MAX: usize = 3;
/// UTF-16 units of a button's title.
pub const BUTTON_TITLE_UNITS_MAX: usize = 20;
/// UTF-16 units of a button's id.
pub const BUTTON_ID_UNITS_MAX: usize = 256;
/// UTF-16 units of an emoji; the longest families have fewer.
const EMOJI_UNITS_MAX: usize = 32;

/// What is sent. Stored as JSON; kinds are added, never renamed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// Text alone.
    Text {
        /// The text.
        body: String,
    },
    /// Text with up to three buttons.
    ReplyButtons {
        /// The text.
        body: String,
        /// The buttons.
        buttons: Vec<Button>,
    },
    /// Text with a list to choose from.
    ChoiceList(ChoiceList),
    /// An emoji on a message of the person.
    Reaction {
        /// WhatsApp's id of that message.
        whatsapp_id: String,
        /// The emoji; empty takes an earlier one back.
        emoji: String,
    },
    /// A text that Meta approved.
    Template(Template),
    /// A file; its bytes stand in a table of their own.
    Document(Document),
}

/// A button under a message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// Comes back when it is tapped.
    pub id: String,
    /// What it says.
    pub title: String,
}

impl Content {
    /// Returns every rule of Meta's that it breaks; `path` is where it stands in the request.
    pub fn violations(&self, path: &str) -> Vec<Violation> {
        let mut found = Vec::new();
        match self {
            Self::Text { body } => check_units(&mut found, format!("{path}.text.body"), body, TEXT_UNITS_MAX),
            Self::ReplyButtons { body, buttons } => {
                let path = format!("{path}.reply_buttons");
                check_units(&mut found, format!("{path}.body"), body, BODY_UNITS_MAX);
                check_buttons(&mut found, &path, buttons);
            }
            Self::ChoiceList(list) => list.check(&mut found, &format!("{path}.choice_list")),
            // The id of the message is checked like every id of Meta's, where it is read.
            Self::Reaction { emoji, .. } => check_emoji(&mut found, format!("{path}.reaction.emoji"), emoji),
            Self::Template(template) => template.check(&mut found, &format!("{path}.template")),
            Self::Document(document) => document.check(&mut found, &format!("{path}.document")),
        }
        found
    }

    /// Returns whether it may be sent when the 24 hours after the person's last message are over.
    pub fn is_template(&self) -> bool {
        matches!(self, Self::Template(_))
    }

    /// Returns everything in it that somebody wrote or that names something of theirs.
    pub fn secrets(&self) -> Vec<&str> {
        match self {
            Self::Text { body } => vec![body],
            Self::ReplyButtons { body, buttons } => std::iter::once(body.as_str())
                .chain(buttons.iter().flat_map(|button| [button.id.as_str(), button.title.as_str()]))
                .collect(),
            Self::ChoiceList(list) => list.secrets(),
            Self::Reaction { whatsapp_id, emoji } => vec![whatsapp_id, emoji],
            Self::Template(template) => template.secrets(),
            Self::Document(document) => vec![&document.file_name, &document.caption],
        }
    }
}

fn check_buttons(found: &mut Vec<Violation>, path: &str, buttons: &[Button]) {
    if !(1..=BUTTONS_MAX).contains(&buttons.len()) {
        found.push(Violation::new(format!("{path}.buttons"), format!("must hold 1 to {BUTTONS_MAX} buttons")));
    }
    for (i, button) in buttons.iter().enumerate() {
        check_units(found, format!("{path}.buttons[{i}].button_id"), &button.id, BUTTON_ID_UNITS_MAX);
        check_units(found, format!("{path}.buttons[{i}].title"), &button.title, BUTTON_TITLE_UNITS_MAX);
        if buttons.iter().take(i).any(|earlier| earlier.title == button.title) {
            found.push(Violation::new(format!("{path}.buttons[{i}].title"), "must differ from the other titles"));
        }
        if buttons.iter().take(i).any(|earlier| earlier.id == button.id) {
            found.push(Violation::new(format!("{path}.buttons[{i}].button_id"), "must differ from the other ids"));
        }
    }
}

fn check_emoji(found: &mut Vec<Violation>, field: String, emoji: &str) {
    check_optional_units(found, field.clone(), emoji, EMOJI_UNITS_MAX);
    let is_text = !emoji.is_empty() && emoji.is_ascii();
    if is_text || emoji.chars().any(|c| c.is_whitespace() || c.is_control() || c.is_ascii_alphabetic()) {
        found.push(Violation::new(field, "must be one emoji, or empty"));
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { .. } => formatter.write_str("Text(..)"),
            Self::ReplyButtons { buttons, .. } => write!(formatter, "ReplyButtons(.., {} buttons)", buttons.len()),
            Self::ChoiceList(_) => formatter.write_str("ChoiceList(..)"),
            Self::Reaction { .. } => formatter.write_str("Reaction(..)"),
            Self::Template(template) => write!(formatter, "{template:?}"),
            Self::Document(document) => write!(formatter, "Document({}, ..)", document.mime_type),
        }
    }
}

impl fmt::Debug for Button {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Button(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(body: String) -> Content {
        Content::Text { body }
    }

    fn buttons(body: &str, buttons: &[(&str, &str)]) -> Content {
        let buttons = buttons.iter().map(|(id, title)| Button { id: (*id).to_owned(), title: (*title).to_owned() });
        Content::ReplyButtons { body: body.to_owned(), buttons: buttons.collect() }
    }

    #[test]
    fn text_may_have_4096_units_and_not_one_more() {
        assert_eq!(text("a".repeat(4096)).violations("content"), []);
        assert_eq!(text("✅".repeat(4096)).violations("content"), []);
        assert_eq!(text("😀".repeat(2048)).violations("content"), []);

        assert_eq!(text("a".repeat(4097)).violations("content")[0].field, "content.text.body");
        assert_eq!(text("😀".repeat(2049)).violations("content").len(), 1);
        assert_eq!(text(" \n".to_owned()).violations("content").len(), 1);
        assert_eq!(text("a\0b".to_owned()).violations("content").len(), 1);
    }

    #[test]
    fn buttons_are_one_to_three_with_different_short_titles() {
        let id = "i".repeat(256);
        let title = "t".repeat(20);
        let three = buttons(&"b".repeat(1024), &[(&id, &title), ("b", "B"), ("c", "C")]);
        assert_eq!(three.violations("content"), []);

        let cases = [
            (buttons("body", &[]), "content.reply_buttons.buttons"),
            (buttons("body", &[("a", "A"), ("b", "B"), ("c", "C"), ("d", "D")]), "content.reply_buttons.buttons"),
            (buttons(&"b".repeat(1025), &[("a", "A")]), "content.reply_buttons.body"),
            (buttons("body", &[("a", &"t".repeat(21))]), "content.reply_buttons.buttons[0].title"),
            (buttons("body", &[("a", &"😀".repeat(11))]), "content.reply_buttons.buttons[0].title"),
            (buttons("body", &[(&"i".repeat(257), "A")]), "content.reply_buttons.buttons[0].button_id"),
            (buttons("body", &[("", "A")]), "content.reply_buttons.buttons[0].button_id"),
            (buttons("body", &[("a", "A"), ("b", "A")]), "content.reply_buttons.buttons[1].title"),
            (buttons("body", &[("a", "A"), ("a", "B")]), "content.reply_buttons.buttons[1].button_id"),
        ];
        for (content, field) in cases {
            let found: Vec<String> = content.violations("content").into_iter().map(|found| found.field).collect();
            assert_eq!(found, [field]);
        }
    }

    #[test]
    fn reaction_is_one_emoji_or_none() {
        let reaction = |emoji: &str| Content::Reaction { whatsapp_id: "wamid.IN".to_owned(), emoji: emoji.to_owned() };
        for good in ["", "👍", "❤️", "👩‍👩‍👧‍👦", "1️⃣", "🇿🇦", "🅰️"] {
            assert_eq!(reaction(good).violations("content"), [], "{good}");
        }
        for bad in ["ok", "👍 👍", "1", " ", "👍ok", &"👍".repeat(17), "👍\0"] {
            assert_eq!(reaction(bad).violations("content")[0].field, "content.reaction.emoji", "{bad}");
        }
    }

    #[test]
    fn nothing_that_is_sent_shows_in_debug_output() {
        let document = Document {
            mime_type: "text/plain".to_owned(),
            file_name: "secret".to_owned(),
            caption: "secret".to_owned(),
            sha256: String::new(),
        };
        let shown = format!(
            "{:?} {:?} {:?}",
            text("secret".to_owned()),
            buttons("secret", &[("secret", "secret")]),
            Content::Document(document)
        );

        assert!(!shown.contains("secret"), "{shown}");
    }
}
