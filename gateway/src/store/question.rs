//! The open question of a person.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// A question that is about to be asked.
pub(crate) struct NewQuestion {
    /// Made from the message that led to it.
    pub id: Uuid,
    /// Who is asked.
    pub member_id: Uuid,
    /// Where.
    pub shop_id: Uuid,
    /// What will be done with each answer.
    pub draft: serde_json::Value,
    /// When it is too late to answer.
    pub expires_at: Timestamp,
}

/// Opens a question; the one before it is closed as replaced.
pub(crate) async fn ask_question(connection: &mut PgConnection, question: &NewQuestion) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        UPDATE question SET resolved_at = now(), resolution = 'replaced'
        WHERE member_id = $1 AND resolved_at IS NULL AND id <> $2
        "#,
        question.member_id,
        question.id,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO question (id, member_id, shop_id, draft, expires_at)
        VALUES ($1, $2, $3, $4, $5)
        -- Asked again after an outage or by a replayed dead letter, it is open again, unless it was answered.
        ON CONFLICT (id) DO UPDATE
        SET expires_at = excluded.expires_at, resolved_at = NULL, resolution = NULL
        WHERE question.answer IS NULL
        "#,
        question.id,
        question.member_id,
        question.shop_id,
        question.draft,
        question.expires_at.to_sqlx() as _,
    )
    .execute(&mut *connection)
    .await
    .map(|_| ())
}

/// Returns the question that waits for an answer of this person, or that the message `answer` answered before.
pub(crate) async fn open_question(
    pool: &PgPool,
    member_id: Uuid,
    answer: &str,
    now: Timestamp,
) -> Result<Option<(Uuid, serde_json::Value)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        SELECT id, draft
        FROM question
        WHERE member_id = $1 AND (answer = $2 OR (resolved_at IS NULL AND expires_at > $3))
        ORDER BY answer = $2 DESC NULLS LAST, created_at DESC
        LIMIT 1
        "#,
        member_id,
        answer,
        now.to_sqlx() as _,
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| (row.id, row.draft)))
}

/// Returns the message that answered a question; `None` when there is no such question or no answer.
pub(crate) async fn answer_to(pool: &PgPool, id: Uuid) -> Result<Option<String>, sqlx::Error> {
    let answer = sqlx::query_scalar!("SELECT answer FROM question WHERE id = $1", id).fetch_optional(pool).await?;
    Ok(answer.flatten())
}

/// What became of an answer.
pub(crate) enum Claimed {
    /// It is this message's to carry out.
    Yours(serde_json::Value),
    /// It was answered before, by another message.
    Answered,
    /// A newer question took its place.
    Replaced,
    /// It is too old, or not this person's.
    Gone,
}

/// Gives the question to the message `answer`, once; the same message may ask again.
pub(crate) async fn answer_question(
    pool: &PgPool,
    id: Uuid,
    member_id: Uuid,
    answer: &str,
    now: Timestamp,
) -> Result<Claimed, sqlx::Error> {
    let taken = sqlx::query_scalar!(
        r#"
        UPDATE question SET resolved_at = now(), resolution = 'answered', answer = $3
        WHERE id = $1 AND member_id = $2
          AND (answer = $3 OR (resolved_at IS NULL AND expires_at > $4))
        RETURNING draft
        "#,
        id,
        member_id,
        answer,
        now.to_sqlx() as _,
    )
    .fetch_optional(pool)
    .await?;
    if let Some(draft) = taken {
        return Ok(Claimed::Yours(draft));
    }
    Ok(question_fate(pool, id, member_id).await?.unwrap_or(Claimed::Gone))
}

/// Returns what became of a question that is not open; `None`: there never was such a question of this person.
pub(crate) async fn question_fate(pool: &PgPool, id: Uuid, member_id: Uuid) -> Result<Option<Claimed>, sqlx::Error> {
    let found = sqlx::query_scalar!("SELECT resolution FROM question WHERE id = $1 AND member_id = $2", id, member_id)
        .fetch_optional(pool)
        .await?;
    Ok(found.map(|resolution| match resolution.as_deref() {
        Some("answered") => Claimed::Answered,
        Some("replaced") => Claimed::Replaced,
        _ => Claimed::Gone,
    }))
}

/// Returns the question that is still open and was not repeated yet, and notes that the message `reminder` repeats it.
pub(crate) async fn remind_of_question(
    pool: &PgPool,
    member_id: Uuid,
    reminder: &str,
    now: Timestamp,
) -> Result<Option<(Uuid, serde_json::Value)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        UPDATE question SET reminded_by = $2
        WHERE member_id = $1 AND resolved_at IS NULL AND expires_at > $3
          AND (reminded_by IS NULL OR reminded_by = $2)
        RETURNING id, draft
        "#,
        member_id,
        reminder,
        now.to_sqlx() as _,
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| (row.id, row.draft)))
}

/// Closes a question that something else has answered meanwhile.
pub(crate) async fn close_question(pool: &PgPool, id: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE question SET resolved_at = now(), resolution = 'replaced' WHERE id = $1 AND resolved_at IS NULL",
        id,
    )
    .execute(pool)
    .await
    .map(|_| ())
}
