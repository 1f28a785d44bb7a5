//! Who belongs to the shop, in words.

use proto::inventory::v1::Role;

use super::catalogue::{Count, Message, Name, words};
use super::language::Language;
use super::limit::cut;
use crate::conversation::OfPeople;

/// Digits of a number that are shown: enough to tell two apart, too few to be of use to anybody else.
const DIGITS_SHOWN: usize = 4;
/// UTF-16 units of a person's name in a list.
const NAME_MAX: usize = 40;
/// People that are named.
const NAMED_MAX: usize = 10;

/// Asks whether to add a person.
pub(super) fn really_add(language: Language, name: &str, phone: &str, role: i32) -> String {
    let digits: String = phone.chars().skip(phone.chars().count().saturating_sub(DIGITS_SHOWN)).collect();
    let person = match name.trim() {
        "" => format!("…{digits}"),
        name => format!("{name} (…{digits})"),
    };
    let person = Name(&person);
    match Role::try_from(role).unwrap_or_default() {
        // Whom nobody gave a role sells and receives.
        Role::Unspecified | Role::Clerk => words(language, Message::ReallyAdd { person }),
        role => words(language, Message::ReallyAddAs { person, role: &called(language, role) }),
    }
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

/// Says what is so of people.
pub(super) fn of_people(language: Language, saying: &OfPeople) -> String {
    let this_person = words(language, Message::ThisPerson);
    let named = |name: &str| if name.trim().is_empty() { this_person.clone() } else { name.to_owned() };
    let role = |role: i32| called(language, Role::try_from(role).unwrap_or_default());
    match saying {
        OfPeople::Members { members, has_more } => {
            let mut lines: Vec<String> = members.iter().map(|member| member_line(language, member)).collect();
            if *has_more {
                lines.push("…".to_owned());
            }
            let more = if *has_more { "+" } else { "" };
            let (count, amount) = (Count::of(members.len()), format!("{}{more}", members.len()));
            words(language, Message::Members { count, amount: &amount, lines: &lines.join("\n") })
        }
        OfPeople::WhichNumber { name } => words(language, Message::WhichPhone { person: Name(&named(name)) }),
        OfPeople::ReallyRemove { name } => words(language, Message::ReallyRemove { person: Name(&named(name)) }),
        OfPeople::ReallyChange { name, role: to } => {
            words(language, Message::ReallyChange { person: Name(&named(name)), role: &role(*to) })
        }
        OfPeople::Removed { name } => words(language, Message::PersonRemoved { person: Name(&named(name)) }),
        OfPeople::Changed { name, role: to } => {
            words(language, Message::PersonChanged { person: Name(&named(name)), role: &role(*to) })
        }
        OfPeople::NoSuchPerson { name, .. } if name.is_empty() => words(language, Message::NoSuchNumber),
        OfPeople::NoSuchPerson { name, names } => {
            let people: Vec<String> = names.iter().take(NAMED_MAX).map(|name| cut(name, NAME_MAX)).collect();
            let none = words(language, Message::NoSuchPerson { person: Name(&named(name)) });
            if people.is_empty() {
                return none;
            }
            format!("{none}\n{}", words(language, Message::WhoThereIs { people: &people.join(", ") }))
        }
        OfPeople::OwnersOnly => words(language, Message::OwnersOnly),
        OfPeople::LastOwner => words(language, Message::LastOwner),
    }
}

/// Writes `Thabo (clerk)`.
fn member_line(language: Language, (name, role, is_new): &(String, i32, bool)) -> String {
    let mut about = called(language, Role::try_from(*role).unwrap_or_default());
    if *is_new {
        about = format!("{about}, {}", words(language, Message::NotWrittenYet));
    }
    match name.trim() {
        "" => format!("({about})"),
        name => format!("{} ({about})", cut(name, NAME_MAX)),
    }
}

fn called(language: Language, role: Role) -> String {
    words(
        language,
        match role {
            Role::Owner => Message::RoleOwner,
            Role::Manager => Message::RoleManager,
            Role::Clerk => Message::RoleClerk,
            Role::Viewer | Role::Unspecified => Message::RoleViewer,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_spoken_of_by_name_and_the_end_of_their_number() {
        let owner = Role::Owner as i32;
        let manager = Role::Manager as i32;
        let name = || "Sipho".to_owned();
        let members = vec![
            ("Thandi".to_owned(), owner, false),
            (name(), Role::Clerk as i32, true),
            (String::new(), Role::Viewer as i32, false),
        ];
        let all = [
            OfPeople::Members { members, has_more: true },
            OfPeople::Members { members: vec![("Thandi".to_owned(), owner, false)], has_more: false },
            OfPeople::WhichNumber { name: name() },
            OfPeople::ReallyRemove { name: name() },
            OfPeople::ReallyChange { name: name(), role: manager },
            OfPeople::Removed { name: String::new() },
            OfPeople::Changed { name: name(), role: manager },
            OfPeople::NoSuchPerson { name: name(), names: vec!["Thandi".to_owned(), "Thabo".to_owned()] },
            OfPeople::NoSuchPerson { name: String::new(), names: Vec::new() },
            OfPeople::OwnersOnly,
            OfPeople::LastOwner,
        ];
        let read = |language| -> Vec<String> {
            let asked = [("Sipho", Role::Clerk as i32), ("Sipho", manager), ("", 0)];
            let asked = asked.map(|(name, role)| really_add(language, name, "27821234567", role));
            all.iter().map(|each| of_people(language, each)).chain(asked).collect()
        };

        let both = [read(Language::English), read(Language::Afrikaans)].concat().join("\n--\n");

        assert!(!both.contains("82123"), "no number is shown in full");
        insta::assert_snapshot!(both);
    }
}
