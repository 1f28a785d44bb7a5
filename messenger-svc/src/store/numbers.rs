//! Table `number_state`: whether and how fast a business number may send. Table `pair_limit`: what it may forget.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::lanes;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// What is remembered of a number.
#[derive(Clone, Debug, Default)]
pub struct Number {
    /// When its next message may go out.
    pub next_slot_at: Option<Timestamp>,
    /// When the next probe may go out; `None` while the number is not halted.
    pub probe_at: Option<Timestamp>,
    /// Digest of the token with which it was halted.
    pub token_digest: Option<Vec<u8>>,
    /// Whether receipts halted it: Meta takes its messages and fails them later.
    pub is_halted_by_receipt: bool,
    /// Until when the receipt of a probe that was accepted is awaited.
    pub quiet_until: Option<Timestamp>,
}

/// A number that is to be halted.
#[derive(Clone, Debug)]
pub struct NewHalt<'a> {
    /// Which number.
    pub phone_number_id: &'a str,
    /// Meta's code.
    pub code: i32,
    /// Digest of the token that was refused.
    pub token_digest: &'a [u8],
    /// When the next probe may go out.
    pub probe_at: Timestamp,
    /// The message whose receipt says so; `None` when a send was refused.
    pub failed_message_id: Option<Uuid>,
}

/// Halts a number. Returns whether it was sending until now.
pub async fn halt(pool: &PgPool, halt: &NewHalt<'_>, now: Timestamp) -> Result<bool, sqlx::Error> {
    // A conflicting insert shows the row as it is after the update, so the old value is asked for first.
    sqlx::query_scalar!(
        r#"
        WITH before AS MATERIALIZED (
            SELECT halted_at
            FROM number_state
            WHERE phone_number_id = $1
            FOR UPDATE
        ), halted AS (
            INSERT INTO number_state AS n (phone_number_id, next_slot_at, halted_at, halt_code, probe_at, token_digest,
                                           halted_by_receipt)
            VALUES ($1, $2, $2, $3, $4, $5, $6::uuid IS NOT NULL)
            ON CONFLICT (phone_number_id) DO UPDATE
            SET halted_at = coalesce(n.halted_at, excluded.halted_at),
                halt_code = excluded.halt_code,
                probe_at = greatest(n.probe_at, excluded.probe_at),
                token_digest = excluded.token_digest,
                halted_by_receipt = excluded.halted_by_receipt,
                -- The receipt of another message says nothing of a probe that was accepted since.
                quiet_until = CASE WHEN $6 IS DISTINCT FROM n.probe_message_id AND $6 IS NOT NULL THEN n.quiet_until END
        )
        SELECT NOT EXISTS (SELECT 1 FROM before WHERE halted_at IS NOT NULL) AS "is_new!"
        "#,
        halt.phone_number_id,
        now.to_sqlx() as jiff_sqlx::Timestamp,
        halt.code,
        halt.probe_at.to_sqlx() as jiff_sqlx::Timestamp,
        halt.token_digest,
        halt.failed_message_id,
    )
    .fetch_one(pool)
    .await
}

/// A message that wants to try a halted number.
#[derive(Clone, Debug)]
pub struct NewProbe<'a> {
    /// Which number.
    pub phone_number_id: &'a str,
    /// Which message.
    pub message_id: Uuid,
    /// When it may be tried, as it was read.
    pub seen: Timestamp,
    /// When the next one may.
    pub next: Timestamp,
    /// Digest of the token it is tried with.
    pub token_digest: &'a [u8],
}

/// Claims the next probe of a halted number. `false`: somebody else has it.
pub async fn claim_probe(pool: &PgPool, probe: &NewProbe<'_>) -> Result<bool, sqlx::Error> {
    let claimed = sqlx::query!(
        r#"
        UPDATE number_state
        SET probe_at = $3, token_digest = $4, probe_message_id = $5, quiet_until = NULL
        WHERE phone_number_id = $1 AND probe_at = $2
          AND (halted_by_receipt AND quiet_until > halted_at) IS NOT TRUE
        "#,
        probe.phone_number_id,
        probe.seen.to_sqlx() as jiff_sqlx::Timestamp,
        probe.next.to_sqlx() as jiff_sqlx::Timestamp,
        probe.token_digest,
        probe.message_id,
    )
    .execute(pool)
    .await?;
    Ok(claimed.rows_affected() > 0)
}

/// Waits until then for the receipt of a probe that was accepted, or for quiet.
pub async fn await_receipt(pool: &PgPool, phone_number_id: &str, until: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        UPDATE number_state
        SET probe_at = $2, quiet_until = $2
        WHERE phone_number_id = $1 AND halted_at IS NOT NULL AND halted_by_receipt
        "#,
        phone_number_id,
        until.to_sqlx() as jiff_sqlx::Timestamp,
    )
    .execute(pool)
    .await
    .map(|_| ())
}

/// Returns the halted numbers of which nothing bad was heard since their probe was accepted.
pub async fn quiet(pool: &PgPool, now: Timestamp) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT phone_number_id FROM number_state WHERE halted_by_receipt AND quiet_until > halted_at AND quiet_until <= $1",
        now.to_sqlx() as jiff_sqlx::Timestamp,
    )
    .fetch_all(pool)
    .await
}

/// Lets a halted number send again. Returns whether it was halted.
pub async fn resume(tx: &mut PgConnection, phone_number_id: &str, now: Timestamp) -> Result<bool, sqlx::Error> {
    let resumed = sqlx::query!(
        r#"
        UPDATE number_state
        SET halted_at = NULL, halt_code = 0, probe_at = NULL, token_digest = NULL, resumed_at = $2,
            halted_by_receipt = false, probe_message_id = NULL, quiet_until = NULL
        WHERE phone_number_id = $1 AND halted_at IS NOT NULL
        "#,
        phone_number_id,
        now.to_sqlx() as jiff_sqlx::Timestamp,
    )
    .execute(tx)
    .await?;
    Ok(resumed.rows_affected() > 0)
}

/// Lets the lanes of a number be claimed now whose head waits for one of these reasons. Lanes in hand are among them: what
/// their worker is about to say is not known yet.
pub async fn wake_lanes(tx: &mut PgConnection, phone_number_id: &str, reasons: &[&str]) -> Result<(), sqlx::Error> {
    let waiting = sqlx::query_scalar!(
        r#"
        SELECT l.name
        FROM lane AS l
        WHERE l.name IN (SELECT m.lane FROM message AS m WHERE m.phone_number_id = $1 AND m.state <= 2)
          AND (l.held OR (
              SELECT j.last_error
              FROM job AS j
              WHERE j.lane = l.name AND j.settled_at IS NULL
              ORDER BY j.sort_key, j.id
              LIMIT 1
          ) = ANY($2))
        "#,
        phone_number_id,
        reasons as &[&str],
    )
    .fetch_all(&mut *tx)
    .await?;
    lanes::make_ready(tx, &waiting).await
}

/// Returns the numbers that another token than this one halted.
pub async fn halted_by_other_token(pool: &PgPool, token_digest: &[u8]) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT phone_number_id FROM number_state WHERE halted_at IS NOT NULL AND token_digest IS DISTINCT FROM $1",
        token_digest
    )
    .fetch_all(pool)
    .await
}

/// Returns whether a number went from halted to sending after `then`.
pub async fn is_resumed_since(pool: &PgPool, phone_number_id: &str, then: Timestamp) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM number_state WHERE phone_number_id = $1 AND resumed_at >= $2) AS "is_resumed!""#,
        phone_number_id,
        then.to_sqlx() as jiff_sqlx::Timestamp,
    )
    .fetch_one(pool)
    .await
}

/// Hands out no slot of a number before `until`.
pub async fn pause(pool: &PgPool, phone_number_id: &str, until: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        INSERT INTO number_state AS n (phone_number_id, next_slot_at)
        VALUES ($1, $2)
        ON CONFLICT (phone_number_id) DO UPDATE SET next_slot_at = greatest(n.next_slot_at, excluded.next_slot_at)
        "#,
        phone_number_id,
        until.to_sqlx() as jiff_sqlx::Timestamp,
    )
    .execute(pool)
    .await
    .map(|_| ())
}

/// Forgets pairs that have paid everything back.
pub async fn forget_pairs(pool: &PgPool, now: Timestamp) -> Result<u64, sqlx::Error> {
    let forgotten = sqlx::query!(
        r#"
        DELETE FROM pair_limit
        WHERE lane IN (SELECT lane FROM pair_limit WHERE full_at < $1 LIMIT 10000 FOR UPDATE SKIP LOCKED)
        "#,
        now.to_sqlx() as jiff_sqlx::Timestamp,
    )
    .execute(pool)
    .await?;
    Ok(forgotten.rows_affected())
}
