//! Cards of people that a person shares.

use serde::Deserialize;

use super::lenient::{part, text, text_or_number};

/// One card.
#[derive(Clone)]
pub(crate) struct SharedContact {
    /// What the card calls the person; may be empty.
    pub name: String,
    /// The numbers on it, those of WhatsApp first.
    pub phones: Vec<SharedPhone>,
}

/// A number on a card.
#[derive(Clone)]
pub(crate) struct SharedPhone {
    /// The number as it is written on the card.
    pub written: String,
    /// The number as WhatsApp knows it; absent when it does not, or when Meta did not look.
    pub wa_id: Option<String>,
}

/// A card as it comes.
#[derive(Deserialize)]
pub(super) struct RawContact {
    #[serde(default, deserialize_with = "part")]
    name: Option<RawName>,
    #[serde(default, deserialize_with = "part")]
    phones: Option<Vec<RawPhone>>,
    #[serde(default, deserialize_with = "text")]
    pub origin: String,
}

#[derive(Deserialize)]
struct RawName {
    #[serde(default, deserialize_with = "text")]
    formatted_name: String,
    #[serde(default, deserialize_with = "text")]
    first_name: String,
}

#[derive(Deserialize)]
struct RawPhone {
    #[serde(default, deserialize_with = "text")]
    phone: String,
    #[serde(default, deserialize_with = "text_or_number")]
    wa_id: Option<String>,
}

impl From<RawContact> for SharedContact {
    fn from(raw: RawContact) -> Self {
        let name = raw.name.map(|name| [name.formatted_name, name.first_name]).unwrap_or_default();
        let mut phones: Vec<SharedPhone> = raw
            .phones
            .unwrap_or_default()
            .into_iter()
            .map(|phone| SharedPhone { written: phone.phone, wa_id: phone.wa_id.filter(|id| !id.is_empty()) })
            .collect();
        phones.sort_by_key(|phone| phone.wa_id.is_none());
        Self { name: name.into_iter().find(|name| !name.trim().is_empty()).unwrap_or_default(), phones }
    }
}
