//! Short answers and taps, decided by code before anything is parsed.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::asked::bare_number;

/// A tap on a button of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tap {
    /// Undo this operation.
    Undo {
        /// Its id.
        operation_id: String,
    },
    /// An answer to a question.
    Answer {
        /// Which question.
        question: Uuid,
        /// Which choice, from 0.
        choice: usize,
    },
}

impl Tap {
    /// Reads the id of a button; `None` for one that this version does not know.
    pub fn read(id: &str) -> Option<Self> {
        let mut parts = id.split(':');
        match (parts.next()?, parts.next()?, parts.next()?, parts.next(), parts.next()) {
            ("undo", "v1", operation, None, None) => {
                Uuid::parse_str(operation).ok().map(|id| Self::Undo { operation_id: id.to_string() })
            }
            ("ask", "v1", question, Some(choice), None) => {
                Some(Self::Answer { question: Uuid::parse_str(question).ok()?, choice: choice.parse().ok()? })
            }
            _ => None,
        }
    }

    /// Returns the id of the button.
    pub fn id(&self) -> String {
        match self {
            Self::Undo { operation_id } => format!("undo:v1:{operation_id}"),
            Self::Answer { question, choice } => format!("ask:v1:{question}:{choice}"),
        }
    }
}

/// A short text that may be an answer, if a question is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShortAnswer {
    /// A number: a choice, counted from 1, or what was asked for.
    Number(Decimal),
    /// A choice by its place, from 1: "the second one".
    Place(usize),
    /// Yes.
    Yes,
    /// No.
    No,
    /// Save the paper that is shown.
    Save,
    /// Fix it.
    Fix,
    /// Drop it.
    Cancel,
}

impl ShortAnswer {
    /// Reads a text; `None` when it is more than a bare answer.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches(['.', '!']).to_lowercase();
        match text.as_str() {
            "yes" | "y" | "yep" | "yeah" | "ja" | "yebo" | "ewe" | "e" | "ee" | "👍" => Some(Self::Yes),
            "no" | "n" | "nope" | "nee" | "cha" | "hayi" | "tjhe" | "👎" | "never mind" | "los dit" => Some(Self::No),
            "save all" | "save" | "yes save" | "yes, save" | "stoor alles" | "stoor" | "ja stoor" | "ja, stoor" => {
                Some(Self::Save)
            }
            "fix" | "maak reg" => Some(Self::Fix),
            "cancel" | "kanselleer" => Some(Self::Cancel),
            text => bare_number(text).map(Self::Number).or_else(|| place(text).map(Self::Place)),
        }
    }
}

/// Reads "second", "the 2nd one", "die tweede een", "number 2".
fn place(text: &str) -> Option<usize> {
    const PLACES: [[&str; 4]; 10] = [
        ["first", "1st", "eerste", "1ste"],
        ["second", "2nd", "tweede", "2de"],
        ["third", "3rd", "derde", "3de"],
        ["fourth", "4th", "vierde", "4de"],
        ["fifth", "5th", "vyfde", "5de"],
        ["sixth", "6th", "sesde", "6de"],
        ["seventh", "7th", "sewende", "7de"],
        ["eighth", "8th", "agtste", "8ste"],
        ["ninth", "9th", "negende", "9de"],
        ["tenth", "10th", "tiende", "10de"],
    ];
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        ["number" | "option" | "nommer" | "opsie", number] => number.parse().ok().filter(|number| *number > 0),
        ["the" | "die", word, "one" | "een"] | ["the" | "die", word] | [word, "one" | "een"] | [word] => {
            PLACES.iter().position(|names| names.contains(word)).map(|place| place + 1)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn button_ids_come_back_as_they_went() {
        for tap in [
            Tap::Undo { operation_id: Uuid::from_u128(7).to_string() },
            Tap::Answer { question: Uuid::from_u128(8), choice: 2 },
        ] {
            assert_eq!(Tap::read(&tap.id()), Some(tap));
        }
    }

    #[test]
    fn foreign_and_broken_button_ids_are_not_taken() {
        for id in ["", "undo", "undo:v1:x", "undo:v2:00000000-0000-0000-0000-000000000000", "ask:v1:1:2", "confirm:42"]
        {
            assert_eq!(Tap::read(id), None, "{id}");
        }
    }

    #[test]
    fn only_bare_answers_are_short_answers() {
        assert_eq!(ShortAnswer::read(" 2 "), Some(ShortAnswer::Number(2.into())));
        assert_eq!(ShortAnswer::read("200"), Some(ShortAnswer::Number(200.into())));
        assert_eq!(ShortAnswer::read("Ja!"), Some(ShortAnswer::Yes));
        for text in ["second", "The second one", "2nd", "die tweede een", "number 2", "opsie 2"] {
            assert_eq!(ShortAnswer::read(text), Some(ShortAnswer::Place(2)), "{text}");
        }
        assert_eq!(ShortAnswer::read("Save all."), Some(ShortAnswer::Save));
        assert_eq!(ShortAnswer::read("maak reg"), Some(ShortAnswer::Fix));
        assert_eq!(ShortAnswer::read("Cancel"), Some(ShortAnswer::Cancel));
        for text in ["no 40", "yes add 5", "save 5 bread", "2 bread", "second hand", "number", ""] {
            assert_eq!(ShortAnswer::read(text), None, "{text}");
        }
    }
}
