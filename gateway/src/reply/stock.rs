//! What is on hand, in words.

use rust_decimal::Decimal;

use super::catalogue::{Message, Name, words};
use super::language::Language;
use super::number::quantity;

pub(super) fn stock(language: Language, said: &str, found: &[(String, Decimal)], minus: Option<Decimal>) -> String {
    if found.is_empty() {
        return words(language, Message::NotInStock { item: Name(said) });
    }
    let lines: Vec<String> = found
        .iter()
        .map(|(name, on_hand)| match minus {
            Some(minus) => format!("{name} {} → {}", quantity(*on_hand), quantity(*on_hand - minus)),
            None => format!("{name} {}", quantity(*on_hand)),
        })
        .collect();
    words(language, Message::OnHand { lines: &lines.join("\n") })
}

pub(super) fn list(language: Language, levels: &[(String, Decimal)], has_more: bool) -> String {
    if levels.is_empty() {
        return words(language, Message::NothingInStock);
    }
    let mut lines: Vec<String> =
        levels.iter().map(|(name, on_hand)| format!("{name} {}", quantity(*on_hand))).collect();
    if has_more {
        lines.push(words(language, Message::OnHandMore));
    }
    words(language, Message::OnHand { lines: &lines.join("\n") })
}
