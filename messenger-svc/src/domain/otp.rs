//! One-time codes: how they look, how long and how often they count.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use rand::Rng as _;
use serde::{Deserialize, Serialize};

use super::content::{ButtonValue, Parameter, Template, TemplateButton};

/// How long a code counts.
pub const VALID_FOR: SignedDuration = SignedDuration::from_mins(5);
/// How long a phone waits for the next code of a purpose.
pub const RESEND_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// Codes that are compared with one that was sent.
pub const TRIES_MAX: i32 = 5;
/// What one phone gets and tries, for all purposes.
pub const SENDS_OF_PHONE: [Quota; 2] = [
    Quota { count: 5, period: SignedDuration::from_hours(1) },
    Quota { count: 10, period: SignedDuration::from_hours(24) },
];
/// Twenty tries an hour: somebody who guesses needs about three years for an even chance.
pub const TRIES_OF_PHONE: Quota = Quota { count: 20, period: SignedDuration::from_hours(1) };
/// How long what was sent and tried is kept: as long as the longest quota looks back.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

const DIGITS: usize = 6;
const PURPOSE_MAX: usize = 64;

/// How much is allowed in how much time, looking back from now.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    /// How many.
    pub count: u32,
    /// In how much time.
    pub period: SignedDuration,
}

/// A one-time code. Does not print itself.
#[derive(Clone)]
pub struct Code(String);

/// A message that carries a code, as the outbox keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename = "one_time_code")]
pub struct SealedMessage {
    /// Name of the template.
    pub template: String,
    /// Its language.
    pub language: String,
    /// From when the code does not count.
    pub expires_at: Timestamp,
    /// The code, sealed. The database forgets a message's content with its waiting because of this name.
    pub sealed: String,
}

impl Code {
    /// Makes one up.
    pub fn random() -> Self {
        // rand's thread generator is a CSPRNG, and draws without bias.
        Self(format!("{:0DIGITS$}", rand::rng().random_range(0..1_000_000)))
    }

    /// Reads what somebody typed.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| Self(text.to_owned()))
    }

    /// Returns the digits.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Code(..)")
    }
}

impl SealedMessage {
    /// Reads the stored content of a message; `None`: it carries no code.
    pub fn read(content: &serde_json::Value) -> Option<Self> {
        content.get("sealed")?;
        serde_json::from_value(content.clone()).ok()
    }

    /// Returns what is sent: Meta wants the code in the text and in the button.
    pub fn opened(&self, code: &Code) -> Template {
        Template {
            name: self.template.clone(),
            language: self.language.clone(),
            header: Vec::new(),
            body: vec![Parameter { name: None, text: code.expose().to_owned() }],
            buttons: vec![TemplateButton { index: 0, value: ButtonValue::UrlSuffix(code.expose().to_owned()) }],
        }
    }
}

/// Returns whether a purpose has the form of one.
pub fn is_purpose(text: &str) -> bool {
    (1..=PURPOSE_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Returns whether a language has the form that Meta uses.
pub fn is_language(text: &str) -> bool {
    (2..=16).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_six_digits_and_do_not_repeat_themselves() {
        let codes: std::collections::HashSet<String> = (0..1000).map(|_| Code::random().expose().to_owned()).collect();

        assert!(codes.iter().all(|code| Code::parse(code).is_some()), "{codes:?}");
        assert!(codes.len() > 980, "{}", codes.len());
        assert_eq!(format!("{:?}", Code::parse("483920").unwrap()), "Code(..)");
        for odd in ["", "48392", "4839201", "48392a", "48 920", "４８３９２０", "+48392"] {
            assert!(Code::parse(odd).is_none(), "{odd}");
        }
    }

    #[test]
    fn purposes_are_short_words() {
        for good in ["login", "sign_up_2", "x", &"a".repeat(64)] {
            assert!(is_purpose(good), "{good}");
        }
        for bad in ["", "Login", "log in", "log-in", &"a".repeat(65)] {
            assert!(!is_purpose(bad), "{bad}");
        }
    }
}
