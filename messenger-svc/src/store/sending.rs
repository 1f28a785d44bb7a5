//! Table `message` while it is sent: what is next, handed over, answered. Many lanes share each statement.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::{PgExecutor, PgPool};
use uuid::Uuid;

use super::messages::state;
use super::numbers::Number;
use crate::domain::delivery::State;
use crate::domain::dispatch::Standing;
use crate::domain::window::Window;

/// A message that is next in its lane, with what the limits remember. Holds a person's name, so it does not print itself.
#[derive(Clone)]
pub struct Next {
    /// Its id.
    pub id: Uuid,
    /// Its lane.
    pub lane: String,
    /// The number it is sent from.
    pub phone_number_id: String,
    /// The user id it goes to.
    pub user_id: Option<String>,
    /// The phone number it goes to.
    pub phone: Option<String>,
    /// What is sent, as stored.
    pub content: Option<serde_json::Value>,
    /// WhatsApp id of the message it quotes.
    pub quoted_message_id: Option<String>,
    /// What decides about it.
    pub standing: Standing,
    /// Errors that passed.
    pub refusals: u32,
    /// Meta's code of the last error.
    pub error_code: i32,
    /// What the pair limit remembers.
    pub pair_full_at: Option<Timestamp>,
    /// The state of its number.
    pub number: Number,
    /// What is sent when the window is closed, as stored.
    pub fallback: Option<serde_json::Value>,
    /// When the person may be written to.
    pub window: Window,
    /// What Meta calls its document, once that is uploaded.
    pub media_id: Option<String>,
    /// Whether it carries a one-time code that was used, tried too often or replaced.
    pub is_code_ended: bool,
}

/// Reads messages that are next in their lanes.
pub async fn read_next(pool: &PgPool, ids: &[Uuid]) -> Result<Vec<Next>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        SELECT m.id AS "id!", m.lane AS "lane!", m.phone_number_id AS "phone_number_id!",
               m.recipient_user_id, m.recipient_phone, m.content, m.quoted_message_id,
               m.state AS "state!", m.attempts AS "attempts!", m.refusals AS "refusals!", m.error_code AS "error_code!",
               m.in_doubt_since AS "in_doubt_since?: jiff_sqlx::Timestamp",
               m.created_at AS "created_at!: jiff_sqlx::Timestamp",
               pair.full_at AS "pair_full_at?: jiff_sqlx::Timestamp",
               number.next_slot_at AS "next_slot_at?: jiff_sqlx::Timestamp",
               number.probe_at AS "probe_at?: jiff_sqlx::Timestamp",
               number.token_digest AS "token_digest?",
               number.halted_by_receipt AS "halted_by_receipt?",
               CASE WHEN number.halted_by_receipt AND number.quiet_until > number.halted_at
                    THEN number.quiet_until END AS "quiet_until?: jiff_sqlx::Timestamp",
               m.fallback,
               CASE WHEN m.content ->> 'kind' = 'document'
                    THEN (SELECT d.media_id FROM message_document AS d WHERE d.message_id = m.id) END AS media_id,
               CASE WHEN m.content ? 'sealed'
                    THEN EXISTS (SELECT 1 FROM otp_code AS c WHERE c.id = m.id AND c.ended_at IS NOT NULL)
                    ELSE false END AS "is_code_ended!",
               w.inbound_at AS "inbound_at?: jiff_sqlx::Timestamp",
               w.closed_at AS "closed_at?: jiff_sqlx::Timestamp"
        FROM message AS m
        LEFT JOIN service_window AS w ON w.lane = m.lane
        LEFT JOIN pair_limit AS pair ON pair.lane = m.lane
        LEFT JOIN number_state AS number ON number.phone_number_id = m.phone_number_id
        WHERE m.id = ANY($1)
        "#,
        ids,
    )
    .fetch_all(pool)
    .await?;
    let next = rows.into_iter().map(|row| {
        Ok(Next {
            id: row.id,
            lane: row.lane,
            phone_number_id: row.phone_number_id,
            user_id: row.recipient_user_id,
            phone: row.recipient_phone,
            content: row.content,
            quoted_message_id: row.quoted_message_id,
            standing: Standing {
                state: state(row.state, row.id)?,
                attempts: u32::try_from(row.attempts).unwrap_or(0),
                in_doubt_since: row.in_doubt_since.map(jiff_sqlx::Timestamp::to_jiff),
                created_at: row.created_at.to_jiff(),
            },
            refusals: u32::try_from(row.refusals).unwrap_or(0),
            error_code: row.error_code,
            pair_full_at: row.pair_full_at.map(jiff_sqlx::Timestamp::to_jiff),
            number: Number {
                next_slot_at: row.next_slot_at.map(jiff_sqlx::Timestamp::to_jiff),
                probe_at: row.probe_at.map(jiff_sqlx::Timestamp::to_jiff),
                token_digest: row.token_digest,
                is_halted_by_receipt: row.halted_by_receipt.unwrap_or(false),
                quiet_until: row.quiet_until.map(jiff_sqlx::Timestamp::to_jiff),
            },
            fallback: row.fallback,
            media_id: row.media_id,
            is_code_ended: row.is_code_ended,
            window: Window {
                inbound_at: row.inbound_at.map(jiff_sqlx::Timestamp::to_jiff),
                closed_at: row.closed_at.map(jiff_sqlx::Timestamp::to_jiff),
            },
        })
    });
    next.collect()
}

/// A message that is about to be handed over.
#[derive(Clone, Debug)]
pub struct Start {
    /// Its id.
    pub id: Uuid,
    /// Times it was handed over before; it must still be so.
    pub attempts: u32,
    /// Its lane.
    pub lane: String,
    /// What the pair limit is to remember.
    pub pair_full_at: Timestamp,
    /// The number it is sent from.
    pub phone_number_id: String,
}

/// Puts messages in doubt, and takes their share of the limits, by one statement. Returns those that may be sent, and
/// when. A message that somebody else handed over, or that a receipt settled in the meantime, is not among them.
pub async fn start(
    database: impl PgExecutor<'_>,
    starts: &[Start],
    now: Timestamp,
    slot_period_us: i64,
) -> Result<Vec<(Uuid, Timestamp)>, sqlx::Error> {
    let ids: Vec<Uuid> = starts.iter().map(|start| start.id).collect();
    let attempts: Vec<i32> = starts.iter().map(|start| i32::try_from(start.attempts).unwrap_or(i32::MAX)).collect();
    let lanes: Vec<&str> = starts.iter().map(|start| start.lane.as_str()).collect();
    let full_at: Vec<jiff_sqlx::Timestamp> = starts.iter().map(|start| start.pair_full_at.to_sqlx()).collect();
    let numbers: Vec<&str> = starts.iter().map(|start| start.phone_number_id.as_str()).collect();
    let rows = sqlx::query!(
        r#"
        WITH wanted AS MATERIALIZED (
            SELECT given.*, row_number() OVER (PARTITION BY phone_number_id ORDER BY place DESC) AS from_last
            FROM unnest($1::uuid[], $2::int[], $3::text[], $4::timestamptz[], $5::text[])
                WITH ORDINALITY AS given (id, attempts, lane, full_at, phone_number_id, place)
        ), locked AS MATERIALIZED (
            SELECT m.id
            FROM message AS m
            JOIN wanted ON wanted.id = m.id AND wanted.attempts = m.attempts
            WHERE m.state <= 2
            ORDER BY m.id
            FOR UPDATE OF m
        ), started AS (
            UPDATE message AS m
            SET state = 2, attempts = m.attempts + 1, in_doubt_since = $6, updated_at = $6
            FROM locked
            WHERE m.id = locked.id
            RETURNING m.id
        ), paired AS (
            INSERT INTO pair_limit (lane, full_at)
            SELECT lane, full_at
            FROM wanted
            ORDER BY lane
            ON CONFLICT (lane) DO UPDATE SET full_at = excluded.full_at
        ), paced AS (
            INSERT INTO number_state AS n (phone_number_id, next_slot_at)
            SELECT phone_number_id, $6::timestamptz + count(*) * $7::bigint * interval '1 microsecond'
            FROM wanted
            GROUP BY phone_number_id
            ORDER BY phone_number_id
            ON CONFLICT (phone_number_id) DO UPDATE
            SET next_slot_at = greatest(n.next_slot_at, $6) + (excluded.next_slot_at - $6)
            RETURNING phone_number_id, next_slot_at
        )
        SELECT started.id AS "id!", paced.next_slot_at - wanted.from_last * $7::bigint * interval '1 microsecond' AS "slot_at!: jiff_sqlx::Timestamp"
        FROM started
        JOIN wanted USING (id)
        JOIN paced USING (phone_number_id)
        "#,
        &ids,
        &attempts,
        &lanes as &[&str],
        &full_at as &[jiff_sqlx::Timestamp],
        &numbers as &[&str],
        now.to_sqlx() as jiff_sqlx::Timestamp,
        slot_period_us,
    )
    .fetch_all(database)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.slot_at.to_jiff())).collect())
}

/// What came of handing a message over.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Which message.
    pub id: Uuid,
    /// Which of its hand-overs; `None` when it is about the message however often it was handed over.
    pub attempt: Option<u32>,
    /// Accepted, queued again, or failed.
    pub state: State,
    /// WhatsApp's id, once accepted.
    pub whatsapp_id: Option<String>,
    /// Meta's code, when refused.
    pub error_code: i32,
    /// The error in words.
    pub error_detail: String,
    /// Whether it counts against the tries of the message.
    pub counts: bool,
}

/// What stands after answers were recorded.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// The states of the messages, in the order of the answers.
    pub states: Vec<State>,
    /// Whether a receipt waits for one of the WhatsApp ids.
    pub is_parked: bool,
}

/// Records answers by one statement. A receipt may have come first: then it stands, except that the failure of an earlier
/// hand-over says nothing of one that was accepted. What became of an earlier hand-over leaves a later one in doubt.
pub async fn record(pool: &PgPool, answers: &[Answer], now: Timestamp) -> Result<Recorded, sqlx::Error> {
    let ids: Vec<Uuid> = answers.iter().map(|answer| answer.id).collect();
    let states: Vec<i16> = answers.iter().map(|answer| answer.state.number()).collect();
    let whatsapp_ids: Vec<Option<&str>> = answers.iter().map(|answer| answer.whatsapp_id.as_deref()).collect();
    let codes: Vec<i32> = answers.iter().map(|answer| answer.error_code).collect();
    let details: Vec<&str> = answers.iter().map(|answer| answer.error_detail.as_str()).collect();
    let counts: Vec<bool> = answers.iter().map(|answer| answer.counts).collect();
    let attempts: Vec<Option<i32>> =
        answers.iter().map(|answer| answer.attempt.map(|attempt| i32::try_from(attempt).unwrap_or(i32::MAX))).collect();
    let rows = sqlx::query!(
        r#"
        WITH given AS MATERIALIZED (
            SELECT *
            FROM unnest($1::uuid[], $2::smallint[], $3::text[], $4::int[], $5::text[], $6::bool[], $8::int[])
                AS given (id, state, whatsapp_id, error_code, error_detail, counts, attempt)
        ), locked AS MATERIALIZED (
            SELECT m.id,
                   (m.state <= 2 AND (given.state = 3 OR given.attempt IS NULL OR given.attempt = m.attempts))
                   OR (m.state = 8 AND given.state = 3 AND m.whatsapp_id IS DISTINCT FROM given.whatsapp_id) AS applies
            FROM message AS m
            JOIN given ON given.id = m.id
            ORDER BY m.id
            FOR UPDATE OF m
        ), changed AS (
            UPDATE message AS m
            SET state = CASE WHEN locked.applies THEN given.state ELSE m.state END,
                whatsapp_id = CASE WHEN locked.applies OR m.whatsapp_id IS NULL
                                   THEN coalesce(given.whatsapp_id, m.whatsapp_id) ELSE m.whatsapp_id END,
                error_code = CASE WHEN locked.applies THEN given.error_code ELSE m.error_code END,
                error_detail = CASE WHEN locked.applies THEN given.error_detail ELSE m.error_detail END,
                refusals = m.refusals + (locked.applies AND given.counts)::int,
                updated_at = CASE WHEN locked.applies THEN $7 ELSE m.updated_at END
            FROM locked
            JOIN given ON given.id = locked.id
            WHERE m.id = locked.id
            RETURNING m.id, m.state
        ), noted AS (
            INSERT INTO delivery_event (message_id, state, occurred_at, recorded_at, error_code)
            SELECT given.id, given.state, $7, $7, given.error_code
            FROM given
            JOIN changed ON changed.id = given.id
            WHERE given.state = 3 OR (given.state = 8 AND changed.state = 8)
            ON CONFLICT (message_id, state) DO NOTHING
        )
        SELECT changed.id AS "id!", changed.state AS "state!",
               EXISTS (SELECT 1 FROM parked_receipt AS p WHERE p.whatsapp_id = given.whatsapp_id) AS "is_parked!"
        FROM changed
        JOIN given ON given.id = changed.id
        "#,
        &ids,
        &states,
        &whatsapp_ids as &[Option<&str>],
        &codes,
        &details as &[&str],
        &counts,
        now.to_sqlx() as jiff_sqlx::Timestamp,
        &attempts as &[Option<i32>],
    )
    .fetch_all(pool)
    .await?;
    let states = answers.iter().map(|answer| match rows.iter().find(|row| row.id == answer.id) {
        Some(row) => state(row.state, row.id),
        None => Ok(answer.state), // forgotten in the meantime
    });
    Ok(Recorded {
        states: states.collect::<Result<_, sqlx::Error>>()?,
        is_parked: rows.iter().any(|row| row.is_parked),
    })
}
