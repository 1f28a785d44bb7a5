//! A message as it is asked for, before it has an id.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::content::{Content, Template};
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
    /// When the person's newest message was written, by Meta's clock.
    pub inbound_at: Option<Timestamp>,
    /// What is sent in place of the content when the 24 hours are over.
    pub fallback: Option<Template>,
    /// The bytes of a document.
    pub file: Option<File>,
}

/// The bytes of a document. Do not print themselves.
#[derive(Clone)]
pub struct File(pub Vec<u8>);

impl File {
    /// Returns their SHA-256 in hex.
    pub fn sha256(&self) -> String {
        hex::encode(Sha256::digest(&self.0))
    }
}

impl fmt::Debug for File {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "File({} bytes)", self.0.len())
    }
}

#[derive(Serialize)]
struct Canonical<'a> {
    recipient: &'a Recipient,
    content: &'a Content,
    quoted_message_id: Option<&'a str>,
    phone_number_id: Option<&'a str>,
    // Left out when there is none, so that requests from before it existed keep their digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback: Option<&'a Template>,
}

impl NewMessage {
    /// Returns a digest of what is to be sent to whom, as it was asked for: a default that changes later does not turn a
    /// repeat into another request. When the person wrote is no part of it: by a repeat they may have written again.
    pub fn digest(&self) -> [u8; 32] {
        let canonical = Canonical {
            recipient: &self.recipient,
            content: &self.content,
            quoted_message_id: self.quoted_message_id.as_deref(),
            phone_number_id: self.phone_number_id.as_deref(),
            fallback: self.fallback.as_ref(),
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
            inbound_at: None,
            fallback: None,
            file: None,
        }
    }

    fn template() -> Template {
        Template {
            name: "stock_alert".to_owned(),
            language: "en".to_owned(),
            header: Vec::new(),
            body: Vec::new(),
            buttons: Vec::new(),
        }
    }

    #[test]
    fn digest_covers_what_is_sent_to_whom() {
        let first = message("a");
        let renamed = NewMessage { request_id: "r2".to_owned(), ..first.clone() };
        let later = NewMessage { inbound_at: Some(Timestamp::UNIX_EPOCH), ..first.clone() };
        assert_eq!(first.digest(), renamed.digest());
        assert_eq!(first.digest(), later.digest());

        let others = [
            message("b"),
            NewMessage { quoted_message_id: Some("wamid.1".to_owned()), ..first.clone() },
            NewMessage { phone_number_id: Some("1".to_owned()), ..first.clone() },
            NewMessage { fallback: Some(template()), ..first.clone() },
            NewMessage { recipient: Recipient::new(UserId::parse("ZA.1"), None).unwrap(), ..first.clone() },
        ];
        for other in others {
            assert_ne!(first.digest(), other.digest());
        }
    }

    #[test]
    fn digest_of_a_text_is_that_of_earlier_versions() {
        let digest = hex::encode(message("a").digest());

        assert_eq!(digest, "9f076e7675649ee7a89048f716b0a4360daf9b4d11d0de8ec516de2b82d23c6c");
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
