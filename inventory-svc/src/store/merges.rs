//! Items that another one stands for, and items that come into the lists.

use jiff_sqlx::ToSqlx as _;
use rust_decimal::Decimal;
use serde::Deserialize;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Asked, ItemRow, MovementRow, OperationRow, Store};
use crate::domain::unit::Keeping;
use crate::error::Error;

/// What came of putting an item away for another.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Merged {
    pub(crate) operation: OperationRow,
    pub(crate) movements: Vec<MovementRow>,
    pub(crate) item: ItemRow,
    #[serde(rename = "merged_item_id")]
    pub(crate) put_away_id: Uuid,
    #[serde(default)]
    pub(crate) replayed: bool,
}

/// An item to create without a line.
#[derive(Clone, Debug)]
pub(crate) struct CreatedItem {
    pub(crate) display_name: String,
    pub(crate) key: String,
    pub(crate) base_unit: String,
    pub(crate) scale: u32,
    pub(crate) low_level: Option<Decimal>,
}

impl Store {
    /// Makes two items one, in one round trip.
    pub(crate) async fn merge_items(&self, asked: &Asked, item_id: Uuid, into_id: Uuid) -> Result<Merged, Error> {
        let merged = platform::db::statement(&self.pool, "merge_items", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"SELECT merge_items($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS "answer!: Json<Merged>""#,
                    asked.shop_id,
                    asked.operation_id,
                    asked.public_reference,
                    asked.source,
                    asked.request_id,
                    &asked.request_hash[..],
                    asked.member_id,
                    item_id,
                    into_id,
                    asked.recorded_at.to_sqlx() as _,
                )
                .fetch_one(&self.pool)
                .await?,
            )
        })
        .await?;
        Ok(merged.0)
    }

    /// Keeps an item in another unit from now on, as a new item that stands for it.
    pub(crate) async fn change_base_unit(
        &self,
        asked: &Asked,
        item_id: Uuid,
        keeping: &Keeping,
        factor: Decimal,
        new_id: Uuid,
    ) -> Result<Merged, Error> {
        let scale = i32::try_from(keeping.scale).expect("at most 3");
        let merged = platform::db::statement(&self.pool, "change_base_unit", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"
                    SELECT change_base_unit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                      AS "answer!: Json<Merged>"
                    "#,
                    asked.shop_id,
                    asked.operation_id,
                    asked.public_reference,
                    asked.source,
                    asked.request_id,
                    &asked.request_hash[..],
                    asked.member_id,
                    item_id,
                    new_id,
                    keeping.base_unit,
                    factor,
                    scale,
                    asked.recorded_at.to_sqlx() as _,
                )
                .fetch_one(&self.pool)
                .await?,
            )
        })
        .await?;
        Ok(merged.0)
    }

    /// Puts an archived item back into the lists.
    pub(crate) async fn unarchive_item(&self, asked: &Asked, item_id: Uuid) -> Result<ItemRow, Error> {
        let item = platform::db::statement(&self.pool, "unarchive_item", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"SELECT unarchive_item($1, $2, $3, $4, $5, $6, $7) AS "item!: Json<ItemRow>""#,
                    asked.shop_id,
                    asked.source,
                    asked.request_id,
                    &asked.request_hash[..],
                    asked.member_id,
                    item_id,
                    asked.recorded_at.to_sqlx() as _,
                )
                .fetch_one(&self.pool)
                .await?,
            )
        })
        .await?;
        Ok(item.0)
    }

    /// Creates an item of which nothing is there yet.
    pub(crate) async fn create_item(&self, asked: &Asked, wanted: &CreatedItem) -> Result<ItemRow, Error> {
        let scale = i32::try_from(wanted.scale).expect("at most 3");
        let item = platform::db::statement(&self.pool, "create_item", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"
                    SELECT create_item($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) AS "item!: Json<ItemRow>"
                    "#,
                    asked.shop_id,
                    asked.source,
                    asked.request_id,
                    &asked.request_hash[..],
                    asked.member_id,
                    asked.operation_id,
                    wanted.display_name,
                    wanted.key,
                    wanted.base_unit,
                    scale,
                    wanted.low_level,
                    asked.recorded_at.to_sqlx() as _,
                )
                .fetch_one(&self.pool)
                .await?,
            )
        })
        .await?;
        Ok(item.0)
    }
}
