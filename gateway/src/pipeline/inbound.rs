//! A message as it was stored, read again.

use jiff::Timestamp;
use platform::lanes::Job;
use proto::common::v1::WhatsAppUser;
use sha2::{Digest as _, Sha256};

use super::failure::Failure;
use crate::webhook::{MediaKind, Message, MessageBody, Riders, StoredMessage};

/// A message that was read.
pub(super) struct Inbound {
    /// Names everything that it does, for good: Meta's id of it, or what stands for that.
    pub wamid: String,
    /// Meta's id of it, when it can be quoted and marked as read.
    pub meta_id: Option<String>,
    /// When it was written, by Meta's clock and never ahead of ours.
    pub sent_at: Timestamp,
    /// When it was stored here.
    pub received_at: Timestamp,
    /// The names of who wrote it.
    pub sender: WhatsAppUser,
    /// The name on their profile.
    pub profile_name: String,
    /// The business number it was written to.
    pub phone_number_id: String,
    /// What rides on it.
    pub riders: Riders,
    /// What it says.
    pub body: MessageBody,
}

impl Inbound {
    /// Returns whether Meta opens the 24 hours for it. Notices and reactions are not known to.
    pub fn opens_window(&self) -> bool {
        !self.is_about_a_message() && !matches!(self.body, MessageBody::Reaction | MessageBody::System(_))
    }

    /// Returns whether it says something of another message, and nothing by itself.
    pub fn is_about_a_message(&self) -> bool {
        matches!(self.body, MessageBody::Unsupported { .. } | MessageBody::Edit { .. } | MessageBody::Revoke { .. })
    }

    /// Returns whether it says something in words.
    pub fn reads_words(&self) -> bool {
        matches!(self.body, MessageBody::Text(_) | MessageBody::TemplateButton { .. })
    }

    /// Returns whether nobody expects an answer to it. Every answer is billed.
    pub fn needs_no_answer(&self) -> bool {
        match &self.body {
            MessageBody::Reaction | MessageBody::System(_) | MessageBody::OtherInteractive => true,
            MessageBody::Media(file) => file.kind == MediaKind::Sticker,
            MessageBody::Unknown(kind) => matches!(kind.as_str(), "" | "request_welcome" | "ephemeral"),
            MessageBody::Unsupported { kind, .. } => {
                matches!(kind.as_str(), "reaction" | "pin" | "keep_in_chat" | "poll_update")
            }
            _ => false,
        }
    }
}

/// Reads what a job holds.
pub(super) fn read(job: &Job) -> Result<Inbound, Failure> {
    let unreadable = || Failure::Unreadable("the stored message cannot be read by this version".to_owned());
    let stored: StoredMessage = serde_json::from_slice(&job.payload).map_err(|_| unreadable())?;
    let message = Message::read(stored.message.get()).ok_or_else(unreadable)?;
    let sent_at = message
        .timestamp
        .as_deref()
        .and_then(|seconds| seconds.parse::<i64>().ok())
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        // Meta's clock may be ahead of ours; nothing happened in the future.
        .map_or(job.created_at, |sent_at| sent_at.min(job.created_at));
    let sender = names(message.from_user_id.as_deref(), message.from.as_deref());
    Ok(Inbound {
        wamid: name_of(message.id.as_deref(), job),
        meta_id: message.id.filter(|id| is_usable(id)),
        sent_at,
        received_at: job.created_at,
        sender,
        profile_name: stored
            .contact
            .and_then(|contact| contact.profile)
            .and_then(|profile| profile.name)
            .unwrap_or_default(),
        phone_number_id: stored.phone_number_id,
        riders: message.riders,
        body: message.body,
    })
}

/// Takes names as Meta gave them. A user id is never taken for a phone number, wherever it stands.
pub(super) fn names(user_id: Option<&str>, phone: Option<&str>) -> WhatsAppUser {
    let phone = phone.unwrap_or_default();
    let user_id = user_id.filter(|id| !id.is_empty()).unwrap_or(if is_user_id(phone) { phone } else { "" });
    WhatsAppUser { user_id: user_id.to_owned(), phone_number: phone_of(phone).unwrap_or_default().to_owned() }
}

/// Returns the digits of a phone number in international form; nothing else is one.
pub(super) fn phone_of(text: &str) -> Option<&str> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let is_phone = (6..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_phone.then_some(digits)
}

/// Business-scoped user ids begin with a country and a full stop: `ZA.1349`, `ZA.ENT.1349`.
fn is_user_id(text: &str) -> bool {
    text.split_once('.').is_some_and(|(country, rest)| {
        country.len() == 2
            && country.bytes().all(|byte| byte.is_ascii_uppercase())
            && !rest.is_empty()
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
    })
}

/// Names everything this message does: Meta's id, or a digest when that is not 1 to 200 visible ASCII characters.
///
/// What is said about a message may come under the id of that message, so it has a name of its own.
fn name_of(id: Option<&str>, job: &Job) -> String {
    match (id, about(&job.dedup_key)) {
        (Some(id), None) if is_usable(id) => id.to_owned(),
        (Some(id), Some((kind, when))) if is_usable(id) => format!("{id}/{kind}.{when}"),
        _ => format!("sha256.{}", hex::encode(Sha256::digest(job.dedup_key.as_bytes()))),
    }
}

/// Names what a message did that came under this id: the name of its operation.
pub(super) fn name_of_original(id: &str, phone_number_id: &str) -> String {
    if is_usable(id) {
        return id.to_owned();
    }
    format!("sha256.{}", hex::encode(Sha256::digest(format!("m/{phone_number_id}/{id}").as_bytes())))
}

/// Returns the name of the message behind a key, for its reference.
pub(crate) fn name_of_key(dedup_key: &str) -> Option<String> {
    if let Some((kind, when)) = about(dedup_key) {
        let (_, id) = dedup_key.splitn(4, '/').nth(3)?.split_once('/')?;
        return Some(format!("{id}/{kind}.{when}"));
    }
    let (number, id) = dedup_key.strip_prefix("m/")?.split_once('/')?;
    Some(name_of_original(id, number))
}

/// Returns what kind of notice a key belongs to, and when it came.
fn about(dedup_key: &str) -> Option<(&str, &str)> {
    let mut parts = dedup_key.strip_prefix("n/")?.splitn(3, '/');
    Some((parts.next()?, parts.next()?))
}

fn is_usable(id: &str) -> bool {
    !id.is_empty() && id.len() <= 200 && is_ascii_word(id)
}

fn is_ascii_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_id_is_never_taken_for_a_phone_number() {
        let user = |user_id: Option<&str>, phone: Option<&str>| {
            let names = names(user_id, phone);
            (names.user_id, names.phone_number)
        };
        assert_eq!(user(Some("ZA.1"), Some("27820001111")), ("ZA.1".to_owned(), "27820001111".to_owned()));
        assert_eq!(user(None, Some("+27820001111")), (String::new(), "27820001111".to_owned()));
        assert_eq!(user(None, Some("US.13491208655302741918")), ("US.13491208655302741918".to_owned(), String::new()));
        assert_eq!(user(Some("ZA.1"), Some("US.2")), ("ZA.1".to_owned(), String::new()));
        for odd in ["", "0820001111", "12345", "1234567890123456", "27 82", "ZA.", "za.1"] {
            assert_eq!(user(None, Some(odd)), (String::new(), String::new()), "{odd}");
        }
    }

    #[test]
    fn a_key_gives_the_name_that_the_message_has() {
        let job = |dedup_key: &str| Job {
            id: 1,
            dedup_key: dedup_key.to_owned(),
            kind: String::new(),
            payload: Vec::new(),
            progress: None,
            attempts: 0,
            traceparent: None,
            created_at: Timestamp::UNIX_EPOCH,
        };
        for (key, name) in [
            ("m/2000/wamid.A", "wamid.A"),
            ("n/unsupported/1790416800/2000/wamid.A", "wamid.A/unsupported.1790416800"),
            ("n/edit/0/2000/wamid.A", "wamid.A/edit.0"),
            ("n/edit/1790416800-0a1b2c3d/2000/wamid.A", "wamid.A/edit.1790416800-0a1b2c3d"),
        ] {
            assert_eq!(name_of(Some("wamid.A"), &job(key)), name);
            assert_eq!(name_of_key(key).as_deref(), Some(name));
        }
        assert!(name_of(Some("not usable"), &job("m/2000/not usable")).starts_with("sha256."));
        assert_eq!(name_of(Some("a b"), &job("m/2000/a b")), name_of_original("a b", "2000"));
        assert_eq!(name_of_key("s/wamid/read"), None);
    }
}
