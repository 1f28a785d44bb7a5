//! What a shop has and what happened in it, page by page in one snapshot.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use rust_decimal::Decimal;
use serde::Deserialize;
use sqlx::postgres::Postgres;
use sqlx::types::Json;
use sqlx::{Error as SqlError, Transaction};
use tracing::Instrument as _;
use uuid::Uuid;

use super::{Store, ToldMovement};
use crate::error::Error;

/// Rows of a page.
const PAGE_LENGTH: i32 = 500;
/// How long its reader may take for the next bytes. While they wait the snapshot holds a connection.
pub(crate) const READER_PATIENCE: Duration = Duration::from_mins(1);

/// What every row of a file refers to.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ExportHead {
    /// The day in the zone of the shop.
    pub(crate) today: String,
    pub(crate) currency: String,
    pub(crate) time_zone: String,
    pub(crate) places: BTreeMap<Uuid, String>,
}

/// An item with all that is on hand of it.
#[derive(Clone, Debug)]
pub(crate) struct ExportedItem {
    pub(crate) item_id: Uuid,
    pub(crate) sort_name: String,
    pub(crate) display_name: String,
    pub(crate) base_unit: String,
    pub(crate) low_at: Option<Decimal>,
    pub(crate) barcodes: Vec<String>,
    pub(crate) aliases: Vec<String>,
    pub(crate) packs: String,
    pub(crate) shelves: Vec<ExportedShelf>,
}

/// What is on hand at one place.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ExportedShelf {
    pub(crate) location_id: Uuid,
    pub(crate) on_hand: Decimal,
    pub(crate) unit_cost: Option<Decimal>,
    pub(crate) value: Option<Decimal>,
}

/// A movement with the time in the zone of the shop.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ExportedMovement {
    #[serde(flatten)]
    pub(crate) told: ToldMovement,
    pub(crate) local_time: String,
}

/// Which movements.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExportFilter {
    pub(crate) item_id: Option<Uuid>,
    pub(crate) start: Option<Timestamp>,
    pub(crate) end: Option<Timestamp>,
}

/// A shop as it was at one moment. Not tried again: what was sent of it cannot be taken back.
pub(crate) struct Snapshot {
    tx: Transaction<'static, Postgres>,
    shop_id: Uuid,
}

impl Store {
    /// Opens a snapshot of a shop. To be waited for by a task that is not given up.
    pub(crate) async fn snapshot(&self, shop_id: Uuid, item_id: Option<Uuid>) -> Result<(Snapshot, ExportHead), Error> {
        let span = tracing::info_span!(
            "transaction",
            otel.name = "export",
            otel.kind = "client",
            db.system.name = "postgresql"
        );
        async {
            let mut tx = self.pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
            let patience = (READER_PATIENCE + Duration::from_secs(30)).as_secs();
            sqlx::query!(
                r#"SELECT set_config('idle_in_transaction_session_timeout', $1, true) AS "set""#,
                format!("{patience}s"),
            )
            .fetch_one(&mut *tx)
            .await?;
            let head =
                sqlx::query_scalar!(r#"SELECT export_head($1, $2) AS "head!: Json<ExportHead>""#, shop_id, item_id,)
                    .fetch_one(&mut *tx)
                    .await?;
            Ok((Snapshot { tx, shop_id }, head.0))
        }
        .instrument(span)
        .await
    }
}

impl Snapshot {
    /// Reads the next items, by name; none when that was all.
    pub(crate) async fn items(&mut self, after: Option<&ExportedItem>) -> Result<Vec<ExportedItem>, SqlError> {
        let (name, item_id) = after.map_or(("", Uuid::nil()), |item| (item.sort_name.as_str(), item.item_id));
        let rows = sqlx::query!(
            r#"
            SELECT
              item_id AS "item_id!",
              sort_name AS "sort_name!",
              display_name AS "display_name!",
              base_unit AS "base_unit!",
              low_at,
              barcodes AS "barcodes!",
              aliases AS "aliases!",
              packs AS "packs!",
              shelves AS "shelves!: Json<Vec<ExportedShelf>>"
            FROM export_stock($1, $2, $3, $4)
            "#,
            self.shop_id,
            name,
            item_id,
            PAGE_LENGTH,
        )
        .fetch_all(&mut *self.tx)
        .await?;
        let items = rows.into_iter().map(|row| ExportedItem {
            item_id: row.item_id,
            sort_name: row.sort_name,
            display_name: row.display_name,
            base_unit: row.base_unit,
            low_at: row.low_at,
            barcodes: row.barcodes,
            aliases: row.aliases,
            packs: row.packs,
            shelves: row.shelves.0,
        });
        Ok(items.collect())
    }

    /// Reads the next movements, oldest first; none when that was all.
    pub(crate) async fn movements(
        &mut self,
        filter: &ExportFilter,
        time_zone: &str,
        after: Option<&ExportedMovement>,
    ) -> Result<Vec<ExportedMovement>, SqlError> {
        let (after_at, after_id) =
            after.map_or((Timestamp::UNIX_EPOCH, 0), |last| (last.told.movement.occurred_at, last.told.movement.id));
        let rows = sqlx::query_scalar!(
            r#"SELECT export_movements($1, $2, $3, $4, $5, $6, $7, $8) AS "movement!: Json<ExportedMovement>""#,
            self.shop_id,
            filter.item_id,
            filter.start.map(jiff_sqlx::ToSqlx::to_sqlx) as _,
            filter.end.map(jiff_sqlx::ToSqlx::to_sqlx) as _,
            after_at.to_sqlx() as _,
            after_id,
            time_zone,
            PAGE_LENGTH,
        )
        .fetch_all(&mut *self.tx)
        .await?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }
}
