//! Lists of stock: their rows wait in `import_row`, and become operations by one call of a function of the schema.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use uuid::Uuid;

use super::Store;
use crate::error::Error;

/// A list that is to be taken in.
#[derive(Clone, Debug)]
pub(crate) struct Import {
    pub(crate) shop_id: Uuid,
    /// This attempt.
    pub(crate) id: Uuid,
    pub(crate) source: &'static str,
    pub(crate) request_id: String,
    pub(crate) request_hash: [u8; 32],
    pub(crate) member_id: Option<Uuid>,
    pub(crate) is_count: bool,
    pub(crate) occurred_at: Timestamp,
    pub(crate) recorded_at: Timestamp,
    pub(crate) location_id: Option<Uuid>,
    pub(crate) row_count: i32,
    /// As many as it may become, each of a thousand rows.
    pub(crate) operation_ids: Vec<Uuid>,
    pub(crate) public_references: Vec<String>,
    pub(crate) dry_run: bool,
}

/// One row as `stage_import_rows` reads it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct StagedRow {
    pub(crate) row_number: i32,
    pub(crate) name: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) barcode: Option<String>,
    pub(crate) barcode_key: Option<String>,
    pub(crate) quantity: Option<Decimal>,
    pub(crate) unit: Option<String>,
    pub(crate) measures: BTreeMap<&'static str, Decimal>,
    pub(crate) usual_factor: Option<Decimal>,
    pub(crate) pack_size: Option<Decimal>,
    pub(crate) unit_cost: Option<Decimal>,
    pub(crate) low_level: Option<Decimal>,
    pub(crate) new_item_id: Uuid,
    pub(crate) new_base_unit: String,
    pub(crate) new_scale: u32,
    pub(crate) problems: Option<Vec<RowProblem>>,
}

/// What is wrong with a field of a row in itself.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RowProblem {
    pub(crate) field: &'static str,
    pub(crate) description: String,
}

/// What is wrong with a row.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct RowError {
    pub(crate) row_number: i32,
    pub(crate) field: String,
    pub(crate) description: String,
}

/// What came of a list.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ImportAnswer {
    pub(crate) row_count: i32,
    #[serde(default)]
    pub(crate) created_item_count: i32,
    #[serde(default)]
    pub(crate) changed_row_count: i32,
    #[serde(default)]
    pub(crate) row_errors: Vec<RowError>,
    #[serde(default)]
    pub(crate) error_row_count: i32,
    #[serde(default)]
    pub(crate) operation_ids: Vec<Uuid>,
    #[serde(default)]
    pub(crate) replayed: bool,
}

/// The rows of a list that is being taken in. They go when this does, also when its caller hung up.
pub(crate) struct Staging {
    store: Store,
    shop_id: Uuid,
    import_id: Uuid,
}

impl Staging {
    pub(crate) fn new(store: Store, shop_id: Uuid, import_id: Uuid) -> Self {
        Self { store, shop_id, import_id }
    }

    /// Puts more rows down.
    pub(crate) async fn add(&self, rows: &[StagedRow]) -> Result<(), Error> {
        let pool = &self.store.pool;
        platform::db::statement(pool, "stage_import_rows", || async {
            sqlx::query!(
                r#"SELECT stage_import_rows($1, $2, $3)::text AS "staged""#,
                self.shop_id,
                self.import_id,
                Json(rows) as _,
            )
            .fetch_one(pool)
            .await?;
            Ok(())
        })
        .await
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let (store, shop_id, import_id) = (self.store.clone(), self.shop_id, self.import_id);
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            if store.drop_import_rows(shop_id, import_id).await.is_err() {
                // The next list of any shop takes what is a day old along.
                tracing::warn!(shop.id = %shop_id, "the rows of a list were left behind");
            }
        });
    }
}

impl Store {
    /// Refuses a list that nobody may send, before it is read.
    pub(crate) async fn begin_import(&self, import: &Import) -> Result<(), Error> {
        platform::db::statement(&self.pool, "begin_import", || async {
            sqlx::query!(
                r#"SELECT begin_import($1, $2, $3)::text AS "begun""#,
                import.shop_id,
                import.member_id,
                import.location_id,
            )
            .fetch_one(&self.pool)
            .await?;
            Ok(())
        })
        .await
    }

    /// Takes a list in whose rows are there: all of it, or nothing when a row is wrong.
    pub(crate) async fn import_stock(&self, import: &Import) -> Result<ImportAnswer, Error> {
        platform::db::transact(&self.pool, "import_stock", |mut tx| async move {
            // A hundred thousand rows take longer than a statement of a conversation may.
            sqlx::raw_sql("SET LOCAL statement_timeout = '3min'").execute(&mut *tx).await?;
            let answer = sqlx::query_scalar!(
                r#"
                SELECT import_stock($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
                  AS "answer!: Json<ImportAnswer>"
                "#,
                import.shop_id,
                import.id,
                import.source,
                import.request_id,
                &import.request_hash[..],
                import.member_id,
                import.is_count,
                import.occurred_at.to_sqlx() as _,
                import.recorded_at.to_sqlx() as _,
                import.location_id,
                import.row_count,
                &import.operation_ids,
                &import.public_references,
                import.dry_run,
            )
            .fetch_one(&mut *tx)
            .await?
            .0;
            if import.dry_run || answer.error_row_count > 0 { Ok(tx.undone(answer)) } else { Ok(tx.done(answer)) }
        })
        .await
    }

    async fn drop_import_rows(&self, shop_id: Uuid, import_id: Uuid) -> Result<(), Error> {
        platform::db::statement(&self.pool, "drop_import_rows", || async {
            sqlx::query!(r#"SELECT drop_import_rows($1, $2)::text AS "dropped""#, shop_id, import_id)
                .fetch_one(&self.pool)
                .await?;
            Ok(())
        })
        .await
    }
}
