//! Notifications that are kept as they came.

use sqlx::PgConnection;

/// A notification that no flow of this version reads.
pub(crate) struct KeptEvent {
    /// The same notification again is a no-op.
    pub dedup_key: String,
    /// Meta's name of it.
    pub field: String,
    /// Exactly what came.
    pub payload: Vec<u8>,
}

/// Keeps them; a repeat is a no-op.
pub(crate) async fn keep_events(connection: &mut PgConnection, events: &[KeptEvent]) -> Result<(), sqlx::Error> {
    let keys: Vec<&str> = events.iter().map(|event| event.dedup_key.as_str()).collect();
    let fields: Vec<&str> = events.iter().map(|event| event.field.as_str()).collect();
    let payloads: Vec<&[u8]> = events.iter().map(|event| event.payload.as_slice()).collect();
    sqlx::query!(
        r#"
        INSERT INTO kept_event (dedup_key, field, payload)
        SELECT DISTINCT ON (dedup_key) dedup_key, field, payload
        FROM unnest($1::text[], $2::text[], $3::bytea[]) AS given (dedup_key, field, payload)
        ORDER BY dedup_key
        ON CONFLICT (dedup_key) DO NOTHING
        "#,
        &keys as &[&str],
        &fields as &[&str],
        &payloads as &[&[u8]],
    )
    .execute(connection)
    .await
    .map(|_| ())
}
