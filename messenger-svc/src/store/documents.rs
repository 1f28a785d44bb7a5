//! Table `message_document`: the bytes of documents until nobody needs them any more.

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::messages::Row;

/// Puts in the bytes of documents; most batches have none.
pub async fn insert<'a>(tx: &mut PgConnection, rows: impl Iterator<Item = &'a Row>) -> Result<(), sqlx::Error> {
    for row in rows {
        let Some(file) = &row.message.file else { continue };
        // One statement for each: a batch of them may have hundreds of megabytes.
        sqlx::query!("INSERT INTO message_document (message_id, content) VALUES ($1, $2)", row.id, file.0)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

/// A document that is to be sent.
#[derive(Clone)]
pub struct Stored {
    /// Its bytes; left in the table when they are uploaded already.
    pub content: Option<Vec<u8>>,
    /// What Meta calls it.
    pub media_id: Option<String>,
}

/// Reads a document. `None`: it was erased.
pub async fn read(pool: &PgPool, message_id: Uuid) -> Result<Option<Stored>, sqlx::Error> {
    sqlx::query_as!(
        Stored,
        r#"
        SELECT CASE WHEN media_id IS NULL THEN content END AS content, media_id
        FROM message_document
        WHERE message_id = $1
        "#,
        message_id,
    )
    .fetch_optional(pool)
    .await
}

/// Remembers what Meta calls a document.
pub async fn uploaded(pool: &PgPool, message_id: Uuid, media_id: &str) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE message_document SET media_id = $2 WHERE message_id = $1", message_id, media_id)
        .execute(pool)
        .await
        .map(|_| ())
}

/// Erases the documents of messages whose content is erased. Returns how many.
pub async fn erase(pool: &PgPool) -> Result<u64, sqlx::Error> {
    let erased = sqlx::query!(
        "DELETE FROM message_document AS d USING message AS m WHERE m.id = d.message_id AND m.content IS NULL"
    )
    .execute(pool)
    .await?;
    Ok(erased.rows_affected())
}
