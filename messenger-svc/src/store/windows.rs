//! Table `service_window`: closed and forgotten. It is opened by the statement that puts messages in.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgPool;

/// Closes the window of a pair: nothing but templates goes through until the person writes after `at`.
pub async fn close(pool: &PgPool, lane: &str, at: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        INSERT INTO service_window AS w (lane, closed_at)
        VALUES ($1, $2)
        ON CONFLICT (lane) DO UPDATE SET closed_at = greatest(w.closed_at, excluded.closed_at)
        "#,
        lane,
        at.to_sqlx() as jiff_sqlx::Timestamp,
    )
    .execute(pool)
    .await
    .map(|_| ())
}

/// Forgets windows in which nothing happened since `before`: whether they are open is for Meta to say then.
pub async fn forget(pool: &PgPool, before: Timestamp) -> Result<u64, sqlx::Error> {
    let forgotten = sqlx::query!(
        r#"
        DELETE FROM service_window
        WHERE lane IN (
            SELECT lane
            FROM service_window
            WHERE greatest(inbound_at, closed_at) < $1
            LIMIT 10000
            FOR UPDATE SKIP LOCKED)
        "#,
        before.to_sqlx() as jiff_sqlx::Timestamp,
    )
    .execute(pool)
    .await?;
    Ok(forgotten.rows_affected())
}
