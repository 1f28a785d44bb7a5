//! All that is known of one item.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;
use sqlx::types::Json;
use uuid::Uuid;

use super::{ItemRow, Store};
use crate::error::Error;

/// An item with its names, units and places.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ItemDetailRow {
    pub(crate) item: ItemRow,
    pub(crate) aliases: Vec<String>,
    pub(crate) barcodes: Vec<String>,
    pub(crate) packs: Vec<PackRow>,
    pub(crate) places: Vec<PlaceRow>,
    pub(crate) currency: String,
    pub(crate) created_at: Timestamp,
    pub(crate) archived_at: Option<Timestamp>,
    pub(crate) merged_into: Option<Uuid>,
}

/// A pack whose content is known.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PackRow {
    pub(crate) unit: String,
    pub(crate) factor: Decimal,
}

/// One shelf.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PlaceRow {
    pub(crate) location_id: Uuid,
    pub(crate) location_name: String,
    pub(crate) on_hand: Decimal,
    pub(crate) counted_at: Option<Timestamp>,
    pub(crate) changed_at: Option<Timestamp>,
    pub(crate) unit_cost: Option<Decimal>,
}

impl Store {
    /// Reads one item, also one that is out of the lists.
    pub(crate) async fn item_detail(&self, shop_id: Uuid, item_id: Uuid) -> Result<ItemDetailRow, Error> {
        let detail = platform::db::statement(&self.pool, "item_detail", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"SELECT item_detail($1, $2) AS "detail!: Json<ItemDetailRow>""#,
                    shop_id,
                    item_id
                )
                .fetch_one(&self.pool)
                .await?,
            )
        })
        .await?;
        Ok(detail.0)
    }
}
