//! What a person means by "restock".

use sqlx::PgPool;
use uuid::Uuid;

/// Returns whether the number comes on top of what is there; `None`: the person was never asked.
pub(crate) async fn restock_adds(pool: &PgPool, member_id: Uuid) -> Result<Option<bool>, sqlx::Error> {
    sqlx::query_scalar!("SELECT adds FROM restock WHERE member_id = $1", member_id).fetch_optional(pool).await
}

/// Keeps what the person said they mean.
pub(crate) async fn keep_restock(pool: &PgPool, member_id: Uuid, adds: bool) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO restock (member_id, adds) VALUES ($1, $2) ON CONFLICT (member_id) DO UPDATE SET adds = excluded.adds",
        member_id,
        adds,
    )
    .execute(pool)
    .await
    .map(|_| ())
}
