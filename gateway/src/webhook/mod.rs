//! What Meta sends: the signature over the raw bytes, and a tolerant reading of the payload.

mod decode;
mod payload;
mod signature;

pub(crate) use decode::{Entry, decode};
pub(crate) use payload::{MessageBody, RawMessage, Status, StoredMessage, StoredStatus};
pub(crate) use signature::AppSecrets;
