//! Dead letters of the inbox, for `backroom dead-letters`.

use platform::lanes::{self, DeadLetter};
use sqlx::PgPool;

/// Lists messages and receipts that were given up, newest first.
pub async fn list(pool: &PgPool, limit: i64) -> Result<Vec<DeadLetter>, sqlx::Error> {
    lanes::dead_letters(pool, limit).await
}

/// Returns the reference that the shopkeeper was told; `None` for what is no message.
pub fn reference_of(letter: &DeadLetter) -> Option<String> {
    crate::pipeline::name_of_key(&letter.dedup_key).map(|name| crate::pipeline::reference(&name))
}

/// Returns what a dead letter holds, as it came. For an operator's eyes: it is somebody's message.
pub async fn show(pool: &PgPool, id: i64) -> Result<Option<Vec<u8>>, sqlx::Error> {
    let payload =
        sqlx::query_scalar!("SELECT payload FROM job WHERE id = $1 AND dead", id).fetch_optional(pool).await?;
    Ok(payload.flatten())
}

/// Puts dead letters back into their lanes. What they changed before stays changed once: their request ids are the same.
pub async fn replay(pool: &PgPool, ids: &[i64]) -> Result<Vec<i64>, sqlx::Error> {
    lanes::replay(pool, ids).await
}
