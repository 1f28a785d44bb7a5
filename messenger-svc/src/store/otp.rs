//! Tables `otp_code` and `otp_try`: codes that were sent and tried, and the limits that count them.
//!
//! Callers hold the locks of [`lock`], so that what is counted does not change meanwhile.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::lanes::{self, NewJob};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::domain::otp::{Quota, TRIES_MAX};
use crate::domain::recipient::{Phone, Recipient, UserId};
use crate::outbox::JOB_KIND;
use crate::outbox::put::Place;

/// Who asks, and for which phone.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// Who asks.
    pub caller: &'a str,
    /// Hash of the phone under each key, the newest first.
    pub phone_hashes: &'a [[u8; 32]],
}

/// A code about to be stored.
pub struct NewCode<'a> {
    /// The message that carries it.
    pub id: Uuid,
    /// The request that had it sent.
    pub request_id: &'a str,
    /// Keyed hash of what was asked.
    pub request_hash: &'a [u8; 32],
    /// Who asked, and for whom.
    pub subject: Subject<'a>,
    /// What it counts for.
    pub purpose: &'a str,
    /// Keyed hash of it.
    pub code_hash: &'a [u8; 32],
    /// When it was asked for.
    pub created_at: Timestamp,
    /// From when it does not count.
    pub expires_at: Timestamp,
}

/// The message that carries a code.
pub struct NewMessage<'a> {
    /// Who gets it.
    pub recipient: &'a Recipient,
    /// Its place in the outbox.
    pub place: &'a Place,
    /// What is sent, sealed.
    pub content: serde_json::Value,
    /// W3C trace context of the request.
    pub traceparent: Option<String>,
}

/// A try about to be stored.
pub struct NewTry<'a> {
    /// The request that brought it.
    pub request_id: &'a str,
    /// Keyed hash of what was asked.
    pub request_hash: &'a [u8; 32],
    /// Who asked, and for whom.
    pub subject: &'a Subject<'a>,
    /// The code that it used up.
    pub code_id: Option<Uuid>,
    /// When.
    pub tried_at: Timestamp,
}

/// A request that had a code sent.
pub struct SeenSend {
    /// The message.
    pub id: Uuid,
    /// Keyed hash of what was asked.
    pub request_hash: Vec<u8>,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// A request that tried a code.
pub struct SeenTry {
    /// Keyed hash of what was asked.
    pub request_hash: Vec<u8>,
    /// When the code that it used up was sent, and from when that does not count.
    pub sent: Option<(Timestamp, Timestamp)>,
}

/// The code that counts.
pub struct Live {
    /// The message that carries it.
    pub id: Uuid,
    /// Keyed hash of it.
    pub code_hash: Vec<u8>,
    /// Codes that were compared with it.
    pub tries: i32,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// From when it does not count.
    pub expires_at: Timestamp,
}

impl Subject<'_> {
    fn newest(&self) -> &[u8] {
        &self.phone_hashes[0]
    }

    fn hashes(&self) -> Vec<&[u8]> {
        self.phone_hashes.iter().map(<[u8; 32]>::as_slice).collect()
    }
}

/// Has everybody wait who asks for the same caller or the same phone, until the transaction ends.
pub async fn lock(tx: &mut PgConnection, subject: &Subject<'_>) -> Result<(), sqlx::Error> {
    // Callers before phones, so that nobody waits in a circle.
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('otp caller ' || $1, 0))", subject.caller)
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "SELECT pg_advisory_xact_lock(hashtextextended('otp phone ' || encode($1::bytea, 'hex'), 0))",
        subject.newest()
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Looks for an earlier request of that id.
pub async fn find_sent(tx: &mut PgConnection, request_id: &str) -> Result<Option<SeenSend>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        SELECT id, request_hash, created_at AS "created_at: jiff_sqlx::Timestamp"
        FROM otp_code
        WHERE request_id = $1
        "#,
        request_id
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| SeenSend { id: row.id, request_hash: row.request_hash, created_at: row.created_at.to_jiff() }))
}

/// Returns when a phone last got a code of a purpose.
pub async fn last_sent(
    tx: &mut PgConnection,
    subject: &Subject<'_>,
    purpose: &str,
) -> Result<Option<Timestamp>, sqlx::Error> {
    let last = sqlx::query_scalar!(
        r#"
        SELECT max(created_at) AS "last: jiff_sqlx::Timestamp"
        FROM otp_code
        WHERE phone_hash = ANY($1) AND purpose = $2
        "#,
        &subject.hashes() as &[&[u8]],
        purpose
    )
    .fetch_one(tx)
    .await?;
    Ok(last.map(jiff_sqlx::Timestamp::to_jiff))
}

/// Returns until when a caller has had as many codes sent as it may; `None`: it may go on.
pub async fn sends_of_caller(
    tx: &mut PgConnection,
    subject: &Subject<'_>,
    quota: Quota,
    now: Timestamp,
) -> Result<Option<Timestamp>, sqlx::Error> {
    let oldest = sqlx::query_scalar!(
        r#"
        SELECT created_at AS "created_at: jiff_sqlx::Timestamp"
        FROM otp_code
        WHERE caller = $1 AND created_at > $2
        ORDER BY created_at DESC
        OFFSET $3
        LIMIT 1
        "#,
        subject.caller,
        (now - quota.period).to_sqlx() as jiff_sqlx::Timestamp,
        before_last(quota),
    )
    .fetch_optional(tx)
    .await?;
    Ok(oldest.map(|at| at.to_jiff() + quota.period))
}

/// Returns until when a phone has got as many codes as it may; `None`: it may get more.
pub async fn sends_of_phone(
    tx: &mut PgConnection,
    subject: &Subject<'_>,
    quota: Quota,
    now: Timestamp,
) -> Result<Option<Timestamp>, sqlx::Error> {
    let oldest = sqlx::query_scalar!(
        r#"
        SELECT created_at AS "created_at: jiff_sqlx::Timestamp"
        FROM otp_code
        WHERE phone_hash = ANY($1) AND created_at > $2
        ORDER BY created_at DESC
        OFFSET $3
        LIMIT 1
        "#,
        &subject.hashes() as &[&[u8]],
        (now - quota.period).to_sqlx() as jiff_sqlx::Timestamp,
        before_last(quota),
    )
    .fetch_optional(tx)
    .await?;
    Ok(oldest.map(|at| at.to_jiff() + quota.period))
}

/// Returns until when a caller has tried as many codes as it may; `None`: it may go on.
pub async fn tries_of_caller(
    tx: &mut PgConnection,
    subject: &Subject<'_>,
    quota: Quota,
    now: Timestamp,
) -> Result<Option<Timestamp>, sqlx::Error> {
    let oldest = sqlx::query_scalar!(
        r#"
        SELECT tried_at AS "tried_at: jiff_sqlx::Timestamp"
        FROM otp_try
        WHERE caller = $1 AND tried_at > $2
        ORDER BY tried_at DESC
        OFFSET $3
        LIMIT 1
        "#,
        subject.caller,
        (now - quota.period).to_sqlx() as jiff_sqlx::Timestamp,
        before_last(quota),
    )
    .fetch_optional(tx)
    .await?;
    Ok(oldest.map(|at| at.to_jiff() + quota.period))
}

/// Returns until when as many codes were tried for a phone as may be; `None`: more may be.
pub async fn tries_of_phone(
    tx: &mut PgConnection,
    subject: &Subject<'_>,
    quota: Quota,
    now: Timestamp,
) -> Result<Option<Timestamp>, sqlx::Error> {
    let oldest = sqlx::query_scalar!(
        r#"
        SELECT tried_at AS "tried_at: jiff_sqlx::Timestamp"
        FROM otp_try
        WHERE phone_hash = ANY($1) AND tried_at > $2
        ORDER BY tried_at DESC
        OFFSET $3
        LIMIT 1
        "#,
        &subject.hashes() as &[&[u8]],
        (now - quota.period).to_sqlx() as jiff_sqlx::Timestamp,
        before_last(quota),
    )
    .fetch_optional(tx)
    .await?;
    Ok(oldest.map(|at| at.to_jiff() + quota.period))
}

// With the last one that is allowed used up, the period counts from the oldest of them.
fn before_last(quota: Quota) -> i64 {
    i64::from(quota.count.max(1)) - 1
}

/// Stores a code in place of the one that counted before. What waits with that one is given up.
pub async fn replace(tx: &mut PgConnection, new: &NewCode<'_>) -> Result<(), sqlx::Error> {
    // A message in doubt stays so: whoever opens its code to send it again finds that it ended.
    sqlx::query!(
        r#"
        WITH ended AS (
            UPDATE otp_code
            SET ended_at = $3
            WHERE phone_hash = ANY($1) AND purpose = $2 AND ended_at IS NULL
            RETURNING id
        ), given_up AS (
            UPDATE message AS m
            SET state = 8, content = NULL, error_detail = 'given up: a newer code replaced its code', updated_at = $3
            FROM ended
            WHERE m.id = ended.id AND m.state = 1
            RETURNING m.id
        )
        INSERT INTO delivery_event (message_id, state, occurred_at, recorded_at)
        SELECT id, 8, $3, $3
        FROM given_up
        ON CONFLICT (message_id, state) DO NOTHING
        "#,
        &new.subject.hashes() as &[&[u8]],
        new.purpose,
        new.created_at.to_sqlx() as jiff_sqlx::Timestamp,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO otp_code (id, request_id, request_hash, caller, phone_hash, purpose, code_hash, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        "#,
        new.id,
        new.request_id,
        new.request_hash.as_slice(),
        new.subject.caller,
        new.subject.newest(),
        new.purpose,
        new.code_hash.as_slice(),
        new.created_at.to_sqlx() as jiff_sqlx::Timestamp,
        new.expires_at.to_sqlx() as jiff_sqlx::Timestamp,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Puts the message that carries a code into the outbox.
pub async fn insert_message(
    tx: &mut PgConnection,
    new: &NewCode<'_>,
    message: &NewMessage<'_>,
) -> Result<(), sqlx::Error> {
    // Named by itself: repeated requests are recognised by the code.
    sqlx::query!(
        r#"
        INSERT INTO message (id, request_id, request_hash, lane, phone_number_id, recipient_user_id, recipient_phone,
                             content, traceparent, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
        "#,
        new.id,
        format!("otp:{}", new.id),
        new.request_hash.as_slice(),
        message.place.lane,
        message.place.phone_number_id,
        message.recipient.user_id().map(UserId::as_str),
        message.recipient.phone().map(Phone::as_str),
        message.content,
        message.traceparent,
        new.created_at.to_sqlx() as jiff_sqlx::Timestamp,
    )
    .execute(&mut *tx)
    .await?;
    let job = NewJob {
        lane: message.place.lane.clone(),
        dedup_key: new.id.to_string(),
        kind: JOB_KIND.to_owned(),
        payload: Vec::new(),
        sort_key: new.created_at.as_millisecond(),
        traceparent: message.traceparent.clone(),
    };
    lanes::enqueue(tx, &[job]).await.map(|_| ())
}

/// Looks for an earlier try of that request.
pub async fn find_try(tx: &mut PgConnection, request_id: &str) -> Result<Option<SeenTry>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        SELECT t.request_hash, c.created_at AS "created_at?: jiff_sqlx::Timestamp",
               c.expires_at AS "expires_at?: jiff_sqlx::Timestamp"
        FROM otp_try AS t
        LEFT JOIN otp_code AS c ON c.id = t.code_id
        WHERE t.request_id = $1
        "#,
        request_id
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| SeenTry {
        request_hash: row.request_hash,
        sent: row.created_at.zip(row.expires_at).map(|(sent, ends)| (sent.to_jiff(), ends.to_jiff())),
    }))
}

/// Looks for the code that counts for a phone and purpose.
pub async fn find_live(
    tx: &mut PgConnection,
    subject: &Subject<'_>,
    purpose: &str,
) -> Result<Option<Live>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        SELECT id, code_hash, tries, created_at AS "created_at: jiff_sqlx::Timestamp",
               expires_at AS "expires_at: jiff_sqlx::Timestamp"
        FROM otp_code
        WHERE phone_hash = ANY($1) AND purpose = $2 AND ended_at IS NULL
        ORDER BY created_at DESC
        LIMIT 1
        FOR UPDATE
        "#,
        &subject.hashes() as &[&[u8]],
        purpose
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| Live {
        id: row.id,
        code_hash: row.code_hash,
        tries: row.tries,
        created_at: row.created_at.to_jiff(),
        expires_at: row.expires_at.to_jiff(),
    }))
}

/// Counts a try of a code, and ends the code when that used it up or was the last one; what still waits with it is given
/// up. The nil id is nobody's.
pub async fn count_try(tx: &mut PgConnection, id: Uuid, is_right: bool, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        WITH tried AS (
            UPDATE otp_code
            SET tries = tries + 1, ended_at = CASE WHEN $2 OR tries + 1 >= $4 THEN $3::timestamptz END
            WHERE id = $1
            RETURNING id, ended_at
        ), given_up AS (
            UPDATE message AS m
            SET state = 8, content = NULL, error_detail = 'given up: its code was used or tried too often', updated_at = $3
            FROM tried
            WHERE m.id = tried.id AND tried.ended_at IS NOT NULL AND m.state = 1
            RETURNING m.id
        )
        INSERT INTO delivery_event (message_id, state, occurred_at, recorded_at)
        SELECT id, 8, $3, $3
        FROM given_up
        ON CONFLICT (message_id, state) DO NOTHING
        "#,
        id,
        is_right,
        now.to_sqlx() as jiff_sqlx::Timestamp,
        TRIES_MAX,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Stores a try.
pub async fn insert_try(tx: &mut PgConnection, new: &NewTry<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        INSERT INTO otp_try (request_id, request_hash, caller, phone_hash, code_id, tried_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        "#,
        new.request_id,
        new.request_hash.as_slice(),
        new.subject.caller,
        new.subject.newest(),
        new.code_id,
        new.tried_at.to_sqlx() as jiff_sqlx::Timestamp,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Forgets what is from before then.
pub async fn forget(pool: &PgPool, before: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM otp_code WHERE created_at < $1", before.to_sqlx() as jiff_sqlx::Timestamp)
        .execute(pool)
        .await?;
    sqlx::query!("DELETE FROM otp_try WHERE tried_at < $1", before.to_sqlx() as jiff_sqlx::Timestamp)
        .execute(pool)
        .await?;
    Ok(())
}
