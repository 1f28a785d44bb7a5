//! What the gateway keeps of one person: found, counted, taken out.

use std::time::Duration;

use platform::db;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// How long lanes are held when whoever holds them dies.
const HOLD: Duration = Duration::from_mins(10);

/// What finds a person in what is kept. Does not print itself.
#[derive(Clone)]
pub(crate) struct PersonFilter {
    /// A pattern of Postgres that fits text with a name of the person.
    pub pattern: String,
    /// The members that the person is.
    pub members: Vec<Uuid>,
}

/// How much is kept of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Kept {
    /// Messages that wait to be handled.
    pub waiting_messages: i64,
    /// Messages that were given up.
    pub dead_letters: i64,
    /// Questions that were asked, open and answered.
    pub questions: i64,
    /// What they mean by "restock".
    pub habits: i64,
    /// Notifications that were kept as they came.
    pub events: i64,
}

/// A lane that is held.
#[derive(Clone, Debug)]
pub(crate) struct HeldLane {
    /// Its name.
    pub name: String,
    /// The claim by which it is held.
    pub token: i64,
}

/// Returns the business numbers to which the newest messages and those at hand were written.
pub(crate) async fn business_numbers(pool: &PgPool, kind: &str, newest: i64) -> Result<Vec<String>, sqlx::Error> {
    // Keys of messages are m/NUMBER/ID, those of notices end in /NUMBER/ID.
    sqlx::query_scalar!(
        r#"
        SELECT DISTINCT split_part(dedup_key, '/', CASE WHEN dedup_key LIKE 'n/%' THEN 4 ELSE 2 END) AS "number!"
        FROM (
            (SELECT dedup_key FROM job WHERE kind = $1 ORDER BY id DESC LIMIT $2)
            UNION ALL
            (SELECT dedup_key FROM job WHERE kind = $1 AND settled_at IS NULL)
            UNION ALL
            (SELECT dedup_key FROM job WHERE kind = $1 AND dead)
        ) AS message
        "#,
        kind,
        newest,
    )
    .fetch_all(pool)
    .await
}

/// Counts what is kept of a person.
pub(crate) async fn count_kept(pool: &PgPool, lanes: &[String], person: &PersonFilter) -> Result<Kept, sqlx::Error> {
    sqlx::query_as!(
        Kept,
        r#"
        SELECT
            (SELECT count(*) FROM job WHERE lane = ANY($1) AND settled_at IS NULL) AS "waiting_messages!",
            (SELECT count(*) FROM job
             WHERE dead AND payload IS NOT NULL
               AND (lane = ANY($1) OR encode(payload, 'escape') ~ $2 OR encode(progress, 'escape') ~ $2)) AS "dead_letters!",
            (SELECT count(*) FROM question WHERE member_id = ANY($3) OR draft::text ~ $2) AS "questions!",
            (SELECT count(*) FROM restock WHERE member_id = ANY($3)) AS "habits!",
            (SELECT count(*) FROM kept_event WHERE encode(payload, 'escape') ~ $2) AS "events!"
        "#,
        lanes,
        person.pattern,
        &person.members,
    )
    .fetch_one(pool)
    .await
}

/// Takes those of these lanes that nobody has in work, as a worker does, whether there is work in them or not.
pub(crate) async fn hold_lanes(pool: &PgPool, lanes: &[String]) -> Result<Vec<HeldLane>, sqlx::Error> {
    db::statement(pool, "hold_lanes", || async {
        sqlx::query_as!(
            HeldLane,
            r#"
            INSERT INTO lane AS l (name, ready_at, token, held)
            SELECT name, now() + make_interval(secs => $2), 1, true
            FROM unnest($1::text[]) AS wanted (name)
            ORDER BY name
            ON CONFLICT (name) DO UPDATE
            SET ready_at = excluded.ready_at, token = l.token + 1, held = true, woken = false
            WHERE NOT l.held OR l.ready_at <= now()
            RETURNING name, token
            "#,
            lanes,
            HOLD.as_secs_f64(),
        )
        .fetch_all(pool)
        .await
    })
    .await
}

/// Gives lanes back that are still held by the same claim.
pub(crate) async fn release_lanes(pool: &PgPool, lanes: &[HeldLane]) -> Result<(), sqlx::Error> {
    let (names, tokens) = columns(lanes);
    db::statement(pool, "release_lanes", || async {
        sqlx::query!(
            r#"
            UPDATE lane
            SET held = false, ready_at = CASE WHEN pending > 0 THEN now() ELSE 'infinity' END
            WHERE name IN (
                SELECT lane.name
                FROM lane
                JOIN unnest($1::text[], $2::bigint[]) AS ours (name, token)
                  ON ours.name = lane.name AND ours.token = lane.token
                WHERE lane.held
                ORDER BY lane.name
                FOR UPDATE OF lane)
            "#,
            &names,
            &tokens,
        )
        .execute(pool)
        .await
    })
    .await
    .map(|_| ())
}

/// Returns whether a receipt waits that names the person.
pub(crate) async fn has_receipts(pool: &PgPool, person: &PersonFilter) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        SELECT EXISTS (
            SELECT 1 FROM job
            WHERE settled_at IS NULL AND kind = 'status' AND encode(payload, 'escape') ~ $1) AS "waits!"
        "#,
        person.pattern,
    )
    .fetch_one(pool)
    .await
}

/// Takes out what is kept of the person whose lanes these are, in one transaction; `None`: a lane is not held any more.
pub(crate) async fn forget_person(
    pool: &PgPool,
    lanes: &[HeldLane],
    person: &PersonFilter,
) -> Result<Option<Kept>, sqlx::Error> {
    db::transact(pool, "forget_person", |mut tx| async move {
        if !lock(&mut tx, lanes).await? {
            return Ok::<_, sqlx::Error>(tx.done(None));
        }
        let (names, _) = columns(lanes);
        let waiting_messages = drop_waiting(&mut tx, &names).await?;
        // A tombstone is left of each: a repeat is known, and says nothing of anybody.
        let dead_letters = sqlx::query!(
            r#"
            UPDATE job SET dead = false, payload = NULL, progress = NULL
            WHERE dead AND (lane = ANY($1) OR encode(payload, 'escape') ~ $2 OR encode(progress, 'escape') ~ $2)
            "#,
            &names,
            person.pattern,
        )
        .execute(&mut *tx)
        .await?
        .rows_affected();
        let questions = sqlx::query!(
            "DELETE FROM question WHERE member_id = ANY($1) OR draft::text ~ $2",
            &person.members,
            person.pattern,
        )
        .execute(&mut *tx)
        .await?
        .rows_affected();
        // Whether they are in the middle of a stock-take tells nothing of them, so it is not counted.
        sqlx::query!("DELETE FROM counting WHERE member_id = ANY($1)", &person.members).execute(&mut *tx).await?;
        let habits = sqlx::query!("DELETE FROM restock WHERE member_id = ANY($1)", &person.members)
            .execute(&mut *tx)
            .await?
            .rows_affected();
        let events =
            sqlx::query!("UPDATE kept_event SET payload = '' WHERE encode(payload, 'escape') ~ $1", person.pattern)
                .execute(&mut *tx)
                .await?
                .rows_affected();
        let count = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
        Ok(tx.done(Some(Kept {
            waiting_messages,
            dead_letters: count(dead_letters),
            questions: count(questions),
            habits: count(habits),
            events: count(events),
        })))
    })
    .await
}

async fn lock(tx: &mut PgConnection, lanes: &[HeldLane]) -> Result<bool, sqlx::Error> {
    let (names, tokens) = columns(lanes);
    let locked = sqlx::query_scalar!(
        r#"
        SELECT lane.name
        FROM lane
        JOIN unnest($1::text[], $2::bigint[]) AS ours (name, token) ON ours.name = lane.name AND ours.token = lane.token
        WHERE lane.held
        ORDER BY lane.name
        FOR UPDATE OF lane
        "#,
        &names,
        &tokens,
    )
    .fetch_all(tx)
    .await?;
    Ok(locked.len() == lanes.len())
}

/// Drops what waits in locked lanes, as if it were done.
async fn drop_waiting(tx: &mut PgConnection, lanes: &[String]) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        WITH dropped AS (
            UPDATE job SET settled_at = now(), payload = NULL, progress = NULL, last_error = NULL
            WHERE lane = ANY($1) AND settled_at IS NULL
            RETURNING lane
        ), emptied AS (
            UPDATE lane SET pending = pending - gone.jobs, head_claims = 0
            FROM (SELECT lane, count(*)::int AS jobs FROM dropped GROUP BY lane) AS gone
            WHERE lane.name = gone.lane
        )
        SELECT count(*) AS "count!" FROM dropped
        "#,
        lanes,
    )
    .fetch_one(tx)
    .await
}

fn columns(lanes: &[HeldLane]) -> (Vec<String>, Vec<i64>) {
    lanes.iter().map(|lane| (lane.name.clone(), lane.token)).unzip()
}
