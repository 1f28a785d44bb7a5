//! Why a balance is what it is.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;
use sqlx::types::Json;
use uuid::Uuid;

use super::{ItemRow, Store, ToldMovement};
use crate::error::Error;

/// How the balance of a shelf came to be.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Explanation {
    pub(crate) item: ItemRow,
    pub(crate) location_id: Uuid,
    pub(crate) on_hand: Decimal,
    pub(crate) last_count: Option<CountRow>,
    pub(crate) movements: Vec<ToldMovement>,
    pub(crate) omitted_count: i64,
    pub(crate) below_zero: Option<ToldMovement>,
}

/// What a person saw when counting.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct CountRow {
    pub(crate) operation_id: Uuid,
    pub(crate) public_reference: String,
    pub(crate) occurred_at: Timestamp,
    pub(crate) counted: Decimal,
    pub(crate) expected: Decimal,
    pub(crate) member_id: Option<Uuid>,
    pub(crate) member_name: Option<String>,
}

impl Store {
    /// Explains the balance of an item at a place, or where the least of it is.
    pub(crate) async fn explain_stock(
        &self,
        shop_id: Uuid,
        item_id: Uuid,
        location_id: Option<Uuid>,
        limit: i32,
    ) -> Result<Explanation, Error> {
        let explanation = platform::db::statement(&self.pool, "explain_stock", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"SELECT explain_stock($1, $2, $3, $4) AS "explanation!: Json<Explanation>""#,
                    shop_id,
                    item_id,
                    location_id,
                    limit,
                )
                .fetch_one(&self.pool)
                .await?,
            )
        })
        .await?;
        Ok(explanation.0)
    }
}
