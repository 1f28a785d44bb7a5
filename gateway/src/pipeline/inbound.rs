//! A message as it was stored, read again.

use jiff::Timestamp;
use platform::lanes::Job;
use proto::common::v1::WhatsAppUser;
use sha2::{Digest as _, Sha256};

use super::failure::Failure;
use crate::webhook::{Message, MessageBody, Riders, StoredMessage};

/// A message that was read.
pub(super) struct Inbound {
    pub wamid: String,
    pub sent_at: Timestamp,
    pub sender: WhatsAppUser,
    pub profile_name: String,
    pub phone_number_id: String,
    pub riders: Riders,
    pub body: MessageBody,
}

pub(super) fn read(job: &Job) -> Result<Inbound, Failure> {
    let unreadable = |_| Failure::Unreadable("the stored message cannot be read by this version".to_owned());
    let stored: StoredMessage = serde_json::from_slice(&job.payload).map_err(unreadable)?;
    let message = Message::read(stored.message.get())
        .ok_or_else(|| Failure::Unreadable("the stored message cannot be read by this version".to_owned()))?;
    let sent_at = message
        .timestamp
        .as_deref()
        .and_then(|seconds| seconds.parse::<i64>().ok())
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        // Meta's clock may be ahead of ours; nothing happened in the future.
        .map_or(job.created_at, |sent_at| sent_at.min(job.created_at));
    let sender = WhatsAppUser {
        user_id: message.from_user_id.clone().unwrap_or_default(),
        phone_number: message.from.clone().unwrap_or_default(),
    };
    Ok(Inbound {
        wamid: request_id_of(message.id.as_deref(), job),
        sent_at,
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

/// Names everything this message does. Meta's id, or its digest when it is not 1 to 200 visible ASCII characters.
fn request_id_of(wamid: Option<&str>, job: &Job) -> String {
    match wamid {
        Some(id) if !id.is_empty() && id.len() <= 200 && id.bytes().all(|byte| byte.is_ascii_graphic()) => {
            id.to_owned()
        }
        _ => format!("sha256.{}", hex::encode(Sha256::digest(job.dedup_key.as_bytes()))),
    }
}

pub(super) fn needs_no_answer(body: &MessageBody) -> bool {
    match body {
        MessageBody::Reaction | MessageBody::System(_) => true,
        MessageBody::Unknown(kind) => matches!(kind.as_str(), "request_welcome" | "unknown" | "ephemeral"),
        _ => false,
    }
}
