//! The SQL, one file per table.
//!
//! Locks are taken in this order: messages (by id), windows, pairs, numbers, then lanes. Whoever holds a number takes no message.

pub mod costs;
pub mod documents;
pub mod forget;
pub mod merging;
pub mod messages;
pub mod numbers;
pub mod otp;
pub mod receipts;
pub mod schema;
pub mod sending;
pub mod windows;

use sqlx::PgPool;

/// Reads the key under which people become lane names.
pub async fn lane_key(pool: &PgPool) -> Result<Vec<u8>, sqlx::Error> {
    sqlx::query_scalar!("SELECT key FROM lane_key").fetch_one(pool).await
}

/// Makes the error of a row that the schema should not allow.
fn inconsistent(table: &str, column: &str, row: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("{table}.{column} of row {row} holds what this version cannot read").into())
}
