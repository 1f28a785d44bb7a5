//! Who is in the middle of a stock-take, and what else a person has open.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgPool;
use uuid::Uuid;

/// A stock-take that a person began and did not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CountingRow {
    /// Its id in the ledger.
    pub session_id: Uuid,
    /// When it began.
    pub started_at: Timestamp,
    /// When it is over unless it goes on before.
    pub expires_at: Timestamp,
}

/// What a person has open.
#[derive(Debug, Default)]
pub(crate) struct Open {
    /// The question that waits for an answer, or that the message answered before.
    pub question: Option<(Uuid, serde_json::Value)>,
    /// The stock-take.
    pub counting: Option<CountingRow>,
}

/// Returns the question that [`open_question`](super::open_question) returns, and the stock-take, in one statement.
pub(crate) async fn what_is_open(
    pool: &PgPool,
    member_id: Uuid,
    answer: &str,
    now: Timestamp,
) -> Result<Open, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        SELECT q.id AS "question_id?", q.draft AS "draft?", c.session_id AS "session_id?",
          c.started_at AS "started_at?: jiff_sqlx::Timestamp", c.expires_at AS "expires_at?: jiff_sqlx::Timestamp"
        FROM (SELECT) AS nothing
        LEFT JOIN LATERAL (
          SELECT id, draft
          FROM question
          WHERE member_id = $1 AND (answer = $2 OR (resolved_at IS NULL AND expires_at > $3))
          ORDER BY answer = $2 DESC NULLS LAST, created_at DESC
          LIMIT 1
        ) AS q ON true
        LEFT JOIN counting AS c ON c.member_id = $1
        "#,
        member_id,
        answer,
        now.to_sqlx() as _,
    )
    .fetch_one(pool)
    .await?;
    let counting = match (row.session_id, row.started_at, row.expires_at) {
        (Some(session_id), Some(started_at), Some(expires_at)) => {
            Some(CountingRow { session_id, started_at: started_at.to_jiff(), expires_at: expires_at.to_jiff() })
        }
        _ => None,
    };
    Ok(Open { question: row.question_id.zip(row.draft), counting })
}

/// Keeps that a person counts, or goes on.
pub(crate) async fn keep_counting(pool: &PgPool, member_id: Uuid, counting: &CountingRow) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        INSERT INTO counting (member_id, session_id, started_at, expires_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (member_id) DO UPDATE
        SET session_id = excluded.session_id, started_at = excluded.started_at, expires_at = excluded.expires_at
        "#,
        member_id,
        counting.session_id,
        counting.started_at.to_sqlx() as _,
        counting.expires_at.to_sqlx() as _,
    )
    .execute(pool)
    .await
    .map(|_| ())
}

/// Keeps that a stock-take is over. Another one of the person stays.
pub(crate) async fn end_counting(pool: &PgPool, member_id: Uuid, session_id: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM counting WHERE member_id = $1 AND session_id = $2", member_id, session_id)
        .execute(pool)
        .await
        .map(|_| ())
}
