//! Every name of one person, and how they are looked for in what came from Meta.

use uuid::Uuid;

use crate::store::PersonFilter;

/// Who is to be forgotten. Does not print itself.
#[derive(Clone, Default)]
pub struct Person {
    user_ids: Vec<String>,
    phones: Vec<String>,
    members: Vec<Uuid>,
}

impl Person {
    /// Adds a business-scoped user id.
    pub fn add_user_id(&mut self, user_id: &str) {
        self.user_ids.push(user_id.to_owned());
    }

    /// Adds a phone number, digits alone, in every way it is written.
    pub fn add_phone(&mut self, digits: &str) {
        self.phones.extend(spellings(digits));
    }

    /// Adds a member that the person is in the ledger.
    pub fn add_member(&mut self, member_id: Uuid) {
        self.members.push(member_id);
    }

    /// Returns the names by which messages come.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.user_ids.iter().chain(&self.phones).map(String::as_str)
    }

    /// Returns what finds the person in text.
    pub(super) fn filter(&self) -> PersonFilter {
        let any = |names: &[String]| names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join("|");
        let mut patterns = Vec::new();
        if !self.phones.is_empty() {
            patterns.push(format!("(^|[^0-9])({})([^0-9]|$)", any(&self.phones)));
        }
        if !self.user_ids.is_empty() {
            patterns.push(format!("(^|[^A-Za-z0-9.])({})([^A-Za-z0-9.]|$)", any(&self.user_ids)));
        }
        // Nobody is found by no name.
        let pattern = if patterns.is_empty() { "$.".to_owned() } else { patterns.join("|") };
        PersonFilter { pattern, members: self.members.clone() }
    }
}

/// Writes a name so that a pattern means exactly it.
fn quoted(name: &str) -> String {
    name.chars().fold(String::new(), |mut quoted, letter| {
        if !letter.is_ascii_alphanumeric() {
            quoted.push('\\');
        }
        quoted.push(letter);
        quoted
    })
}

/// Returns the ways in which one number is written, as the ledger knows them: mobile numbers of Mexico with and without a 1,
/// of Argentina with and without a 9 or a 15, of Brazil with and without the ninth digit.
fn spellings(digits: &str) -> Vec<String> {
    let mut spellings = vec![digits.to_owned()];
    let short = match (digits.get(..3), digits.len()) {
        (Some("521" | "549"), 13) => format!("{}{}", &digits[..2], &digits[3..]),
        (Some(country), 13) if country.starts_with("55") && digits.as_bytes()[4] == b'9' => {
            format!("{}{}", &digits[..4], &digits[5..])
        }
        _ => digits.to_owned(),
    };
    if let (12, Some((country, rest))) = (short.len(), short.split_at_checked(2)) {
        match country {
            "52" => spellings.extend([short.clone(), format!("521{rest}")]),
            "54" => {
                spellings.extend([short.clone(), format!("549{rest}")]);
                for area in 2..=4 {
                    let (area, number) = rest.split_at(area);
                    spellings.extend([format!("54{area}15{number}"), format!("549{area}15{number}")]);
                }
            }
            "55" if (b'6'..=b'9').contains(&rest.as_bytes()[2]) => {
                spellings.extend([short.clone(), format!("55{}9{}", &rest[..2], &rest[2..])]);
            }
            _ => {}
        }
    }
    spellings.sort_unstable();
    spellings.dedup();
    spellings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_has_each_of_its_spellings_and_no_other() {
        for (one, other) in [
            ("5215512345678", "525512345678"),
            ("5491112345678", "541112345678"),
            ("5491112345678", "54111512345678"),
            ("5511987654321", "551187654321"),
        ] {
            assert!(spellings(one).contains(&other.to_owned()), "{one} {other}");
        }
        assert!(spellings("541112345678").contains(&"5491112345678".to_owned()));
        for alone in ["27820000000", "551123456789", "5511923456789", "1", "52"] {
            assert_eq!(spellings(alone), [alone]);
        }
    }

    #[test]
    fn a_pattern_means_the_whole_name_and_nothing_else() {
        let mut person = Person::default();
        person.add_phone("27820000001");
        person.add_user_id("ZA.13");

        assert_eq!(
            person.filter().pattern,
            r"(^|[^0-9])(27820000001)([^0-9]|$)|(^|[^A-Za-z0-9.])(ZA\.13)([^A-Za-z0-9.]|$)"
        );
    }
}
