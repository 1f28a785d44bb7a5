//! Table `message` where several that wait for one person go out as one.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::messages::state;
use crate::domain::delivery::State;

/// Messages of one lane that are looked at: their words fill one message long before.
const WAITING_MAX: i64 = 64;

/// A message that waits in its lane.
#[derive(Clone)]
pub struct Waiting {
    /// Its lane.
    pub lane: String,
    /// Its id.
    pub id: Uuid,
    /// How far it has come.
    pub state: State,
    /// What is sent, as stored.
    pub content: Option<serde_json::Value>,
    /// Whether something else is sent when the window is closed.
    pub has_fallback: bool,
}

/// Reads what waits in lanes, in the order in which it is to be sent.
pub async fn read_waiting(pool: &PgPool, lanes: &[String]) -> Result<Vec<Waiting>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        SELECT m.lane, m.id, m.state, m.content, m.fallback IS NOT NULL AS "has_fallback!"
        FROM unnest($1::text[]) AS wanted (lane)
        CROSS JOIN LATERAL (
            SELECT job.sort_key, job.id, job.dedup_key
            FROM job
            WHERE job.lane = wanted.lane AND job.settled_at IS NULL
            ORDER BY job.sort_key, job.id
            LIMIT $2
        ) AS waiting
        JOIN message AS m ON m.id = CASE WHEN waiting.dedup_key ~ '^[0-9a-f-]{36}$' THEN waiting.dedup_key::uuid END
        ORDER BY m.lane, waiting.sort_key, waiting.id
        "#,
        lanes,
        WAITING_MAX,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Waiting {
                lane: row.lane,
                id: row.id,
                state: state(row.state, row.id)?,
                content: row.content,
                has_fallback: row.has_fallback,
            })
        })
        .collect()
}

/// A message that takes the words of others.
#[derive(Clone)]
pub struct Merge {
    /// Which message.
    pub leader: Uuid,
    /// Times it was handed over before; it must still be so.
    pub attempts: u32,
    /// All the words.
    pub content: serde_json::Value,
    /// Whose words it takes.
    pub followers: Vec<Uuid>,
}

/// Gives leaders the words of their followers. Returns the leaders that got them; with the others something happened since
/// they were read, and nothing is changed.
///
/// `others` are further messages that the transaction will lock: all locks are taken here, in the one order.
pub async fn merge(
    tx: &mut PgConnection,
    merges: &[Merge],
    others: &[Uuid],
    now: Timestamp,
) -> Result<Vec<Uuid>, sqlx::Error> {
    let leaders = merges.iter().map(|merge| merge.leader);
    let ids: Vec<Uuid> = leaders
        .chain(merges.iter().flat_map(|merge| merge.followers.iter().copied()))
        .chain(others.iter().copied())
        .collect();
    let queued: Vec<(Uuid, i32)> = sqlx::query!(
        r#"
        SELECT id, state, attempts
        FROM message
        WHERE id = ANY($1)
        ORDER BY id
        FOR UPDATE
        "#,
        &ids,
    )
    .fetch_all(&mut *tx)
    .await?
    .into_iter()
    .filter(|row| row.state == State::Queued.number())
    .map(|row| (row.id, row.attempts))
    .collect();
    let is_queued = |id: Uuid| queued.iter().any(|(known, _)| *known == id);
    let merges: Vec<&Merge> = merges
        .iter()
        .filter(|merge| queued.contains(&(merge.leader, i32::try_from(merge.attempts).unwrap_or(i32::MAX))))
        .filter(|merge| merge.followers.iter().all(|follower| is_queued(*follower)))
        .collect();
    let leaders: Vec<Uuid> = merges.iter().map(|merge| merge.leader).collect();
    let contents: Vec<serde_json::Value> = merges.iter().map(|merge| merge.content.clone()).collect();
    // What was quoted was quoted by one of them.
    sqlx::query!(
        r#"
        UPDATE message AS m
        SET content = given.content, quoted_message_id = NULL
        FROM unnest($1::uuid[], $2::jsonb[]) AS given (id, content)
        WHERE m.id = given.id
        "#,
        &leaders,
        &contents,
    )
    .execute(&mut *tx)
    .await?;
    let (followers, targets): (Vec<Uuid>, Vec<Uuid>) =
        merges.iter().flat_map(|merge| merge.followers.iter().map(|follower| (*follower, merge.leader))).unzip();
    // A settled state of their own, so that no sender of any version hands them over; what is told is the leader's.
    sqlx::query!(
        r#"
        UPDATE message AS m
        SET state = $4, merged_into = given.leader, updated_at = $3
        FROM unnest($1::uuid[], $2::uuid[]) AS given (id, leader)
        WHERE m.id = given.id
        "#,
        &followers,
        &targets,
        now.to_sqlx() as jiff_sqlx::Timestamp,
        State::Accepted.number(),
    )
    .execute(&mut *tx)
    .await?;
    // A follower may have led others before it was refused: they tell the story of whoever has their words now.
    sqlx::query!(
        r#"
        UPDATE message AS m
        SET merged_into = given.leader
        FROM unnest($1::uuid[], $2::uuid[]) AS given (id, leader)
        WHERE m.merged_into = given.id
        "#,
        &followers,
        &targets,
    )
    .execute(tx)
    .await?;
    Ok(leaders)
}
