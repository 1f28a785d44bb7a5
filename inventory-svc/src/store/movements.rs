//! What happened: one operation, the latest of a member, or movements newest first.

use jiff::Timestamp;
use serde::Deserialize;
use sqlx::types::Json;
use uuid::Uuid;

use super::{MovementRow, OperationRow, Store, open_shop};
use crate::error::Error;

/// Which operation.
#[derive(Clone, Debug)]
pub(crate) enum OperationKey {
    /// The one with this id.
    Id(Uuid),
    /// The one that this request made.
    Request {
        /// Where it came from, as the ledger names it.
        source: &'static str,
        /// Its id.
        request_id: String,
    },
}

/// An operation with what became of it.
#[derive(Clone, Debug)]
pub(crate) struct FoundOperation {
    pub(crate) operation: OperationRow,
    pub(crate) movements: Vec<MovementRow>,
    pub(crate) reversed_by: Option<Uuid>,
}

/// Which movements: those for which all that is given holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct MovementsPage {
    pub(crate) item_id: Option<Uuid>,
    pub(crate) member_id: Option<Uuid>,
    /// As the ledger names them.
    pub(crate) kinds: Option<Vec<String>>,
    pub(crate) location_id: Option<Uuid>,
    /// What happened at this time or later; with this or the next one the order is that of what happened.
    pub(crate) start: Option<Timestamp>,
    /// What happened before this time.
    pub(crate) end: Option<Timestamp>,
    /// Only older ones than this: when it happened, where that is the order, and its id.
    pub(crate) before: Option<(Timestamp, i64)>,
    pub(crate) limit: i64,
}

/// A movement with what people want to know of it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ToldMovement {
    #[serde(flatten)]
    pub(crate) movement: MovementRow,
    pub(crate) member_id: Option<Uuid>,
    pub(crate) member_name: Option<String>,
    pub(crate) public_reference: String,
    pub(crate) reversed_by: Option<Uuid>,
    pub(crate) reversed_by_reference: Option<String>,
}

impl Store {
    /// Returns the newest operation of a member that stands and is no reversal, with a line of one of the items if there
    /// are any, recorded since then.
    pub(crate) async fn latest_operation(
        &self,
        shop_id: Uuid,
        member_id: Uuid,
        item_ids: Option<&[Uuid]>,
        since: Option<Timestamp>,
    ) -> Result<Uuid, Error> {
        platform::db::statement(&self.pool, "latest_operation", || async {
            Ok(sqlx::query_scalar!(
                r#"SELECT latest_operation($1, $2, $3, $4) AS "operation_id!""#,
                shop_id,
                member_id,
                item_ids,
                since.map(jiff_sqlx::ToSqlx::to_sqlx) as _,
            )
            .fetch_one(&self.pool)
            .await?)
        })
        .await
    }

    /// Reads a page of movements, newest first, in one round trip.
    pub(crate) async fn list_movements(&self, shop_id: Uuid, page: &MovementsPage) -> Result<Vec<ToldMovement>, Error> {
        let (before_at, before_id) = page.before.unzip();
        let rows = platform::db::statement(&self.pool, "list_movements", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"
                    SELECT list_movements($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS "movement!: Json<ToldMovement>"
                    "#,
                    shop_id,
                    page.item_id,
                    page.member_id,
                    page.kinds.as_deref(),
                    page.location_id,
                    page.start.map(jiff_sqlx::ToSqlx::to_sqlx) as _,
                    page.end.map(jiff_sqlx::ToSqlx::to_sqlx) as _,
                    before_at.map(jiff_sqlx::ToSqlx::to_sqlx) as _,
                    before_id,
                    page.limit,
                )
                .fetch_all(&self.pool)
                .await?,
            )
        })
        .await?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    /// Reads one operation.
    pub(crate) async fn operation(&self, shop_id: Uuid, key: &OperationKey) -> Result<FoundOperation, Error> {
        let (id, source, request_id) = match key {
            OperationKey::Id(id) => (Some(*id), None, None),
            OperationKey::Request { source, request_id } => (None, Some(*source), Some(request_id.as_str())),
        };
        platform::db::transact(&self.pool, "operation", |mut tx| async move {
            open_shop(&mut tx, shop_id).await?;
            let row = sqlx::query!(
                r#"
                SELECT
                  o.id, o.public_reference, o.member_id,
                  CASE WHEN c.op_id IS NULL THEN o.kind ELSE 'correction' END AS "kind!",
                  coalesce(c.corrects, o.reverses) AS reverses,
                  o.occurred_at AS "occurred_at: jiff_sqlx::Timestamp",
                  o.recorded_at AS "recorded_at: jiff_sqlx::Timestamp",
                  r.id AS "reversed_by?"
                FROM operation o
                LEFT JOIN operation r
                  ON r.shop_id = o.shop_id AND r.reverses = o.id AND r.kind IN ('reversal', 'correction')
                LEFT JOIN correction c ON c.shop_id = o.shop_id AND c.op_id = o.id
                WHERE o.shop_id = $1 AND (o.id = $2 OR (o.source = $3 AND o.request_id = $4))
                "#,
                shop_id,
                id,
                source,
                request_id,
            )
            .fetch_optional(&mut *tx)
            .await?
            .ok_or_else(|| Error::OperationNotFound {
                operation_id: id.map(|id| id.to_string()).unwrap_or_default(),
            })?;
            let movements = sqlx::query!(
                r#"
                SELECT
                  m.id, m.op_id, m.line, m.item_id, i.display_name, m.location_id, m.kind, m.delta,
                  m.balance_after, i.base_unit, m.said_quantity, m.said_unit, m.unit_price, m.currency,
                  m.reverses,
                  m.occurred_at AS "occurred_at: jiff_sqlx::Timestamp",
                  m.recorded_at AS "recorded_at: jiff_sqlx::Timestamp",
                  m.seq
                FROM movement m
                JOIN item i ON i.shop_id = m.shop_id AND i.id = m.item_id
                WHERE m.shop_id = $1 AND m.op_id = $2
                ORDER BY m.line
                "#,
                shop_id,
                row.id,
            )
            .map(|row| MovementRow {
                id: row.id,
                op_id: row.op_id,
                line: i32::from(row.line),
                item_id: row.item_id,
                item_name: row.display_name,
                location_id: row.location_id,
                kind: row.kind,
                delta: row.delta,
                balance_after: row.balance_after,
                base_unit: row.base_unit,
                said_quantity: row.said_quantity,
                said_unit: row.said_unit,
                unit_price: row.unit_price,
                currency: row.currency,
                reverses: row.reverses,
                occurred_at: row.occurred_at.to_jiff(),
                recorded_at: row.recorded_at.to_jiff(),
                seq: row.seq,
            })
            .fetch_all(&mut *tx)
            .await?;
            let operation = OperationRow {
                id: row.id,
                public_reference: row.public_reference,
                kind: row.kind,
                member_id: row.member_id,
                reverses: row.reverses,
                occurred_at: row.occurred_at.to_jiff(),
                recorded_at: row.recorded_at.to_jiff(),
            };
            Ok(tx.done(FoundOperation { operation, movements, reversed_by: row.reversed_by }))
        })
        .await
    }
}
