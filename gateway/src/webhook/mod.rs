//! What Meta sends: the signature over the raw bytes, and a tolerant reading of the payload.

mod decode;
mod payload;
mod signature;

pub(crate) use decode::{Entry, decode};
pub(crate) use payload::{
    Media, MediaKind, Message, MessageBody, Riders, SharedContact, Status, StoredMessage, StoredStatus, SystemNotice,
};
pub(crate) use signature::AppSecrets;
