//! Dead letters: what was given up, listed and put back by an operator.

use jiff::Timestamp;
use sqlx::PgPool;

/// A job that was given up.
#[derive(Clone)]
pub struct DeadLetter {
    /// Its id.
    pub id: i64,
    /// What makes it the same job when it comes again. May name a person: not for logs.
    pub dedup_key: String,
    /// What kind of work it is.
    pub kind: String,
    /// Its lane.
    pub lane: String,
    /// Failed attempts.
    pub attempts: i32,
    /// Why the last one failed.
    pub last_error: Option<String>,
    /// W3C trace context, to find its trace.
    pub traceparent: Option<String>,
    /// When it was put in.
    pub created_at: Timestamp,
    /// When it was given up.
    pub died_at: Timestamp,
}

/// Lists dead letters, newest first.
pub async fn dead_letters(pool: &PgPool, limit: i64) -> Result<Vec<DeadLetter>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        SELECT id, dedup_key, kind, lane, attempts, last_error, traceparent,
               created_at AS "created_at: jiff_sqlx::Timestamp", settled_at AS "died_at!: jiff_sqlx::Timestamp"
        FROM job
        WHERE dead
        ORDER BY settled_at DESC
        LIMIT $1
        "#,
        limit,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| DeadLetter {
            id: row.id,
            dedup_key: row.dedup_key,
            kind: row.kind,
            lane: row.lane,
            attempts: row.attempts,
            last_error: row.last_error,
            traceparent: row.traceparent,
            created_at: row.created_at.to_jiff(),
            died_at: row.died_at.to_jiff(),
        })
        .collect())
}

/// Puts dead letters back into their lanes with their progress kept and their attempts forgotten. Returns which were there.
pub async fn replay(pool: &PgPool, ids: &[i64]) -> Result<Vec<i64>, sqlx::Error> {
    crate::db::statement(pool, "replay_dead_letters", || async { replay_once(pool, ids).await }).await
}

async fn replay_once(pool: &PgPool, ids: &[i64]) -> Result<Vec<i64>, sqlx::Error> {
    // Their age is counted from now: what waited for a mended service must not be given up for having waited.
    sqlx::query_scalar!(
        r#"
        WITH revived AS (
            UPDATE job SET dead = false, settled_at = NULL, attempts = 0, created_at = now()
            WHERE id IN (SELECT id FROM job WHERE id = ANY($1) AND dead ORDER BY id FOR UPDATE)
            RETURNING id, lane
        ), woken AS (
            INSERT INTO lane AS l (name, pending, ready_at)
            SELECT lane, count(*), now() FROM revived GROUP BY lane ORDER BY lane
            ON CONFLICT (name) DO UPDATE
            SET pending = l.pending + excluded.pending,
                ready_at = CASE WHEN l.ready_at = 'infinity' THEN now() ELSE l.ready_at END
        )
        SELECT id FROM revived ORDER BY id
        "#,
        ids,
    )
    .fetch_all(pool)
    .await
}
