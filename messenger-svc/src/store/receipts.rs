//! Tables `delivery_event` and `parked_receipt`, and what receipts change in `message`.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::inconsistent;
use super::messages::state;
use crate::domain::delivery::State;
use crate::domain::market;
use crate::domain::receipt::Pricing;

/// A message that receipts speak of, locked.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its id.
    pub id: Uuid,
    /// Its lane.
    pub lane: String,
    /// The number it is sent from.
    pub phone_number_id: String,
    /// How far it has come.
    pub state: State,
    /// WhatsApp's id of its newest send.
    pub whatsapp_id: Option<String>,
    /// Whether its price is known.
    pub is_priced: bool,
    /// Whether it is what its halted number was tried with.
    pub is_probe: bool,
    /// The month in which it arrived.
    pub delivered_month: Option<Date>,
    /// Country of the person it goes to.
    pub market: Option<String>,
    /// W3C trace context of whoever put it in.
    pub traceparent: Option<String>,
}

/// Locks the messages that receipts may speak of.
pub async fn lock_known(tx: &mut PgConnection, ids: &[Uuid], whatsapp_ids: &[&str]) -> Result<Vec<Known>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        SELECT id, lane, phone_number_id, state, whatsapp_id, pricing IS NOT NULL AS "is_priced!", traceparent,
               recipient_phone, recipient_user_id, delivered_month AS "delivered_month: jiff_sqlx::Date",
               EXISTS (
                   SELECT 1
                   FROM number_state AS n
                   WHERE n.phone_number_id = m.phone_number_id AND n.halted_at IS NOT NULL AND n.probe_message_id = m.id
               ) AS "is_probe!"
        FROM message AS m
        WHERE id = ANY($1) OR whatsapp_id = ANY($2)
        ORDER BY id
        FOR UPDATE
        "#,
        ids,
        whatsapp_ids as &[&str],
    )
    .fetch_all(tx)
    .await?;
    let known = rows.into_iter().map(|row| {
        Ok(Known {
            id: row.id,
            lane: row.lane,
            phone_number_id: row.phone_number_id,
            state: state(row.state, row.id)?,
            whatsapp_id: row.whatsapp_id,
            is_priced: row.is_priced,
            is_probe: row.is_probe,
            delivered_month: row.delivered_month.map(jiff_sqlx::Date::to_jiff),
            market: market::of(row.recipient_phone.as_deref(), row.recipient_user_id.as_deref()).map(str::to_owned),
            traceparent: row.traceparent,
        })
    });
    known.collect()
}

/// What receipts make of a message.
#[derive(Clone, Debug)]
pub struct Change {
    /// Which message.
    pub id: Uuid,
    /// How far it has come now.
    pub state: State,
    /// WhatsApp's id, if it was not known.
    pub whatsapp_id: Option<String>,
    /// Meta's code, when it failed.
    pub error_code: i32,
    /// The error in words.
    pub error_detail: String,
    /// Its price, if it was not known.
    pub pricing: Option<Pricing>,
    /// The month in which it arrived, if it has.
    pub delivered_month: Option<Date>,
    /// Country of the person it went to.
    pub market: Option<String>,
}

/// Changes messages; they are locked already.
pub async fn change(tx: &mut PgConnection, changes: &[Change], now: Timestamp) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = changes.iter().map(|change| change.id).collect();
    let states: Vec<i16> = changes.iter().map(|change| change.state.number()).collect();
    let whatsapp_ids: Vec<Option<&str>> = changes.iter().map(|change| change.whatsapp_id.as_deref()).collect();
    let codes: Vec<i32> = changes.iter().map(|change| change.error_code).collect();
    let details: Vec<&str> = changes.iter().map(|change| change.error_detail.as_str()).collect();
    let pricings: Vec<Option<serde_json::Value>> =
        changes.iter().map(|change| change.pricing.as_ref().map(Pricing::to_json)).collect();
    let months: Vec<Option<jiff_sqlx::Date>> =
        changes.iter().map(|change| change.delivered_month.map(ToSqlx::to_sqlx)).collect();
    let categories: Vec<Option<&str>> =
        changes.iter().map(|change| change.pricing.as_ref().map(|pricing| pricing.category.as_str())).collect();
    let types: Vec<Option<&str>> =
        changes.iter().map(|change| change.pricing.as_ref().map(|pricing| pricing.kind.as_str())).collect();
    let markets: Vec<Option<&str>> = changes.iter().map(|change| change.market.as_deref()).collect();
    sqlx::query!(
        r#"
        UPDATE message AS m
        SET state = given.state,
            whatsapp_id = coalesce(m.whatsapp_id, given.whatsapp_id),
            error_code = CASE WHEN given.state = m.state THEN m.error_code ELSE given.error_code END,
            error_detail = CASE WHEN given.state = m.state THEN m.error_detail ELSE given.error_detail END,
            pricing = coalesce(m.pricing, given.pricing),
            price_category = coalesce(m.price_category, given.category),
            price_type = coalesce(m.price_type, given.type),
            market = coalesce(m.market, given.market),
            delivered_month = least(m.delivered_month, given.month),
            updated_at = CASE WHEN given.state = m.state THEN m.updated_at ELSE $7 END
        FROM unnest($1::uuid[], $2::smallint[], $3::text[], $4::int[], $5::text[], $6::jsonb[], $8::date[], $9::text[],
                    $10::text[], $11::text[])
            AS given (id, state, whatsapp_id, error_code, error_detail, pricing, month, category, type, market)
        WHERE m.id = given.id
        "#,
        &ids,
        &states,
        &whatsapp_ids as &[Option<&str>],
        &codes,
        &details as &[&str],
        &pricings as &[Option<serde_json::Value>],
        now.to_sqlx() as jiff_sqlx::Timestamp,
        &months as &[Option<jiff_sqlx::Date>],
        &categories as &[Option<&str>],
        &types as &[Option<&str>],
        &markets as &[Option<&str>],
    )
    .execute(tx)
    .await
    .map(|_| ())
}

/// One step of a message's way.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// Whose way.
    pub message_id: Uuid,
    /// The state that was reached.
    pub state: State,
    /// When, by the clock of whoever reported it.
    pub occurred_at: Timestamp,
    /// Meta's code, when it failed.
    pub error_code: i32,
}

/// Notes events; one that is known already is left as it is.
pub async fn note(tx: &mut PgConnection, events: &[Event], now: Timestamp) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = events.iter().map(|event| event.message_id).collect();
    let states: Vec<i16> = events.iter().map(|event| event.state.number()).collect();
    let times: Vec<jiff_sqlx::Timestamp> = events.iter().map(|event| event.occurred_at.to_sqlx()).collect();
    let codes: Vec<i32> = events.iter().map(|event| event.error_code).collect();
    sqlx::query!(
        r#"
        INSERT INTO delivery_event (message_id, state, occurred_at, recorded_at, error_code)
        SELECT message_id, state, occurred_at, $5, error_code
        FROM unnest($1::uuid[], $2::smallint[], $3::timestamptz[], $4::int[])
            AS given (message_id, state, occurred_at, error_code)
        ORDER BY message_id, state
        ON CONFLICT (message_id, state) DO NOTHING
        "#,
        &ids,
        &states,
        &times as &[jiff_sqlx::Timestamp],
        &codes,
        now.to_sqlx() as jiff_sqlx::Timestamp,
    )
    .execute(tx)
    .await
    .map(|_| ())
}

/// Returns what happened to a message, oldest first.
pub async fn events(pool: &PgPool, message_id: Uuid) -> Result<Vec<Event>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        SELECT state, occurred_at AS "occurred_at: jiff_sqlx::Timestamp", error_code
        FROM delivery_event
        WHERE message_id = $1
        ORDER BY occurred_at, state
        "#,
        message_id,
    )
    .fetch_all(pool)
    .await?;
    let events = rows.into_iter().map(|row| {
        let state = State::from_number(row.state)
            .ok_or_else(|| inconsistent("delivery_event", "state", &message_id.to_string()))?;
        Ok(Event { message_id, state, occurred_at: row.occurred_at.to_jiff(), error_code: row.error_code })
    });
    events.collect()
}

/// A receipt of a message whose WhatsApp id is not known yet.
#[derive(Clone, Debug)]
pub struct Parked {
    /// The message it speaks of.
    pub whatsapp_id: String,
    /// Meta's word.
    pub status: String,
    /// When, by Meta's clock.
    pub occurred_at: Timestamp,
    /// Meta's code, when it failed.
    pub error_code: i32,
    /// What it costs.
    pub pricing: Option<serde_json::Value>,
}

/// Parks receipts; a repeat is a no-op.
pub async fn park(tx: &mut PgConnection, parked: &[Parked], now: Timestamp) -> Result<(), sqlx::Error> {
    let whatsapp_ids: Vec<&str> = parked.iter().map(|receipt| receipt.whatsapp_id.as_str()).collect();
    let statuses: Vec<&str> = parked.iter().map(|receipt| receipt.status.as_str()).collect();
    let times: Vec<jiff_sqlx::Timestamp> = parked.iter().map(|receipt| receipt.occurred_at.to_sqlx()).collect();
    let codes: Vec<i32> = parked.iter().map(|receipt| receipt.error_code).collect();
    let pricings: Vec<Option<&serde_json::Value>> = parked.iter().map(|receipt| receipt.pricing.as_ref()).collect();
    sqlx::query!(
        r#"
        INSERT INTO parked_receipt (whatsapp_id, status, occurred_at, error_code, pricing, parked_at)
        SELECT whatsapp_id, status, occurred_at, error_code, pricing, $6
        FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::int[], $5::jsonb[])
            AS given (whatsapp_id, status, occurred_at, error_code, pricing)
        ORDER BY whatsapp_id, status
        ON CONFLICT (whatsapp_id, status) DO NOTHING
        "#,
        &whatsapp_ids as &[&str],
        &statuses as &[&str],
        &times as &[jiff_sqlx::Timestamp],
        &codes,
        &pricings as &[Option<&serde_json::Value>],
        now.to_sqlx() as jiff_sqlx::Timestamp,
    )
    .execute(tx)
    .await
    .map(|_| ())
}

/// Takes parked receipts whose message is known by now.
pub async fn take_matched(tx: &mut PgConnection) -> Result<Vec<Parked>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        DELETE FROM parked_receipt AS parked
        USING (
            SELECT p.whatsapp_id, p.status
            FROM parked_receipt AS p
            WHERE EXISTS (SELECT 1 FROM message AS m WHERE m.whatsapp_id = p.whatsapp_id)
            LIMIT 1000
            FOR UPDATE OF p SKIP LOCKED
        ) AS matched
        WHERE parked.whatsapp_id = matched.whatsapp_id AND parked.status = matched.status
        RETURNING parked.whatsapp_id, parked.status, parked.occurred_at AS "occurred_at: jiff_sqlx::Timestamp",
                  parked.error_code, parked.pricing
        "#,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Parked {
            whatsapp_id: row.whatsapp_id,
            status: row.status,
            occurred_at: row.occurred_at.to_jiff(),
            error_code: row.error_code,
            pricing: row.pricing,
        })
        .collect())
}

/// Forgets receipts that nobody matched.
pub async fn forget_parked(pool: &PgPool, before: Timestamp) -> Result<u64, sqlx::Error> {
    let forgotten =
        sqlx::query!("DELETE FROM parked_receipt WHERE parked_at < $1", before.to_sqlx() as jiff_sqlx::Timestamp)
            .execute(pool)
            .await?;
    Ok(forgotten.rows_affected())
}
