//! Wire messages become domain types; every rule that is broken is named with its full path.

use jiff::Timestamp;
use proto::common::v1::WhatsAppUser;

use crate::domain::content::Violation;
use crate::domain::otp;
use crate::domain::recipient::{Phone, Recipient, UserId};

/// Characters of a request id, and of ids that are Meta's.
const ID_MAX: usize = 256;
/// Characters of a word of Meta's that are kept.
const WORD_MAX: usize = 64;
/// Characters of a WhatsApp message id; those seen have about 60.
const WHATSAPP_ID_MAX: usize = 512;

/// Checks a request id.
pub(super) fn request_id(found: &mut Vec<Violation>, text: &str) {
    if text.is_empty() || text.len() > ID_MAX || !is_visible_ascii(text) {
        found.push(Violation::new("request_id", format!("must be 1 to {ID_MAX} visible ASCII characters")));
    }
}

/// Checks a WhatsApp message id at `path`.
pub(super) fn whatsapp_id(found: &mut Vec<Violation>, path: &str, text: &str) {
    if text.is_empty() || text.len() > WHATSAPP_ID_MAX || !is_visible_ascii(text) {
        found.push(Violation::new(path, format!("must be 1 to {WHATSAPP_ID_MAX} visible ASCII characters")));
    }
}

/// Checks the id of a business number; empty stands for the configured one.
pub(super) fn phone_number_id(found: &mut Vec<Violation>, text: &str) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    if text.len() > 32 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        found.push(Violation::new("business_phone_number_id", "must be the digits of Meta's phone-number id"));
    }
    Some(text.to_owned())
}

/// Reads who gets a message.
pub(super) fn recipient(found: &mut Vec<Violation>, user: Option<&WhatsAppUser>) -> Option<Recipient> {
    let (user_id, phone_number) = user.map_or(("", ""), |user| (user.user_id.as_str(), user.phone_number.as_str()));
    if user_id.is_empty() && phone_number.is_empty() {
        found.push(Violation::new("recipient", "must hold a user_id or a phone_number"));
        return None;
    }
    let parsed_user_id = UserId::parse(user_id);
    if !user_id.is_empty() && parsed_user_id.is_none() {
        found.push(Violation::new("recipient.user_id", "must be a business-scoped user id like ZA.1349"));
    }
    let parsed_phone = Phone::parse(phone_number);
    if !phone_number.is_empty() && parsed_phone.is_none() {
        found.push(Violation::new("recipient.phone_number", "must be the 5 to 16 digits of a WhatsApp id, without +"));
    }
    Recipient::new(parsed_user_id, parsed_phone)
}

/// Checks what a one-time code is for.
pub(super) fn purpose(found: &mut Vec<Violation>, text: &str) {
    if !otp::is_purpose(text) {
        found.push(Violation::new("purpose", "must be 1 to 64 lower-case letters, digits and underscores"));
    }
}

/// Reads a time of Meta's; one that cannot be is `None`.
pub(super) fn time(time: Option<prost_types::Timestamp>) -> Option<Timestamp> {
    let time = time?;
    Timestamp::new(time.seconds, time.nanos).ok().filter(|time| *time > Timestamp::UNIX_EPOCH)
}

/// Takes one of Meta's words: short, and without what Postgres does not keep.
pub(super) fn word(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(WORD_MAX).collect()
}

/// Writes a time.
pub(super) fn wire_time(time: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: time.as_second(), nanos: time.subsec_nanosecond() }
}

fn is_visible_ascii(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}
