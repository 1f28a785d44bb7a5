//! What a shop has, item by item.

use std::collections::HashMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{ItemRow, Store, open_shop};
use crate::error::Error;

/// Turns a row of either statement below into what is on hand: their row types differ, their columns do not.
macro_rules! stock {
    ($row:ident) => {
        StockRow {
            place: StockAfter { name: $row.sort_name, item_id: $row.id },
            item: ItemRow {
                id: $row.id,
                display_name: $row.display_name,
                base_unit: $row.base_unit,
                scale: i32::from($row.scale),
                low_at: $row.low_at,
            },
            on_hand: $row.on_hand,
            changed_at: $row.changed_at.map(jiff_sqlx::Timestamp::to_jiff),
            unit_cost: $row.unit_cost,
            currency: $row.currency,
        }
    };
}

/// Where a page of stock begins: after this item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StockAfter {
    /// The display name in small letters, as the database makes them.
    pub(crate) name: String,
    pub(crate) item_id: Uuid,
}

/// What is on hand of an item over all places.
#[derive(Clone, Debug)]
pub(crate) struct StockRow {
    pub(crate) item: ItemRow,
    pub(crate) on_hand: Decimal,
    pub(crate) changed_at: Option<Timestamp>,
    /// Moving average of what a base unit cost.
    pub(crate) unit_cost: Option<Decimal>,
    /// Of the shop, and so of the cost.
    pub(crate) currency: String,
    /// The key of the order, for the next page.
    pub(crate) place: StockAfter,
}

/// A moment of the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// What was there then, by all that is known today.
    Occurred(Timestamp),
    /// What the book said then.
    Recorded(Timestamp),
}

impl Store {
    /// Returns what was on hand of items at a moment. What never was in stock is left out.
    pub(crate) async fn stock_at(
        &self,
        shop_id: Uuid,
        item_ids: &[Uuid],
        moment: Moment,
    ) -> Result<HashMap<Uuid, Decimal>, Error> {
        let (occurred, recorded) = match moment {
            Moment::Occurred(at) => (Some(at), None),
            Moment::Recorded(at) => (None, Some(at)),
        };
        let rows = platform::db::statement(&self.pool, "stock_at", || async {
            Ok::<_, Error>(
                sqlx::query!(
                    r#"SELECT item_id AS "item_id!", on_hand AS "on_hand!" FROM stock_at($1, $2, $3, $4)"#,
                    shop_id,
                    item_ids,
                    occurred.map(jiff_sqlx::ToSqlx::to_sqlx) as _,
                    recorded.map(jiff_sqlx::ToSqlx::to_sqlx) as _,
                )
                .fetch_all(&self.pool)
                .await?,
            )
        })
        .await?;
        Ok(rows.into_iter().map(|row| (row.item_id, row.on_hand)).collect())
    }

    /// Reads up to `limit` items by name.
    pub(crate) async fn list_stock(
        &self,
        shop_id: Uuid,
        after: Option<&StockAfter>,
        limit: i64,
    ) -> Result<Vec<StockRow>, Error> {
        let (name, item_id) = after.map_or_else(
            || (String::new(), Uuid::nil()), // sorts before every name there is
            |after| (after.name.clone(), after.item_id),
        );
        platform::db::transact(&self.pool, "list_stock", |mut tx| {
            let name = name.clone();
            async move {
                open_shop(&mut tx, shop_id).await?;
                let rows = sqlx::query!(
                    r#"
                    SELECT
                      i.id,
                      i.display_name,
                      i.base_unit,
                      i.scale,
                      i.low_at,
                      i.sort_name AS "sort_name!",
                      coalesce(s.on_hand, 0) AS "on_hand!",
                      s.changed_at AS "changed_at: jiff_sqlx::Timestamp",
                      s.unit_cost,
                      sh.currency
                    FROM item i
                    JOIN shop sh ON sh.id = i.shop_id
                    LEFT JOIN LATERAL (
                      SELECT
                        sum(shelf.on_hand) AS on_hand,
                        max(shelf.changed_at) AS changed_at,
                        coalesce(
                          sum(greatest(shelf.on_hand, 0) * shelf.unit_cost)
                            / nullif(sum(greatest(shelf.on_hand, 0)) FILTER (WHERE shelf.unit_cost IS NOT NULL), 0),
                          max(shelf.unit_cost)) AS unit_cost
                      FROM stock shelf
                      WHERE shelf.shop_id = i.shop_id AND shelf.item_id = i.id
                    ) s ON true
                    WHERE i.shop_id = $1
                      AND i.archived_at IS NULL
                      AND (i.sort_name, i.id) > ($2, $3)
                    ORDER BY i.sort_name, i.id
                    LIMIT $4
                    "#,
                    shop_id,
                    name,
                    item_id,
                    limit,
                )
                .fetch_all(&mut *tx)
                .await?;
                Ok(tx.done(rows.into_iter().map(|row| stock!(row)).collect()))
            }
        })
        .await
    }

    /// Reads up to `limit` items by name of which little or nothing is left.
    pub(crate) async fn list_low_stock(
        &self,
        shop_id: Uuid,
        after: Option<&StockAfter>,
        limit: i64,
    ) -> Result<Vec<StockRow>, Error> {
        let (name, item_id) = after.map_or_else(
            || (String::new(), Uuid::nil()), // sorts before every name there is
            |after| (after.name.clone(), after.item_id),
        );
        platform::db::transact(&self.pool, "list_low_stock", |mut tx| {
            let name = name.clone();
            async move {
                open_shop(&mut tx, shop_id).await?;
                let rows = sqlx::query!(
                    r#"
                    SELECT
                      i.id,
                      i.display_name,
                      i.base_unit,
                      i.scale,
                      i.low_at,
                      i.sort_name AS "sort_name!",
                      coalesce(s.on_hand, 0) AS "on_hand!",
                      s.changed_at AS "changed_at: jiff_sqlx::Timestamp",
                      s.unit_cost,
                      sh.currency
                    FROM item i
                    JOIN shop sh ON sh.id = i.shop_id
                    LEFT JOIN LATERAL (
                      SELECT
                        sum(shelf.on_hand) AS on_hand,
                        max(shelf.changed_at) AS changed_at,
                        coalesce(
                          sum(greatest(shelf.on_hand, 0) * shelf.unit_cost)
                            / nullif(sum(greatest(shelf.on_hand, 0)) FILTER (WHERE shelf.unit_cost IS NOT NULL), 0),
                          max(shelf.unit_cost)) AS unit_cost
                      FROM stock shelf
                      WHERE shelf.shop_id = i.shop_id AND shelf.item_id = i.id
                    ) s ON true
                    WHERE i.shop_id = $1
                      AND i.archived_at IS NULL
                      AND (i.sort_name, i.id) > ($2, $3)
                      AND coalesce(s.on_hand, 0) <= coalesce(i.low_at, 0)
                    ORDER BY i.sort_name, i.id
                    LIMIT $4
                    "#,
                    shop_id,
                    name,
                    item_id,
                    limit,
                )
                .fetch_all(&mut *tx)
                .await?;
                Ok(tx.done(rows.into_iter().map(|row| stock!(row)).collect()))
            }
        })
        .await
    }
}
