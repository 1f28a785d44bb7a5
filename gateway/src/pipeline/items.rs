//! What the shop keeps, remembered for a minute and sender, so that a message can be read with the names it may speak of.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use proto::common::v1::WhatsAppUser;
use proto::inventory::v1::ItemNames;
use proto::parser::v1::CatalogueItem;

use super::inbound::Inbound;
use crate::conversation::{KnownName, excerpt};

/// How long it is remembered: what another gateway or service names meanwhile is known after that.
const REMEMBERED: Duration = Duration::from_mins(1);

/// Items that are remembered over all senders; each takes a few hundred bytes.
const ITEMS_MAX: u64 = 200_000;

/// Items that travel with a text.
const EXCERPT_MAX: usize = 50;

/// Items of a shop by their names.
pub(super) type Items = Arc<Vec<KnownName>>;

/// The memory. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ItemMemory(Cache<String, Items>);

impl ItemMemory {
    /// Begins with nothing.
    pub fn new() -> Self {
        let cache = Cache::builder()
            .max_capacity(ITEMS_MAX)
            // A shop without items takes room, too.
            .weigher(|_, items: &Items| u32::try_from(items.len() + 1).unwrap_or(u32::MAX))
            .time_to_live(REMEMBERED)
            .build();
        Self(cache)
    }

    /// Returns what is remembered for the sender of a message.
    pub(super) fn get(&self, inbound: &Inbound) -> Option<Items> {
        self.0.get(&key(inbound))
    }

    /// Remembers what the ledger told.
    pub(super) fn put(&self, inbound: &Inbound, items: Vec<ItemNames>) -> Items {
        let names = items.into_iter().map(|item| KnownName::new(item.display_name, item.aliases, item.units));
        let items = Arc::new(names.collect());
        self.0.insert(key(inbound), Arc::clone(&items));
        items
    }

    /// Forgets what the sender's shop keeps: it was changed just now.
    pub(super) fn forget(&self, inbound: &Inbound) {
        self.0.invalidate(&key(inbound));
    }
}

/// Names the sender within the business number, as the ledger is asked.
fn key(inbound: &Inbound) -> String {
    let WhatsAppUser { user_id, phone_number } = &inbound.sender;
    format!("{}/{user_id}/{phone_number}", inbound.phone_number_id)
}

/// Returns the items that a text may speak of.
pub(super) fn catalogue(items: &Items, text: &str) -> Vec<CatalogueItem> {
    excerpt(items, text, EXCERPT_MAX)
        .into_iter()
        .map(|item| CatalogueItem {
            name: item.name.clone(),
            aliases: item.aliases.clone(),
            units: item.units.clone(),
            on_hand: None,
        })
        .collect()
}
