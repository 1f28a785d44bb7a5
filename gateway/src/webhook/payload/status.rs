//! A delivery status of a message of ours.

use serde::Deserialize;

use super::lenient::{flag, part, text_or_number};

/// A delivery status.
#[derive(Deserialize, Default)]
pub(crate) struct Status {
    #[serde(default, deserialize_with = "text_or_number")]
    pub id: Option<String>,
    #[serde(default, rename = "status", deserialize_with = "text_or_number")]
    pub state: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    pub timestamp: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    pub recipient_id: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    pub recipient_user_id: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    pub biz_opaque_callback_data: Option<String>,
    #[serde(default, deserialize_with = "part")]
    pub errors: Option<Vec<StatusError>>,
    #[serde(default, deserialize_with = "part")]
    pub pricing: Option<StatusPricing>,
}

/// Why a message failed.
#[derive(Deserialize, Default)]
pub(crate) struct StatusError {
    #[serde(default, deserialize_with = "text_or_number")]
    pub code: Option<String>,
    #[serde(default)]
    pub error_data: Option<serde_json::Value>,
}

/// What a message costs.
#[derive(Deserialize, Default)]
pub(crate) struct StatusPricing {
    #[serde(default, deserialize_with = "flag")]
    pub billable: bool,
    #[serde(default, deserialize_with = "text_or_number")]
    pub pricing_model: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "text_or_number")]
    pub kind: Option<String>,
    #[serde(default, deserialize_with = "text_or_number")]
    pub category: Option<String>,
}
