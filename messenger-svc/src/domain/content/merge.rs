//! Several texts that wait for one person made one message.

use super::check::units;
use super::{BODY_UNITS_MAX, Button, Content, TEXT_UNITS_MAX};

impl Content {
    /// Returns whether it may become part of another message: words alone, perhaps with buttons.
    pub fn is_mergeable(&self) -> bool {
        self.words().is_some()
    }

    /// Returns this and the next one as one message, or `None` when they are not words or too many.
    ///
    /// Several buttons are a question, and its words are of no use without them: it takes no other buttons, and nothing takes
    /// it. A lone button is a convenience, like undoing something: of several the last stays.
    pub fn merged_with(&self, next: &Self) -> Option<Self> {
        let (first, first_buttons) = self.words()?;
        let (second, second_buttons) = next.words()?;
        let body = format!("{first}\n\n{second}");
        if second_buttons.is_some_and(is_question)
            || (first_buttons.is_some_and(is_question) && second_buttons.is_some())
        {
            return None;
        }
        let buttons = second_buttons.or(first_buttons);
        let units_max = if buttons.is_some() { BODY_UNITS_MAX } else { TEXT_UNITS_MAX };
        (units(&body) <= units_max).then(|| match buttons {
            Some(buttons) => Self::ReplyButtons { body, buttons: buttons.to_vec() },
            None => Self::Text { body },
        })
    }

    fn words(&self) -> Option<(&str, Option<&[Button]>)> {
        match self {
            Self::Text { body } => Some((body, None)),
            Self::ReplyButtons { body, buttons } => Some((body, Some(buttons))),
            Self::ChoiceList(_) | Self::Reaction { .. } | Self::Template(_) | Self::Document(_) => None,
        }
    }
}

fn is_question(buttons: &[Button]) -> bool {
    buttons.len() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(body: &str) -> Content {
        Content::Text { body: body.to_owned() }
    }

    fn buttons(body: &str, id: &str) -> Content {
        let buttons = vec![Button { id: id.to_owned(), title: id.to_owned() }];
        Content::ReplyButtons { body: body.to_owned(), buttons }
    }

    #[test]
    fn texts_are_joined_by_a_blank_line_and_keep_the_last_buttons() {
        assert!(text("a").merged_with(&text("b")) == Some(text("a\n\nb")));
        assert!(buttons("a", "1").merged_with(&text("b")) == Some(buttons("a\n\nb", "1")));
        assert!(text("a").merged_with(&buttons("b", "2")) == Some(buttons("a\n\nb", "2")));
        assert!(buttons("a", "1").merged_with(&buttons("b", "2")) == Some(buttons("a\n\nb", "2")));
    }

    #[test]
    fn question_keeps_its_buttons_and_stays_out_of_other_messages() {
        let question = |body: &str| {
            let buttons = ["Save all", "Fix"].map(|id| Button { id: id.to_owned(), title: id.to_owned() });
            Content::ReplyButtons { body: body.to_owned(), buttons: buttons.to_vec() }
        };
        assert!(question("a").merged_with(&text("b")) == Some(question("a\n\nb")));
        assert!(question("a").merged_with(&buttons("b", "1")).is_none());
        assert!(question("a").merged_with(&question("b")).is_none());
        assert!(text("a").merged_with(&question("b")).is_none());
        assert!(buttons("a", "1").merged_with(&question("b")).is_none());
    }

    #[test]
    fn merged_texts_have_4096_units_and_with_buttons_1024() {
        let of = |units: usize| "x".repeat(units);
        assert!(text(&of(4093)).merged_with(&text("b")).is_some());
        assert!(text(&of(4094)).merged_with(&text("b")).is_none());
        assert!(text(&of(1021)).merged_with(&buttons("b", "1")).is_some());
        assert!(text(&of(1022)).merged_with(&buttons("b", "1")).is_none());
        assert!(buttons(&of(1022), "1").merged_with(&text("b")).is_none());
    }

    #[test]
    fn only_words_are_merged() {
        let reaction = Content::Reaction { whatsapp_id: "wamid.IN".to_owned(), emoji: "👍".to_owned() };

        assert!(!reaction.is_mergeable());
        assert!(text("a").merged_with(&reaction).is_none());
        assert!(reaction.merged_with(&text("a")).is_none());
    }
}
