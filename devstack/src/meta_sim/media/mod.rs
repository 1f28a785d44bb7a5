//! Files: those that people send, those that the business uploads, and how long each can be had. Section 5.
//!
//! - `kinds`: which types Meta takes, and how large
//! - `store`: the files, their ids, and the addresses they can be fetched from for five minutes
//! - `attachment`: what a person attaches

mod attachment;
mod kinds;
mod store;

pub use attachment::Attachment;
pub use kinds::MediaKind;
pub(crate) use kinds::{INBOUND_LENGTH_MAX, UPLOAD_LENGTH_MAX, kind_of, length_max, taken_types};
pub use store::{HashStyle, MediaManner, SizeStyle};
pub(crate) use store::{Medium, NewMedium, Store};
