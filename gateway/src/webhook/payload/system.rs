//! Notices of WhatsApp itself: a person goes by another number or user id now.

use serde::Deserialize;

use super::lenient::{text, text_or_number};

/// What WhatsApp says about a person. Names are as they came; `names_of` tells phone numbers from user ids.
#[derive(Deserialize, Default)]
pub(crate) struct SystemNotice {
    /// Meta's word for it: `user_changed_number`, `user_changed_user_id`, or one of another year.
    #[serde(default, rename = "type", deserialize_with = "text")]
    pub kind: String,
    /// The phone number after the change; `new_wa_id` in old schemas.
    #[serde(default, alias = "new_wa_id", deserialize_with = "text_or_number")]
    pub wa_id: Option<String>,
    /// The user id after the change.
    #[serde(default, deserialize_with = "text_or_number")]
    pub user_id: Option<String>,
    /// The user id before the change.
    #[serde(default, deserialize_with = "text_or_number")]
    pub previous_user_id: Option<String>,
    /// The phone number before the change, in old schemas; newer ones say it in the message's `from`.
    #[serde(default, deserialize_with = "text_or_number")]
    pub customer: Option<String>,
}

impl SystemNotice {
    /// Returns whether it says that a person goes by another name now.
    pub fn changes_identity(&self) -> bool {
        matches!(self.kind.as_str(), "user_changed_number" | "customer_changed_number" | "user_changed_user_id")
    }
}
