//! Who belongs to the shop, in words.

use super::catalogue::{Message, Name, words};
use super::language::Language;

/// Asks whether to add a person.
pub(super) fn really_add(language: Language, name: &str, phone: &str) -> String {
    let person = match name.trim() {
        "" => format!("+{phone}"),
        name => format!("{name} (+{phone})"),
    };
    words(language, Message::ReallyAdd { person: Name(&person) })
}

/// Says what becomes of a person, who is called by name where there is one.
pub(super) fn of_person<'a>(
    language: Language,
    name: &'a str,
    this_person: &'a str,
    say: fn(Name<'a>) -> Message<'a>,
) -> String {
    let person = match name.trim() {
        "" => this_person,
        name => name,
    };
    words(language, say(Name(person)))
}
