//! Forgetting a person: the words of what was written to them, and the names it went by.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::domain::delivery::State;
use crate::domain::market;
use crate::domain::recipient::{Phone, UserId};

/// Messages that are looked at in one statement. People are not indexed: every message would pay for what is asked seldom.
const PAGE: i64 = 20_000;

const FORGOTTEN: &str = "not sent any more: who it was for is forgotten";

/// Every name of one person. Does not print itself.
#[derive(Clone, Default)]
pub struct Names {
    user_ids: Vec<String>,
    phones: Vec<String>,
}

impl Names {
    /// Adds a user id.
    pub fn add_user_id(&mut self, user_id: &UserId) {
        self.user_ids.push(user_id.as_str().to_owned());
    }

    /// Adds a number in every way it is written.
    pub fn add_phone(&mut self, phone: &Phone) {
        self.phones.extend(phone.spellings());
    }
}

/// Counts the messages to a person.
pub async fn count(pool: &PgPool, names: &Names) -> Result<u64, sqlx::Error> {
    let (mut after, mut counted) = (Uuid::nil(), 0);
    while let Some(last) = page_end(pool, after).await? {
        let found = sqlx::query_scalar!(
            r#"
            SELECT count(*) AS "count!"
            FROM message
            WHERE id > $1 AND id <= $2 AND (recipient_phone = ANY($3) OR recipient_user_id = ANY($4))
            "#,
            after,
            last,
            &names.phones,
            &names.user_ids,
        )
        .fetch_one(pool)
        .await?;
        counted += u64::try_from(found).unwrap_or(0);
        after = last;
    }
    Ok(counted)
}

/// Takes words, files and names out of the messages to a person, and gives up those that wait. Returns how many.
///
/// One that is on its way to Meta at this moment counts as failed until its answer or its receipt says what became of it.
pub async fn forget(pool: &PgPool, names: &Names, now: Timestamp) -> Result<u64, sqlx::Error> {
    let (mut after, mut forgotten) = (Uuid::nil(), 0);
    while let Some(last) = page_end(pool, after).await? {
        forgotten += db::transact(pool, "forget_messages", |mut tx| async move {
            let stripped = forget_page(&mut tx, names, after, last, now).await?;
            Ok::<_, sqlx::Error>(tx.done(stripped))
        })
        .await?;
        after = last;
    }
    Ok(forgotten)
}

async fn page_end(pool: &PgPool, after: Uuid) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT id FROM (SELECT id FROM message WHERE id > $1 ORDER BY id LIMIT $2) AS page ORDER BY id DESC LIMIT 1",
        after,
        PAGE,
    )
    .fetch_optional(pool)
    .await
}

async fn forget_page(
    tx: &mut PgConnection,
    names: &Names,
    after: Uuid,
    last: Uuid,
    now: Timestamp,
) -> Result<u64, sqlx::Error> {
    let found = sqlx::query!(
        r#"
        SELECT id, lane, recipient_phone, recipient_user_id
        FROM message
        WHERE id > $1 AND id <= $2 AND (recipient_phone = ANY($3) OR recipient_user_id = ANY($4))
        ORDER BY id
        FOR UPDATE
        "#,
        after,
        last,
        &names.phones,
        &names.user_ids,
    )
    .fetch_all(&mut *tx)
    .await?;
    if found.is_empty() {
        return Ok(0);
    }
    let ids: Vec<Uuid> = found.iter().map(|row| row.id).collect();
    let lanes: Vec<String> = found.iter().map(|row| row.lane.clone()).collect();
    // A receipt may still tell what it costs, and cannot tell the country any more.
    let markets: Vec<Option<String>> = found
        .iter()
        .map(|row| market::of(row.recipient_phone.as_deref(), row.recipient_user_id.as_deref()).map(str::to_owned))
        .collect();
    sqlx::query!(
        r#"
        WITH given_up AS (
            INSERT INTO delivery_event (message_id, state, occurred_at, recorded_at)
            SELECT id, $4::smallint, $3::timestamptz, $3::timestamptz FROM message WHERE id = ANY($1) AND state <= 2
            ON CONFLICT (message_id, state) DO NOTHING
        )
        UPDATE message AS m
        SET state = CASE WHEN m.state <= 2 THEN $4 ELSE m.state END,
            error_detail = CASE WHEN m.state <= 2 THEN $5 ELSE m.error_detail END,
            updated_at = CASE WHEN m.state <= 2 THEN $3 ELSE m.updated_at END,
            market = coalesce(m.market, given.market),
            content = NULL, fallback = NULL, quoted_message_id = NULL,
            recipient_user_id = NULL, recipient_phone = NULL, forgotten_at = $3
        FROM unnest($1::uuid[], $2::text[]) AS given (id, market)
        WHERE m.id = given.id
        "#,
        &ids,
        &markets as &[Option<String>],
        now.to_sqlx() as jiff_sqlx::Timestamp,
        State::Failed.number(),
        FORGOTTEN,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("DELETE FROM message_document WHERE message_id = ANY($1)", &ids).execute(&mut *tx).await?;
    sqlx::query!("DELETE FROM service_window WHERE lane = ANY($1)", &lanes).execute(tx).await?;
    Ok(u64::try_from(ids.len()).unwrap_or(0))
}
