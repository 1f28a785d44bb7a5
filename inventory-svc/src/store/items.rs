//! What may change about an item.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use rust_decimal::Decimal;
use serde::Serialize;
use sqlx::types::Json;
use uuid::Uuid;

use super::{ItemRow, Store};
use crate::error::Error;

/// Who asks for a change of which item.
#[derive(Clone, Debug)]
pub(crate) struct ItemRequest {
    pub(crate) shop_id: Uuid,
    pub(crate) source: &'static str,
    pub(crate) request_id: String,
    pub(crate) request_hash: [u8; 32],
    pub(crate) member_id: Option<Uuid>,
    pub(crate) item_id: Uuid,
}

/// What is to change, as `change_item` reads it.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum ItemChange {
    Rename { display_name: String, key: String, key_kind: KeyKind },
    AddName { key: String, key_kind: KeyKind },
    Archive,
    SetLowLevel { low_level: Option<Decimal> },
    SetPack { unit: String, factor: Decimal },
}

/// Where a name is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyKind {
    Name,
    Alias,
    Barcode,
}

impl Store {
    /// Changes one thing about an item, once for each request, and returns the item.
    pub(crate) async fn change_item(
        &self,
        asked: &ItemRequest,
        change: &ItemChange,
        now: Timestamp,
    ) -> Result<ItemRow, Error> {
        let item = platform::db::statement(&self.pool, "change_item", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"SELECT change_item($1, $2, $3, $4, $5, $6, $7, $8) AS "item!: Json<ItemRow>""#,
                    asked.shop_id,
                    asked.source,
                    asked.request_id,
                    &asked.request_hash[..],
                    asked.member_id,
                    asked.item_id,
                    Json(change) as _,
                    now.to_sqlx() as _,
                )
                .fetch_one(&self.pool)
                .await?,
            )
        })
        .await?;
        Ok(item.0)
    }
}
