//! Who belongs to the shop, in words: what is asked about them, and what is said. The words of answers are in `reply`.

use proto::inventory::v1::Role;
use proto::parser::v1 as parsed;
use proto::parser::v1::{MemberChange, MemberRole};
use serde::{Deserialize, Serialize};

use super::plan::{Saying, Step};

/// Letters of a name that are kept.
const NAME_LENGTH_MAX: usize = 100;
/// Digits of a South African number, with the 27 before it.
const SOUTH_AFRICAN_DIGITS: usize = 11;

/// One thing to do about people, or to tell of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum People {
    /// Tell who belongs to the shop.
    List,
    /// Ask whether to add somebody.
    Add {
        /// What the person is called; may be empty.
        name: String,
        /// The person's number in international form, digits alone; empty: none was said.
        phone: String,
        /// What the person may do; the number is an i32 of the inventory's `Role`.
        role: i32,
    },
    /// Find somebody, and ask whether they leave or may do something else.
    Ask {
        /// What the person was called.
        name: String,
        /// The person's number, digits alone; empty: only a name was said.
        phone: String,
        /// What the person may do from now on, as an i32 of the inventory's `Role`; `None`: they leave.
        role: Option<i32>,
    },
    /// Take somebody out of the shop: somebody said yes.
    Remove {
        /// The person.
        member_id: String,
        /// What they are called.
        name: String,
    },
    /// Let somebody do more or less: somebody said yes.
    ChangeRole {
        /// The person.
        member_id: String,
        /// What they are called.
        name: String,
        /// What they may do, as an i32 of the inventory's `Role`.
        role: i32,
    },
}

impl People {
    /// Returns whether it changes anything.
    pub fn has_effect(&self) -> bool {
        matches!(self, Self::Remove { .. } | Self::ChangeRole { .. })
    }
}

/// A sentence about people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum OfPeople {
    /// Who belongs to the shop.
    Members {
        /// Names, roles as i32 of the inventory's `Role`, and whether they have not written yet.
        members: Vec<(String, i32, bool)>,
        /// Whether there are more.
        has_more: bool,
    },
    /// Somebody is to be added, and nobody said by which number.
    WhichNumber {
        /// What the person is called.
        name: String,
    },
    /// Whether somebody leaves the shop.
    ReallyRemove {
        /// What the person is called.
        name: String,
    },
    /// Whether somebody may do something else.
    ReallyChange {
        /// What the person is called.
        name: String,
        /// What the person may do, as an i32 of the inventory's `Role`.
        role: i32,
    },
    /// Somebody left.
    Removed {
        /// What the person is called.
        name: String,
    },
    /// Somebody may do something else.
    Changed {
        /// What the person is called.
        name: String,
        /// What the person may do, as an i32 of the inventory's `Role`.
        role: i32,
    },
    /// Nobody in the shop is called so.
    NoSuchPerson {
        /// What was said; empty: a number.
        name: String,
        /// Who there is.
        names: Vec<String>,
    },
    /// Only owners may do that.
    OwnersOnly,
    /// The shop would be left without an owner.
    LastOwner,
}

impl OfPeople {
    /// Returns whether it is answered by yes or no.
    pub fn is_yes_or_no(&self) -> bool {
        matches!(self, Self::ReallyRemove { .. } | Self::ReallyChange { .. })
    }
}

/// Returns what is done about words on people.
pub(super) fn people(said: &parsed::ChangeMember) -> Step {
    let name = called(&said.name);
    let phone: String = said.phone_number.chars().filter(char::is_ascii_digit).collect();
    let role = match said.role() {
        MemberRole::Unspecified => None,
        MemberRole::Owner => Some(Role::Owner as i32),
        MemberRole::Manager => Some(Role::Manager as i32),
        MemberRole::Clerk => Some(Role::Clerk as i32),
        MemberRole::Viewer => Some(Role::Viewer as i32),
    };
    if phone.starts_with("27") && phone.len() != SOUTH_AFRICAN_DIGITS {
        return Step::Say(Saying::NoNumber { name: if name.is_empty() { format!("+{phone}") } else { name } });
    }
    Step::People(match (said.change(), role) {
        (MemberChange::List, _) => People::List,
        (MemberChange::Add, role) => People::Add { name, phone, role: role.unwrap_or(Role::Clerk as i32) },
        (MemberChange::Remove, _) => People::Ask { name, phone, role: None },
        (MemberChange::Role, Some(role)) => People::Ask { name, phone, role: Some(role) },
        (MemberChange::Role, None) | (MemberChange::Unspecified, _) => return Step::Say(Saying::NotUnderstood),
    })
}

/// Writes a name as names are written: the reader keeps no capitals.
fn called(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    let words: Vec<String> = name.split_whitespace().map(capital).collect();
    words.join(" ").chars().filter(|letter| !letter.is_control()).take(NAME_LENGTH_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_on_people_become_questions_about_them() {
        let said = |change: MemberChange, name: &str, phone: &str, role: MemberRole| parsed::ChangeMember {
            change: change as i32,
            name: name.to_owned(),
            phone_number: phone.to_owned(),
            role: role as i32,
        };
        let (name, phone) = ("Sipho Dube".to_owned(), "27821234567".to_owned());

        assert_eq!(
            people(&said(MemberChange::Add, "sipho dube", "+27821234567", MemberRole::Unspecified)),
            Step::People(People::Add { name: name.clone(), phone, role: Role::Clerk as i32 })
        );
        assert_eq!(
            people(&said(MemberChange::Role, "sipho dube", "", MemberRole::Manager)),
            Step::People(People::Ask { name: name.clone(), phone: String::new(), role: Some(Role::Manager as i32) })
        );
        assert_eq!(
            people(&said(MemberChange::Remove, "sipho dube", "", MemberRole::Manager)),
            Step::People(People::Ask { name, phone: String::new(), role: None })
        );
        for wrong in ["+2782123456", "+278212345678"] {
            let short = people(&said(MemberChange::Add, "sipho dube", wrong, MemberRole::Unspecified));
            assert_eq!(short, Step::Say(Saying::NoNumber { name: "Sipho Dube".to_owned() }));
        }
        let unclear = people(&said(MemberChange::Role, "sipho", "", MemberRole::Unspecified));
        assert_eq!(unclear, Step::Say(Saying::NotUnderstood));
    }

    #[test]
    fn a_name_has_capitals_and_an_end() {
        assert_eq!(called("  élodie van\u{7} wyk "), "Élodie Van Wyk");
        assert_eq!(called(&"a".repeat(101)).chars().count(), 100);
    }
}
