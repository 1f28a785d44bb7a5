//! The people who write to the business.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

/// Somebody with WhatsApp.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct Person {
    /// The name in their profile.
    pub name: String,
    /// Their number, digits without `+`. `None` for people who hide it behind a username.
    #[serde(default)]
    pub phone: Option<String>,
    /// Their business-scoped user id, for example `ZA.1349`.
    pub user_id: String,
}

impl Person {
    /// Returns a person with a phone.
    pub fn new(name: impl Into<String>, phone: impl Into<String>, user_id: impl Into<String>) -> Self {
        Self { name: name.into(), phone: Some(phone.into()), user_id: user_id.into() }
    }

    /// Returns a person who hides their number.
    pub fn without_phone(name: impl Into<String>, user_id: impl Into<String>) -> Self {
        Self { name: name.into(), phone: None, user_id: user_id.into() }
    }

    /// Refuses ids and numbers that WhatsApp could not have given out.
    pub(crate) fn check(&self) -> Result<()> {
        ensure!(is_user_id(&self.user_id), "a user id is two capitals, a dot and up to 128 letters or digits");
        if let Some(phone) = &self.phone {
            let digits = phone.bytes().all(|byte| byte.is_ascii_digit());
            ensure!(digits && (7..=15).contains(&phone.len()), "a phone number is 7 to 15 digits without `+`");
        }
        Ok(())
    }
}

/// Returns whether this is a business-scoped user id: `^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$`.
pub(crate) fn is_user_id(text: &str) -> bool {
    let Some((country, rest)) = text.split_once('.') else { return false };
    let id = rest.strip_prefix("ENT.").unwrap_or(rest);
    country.len() == 2
        && country.bytes().all(|byte| byte.is_ascii_uppercase())
        && (1..=128).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_ids_are_told_from_numbers_and_names() {
        for good in ["US.1000", "ZA.ENT.aB9", &format!("ZA.{}", "a".repeat(128))] {
            assert!(is_user_id(good), "{good}");
        }
        for bad in ["27825550101", "us.1000", "USA.1", "US.", "US.a-b", "US.ENT.", &format!("ZA.{}", "a".repeat(129))] {
            assert!(!is_user_id(bad), "{bad}");
        }
    }
}
