//! What was committed in a shop, in an order that has no gaps.

use sqlx::types::Json;
use uuid::Uuid;

use super::{MovementRow, OperationRow, Store};
use crate::error::Error;

/// A place among what was committed: after this operation of this transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) written_in: i64,
    pub(crate) operation_id: Uuid,
}

/// How far the transactions of the server have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    /// All below this have ended.
    pub(crate) settled_before: i64,
    /// None has this number yet. The same as the other when none that writes is running.
    pub(crate) next: i64,
}

/// An operation that was committed.
#[derive(Clone, Debug)]
pub(crate) struct ChangeRow {
    pub(crate) place: Place,
    pub(crate) operation: OperationRow,
    pub(crate) movements: Vec<MovementRow>,
}

impl Store {
    /// Reads up to `limit` operations after a place, as far as none can come before them any more.
    pub(crate) async fn list_changes(&self, shop_id: Uuid, after: Place, limit: i32) -> Result<Vec<ChangeRow>, Error> {
        platform::db::statement(&self.pool, "list_changes", || async {
            let rows = sqlx::query!(
                r#"
                SELECT
                  written_in AS "written_in!",
                  operation AS "operation!: Json<OperationRow>",
                  movements AS "movements!: Json<Vec<MovementRow>>"
                FROM list_changes($1, $2, $3, $4)
                "#,
                shop_id,
                after.written_in,
                after.operation_id,
                limit,
            )
            .fetch_all(&self.pool)
            .await?;
            let changes = rows.into_iter().map(|row| ChangeRow {
                place: Place { written_in: row.written_in, operation_id: row.operation.0.id },
                operation: row.operation.0,
                movements: row.movements.0,
            });
            Ok(changes.collect())
        })
        .await
    }

    /// Returns the place after which everything is yet to be committed.
    pub(crate) async fn newest_place(&self) -> Result<Place, Error> {
        let settled_before = platform::db::statement(&self.pool, "settled_before", || async {
            Ok::<_, Error>(sqlx::query_scalar!(r#"SELECT settled_before() AS "before!""#).fetch_one(&self.pool).await?)
        })
        .await?;
        Ok(Place { written_in: settled_before - 1, operation_id: Uuid::max() })
    }

    /// Reads how far the transactions of the whole server have come.
    pub(crate) async fn read_progress(&self) -> Result<Progress, Error> {
        platform::db::statement(&self.pool, "read_progress", || async {
            let row = sqlx::query!(
                r#"
                SELECT
                  settled_before() AS "settled_before!",
                  pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS "next!"
                "#
            )
            .fetch_one(&self.pool)
            .await?;
            Ok(Progress { settled_before: row.settled_before, next: row.next })
        })
        .await
    }
}
