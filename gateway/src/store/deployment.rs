//! Values that belong to this deployment.

use sqlx::PgPool;

/// Returns the key of the hashes that name lanes.
pub(crate) async fn lane_salt(pool: &PgPool) -> Result<[u8; 32], sqlx::Error> {
    let salt = sqlx::query_scalar!("SELECT lane_salt FROM deployment").fetch_one(pool).await?;
    Ok(salt.try_into().unwrap_or([0; 32]))
}
