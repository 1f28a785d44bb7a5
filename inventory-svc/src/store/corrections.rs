//! Putting an operation right: what it said is read, changed outside, and posted in its place.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use rust_decimal::Decimal;
use serde::Deserialize;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Asked, LineAnswer, MovementRow, NewLine, OperationRow, Store, Target};
use crate::error::Error;

/// A line of an operation as it can be posted again.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PastLine {
    pub(crate) line: i32,
    pub(crate) item_id: Uuid,
    pub(crate) location_id: Uuid,
    pub(crate) is_count: bool,
    /// Absent for counts.
    pub(crate) kind: Option<String>,
    /// The change with its sign, or what was counted, in the base unit.
    pub(crate) quantity: Decimal,
    pub(crate) unit_price: Option<Decimal>,
    pub(crate) currency: Option<String>,
}

/// What a correction starts from.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum CorrectionStart {
    /// It was done before, by this request.
    Done {
        /// What it was answered.
        answer: Box<Correction>,
    },
    /// This is to be put right.
    Lines {
        /// The operation that is wrong.
        target_id: Uuid,
        /// What it did.
        lines: Vec<PastLine>,
    },
}

/// What came of a correction.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Correction {
    pub(crate) operation: Option<OperationRow>,
    #[serde(default)]
    pub(crate) movements: Vec<MovementRow>,
    pub(crate) corrected: Option<OperationRow>,
    #[serde(default)]
    pub(crate) corrected_movements: Vec<MovementRow>,
    pub(crate) results: Vec<LineAnswer>,
    #[serde(default)]
    pub(crate) replayed: bool,
}

/// What `correct_operation` says.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum CorrectAnswer {
    /// Nothing was done: these lines name items by no known key.
    Unresolved {
        /// Places among the lines, from 1.
        unresolved: Vec<usize>,
    },
    /// It is done, or a line cannot be posted.
    Corrected(Box<Correction>),
}

/// The second operation that a correction is made of.
#[derive(Clone, Debug)]
pub(crate) struct CorrectionReversal {
    pub(crate) id: Uuid,
    pub(crate) public_reference: String,
}

impl Store {
    /// Reads what is to be put right.
    pub(crate) async fn read_for_correction(&self, asked: &Asked, target: Target) -> Result<CorrectionStart, Error> {
        let (target_id, newest_after): (Option<Uuid>, Option<Timestamp>) = match target {
            Target::Operation(id) => (Some(id), None),
            Target::LatestSince(since) | Target::LatestReversalSince(since) => (None, Some(since)),
        };
        let start = platform::db::statement(&self.pool, "read_for_correction", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"SELECT read_for_correction($1, $2, $3, $4, $5, $6, $7) AS "start!: Json<CorrectionStart>""#,
                    asked.shop_id,
                    asked.source,
                    asked.request_id,
                    &asked.request_hash[..],
                    asked.member_id,
                    target_id,
                    newest_after.map(jiff_sqlx::ToSqlx::to_sqlx) as _,
                )
                .fetch_one(&self.pool)
                .await?,
            )
        })
        .await?;
        Ok(start.0)
    }

    /// Takes an operation back and posts these lines in its place, in one round trip.
    pub(crate) async fn correct_operation(
        &self,
        asked: &Asked,
        reversal: &CorrectionReversal,
        target_id: Uuid,
        lines: &[NewLine],
        is_decided: bool,
    ) -> Result<CorrectAnswer, Error> {
        let answer = platform::db::statement(&self.pool, "correct_operation", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"
                    SELECT correct_operation($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
                      AS "answer!: Json<CorrectAnswer>"
                    "#,
                    asked.shop_id,
                    asked.operation_id,
                    reversal.id,
                    asked.public_reference,
                    reversal.public_reference,
                    asked.source,
                    asked.request_id,
                    &asked.request_hash[..],
                    asked.member_id,
                    target_id,
                    asked.recorded_at.to_sqlx() as _,
                    Json(lines) as _,
                    is_decided,
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
