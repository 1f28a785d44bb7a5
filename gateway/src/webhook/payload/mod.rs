//! The parts of Meta's payload that are read. Everything is optional, unknown fields pass, numbers may be strings.

mod body;
mod contacts;
mod lenient;
mod message;
mod status;
mod surrogates;
mod system;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub(crate) use body::{Media, MediaKind, MessageBody};
pub(crate) use contacts::SharedContact;
pub(crate) use message::{Message, Riders};
pub(crate) use status::Status;
pub(crate) use surrogates::mend_surrogates;
pub(crate) use system::SystemNotice;

use lenient::{list as lenient_list, part, text, text_or_number};

/// The envelope. Changes stay raw until their field is known.
#[derive(Deserialize, Debug)]
pub(super) struct Envelope<'a> {
    #[serde(borrow, default, deserialize_with = "lenient_list")]
    pub entry: Vec<&'a RawValue>,
}

#[derive(Deserialize, Debug)]
pub(super) struct EntryPart<'a> {
    #[serde(borrow, default, deserialize_with = "lenient_list")]
    pub changes: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    pub id: Option<&'a RawValue>,
    /// On account-level fields only.
    #[serde(borrow, default)]
    pub time: Option<&'a RawValue>,
}

#[derive(Deserialize, Debug)]
pub(super) struct Change<'a> {
    #[serde(default, deserialize_with = "text_or_number")]
    pub field: Option<String>,
    #[serde(borrow, default)]
    pub value: Option<&'a RawValue>,
}

#[derive(Deserialize, Debug)]
pub(super) struct Value<'a> {
    #[serde(default, deserialize_with = "part")]
    pub metadata: Option<Metadata>,
    #[serde(borrow, default, deserialize_with = "lenient_list")]
    pub contacts: Vec<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "lenient_list")]
    pub messages: Vec<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "lenient_list")]
    pub statuses: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    pub errors: Option<&'a RawValue>,
}

#[derive(Deserialize, Debug, Clone, Default)]
pub(super) struct Metadata {
    #[serde(default, deserialize_with = "text_or_number")]
    pub phone_number_id: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    pub display_phone_number: Option<String>,
}

/// Who a message is from, as the envelope says it beside the message.
#[derive(Deserialize, Serialize, Clone, Default)]
pub(crate) struct Contact {
    #[serde(default, deserialize_with = "text_or_number", skip_serializing_if = "Option::is_none")]
    pub wa_id: Option<String>,
    #[serde(default, deserialize_with = "text_or_number", skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    #[serde(default, deserialize_with = "part", skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Contact(..)")
    }
}

/// The public profile of a person.
#[derive(Deserialize, Serialize, Clone, Default)]
pub(crate) struct Profile {
    #[serde(default, deserialize_with = "text_or_number", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What decides where a message goes, before it is read in full.
#[derive(Deserialize)]
pub(super) struct MessageHead {
    #[serde(default, deserialize_with = "text_or_number")]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    pub from: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    pub from_user_id: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    pub timestamp: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "text")]
    pub kind: String,
    #[serde(default, deserialize_with = "text_or_number")]
    pub group_id: Option<String>,
    #[serde(default, deserialize_with = "part")]
    pub system: Option<SystemNotice>,
    #[serde(default)]
    pub errors: Option<serde::de::IgnoredAny>,
}

/// A message as it is kept in the inbox: what came, and who it is from.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredMessage {
    /// Meta's id of the business number it was sent to.
    pub phone_number_id: String,
    /// The contact beside it.
    pub contact: Option<Contact>,
    /// The message exactly as it came.
    pub message: Box<RawValue>,
}

/// A status as it is kept in the inbox.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredStatus {
    /// The status exactly as it came.
    pub status: Box<RawValue>,
}
