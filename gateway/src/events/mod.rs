//! Notifications that are kept as they came, for `backroom events`; and what an operator is woken for.

mod alert;
mod reading;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgPool;

pub use alert::Alert;
pub(crate) use reading::read;

/// A notification that was kept: account-level fields, errors of the number, and messages that are nobody's words to us.
#[derive(Clone)]
pub struct Event {
    /// Its id, in the order of arrival.
    pub id: i64,
    /// When it came.
    pub received_at: Timestamp,
    /// Meta's name of the field, or what kind of message it is.
    pub field: String,
    /// What it says, in one line without anybody's number or text.
    pub summary: String,
    /// What the operator was woken for, if for anything.
    pub alert: Option<Alert>,
    /// What came, as JSON. For an operator's eyes: it may hold somebody's message.
    pub raw: Vec<u8>,
}

impl std::fmt::Debug for Event {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Event").field("id", &self.id).field("summary", &self.summary).finish_non_exhaustive()
    }
}

/// Lists at most `limit` of what came at `since` or later, newest first.
///
/// `backroom events` prints `received_at`, `field`, the word of `alert` and `summary`; with a flag `raw` too.
pub async fn list(pool: &PgPool, since: Timestamp, limit: i64) -> Result<Vec<Event>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        SELECT id, field, payload, received_at AS "received_at: jiff_sqlx::Timestamp"
        FROM kept_event
        WHERE received_at >= $1
        ORDER BY received_at DESC, id DESC
        LIMIT $2
        "#,
        since.to_sqlx() as _,
        limit,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let reading = read(&row.field, &row.payload);
            Event {
                id: row.id,
                received_at: row.received_at.to_jiff(),
                field: row.field,
                summary: reading.summary,
                alert: reading.alert,
                raw: row.payload,
            }
        })
        .collect())
}
