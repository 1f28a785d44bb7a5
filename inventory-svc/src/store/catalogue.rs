//! All names of a shop, for finding the item that was meant when no key is exact.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::{CandidateRow, ItemRow, Store, open_shop};
use crate::domain::key::Key;
use crate::domain::matching::{self, Fit};
use crate::error::Error;

/// An item with what is on hand of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CatalogueItem {
    pub(crate) item: ItemRow,
    pub(crate) on_hand: Decimal,
}

impl CatalogueItem {
    /// Returns it as an item that may have been meant.
    pub(crate) fn candidate(&self, fit: Fit) -> CandidateRow {
        CandidateRow { item: self.item.clone(), score_ppm: fit.score_ppm, on_hand: self.on_hand }
    }

    /// Returns it as the item that was named by its id.
    pub(crate) fn candidate_alone(&self) -> CandidateRow {
        CandidateRow { item: self.item.clone(), score_ppm: 1_000_000, on_hand: self.on_hand }
    }
}

/// What an item is called and counted in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ItemNamesRow {
    pub(crate) item_id: Uuid,
    pub(crate) display_name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) units: Vec<String>,
}

/// Every item of a shop under each of its names.
#[derive(Debug)]
pub(crate) struct Catalogue(Vec<(Key, CatalogueItem)>);

impl Catalogue {
    /// Returns the items that fit what was said, best first.
    pub(crate) fn rank(&self, said: &[Key]) -> Vec<(&CatalogueItem, Fit)> {
        let names = self.0.iter().map(|(key, item)| (key, item));
        matching::rank(said, names, |one, other| one.item.id == other.item.id)
    }

    /// Returns the item with this id.
    pub(crate) fn find(&self, item_id: Uuid) -> Option<&CatalogueItem> {
        self.0.iter().map(|(_, item)| item).find(|item| item.item.id == item_id)
    }
}

impl Store {
    /// Reads what the items of a shop are called, those that moved last first, in one round trip.
    pub(crate) async fn item_names(&self, shop_id: Uuid, limit: i32) -> Result<Vec<ItemNamesRow>, Error> {
        platform::db::statement(&self.pool, "item_names", || async {
            Ok(sqlx::query_as!(
                ItemNamesRow,
                r#"
                SELECT
                  item_id AS "item_id!",
                  display_name AS "display_name!",
                  aliases AS "aliases!",
                  units AS "units!"
                FROM list_item_names($1, $2)
                "#,
                shop_id,
                limit,
            )
            .fetch_all(&self.pool)
            .await?)
        })
        .await
    }

    /// Reads all names of a shop.
    pub(crate) async fn catalogue(&self, shop_id: Uuid) -> Result<Catalogue, Error> {
        platform::db::transact(&self.pool, "catalogue", |mut tx| async move {
            open_shop(&mut tx, shop_id).await?;
            let rows = sqlx::query!(
                r#"
                SELECT
                  k.key,
                  i.id,
                  i.display_name,
                  i.base_unit,
                  i.scale,
                  i.low_at,
                  coalesce(s.on_hand, 0) AS "on_hand!"
                FROM item_key k
                JOIN item i ON i.shop_id = k.shop_id AND i.id = k.item_id
                LEFT JOIN (
                  SELECT shop_id, item_id, sum(on_hand) AS on_hand
                  FROM stock
                  WHERE shop_id = $1
                  GROUP BY shop_id, item_id
                ) s ON s.shop_id = i.shop_id AND s.item_id = i.id
                WHERE k.shop_id = $1 AND i.archived_at IS NULL
                ORDER BY i.sort_name, i.id, k.kind DESC
                "#,
                shop_id,
            )
            .fetch_all(&mut *tx)
            .await?;
            let names = rows
                .into_iter()
                .map(|row| {
                    let item = ItemRow {
                        id: row.id,
                        display_name: row.display_name,
                        base_unit: row.base_unit,
                        scale: i32::from(row.scale),
                        low_at: row.low_at,
                    };
                    (Key::stored(&row.key), CatalogueItem { item, on_hand: row.on_hand })
                })
                .collect();
            Ok(tx.done(Catalogue(names)))
        })
        .await
    }
}
