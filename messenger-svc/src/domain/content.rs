//! What can be sent, and Meta's limits of it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// UTF-16 units of a text.
pub const TEXT_UNITS_MAX: usize = 4096;
/// UTF-16 units of a text above buttons.
pub const BUTTONS_BODY_UNITS_MAX: usize = 1024;
/// Buttons under a message.
pub const BUTTONS_MAX: usize = 3;
/// UTF-16 units of a button's title.
pub const BUTTON_TITLE_UNITS_MAX: usize = 20;
/// UTF-16 units of a button's id.
pub const BUTTON_ID_UNITS_MAX: usize = 256;

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
}

/// A button under a message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// Comes back when it is tapped.
    pub id: String,
    /// What it says.
    pub title: String,
}

/// A field that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Full path of the field.
    pub field: String,
    /// The rule; never the value.
    pub description: String,
}

impl Violation {
    /// Names a field and its rule.
    pub fn new(field: impl Into<String>, description: impl Into<String>) -> Self {
        Self { field: field.into(), description: description.into() }
    }
}

impl Content {
    /// Returns every rule of Meta's that it breaks; `path` is where it stands in the request.
    pub fn violations(&self, path: &str) -> Vec<Violation> {
        let mut found = Vec::new();
        match self {
            Self::Text { body } => check_units(&mut found, format!("{path}.text.body"), body, TEXT_UNITS_MAX),
            Self::ReplyButtons { body, buttons } => {
                let path = format!("{path}.reply_buttons");
                check_units(&mut found, format!("{path}.body"), body, BUTTONS_BODY_UNITS_MAX);
                check_buttons(&mut found, &path, buttons);
            }
        }
        found
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
    }
}

// Meta does not say whether it counts UTF-16 units or code points; units are never fewer, so they are safe.
fn check_units(found: &mut Vec<Violation>, field: String, text: &str, units_max: usize) {
    if text.trim().is_empty() {
        found.push(Violation::new(field, "must not be empty or blank"));
    } else if text.contains('\0') {
        // Postgres keeps no NUL, and one such message must not fail those that share its statement.
        found.push(Violation::new(field, "must not contain a NUL character"));
    } else if text.encode_utf16().count() > units_max {
        found.push(Violation::new(field, format!("must have at most {units_max} UTF-16 units")));
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { .. } => formatter.write_str("Text(..)"),
            Self::ReplyButtons { buttons, .. } => write!(formatter, "ReplyButtons(.., {} buttons)", buttons.len()),
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
        ];
        for (content, field) in cases {
            let found: Vec<String> = content.violations("content").into_iter().map(|found| found.field).collect();
            assert_eq!(found, [field]);
        }
    }

    #[test]
    fn nothing_that_is_sent_shows_in_debug_output() {
        let shown = format!("{:?} {:?}", text("secret".to_owned()), buttons("secret", &[("secret", "secret")]));

        assert!(!shown.contains("secret"), "{shown}");
    }
}
