//! Table `message`: put in, look up, forget.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::inconsistent;
use crate::domain::delivery::State;
use crate::domain::message::NewMessage;
use crate::domain::receipt::Pricing;
use crate::domain::recipient::{Phone, UserId};

/// A message about to be put in.
#[derive(Clone, Debug)]
pub struct Row {
    /// The id it gets unless its request was seen before.
    pub id: Uuid,
    /// What was asked for.
    pub message: NewMessage,
    /// Digest of that.
    pub digest: [u8; 32],
    /// The number it is sent from.
    pub phone_number_id: String,
    /// Its lane.
    pub lane: String,
    /// W3C trace context of the request.
    pub traceparent: Option<String>,
    /// When it came.
    pub created_at: Timestamp,
}

/// What came of putting a message in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is new.
    New(Uuid),
    /// An equal request put it in before.
    Replayed(Uuid),
    /// Another request used the id.
    Reused,
}

/// Puts messages in by one statement; a second one looks up those whose request was seen before.
pub async fn insert(tx: &mut PgConnection, rows: &[Row]) -> Result<Vec<Put>, sqlx::Error> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let request_ids: Vec<&str> = rows.iter().map(|row| row.message.request_id.as_str()).collect();
    let digests: Vec<&[u8]> = rows.iter().map(|row| row.digest.as_slice()).collect();
    let lanes: Vec<&str> = rows.iter().map(|row| row.lane.as_str()).collect();
    let numbers: Vec<&str> = rows.iter().map(|row| row.phone_number_id.as_str()).collect();
    let user_ids: Vec<Option<&str>> =
        rows.iter().map(|row| row.message.recipient.user_id().map(UserId::as_str)).collect();
    let phones: Vec<Option<&str>> = rows.iter().map(|row| row.message.recipient.phone().map(Phone::as_str)).collect();
    let contents: Vec<serde_json::Value> = rows
        .iter()
        .map(|row| serde_json::to_value(&row.message.content).expect("strings and lists always become JSON"))
        .collect();
    let quoted: Vec<Option<&str>> = rows.iter().map(|row| row.message.quoted_message_id.as_deref()).collect();
    let traceparents: Vec<Option<&str>> = rows.iter().map(|row| row.traceparent.as_deref()).collect();
    let times: Vec<jiff_sqlx::Timestamp> = rows.iter().map(|row| row.created_at.to_sqlx()).collect();
    let fallbacks: Vec<Option<serde_json::Value>> = rows
        .iter()
        .map(|row| row.message.fallback.as_ref())
        .map(|template| serde_json::to_value(template?).ok())
        .collect();
    let inbound: Vec<Option<jiff_sqlx::Timestamp>> =
        rows.iter().map(|row| row.message.inbound_at.map(ToSqlx::to_sqlx)).collect();
    // Windows ride along, and are only written when they move by more than a minute or Meta had closed them.
    // Sorted, so that two batches with the same requests cannot deadlock.
    let new: Vec<Uuid> = sqlx::query_scalar!(
        r#"
        WITH opened AS (
            INSERT INTO service_window AS w (lane, inbound_at)
            SELECT given.lane, max(given.inbound_at)
            FROM unnest($4::text[], $13::timestamptz[]) AS given (lane, inbound_at)
            LEFT JOIN service_window AS known USING (lane)
            WHERE given.inbound_at > coalesce(known.inbound_at + interval '1 minute', '-infinity')
               OR (known.inbound_at < date_trunc('second', known.closed_at)
                   AND given.inbound_at >= date_trunc('second', known.closed_at))
            GROUP BY given.lane
            ORDER BY given.lane
            ON CONFLICT (lane) DO UPDATE SET inbound_at = greatest(w.inbound_at, excluded.inbound_at)
        )
        INSERT INTO message (id, request_id, request_hash, lane, phone_number_id, recipient_user_id, recipient_phone,
                             content, quoted_message_id, traceparent, created_at, updated_at, fallback)
        SELECT id, request_id, request_hash, lane, phone_number_id, recipient_user_id, recipient_phone,
               content, quoted_message_id, traceparent, created_at, created_at, fallback
        FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[], $5::text[], $6::text[], $7::text[],
                    $8::jsonb[], $9::text[], $10::text[], $11::timestamptz[], $12::jsonb[])
            WITH ORDINALITY AS given (id, request_id, request_hash, lane, phone_number_id, recipient_user_id,
                                      recipient_phone, content, quoted_message_id, traceparent, created_at, fallback,
                                      place)
        ORDER BY request_id, place
        ON CONFLICT (request_id) DO NOTHING
        RETURNING id
        "#,
        &ids,
        &request_ids as &[&str],
        &digests as &[&[u8]],
        &lanes as &[&str],
        &numbers as &[&str],
        &user_ids as &[Option<&str>],
        &phones as &[Option<&str>],
        &contents,
        &quoted as &[Option<&str>],
        &traceparents as &[Option<&str>],
        &times as &[jiff_sqlx::Timestamp],
        &fallbacks as &[Option<serde_json::Value>],
        &inbound as &[Option<jiff_sqlx::Timestamp>],
    )
    .fetch_all(&mut *tx)
    .await?;
    super::documents::insert(tx, rows.iter().filter(|row| new.contains(&row.id))).await?;
    if new.len() == rows.len() {
        return Ok(ids.into_iter().map(Put::New).collect());
    }
    let seen: Vec<String> =
        rows.iter().filter(|row| !new.contains(&row.id)).map(|row| row.message.request_id.clone()).collect();
    let earlier: HashMap<String, (Uuid, Vec<u8>)> =
        sqlx::query!("SELECT request_id, id, request_hash FROM message WHERE request_id = ANY($1)", &seen)
            .fetch_all(tx)
            .await?
            .into_iter()
            .map(|row| (row.request_id, (row.id, row.request_hash)))
            .collect();
    let answers = rows.iter().map(|row| {
        if new.contains(&row.id) {
            return Ok(Put::New(row.id));
        }
        let (id, digest) = earlier.get(&row.message.request_id).ok_or(sqlx::Error::RowNotFound)?;
        Ok(if *digest == row.digest { Put::Replayed(*id) } else { Put::Reused })
    });
    answers.collect()
}

/// Which message is meant.
#[derive(Clone, Debug)]
pub enum Key {
    /// By our id.
    Id(Uuid),
    /// By WhatsApp's id.
    WhatsappId(String),
    /// By the request that created it.
    RequestId(String),
}

/// A message as it is shown.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its id.
    pub id: Uuid,
    /// The request that created it.
    pub request_id: String,
    /// How far it has come.
    pub state: State,
    /// WhatsApp's id.
    pub whatsapp_id: Option<String>,
    /// Times it was handed over.
    pub attempts: i32,
    /// Meta's code of the last error.
    pub error_code: i32,
    /// The last error in words.
    pub error_detail: String,
    /// When it was put in.
    pub created_at: Timestamp,
    /// When its state last changed.
    pub updated_at: Timestamp,
    /// What it costs, once a receipt said so.
    pub pricing: Option<Pricing>,
    /// The message that carries its words.
    pub merged_into: Option<Uuid>,
}

/// Looks one message up. One whose words another carries shows how far that one has come.
pub async fn find(pool: &PgPool, key: &Key) -> Result<Option<Stored>, sqlx::Error> {
    let (id, whatsapp_id, request_id) = match key {
        Key::Id(id) => (Some(*id), None, None),
        Key::WhatsappId(id) => (None, Some(id.as_str()), None),
        Key::RequestId(id) => (None, None, Some(id.as_str())),
    };
    let row = sqlx::query!(
        r#"
        SELECT m.id, m.request_id, coalesce(l.state, m.state) AS "state!",
               coalesce(l.whatsapp_id, m.whatsapp_id) AS whatsapp_id, coalesce(l.attempts, m.attempts) AS "attempts!",
               coalesce(l.error_code, m.error_code) AS "error_code!",
               coalesce(l.error_detail, m.error_detail) AS "error_detail!",
               m.created_at AS "created_at: jiff_sqlx::Timestamp",
               coalesce(l.updated_at, m.updated_at) AS "updated_at!: jiff_sqlx::Timestamp",
               m.pricing, m.merged_into
        FROM message AS m
        LEFT JOIN message AS l ON l.id = m.merged_into
        WHERE m.id = $1 OR m.whatsapp_id = $2 OR m.request_id = $3
        ORDER BY m.created_at DESC
        LIMIT 1
        "#,
        id,
        whatsapp_id,
        request_id,
    )
    .fetch_optional(pool)
    .await?;
    row.map(|row| {
        Ok(Stored {
            id: row.id,
            request_id: row.request_id,
            state: state(row.state, row.id)?,
            whatsapp_id: row.whatsapp_id,
            attempts: row.attempts,
            error_code: row.error_code,
            error_detail: row.error_detail,
            created_at: row.created_at.to_jiff(),
            updated_at: row.updated_at.to_jiff(),
            pricing: row.pricing.and_then(|pricing| serde_json::from_value(pricing).ok()),
            merged_into: row.merged_into,
        })
    })
    .transpose()
}

/// Counts messages that still have to go out, and stops counting at `limit`.
pub async fn count_pending(pool: &PgPool, limit: i64) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM (SELECT 1 FROM message WHERE state <= 2 LIMIT $1) AS pending"#,
        limit
    )
    .fetch_one(pool)
    .await
}

/// Erases what was said in messages whose state has been settled since before `before`. Returns how many.
pub async fn erase_contents(pool: &PgPool, before: Timestamp) -> Result<u64, sqlx::Error> {
    let erased = sqlx::query!(
        r#"
        UPDATE message
        SET content = NULL, fallback = NULL
        WHERE id IN (
            SELECT id
            FROM message
            WHERE state > 2 AND content IS NOT NULL AND updated_at < $1
            LIMIT 1000
            FOR UPDATE SKIP LOCKED)
        "#,
        before.to_sqlx() as jiff_sqlx::Timestamp,
    )
    .execute(pool)
    .await?;
    // The version before erases the content alone.
    let left_over = sqlx::query!(
        r#"
        UPDATE message
        SET fallback = NULL
        WHERE id IN (
            SELECT id
            FROM message
            WHERE state > 2 AND content IS NULL AND fallback IS NOT NULL AND updated_at < $1
            LIMIT 1000
            FOR UPDATE SKIP LOCKED)
        "#,
        before.to_sqlx() as jiff_sqlx::Timestamp,
    )
    .execute(pool)
    .await?;
    Ok(erased.rows_affected() + left_over.rows_affected())
}

/// Deletes a batch of settled messages that were put in before then, with their history. Returns how many.
pub async fn purge(pool: &PgPool, before: Timestamp) -> Result<u64, sqlx::Error> {
    // Ids begin with the time, so the oldest messages stand first in the primary key.
    let milliseconds = u64::try_from(before.as_millisecond()).unwrap_or(0);
    let first_kept = Uuid::from_u128(u128::from(milliseconds) << 80);
    let purged = sqlx::query_scalar!(
        r#"
        WITH gone AS (
            DELETE FROM message
            WHERE id IN (
                SELECT id
                FROM message
                WHERE id < $1 AND state > 2
                ORDER BY id
                LIMIT 500
                FOR UPDATE SKIP LOCKED)
            RETURNING id
        ), forgotten AS (
            DELETE FROM delivery_event AS e USING gone WHERE e.message_id = gone.id
        )
        SELECT count(*) AS "count!" FROM gone
        "#,
        first_kept,
    )
    .fetch_one(pool)
    .await?;
    Ok(u64::try_from(purged).unwrap_or(0))
}

/// Reads a stored state.
pub(super) fn state(number: i16, id: Uuid) -> Result<State, sqlx::Error> {
    State::from_number(number).ok_or_else(|| inconsistent("message", "state", &id.to_string()))
}
