//! Stock-takes. Each call is one function of the schema, in one round trip.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use rust_decimal::Decimal;
use serde::Deserialize;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Asked, ItemRow, LineAnswer, NewLine, OperationRow, Store};
use crate::error::Error;

/// A stock-take.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct CountSessionRow {
    pub(crate) id: Uuid,
    pub(crate) member_id: Option<Uuid>,
    pub(crate) location_id: Uuid,
    pub(crate) state: String,
    pub(crate) started_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) line_count: i32,
    pub(crate) operation_id: Option<Uuid>,
}

/// A stock-take that is open, or was given up.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct HeldSession {
    pub(crate) session: CountSessionRow,
    #[serde(default)]
    pub(crate) resumed: bool,
}

/// What `record_count_lines` says.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum RecordAnswer {
    /// Nothing was done: these lines name items by no known key.
    Unresolved {
        /// Places in the request, from 1.
        unresolved: Vec<usize>,
    },
    /// It is written down, or there was nothing to write.
    Recorded(Recorded),
}

/// What was written down.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Recorded {
    pub(crate) session: CountSessionRow,
    pub(crate) results: Vec<LineAnswer>,
    #[serde(default)]
    pub(crate) replayed: bool,
}

/// A stock-take that became a count.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct FinishedSession {
    pub(crate) session: CountSessionRow,
    pub(crate) operation: OperationRow,
    pub(crate) results: Vec<LineAnswer>,
    #[serde(default)]
    pub(crate) replayed: bool,
}

/// Which stock-take is meant.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CountSessionKey {
    /// This one.
    Id(Uuid),
    /// The newest open one of a member.
    OpenOf(Uuid),
}

/// Where a page of lines begins: after the line with this number, which was so far from the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AfterLine {
    pub(crate) size: Decimal,
    pub(crate) number: i64,
}

/// One line of a stock-take.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct CountSessionLineRow {
    pub(crate) number: i64,
    /// How far it is from the book; zero while nobody asks.
    pub(crate) size: Decimal,
    pub(crate) item: ItemRow,
    pub(crate) counted: Decimal,
    pub(crate) seen_at: Timestamp,
    pub(crate) expected: Option<Decimal>,
}

/// A page of a stock-take.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct CountSessionPage {
    pub(crate) session: CountSessionRow,
    pub(crate) lines: Vec<CountSessionLineRow>,
    pub(crate) variance_count: i32,
    pub(crate) uncounted_items: Vec<ItemRow>,
    pub(crate) uncounted_item_count: i32,
}

impl Store {
    /// Begins a stock-take, or returns the one that is open.
    pub(crate) async fn start_count_session(
        &self,
        asked: &Asked,
        location_id: Option<Uuid>,
        started_at: Timestamp,
    ) -> Result<HeldSession, Error> {
        let answer = platform::db::statement(&self.pool, "start_count_session", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"SELECT start_count_session($1, $2, $3, $4, $5, $6, $7, $8, $9) AS "answer!: Json<HeldSession>""#,
                    asked.shop_id,
                    asked.operation_id,
                    asked.source,
                    asked.request_id,
                    &asked.request_hash[..],
                    asked.member_id,
                    location_id,
                    started_at.to_sqlx() as _,
                    asked.recorded_at.to_sqlx() as _,
                )
                .fetch_one(&self.pool)
                .await?,
            )
        })
        .await?;
        Ok(answer.0)
    }

    /// Writes down what was seen. `is_decided` is that of a post.
    pub(crate) async fn record_count_lines(
        &self,
        asked: &Asked,
        session_id: Uuid,
        seen_at: Timestamp,
        lines: &[NewLine],
        is_decided: bool,
    ) -> Result<RecordAnswer, Error> {
        let answer = platform::db::statement(&self.pool, "record_count_lines", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"
                    SELECT record_count_lines($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS "answer!: Json<RecordAnswer>"
                    "#,
                    asked.shop_id,
                    session_id,
                    asked.source,
                    asked.request_id,
                    &asked.request_hash[..],
                    asked.member_id,
                    seen_at.to_sqlx() as _,
                    asked.recorded_at.to_sqlx() as _,
                    Json(lines) as _,
                    is_decided,
                )
                .fetch_one(&self.pool)
                .await?,
            )
        })
        .await?;
        Ok(answer.0)
    }

    /// Reads a page of a stock-take.
    pub(crate) async fn count_session(
        &self,
        shop_id: Uuid,
        key: CountSessionKey,
        with_variances: bool,
        after: Option<AfterLine>,
        limit: i64,
        now: Timestamp,
    ) -> Result<CountSessionPage, Error> {
        let (session_id, open_of_member_id) = match key {
            CountSessionKey::Id(id) => (Some(id), None),
            CountSessionKey::OpenOf(member_id) => (None, Some(member_id)),
        };
        let limit = i32::try_from(limit).expect("at most 201");
        let page = platform::db::statement(&self.pool, "get_count_session", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"SELECT get_count_session($1, $2, $3, $4, $5, $6, $7, $8) AS "page!: Json<CountSessionPage>""#,
                    shop_id,
                    session_id,
                    open_of_member_id,
                    with_variances,
                    after.map(|after| after.size),
                    after.map(|after| after.number),
                    limit,
                    now.to_sqlx() as _,
                )
                .fetch_one(&self.pool)
                .await?,
            )
        })
        .await?;
        Ok(page.0)
    }

    /// Makes stock what was seen.
    pub(crate) async fn finish_count_session(&self, asked: &Asked, session_id: Uuid) -> Result<FinishedSession, Error> {
        let answer = platform::db::statement(&self.pool, "finish_count_session", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"
                    SELECT finish_count_session($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                      AS "answer!: Json<FinishedSession>"
                    "#,
                    asked.shop_id,
                    asked.operation_id,
                    asked.public_reference,
                    asked.source,
                    asked.request_id,
                    &asked.request_hash[..],
                    asked.member_id,
                    session_id,
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

    /// Gives a stock-take up.
    pub(crate) async fn cancel_count_session(&self, asked: &Asked, session_id: Uuid) -> Result<HeldSession, Error> {
        let answer = platform::db::statement(&self.pool, "cancel_count_session", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"SELECT cancel_count_session($1, $2, $3, $4, $5, $6, $7) AS "answer!: Json<HeldSession>""#,
                    asked.shop_id,
                    session_id,
                    asked.source,
                    asked.request_id,
                    &asked.request_hash[..],
                    asked.member_id,
                    asked.recorded_at.to_sqlx() as _,
                )
                .fetch_one(&self.pool)
                .await?,
            )
        })
        .await?;
        Ok(answer.0)
    }
}
