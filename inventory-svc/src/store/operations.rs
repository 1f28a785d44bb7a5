//! Posting and reversing: each is one call of a function of the schema, which answers in JSON and stores that answer.
//!
//! What is read here was written by this version or an earlier one: fields are added, never renamed.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use std::collections::BTreeMap;
use uuid::Uuid;

use super::{Store, open_shop};
use crate::error::Error;

/// What every change of the ledger carries.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) shop_id: Uuid,
    pub(crate) operation_id: Uuid,
    pub(crate) public_reference: String,
    pub(crate) source: &'static str,
    pub(crate) request_id: String,
    pub(crate) request_hash: [u8; 32],
    pub(crate) member_id: Option<Uuid>,
    pub(crate) recorded_at: Timestamp,
    pub(crate) dry_run: bool,
}

/// One line as `post_operation` reads it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NewLine {
    /// Its place in the request, from 1.
    pub(crate) line: usize,
    pub(crate) item_id: Option<Uuid>,
    /// Keys to look the item up by, in order.
    pub(crate) keys: Vec<String>,
    /// What to create when none of the keys is known.
    pub(crate) new_item: Option<NewItem>,
    /// How the line went, when it is not to be posted.
    pub(crate) outcome: Option<Outcome>,
    pub(crate) candidates: Option<Vec<CandidateRow>>,
    pub(crate) is_count: bool,
    pub(crate) kind: Option<&'static str>,
    pub(crate) sign: i32,
    pub(crate) quantity: Option<Decimal>,
    pub(crate) takes_all: bool,
    pub(crate) unit: Option<String>,
    /// Factors to base units that the unit converts into by itself.
    pub(crate) measures: BTreeMap<&'static str, Decimal>,
    /// Pieces in one unit, unless the item knows better.
    pub(crate) usual_factor: Option<Decimal>,
    pub(crate) pack_size: Option<Decimal>,
    pub(crate) unit_price: Option<Decimal>,
    pub(crate) currency: Option<String>,
    pub(crate) location_id: Option<Uuid>,
    pub(crate) expected_balance: Option<Decimal>,
    /// Whether it is held back when it is of more than ten times what is usual.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) hold_unusual: bool,
}

/// A paper to book.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NewPaper {
    pub(crate) supplier: String,
    pub(crate) number: String,
    pub(crate) supplier_key: String,
    pub(crate) number_key: String,
}

/// An item to create.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NewItem {
    pub(crate) id: Uuid,
    pub(crate) display_name: String,
    pub(crate) base_unit: String,
    pub(crate) scale: u32,
    /// The first is its name, the others are aliases.
    pub(crate) keys: Vec<String>,
}

/// How a line went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Posted,
    ItemNotFound,
    ItemAmbiguous,
    UnitUnknown,
    ScaleExceeded,
    HeldBack,
    Unusual,
}

/// An item in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ItemRow {
    pub(crate) id: Uuid,
    pub(crate) display_name: String,
    pub(crate) base_unit: String,
    pub(crate) scale: i32,
    pub(crate) low_at: Option<Decimal>,
}

/// An item that may have been meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CandidateRow {
    pub(crate) item: ItemRow,
    pub(crate) score_ppm: i32,
    pub(crate) on_hand: Decimal,
}

/// An operation in an answer.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct OperationRow {
    pub(crate) id: Uuid,
    pub(crate) public_reference: String,
    pub(crate) kind: String,
    pub(crate) member_id: Option<Uuid>,
    pub(crate) reverses: Option<Uuid>,
    pub(crate) occurred_at: Timestamp,
    pub(crate) recorded_at: Timestamp,
}

/// A movement in an answer.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct MovementRow {
    pub(crate) id: i64,
    pub(crate) op_id: Uuid,
    pub(crate) line: i32,
    pub(crate) item_id: Uuid,
    pub(crate) item_name: String,
    pub(crate) location_id: Uuid,
    pub(crate) kind: String,
    pub(crate) delta: Decimal,
    pub(crate) balance_after: Decimal,
    pub(crate) base_unit: String,
    pub(crate) said_quantity: Option<Decimal>,
    pub(crate) said_unit: Option<String>,
    pub(crate) unit_price: Option<Decimal>,
    pub(crate) currency: Option<String>,
    pub(crate) reverses: Option<i64>,
    pub(crate) occurred_at: Timestamp,
    pub(crate) recorded_at: Timestamp,
    pub(crate) seq: i64,
}

/// What came of one line.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct LineAnswer {
    pub(crate) outcome: Outcome,
    pub(crate) item: Option<ItemRow>,
    #[serde(default)]
    pub(crate) item_created: bool,
    pub(crate) delta: Option<Decimal>,
    pub(crate) balance_after: Option<Decimal>,
    pub(crate) expected: Option<Decimal>,
    #[serde(default)]
    pub(crate) low_level_crossed: bool,
    #[serde(default)]
    pub(crate) candidates: Option<Vec<CandidateRow>>,
    /// What is usual, when the line was held back for not being so.
    #[serde(default)]
    pub(crate) usual: Option<Decimal>,
}

/// What came of a post.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Posted {
    pub(crate) operation: Option<OperationRow>,
    #[serde(default)]
    pub(crate) movements: Vec<MovementRow>,
    pub(crate) results: Vec<LineAnswer>,
    #[serde(default)]
    pub(crate) replayed: bool,
}

/// What `post_operation` says.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum PostAnswer {
    /// Nothing was done: these lines name items by no known key.
    Unresolved {
        /// Places in the request, from 1.
        unresolved: Vec<usize>,
    },
    /// It is done, or there was nothing to do.
    Posted(Posted),
}

/// Which operation is to be reversed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// This one.
    Operation(Uuid),
    /// The newest of the member that was recorded since then.
    LatestSince(Timestamp),
    /// The newest reversal of the member that was recorded since then: what it took back is done again.
    LatestReversalSince(Timestamp),
}

/// What came of a reversal.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ReverseAnswer {
    pub(crate) operation: OperationRow,
    pub(crate) movements: Vec<MovementRow>,
    pub(crate) reversed: OperationRow,
    pub(crate) reversed_movements: Vec<MovementRow>,
    #[serde(default)]
    pub(crate) replayed: bool,
}

impl Store {
    /// Posts an operation in one round trip.
    ///
    /// With `is_decided`, lines whose keys are not known are posted as they say; otherwise nothing is done when there
    /// is such a line, and the answer names it.
    pub(crate) async fn post_operation(
        &self,
        asked: &Asked,
        occurred_at: Timestamp,
        lines: &[NewLine],
        is_decided: bool,
        all_or_nothing: bool,
        paper: Option<&NewPaper>,
    ) -> Result<PostAnswer, Error> {
        let answer = platform::db::statement(&self.pool, "post_operation", || async {
            // Two statements, so that what comes without a paper does not pay for papers.
            let answer = match paper {
                None => {
                    sqlx::query_scalar!(
                        r#"
                        SELECT post_operation($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                          AS "answer!: Json<PostAnswer>"
                        "#,
                        asked.shop_id,
                        asked.operation_id,
                        asked.public_reference,
                        asked.source,
                        asked.request_id,
                        &asked.request_hash[..],
                        asked.member_id,
                        occurred_at.to_sqlx() as _,
                        asked.recorded_at.to_sqlx() as _,
                        Json(lines) as _,
                        is_decided,
                        all_or_nothing,
                        asked.dry_run,
                    )
                    .fetch_one(&self.pool)
                    .await?
                }
                Some(paper) => {
                    sqlx::query_scalar!(
                        r#"
                        SELECT post_paper($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
                          AS "answer!: Json<PostAnswer>"
                        "#,
                        asked.shop_id,
                        asked.operation_id,
                        asked.public_reference,
                        asked.source,
                        asked.request_id,
                        &asked.request_hash[..],
                        asked.member_id,
                        occurred_at.to_sqlx() as _,
                        asked.recorded_at.to_sqlx() as _,
                        Json(lines) as _,
                        is_decided,
                        all_or_nothing,
                        asked.dry_run,
                        Json(paper) as _,
                    )
                    .fetch_one(&self.pool)
                    .await?
                }
            };
            Ok::<_, Error>(answer)
        })
        .await?;
        Ok(answer.0)
    }

    /// Returns what a post was answered before, if it was.
    pub(crate) async fn stored_post(&self, asked: &Asked) -> Result<Option<Posted>, Error> {
        self.stored_answer(asked).await
    }

    /// Returns what this request was answered before, if it was: in round trips of its own, for what the functions that
    /// post are not asked.
    pub(super) async fn stored_answer<T: DeserializeOwned + Send + Unpin + 'static>(
        &self,
        asked: &Asked,
    ) -> Result<Option<T>, Error> {
        platform::db::transact(&self.pool, "stored_answer", |mut tx| async move {
            open_shop(&mut tx, asked.shop_id).await?;
            sqlx::query!(r#"SELECT require_role($1, $2, 'post') AS "role!""#, asked.shop_id, asked.member_id)
                .fetch_one(&mut *tx)
                .await?;
            let stored = sqlx::query_scalar!(
                r#"SELECT stored_answer($1, $2, $3, $4) AS "answer: Json<T>""#,
                asked.shop_id,
                asked.source,
                asked.request_id,
                &asked.request_hash[..],
            )
            .fetch_one(&mut *tx)
            .await?;
            Ok(tx.done(stored.map(|answer| answer.0)))
        })
        .await
    }

    /// Reverses an operation in one round trip.
    pub(crate) async fn reverse_operation(&self, asked: &Asked, target: Target) -> Result<ReverseAnswer, Error> {
        let (target_id, newest_after, is_redo) = match target {
            Target::Operation(id) => (Some(id), None, false),
            Target::LatestSince(since) => (None, Some(since), false),
            Target::LatestReversalSince(since) => (None, Some(since), true),
        };
        let answer = platform::db::statement(&self.pool, "reverse_operation", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"
                    SELECT reverse_operation($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                      AS "answer!: Json<ReverseAnswer>"
                    "#,
                    asked.shop_id,
                    asked.operation_id,
                    asked.public_reference,
                    asked.source,
                    asked.request_id,
                    &asked.request_hash[..],
                    asked.member_id,
                    target_id,
                    newest_after.map(jiff_sqlx::ToSqlx::to_sqlx) as _,
                    is_redo,
                    asked.recorded_at.to_sqlx() as _,
                    asked.dry_run,
                )
                .fetch_one(&self.pool)
                .await?,
            )
        })
        .await?;
        Ok(answer.0)
    }
}
