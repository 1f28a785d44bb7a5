//! A message as it is asked for, before it has an id.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::content::Content;
use super::recipient::Recipient;

/// A message that somebody wants to be sent.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Names the request for good.
    pub request_id: String,
    /// Who gets it.
    pub recipient: Recipient,
    /// What is sent.
    pub content: Content,
    /// WhatsApp id of the message to quote.
    pub quoted_message_id: Option<String>,
    /// The number to send from, when the caller names one.
    pub phone_number_id: Option<String>,
}

#[derive(Serialize)]
struct Canonical<'a> {
    recipient: &'a Recipient,
    content: &'a Content,
    quoted_message_id: Option<&'a str>,
    phone_number_id: Option<&'a str>,
}

impl NewMessage {
    /// Returns a digest of everything but the request id, as it was asked for: a default that changes later does not
    /// turn a repeat into another request.
    pub fn digest(&self) -> [u8; 32] {
        let canonical = Canonical {
            recipient: &self.recipient,
            content: &self.content,
            quoted_message_id: self.quoted_message_id.as_deref(),
            phone_number_id: self.phone_number_id.as_deref(),
        };
        let bytes = serde_json::to_vec(&canonical).expect("strings and options always become JSON");
        Sha256::digest(bytes).into()
    }
}

/// Returns the lane of a number and a person: a keyed digest, so that lane names can be logged.
pub fn lane_name(key: &[u8], phone_number_id: &str, recipient: &Recipient) -> String {
    let mut digest = Sha256::new();
    for part in [key, phone_number_id.as_bytes(), recipient.steady_name().as_bytes()] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest.finalize()[..16].iter().fold(String::from("to:"), |mut name, byte| {
        use std::fmt::Write as _;
        write!(name, "{byte:02x}").expect("writing to a string does not fail");
        name
    })
}

#[cfg(test)]
mod tests {
    use super::super::recipient::{Phone, UserId};
    use super::*;

    fn message(body: &str) -> NewMessage {
        NewMessage {
            request_id: "r1".to_owned(),
            recipient: Recipient::new(None, Phone::parse("27820000000")).unwrap(),
            content: Content::Text { body: body.to_owned() },
            quoted_message_id: None,
            phone_number_id: None,
        }
    }

    #[test]
    fn digest_covers_all_but_the_request_id() {
        let first = message("a");
        let renamed = NewMessage { request_id: "r2".to_owned(), ..first.clone() };
        assert_eq!(first.digest(), renamed.digest());

        let others = [
            message("b"),
            NewMessage { quoted_message_id: Some("wamid.1".to_owned()), ..first.clone() },
            NewMessage { phone_number_id: Some("1".to_owned()), ..first.clone() },
            NewMessage { recipient: Recipient::new(UserId::parse("ZA.1"), None).unwrap(), ..first.clone() },
        ];
        for other in others {
            assert_ne!(first.digest(), other.digest());
        }
    }

    #[test]
    fn lane_is_of_the_number_and_the_person_and_shows_neither() {
        let recipient = Recipient::new(None, Phone::parse("27820000000")).unwrap();
        let lane = lane_name(b"key", "100200300", &recipient);

        assert_eq!(lane, lane_name(b"key", "100200300", &recipient));
        assert_ne!(lane, lane_name(b"key", "100200301", &recipient));
        assert_ne!(lane, lane_name(b"yek", "100200300", &recipient));
        assert!(!lane.contains("27820000000"));
    }
}
