//! The alarm: balances that do not follow from their movements. There are none.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Store, open_shop};
use crate::error::Error;

/// A shelf whose balance does not follow from its movements.
#[derive(Clone, Debug)]
pub(crate) struct DiscrepancyRow {
    pub(crate) item_id: Uuid,
    pub(crate) item_name: String,
    pub(crate) location_id: Uuid,
    pub(crate) on_hand: Decimal,
    pub(crate) sum_of_deltas: Decimal,
    pub(crate) seq: i64,
    pub(crate) movement_count: i64,
    pub(crate) broken_count: i64,
}

impl Store {
    /// Reads up to `limit` discrepancies of a shop after this item and place.
    pub(crate) async fn list_discrepancies(
        &self,
        shop_id: Uuid,
        after: (Uuid, Uuid),
        limit: i64,
    ) -> Result<Vec<DiscrepancyRow>, Error> {
        platform::db::transact(&self.pool, "list_discrepancies", |mut tx| async move {
            open_shop(&mut tx, shop_id).await?;
            let rows = sqlx::query_as!(
                DiscrepancyRow,
                r#"
                SELECT
                  d.item_id AS "item_id!",
                  i.display_name AS item_name,
                  d.location_id AS "location_id!",
                  d.on_hand AS "on_hand!",
                  d.sum_of_deltas AS "sum_of_deltas!",
                  d.seq AS "seq!",
                  d.movement_count AS "movement_count!",
                  d.broken_count AS "broken_count!"
                FROM ledger_discrepancy d
                JOIN item i ON i.shop_id = d.shop_id AND i.id = d.item_id
                WHERE d.shop_id = $1 AND (d.item_id, d.location_id) > ($2, $3)
                ORDER BY d.item_id, d.location_id
                LIMIT $4
                "#,
                shop_id,
                after.0,
                after.1,
                limit,
            )
            .fetch_all(&mut *tx)
            .await?;
            Ok(tx.done(rows))
        })
        .await
    }

    /// Returns ids of shops, in their order, after this one.
    pub(crate) async fn list_shop_ids(&self, after: Uuid, limit: i32) -> Result<Vec<Uuid>, Error> {
        platform::db::statement(&self.pool, "list_shop_ids", || async {
            Ok(sqlx::query_scalar!(r#"SELECT list_shop_ids($1, $2) AS "shop_id!""#, after, limit)
                .fetch_all(&self.pool)
                .await?)
        })
        .await
    }
}
