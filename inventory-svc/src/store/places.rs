//! Places, and stock that goes from one to another.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use uuid::Uuid;

use super::{Asked, MovementRow, OperationRow, Store};
use crate::error::Error;

/// A place of a shop.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct LocationRow {
    pub(crate) id: Uuid,
    pub(crate) display_name: String,
    pub(crate) is_default: bool,
}

/// What goes where.
#[derive(Clone, Debug)]
pub(crate) struct Transfer {
    pub(crate) from_id: Option<Uuid>,
    pub(crate) into_id: Option<Uuid>,
    pub(crate) occurred_at: Timestamp,
    pub(crate) lines: Vec<TransferLine>,
}

/// One line as `transfer_stock` reads it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct TransferLine {
    /// Its place in the request, from 1.
    pub(crate) line: usize,
    pub(crate) item_id: Option<Uuid>,
    /// Keys to look the item up by, in order.
    pub(crate) keys: Vec<String>,
    pub(crate) quantity: Decimal,
}

/// What came of a transfer.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Transferred {
    pub(crate) operation: OperationRow,
    pub(crate) movements: Vec<MovementRow>,
    #[serde(default)]
    pub(crate) replayed: bool,
}

impl Store {
    /// Gives a place another name, or makes one when there is none.
    pub(crate) async fn change_location(
        &self,
        asked: &Asked,
        location_id: Option<Uuid>,
        display_name: &str,
    ) -> Result<LocationRow, Error> {
        let place = platform::db::statement(&self.pool, "change_location", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"SELECT change_location($1, $2, $3, $4, $5, $6, $7, $8, $9) AS "place!: Json<LocationRow>""#,
                    asked.shop_id,
                    asked.source,
                    asked.request_id,
                    &asked.request_hash[..],
                    asked.member_id,
                    location_id.unwrap_or(asked.operation_id),
                    location_id.is_none(),
                    display_name,
                    asked.recorded_at.to_sqlx() as _,
                )
                .fetch_one(&self.pool)
                .await?,
            )
        })
        .await?;
        Ok(place.0)
    }

    /// Reads up to `limit` places, oldest first.
    pub(crate) async fn list_locations(
        &self,
        shop_id: Uuid,
        after: Uuid,
        limit: i64,
    ) -> Result<Vec<LocationRow>, Error> {
        let limit = i32::try_from(limit).expect("at most 201");
        platform::db::statement(&self.pool, "list_locations", || async {
            let rows = sqlx::query_scalar!(
                r#"SELECT list_locations($1, $2, $3) AS "place!: Json<LocationRow>""#,
                shop_id,
                after,
                limit,
            )
            .fetch_all(&self.pool)
            .await?;
            Ok(rows.into_iter().map(|row| row.0).collect())
        })
        .await
    }

    /// Moves stock from one place to another in one round trip.
    pub(crate) async fn transfer_stock(&self, asked: &Asked, wanted: &Transfer) -> Result<Transferred, Error> {
        let answer = platform::db::statement(&self.pool, "transfer_stock", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"
                    SELECT transfer_stock($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                      AS "answer!: Json<Transferred>"
                    "#,
                    asked.shop_id,
                    asked.operation_id,
                    asked.public_reference,
                    asked.source,
                    asked.request_id,
                    &asked.request_hash[..],
                    asked.member_id,
                    wanted.from_id,
                    wanted.into_id,
                    wanted.occurred_at.to_sqlx() as _,
                    asked.recorded_at.to_sqlx() as _,
                    Json(&wanted.lines) as _,
                    asked.dry_run,
                )
                .fetch_one(&self.pool)
                .await?,
            )
        })
        .await?;
        Ok(answer.0)
    }

    /// Returns what a transfer was answered before, if it was.
    pub(crate) async fn stored_transfer(&self, asked: &Asked) -> Result<Option<Transferred>, Error> {
        self.stored_answer(asked).await
    }
}
