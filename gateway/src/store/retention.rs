//! What is kept for a time: small statements by index, so that nobody waits for them, in any number of processes at once.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx as _;
use sqlx::PgPool;

/// Rows that one statement removes.
const BATCH: i64 = 1_000;

/// Statements of one kind in one round; the next round goes on.
const BATCHES_MAX: usize = 200;

/// How long what holds words of people is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retention {
    /// Questions, after they ended.
    pub questions: SignedDuration,
    /// Notifications that no flow reads.
    pub events: SignedDuration,
    /// Messages that were given up.
    pub dead_letters: SignedDuration,
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Removed {
    pub questions: u64,
    pub events: u64,
    pub dead_letters: u64,
}

/// Removes what was kept long enough. Of a dead letter the key is left, for as long as that of a message that was done.
pub(crate) async fn remove_old(pool: &PgPool, keep: Retention, now: Timestamp) -> Result<Removed, sqlx::Error> {
    Ok(Removed {
        questions: in_batches(pool, Old::Questions, now - keep.questions).await?,
        events: in_batches(pool, Old::Events, now - keep.events).await?,
        dead_letters: in_batches(pool, Old::DeadLetters, now - keep.dead_letters).await?,
    })
}

#[derive(Clone, Copy, Debug)]
enum Old {
    Questions,
    Events,
    DeadLetters,
}

async fn in_batches(pool: &PgPool, old: Old, before: Timestamp) -> Result<u64, sqlx::Error> {
    let mut removed = 0;
    for _ in 0..BATCHES_MAX {
        let rows = remove_batch(pool, old, before).await?;
        removed += rows;
        if rows < BATCH.unsigned_abs() {
            break;
        }
    }
    Ok(removed)
}

async fn remove_batch(pool: &PgPool, old: Old, before: Timestamp) -> Result<u64, sqlx::Error> {
    let before: jiff_sqlx::Timestamp = before.to_sqlx();
    let removed = match old {
        Old::Questions => {
            sqlx::query!(
                r#"
                DELETE FROM question
                WHERE id IN (SELECT id FROM question WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
                "#,
                before as jiff_sqlx::Timestamp,
                BATCH,
            )
            .execute(pool)
            .await?
        }
        Old::Events => {
            sqlx::query!(
                r#"
                DELETE FROM kept_event
                WHERE id IN (SELECT id FROM kept_event WHERE received_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
                "#,
                before as jiff_sqlx::Timestamp,
                BATCH,
            )
            .execute(pool)
            .await?
        }
        Old::DeadLetters => {
            sqlx::query!(
                r#"
                UPDATE job SET dead = false, payload = NULL, progress = NULL
                WHERE id IN (SELECT id FROM job WHERE dead AND settled_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
                "#,
                before as jiff_sqlx::Timestamp,
                BATCH,
            )
            .execute(pool)
            .await?
        }
    };
    Ok(removed.rows_affected())
}
