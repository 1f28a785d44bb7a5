//! What became of a message in the inbox.

use sqlx::PgPool;

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It waits, or is in hand.
    Waiting,
    /// It is done, or so long ago that nobody remembers.
    Done,
    /// It was given up.
    Dead,
}

/// Looks a message up by its key.
pub(crate) async fn fate_of(pool: &PgPool, dedup_key: &str) -> Result<Fate, sqlx::Error> {
    let row =
        sqlx::query!(r#"SELECT dead, settled_at IS NOT NULL AS "settled!" FROM job WHERE dedup_key = $1"#, dedup_key)
            .fetch_optional(pool)
            .await?;
    Ok(match row {
        Some(row) if row.dead => Fate::Dead,
        Some(row) if !row.settled => Fate::Waiting,
        _ => Fate::Done,
    })
}
