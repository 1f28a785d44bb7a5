//! The SQL of the lanes: put in, claim, save, settle.

use std::time::Duration;

use sqlx::{PgConnection, PgPool};

use super::{Job, Outcome};

/// A job to be put in.
#[derive(Clone)]
pub struct NewJob {
    /// Jobs of one lane are handled one after the other. Must hold no phone number: lanes are logged.
    pub lane: String,
    /// A second job with this key is a no-op, also after the first is done.
    pub dedup_key: String,
    /// What kind of work it is.
    pub kind: String,
    /// The work itself.
    pub payload: Vec<u8>,
    /// Order within the lane among jobs that wait: unix milliseconds of the event.
    pub sort_key: i64,
    /// W3C trace context.
    pub traceparent: Option<String>,
}

impl std::fmt::Debug for NewJob {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("NewJob").field("lane", &self.lane).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Puts jobs in by one statement. Returns for each whether it was new. Joins the caller's transaction.
pub async fn enqueue(connection: &mut PgConnection, jobs: &[NewJob]) -> Result<Vec<bool>, sqlx::Error> {
    let lanes: Vec<&str> = jobs.iter().map(|job| job.lane.as_str()).collect();
    let keys: Vec<&str> = jobs.iter().map(|job| job.dedup_key.as_str()).collect();
    let kinds: Vec<&str> = jobs.iter().map(|job| job.kind.as_str()).collect();
    let payloads: Vec<&[u8]> = jobs.iter().map(|job| job.payload.as_slice()).collect();
    let sort_keys: Vec<i64> = jobs.iter().map(|job| job.sort_key).collect();
    let traceparents: Vec<Option<&str>> = jobs.iter().map(|job| job.traceparent.as_deref()).collect();
    // Ids in the order of the input, rows in the order of their keys: two batches with the same keys cannot deadlock.
    let new: Vec<i64> = sqlx::query_scalar!(
        r#"
        WITH input AS MATERIALIZED (
            SELECT nextval('job_id_seq') AS id, given.*
            FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::bigint[], $6::text[])
                WITH ORDINALITY AS given (lane, dedup_key, kind, payload, sort_key, traceparent, place)
        ), inserted AS (
            INSERT INTO job (id, lane, dedup_key, kind, payload, sort_key, traceparent)
            SELECT id, lane, dedup_key, kind, payload, sort_key, traceparent
            FROM input
            ORDER BY dedup_key, id
            ON CONFLICT (dedup_key) DO NOTHING
            RETURNING id, lane
        ), woken AS (
            INSERT INTO lane AS l (name, pending, ready_at)
            SELECT lane, count(*), now()
            FROM inserted
            GROUP BY lane
            ORDER BY lane
            ON CONFLICT (name) DO UPDATE
            SET pending = l.pending + excluded.pending,
                ready_at = CASE WHEN l.ready_at = 'infinity' THEN now() ELSE l.ready_at END
        )
        SELECT input.place AS "place!"
        FROM inserted
        JOIN input USING (id)
        "#,
        &lanes as &[&str],
        &keys as &[&str],
        &kinds as &[&str],
        &payloads as &[&[u8]],
        &sort_keys,
        &traceparents as &[Option<&str>],
    )
    .fetch_all(connection)
    .await?;
    let mut is_new = vec![false; jobs.len()];
    for place in new {
        if let Some(slot) = usize::try_from(place - 1).ok().and_then(|index| is_new.get_mut(index)) {
            *slot = true;
        }
    }
    Ok(is_new)
}

/// Lets lanes be claimed now although their head waits for a later time. A lane in the hands of a worker is ready again as
/// soon as it is settled, whatever delay the worker asks for: it may have decided before it could know.
pub async fn make_ready(connection: &mut PgConnection, lanes: &[String]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        UPDATE lane
        SET ready_at = CASE WHEN held THEN ready_at ELSE least(ready_at, now()) END,
            woken = held
        WHERE name IN (SELECT name FROM lane WHERE name = ANY($1) ORDER BY name FOR UPDATE)
          AND pending > 0
        "#,
        lanes,
    )
    .execute(connection)
    .await
    .map(|_| ())
}

/// Returns how many jobs wait, over all lanes.
pub async fn pending_count(pool: &PgPool) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT coalesce(sum(pending), 0)::bigint AS "count!" FROM lane WHERE pending > 0"#)
        .fetch_one(pool)
        .await
}

/// Deletes tombstones older than `keep` and lanes that have been at rest since then. Returns how many jobs went.
///
/// `keep` must be longer than anybody repeats a job: Meta redelivers for seven days.
pub async fn purge(pool: &PgPool, keep: Duration) -> Result<u64, sqlx::Error> {
    let keep_seconds = i32::try_from(keep.as_secs()).unwrap_or(i32::MAX);
    let mut deleted = 0;
    loop {
        // In portions, so that no lock is held for long.
        let portion = sqlx::query!(
            r#"
            DELETE FROM job WHERE id IN (
                SELECT id FROM job
                WHERE settled_at < now() - make_interval(secs => $1) AND NOT dead
                LIMIT 10000)
            "#,
            f64::from(keep_seconds),
        )
        .execute(pool)
        .await?
        .rows_affected();
        deleted += portion;
        if portion < 10_000 {
            break;
        }
    }
    sqlx::query!(
        r#"
        DELETE FROM lane WHERE name IN (
            SELECT name FROM lane
            WHERE pending = 0 AND ready_at = 'infinity'
              AND NOT EXISTS (SELECT 1 FROM job WHERE job.lane = lane.name)
            LIMIT 10000
            FOR UPDATE SKIP LOCKED)
        "#,
    )
    .execute(pool)
    .await?;
    Ok(deleted)
}

/// A lane that was just claimed.
#[derive(Debug)]
pub(super) struct Claim {
    pub name: String,
    pub token: i64,
    pub head_claims: i32,
    pub jobs: Vec<Job>,
}

/// Claims up to `lanes` lanes that are ready, with up to `jobs_per_lane` jobs of each, for `lease`.
pub(super) async fn claim(
    pool: &PgPool,
    lanes: usize,
    jobs_per_lane: usize,
    lease: Duration,
) -> Result<Vec<Claim>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        WITH picked AS MATERIALIZED (
            SELECT name
            FROM lane
            WHERE ready_at <= now()
            ORDER BY ready_at
            LIMIT $1
            FOR UPDATE SKIP LOCKED
        ), claimed AS (
            UPDATE lane
            SET ready_at = now() + make_interval(secs => $3), token = token + 1, head_claims = head_claims + 1,
                held = true, woken = false
            FROM picked
            WHERE lane.name = picked.name
            RETURNING lane.name, lane.token, lane.head_claims
        )
        SELECT claimed.name AS "lane!", claimed.token AS "token!", claimed.head_claims AS "head_claims!",
               head.id AS "id?", head.dedup_key AS "dedup_key?", head.kind AS "kind?", head.payload,
               head.progress, head.attempts AS "attempts?", head.traceparent,
               head.created_at AS "created_at?: jiff_sqlx::Timestamp"
        FROM claimed
        LEFT JOIN LATERAL (
            SELECT *
            FROM job
            WHERE job.lane = claimed.name AND job.settled_at IS NULL
            ORDER BY job.sort_key, job.id
            LIMIT $2
        ) AS head ON true
        ORDER BY claimed.name, head.sort_key, head.id
        "#,
        i64::try_from(lanes).unwrap_or(i64::MAX),
        i64::try_from(jobs_per_lane).unwrap_or(i64::MAX),
        seconds(lease),
    )
    .fetch_all(pool)
    .await?;
    let mut claims: Vec<Claim> = Vec::new();
    for row in rows {
        let job = match (row.id, row.dedup_key, row.kind, row.attempts, row.created_at) {
            (Some(id), Some(dedup_key), Some(kind), Some(attempts), Some(created_at)) => Some(Job {
                id,
                dedup_key,
                kind,
                payload: row.payload.unwrap_or_default(),
                progress: row.progress,
                attempts,
                traceparent: row.traceparent,
                created_at: created_at.to_jiff(),
            }),
            // Counted up by somebody whose job this statement's snapshot does not show yet.
            _ => None,
        };
        match claims.last_mut().filter(|claim| claim.name == row.lane) {
            Some(claim) => claim.jobs.extend(job),
            None => claims.push(Claim {
                name: row.lane,
                token: row.token,
                head_claims: row.head_claims,
                jobs: job.into_iter().collect(),
            }),
        }
    }
    Ok(claims)
}

/// Prolongs leases. Lanes whose token is no longer ours are left alone.
pub(super) async fn renew(pool: &PgPool, held: &[(String, i64)], lease: Duration) -> Result<(), sqlx::Error> {
    let names: Vec<&str> = held.iter().map(|(name, _)| name.as_str()).collect();
    let tokens: Vec<i64> = held.iter().map(|(_, token)| *token).collect();
    sqlx::query!(
        r#"
        UPDATE lane SET ready_at = now() + make_interval(secs => $3)
        WHERE name IN (
            SELECT lane.name
            FROM lane
            JOIN unnest($1::text[], $2::bigint[]) AS ours (name, token)
              ON ours.name = lane.name AND ours.token = lane.token
            WHERE lane.held
            ORDER BY lane.name
            FOR UPDATE OF lane)
        "#,
        &names as &[&str],
        &tokens,
        seconds(lease),
    )
    .execute(pool)
    .await
    .map(|_| ())
}

/// What a worker settled in the meantime, to be kept with the job.
#[derive(Debug)]
pub(super) struct Progress {
    pub lane: String,
    pub token: i64,
    pub job: i64,
    pub bytes: Vec<u8>,
}

/// Saves progress of many jobs. Returns for each whether the lane was still ours.
pub(super) async fn save(pool: &PgPool, items: &[Progress]) -> Result<Vec<bool>, sqlx::Error> {
    let lanes: Vec<&str> = items.iter().map(|item| item.lane.as_str()).collect();
    let tokens: Vec<i64> = items.iter().map(|item| item.token).collect();
    let jobs: Vec<i64> = items.iter().map(|item| item.job).collect();
    let bytes: Vec<&[u8]> = items.iter().map(|item| item.bytes.as_slice()).collect();
    let saved = sqlx::query!(
        r#"
        WITH input AS (
            SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bytea[]) AS given (lane, token, job, bytes)
        ), held AS MATERIALIZED (
            SELECT lane.name, lane.token
            FROM lane
            WHERE (lane.name, lane.token) IN (SELECT input.lane, input.token FROM input)
            ORDER BY lane.name
            FOR UPDATE OF lane
        )
        UPDATE job SET progress = input.bytes
        FROM input
        WHERE job.id = input.job AND (input.lane, input.token) IN (SELECT name, token FROM held) AND job.settled_at IS NULL
        RETURNING job.id AS "job!", input.token AS "token!"
        "#,
        &lanes as &[&str],
        &tokens,
        &jobs,
        &bytes as &[&[u8]],
    )
    .fetch_all(pool)
    .await?;
    Ok(items.iter().map(|item| saved.iter().any(|row| row.job == item.job && row.token == item.token)).collect())
}

/// What came of one claim.
#[derive(Debug)]
pub(super) struct Settlement {
    pub lane: String,
    pub token: i64,
    pub outcomes: Vec<(i64, Outcome)>,
}

/// Settles many claims by one statement. Returns for each whether the lane was still ours.
pub(super) async fn settle(pool: &PgPool, items: &[Settlement]) -> Result<Vec<bool>, sqlx::Error> {
    let lanes: Vec<&str> = items.iter().map(|item| item.lane.as_str()).collect();
    let tokens: Vec<i64> = items.iter().map(|item| item.token).collect();
    // When the lane may be claimed again: at once, or when its new head may be tried.
    let delays: Vec<f64> = items
        .iter()
        .map(|item| match item.outcomes.last() {
            Some((_, Outcome::Retry { delay, .. } | Outcome::NotNow { delay, .. })) => seconds(*delay),
            _ => 0.0,
        })
        .collect();
    let mut jobs = Vec::new();
    let mut job_lanes = Vec::new();
    let mut job_tokens = Vec::new();
    let mut settled = Vec::new();
    let mut dead = Vec::new();
    let mut failed = Vec::new();
    let mut errors: Vec<Option<&str>> = Vec::new();
    for item in items {
        for (job, outcome) in &item.outcomes {
            jobs.push(*job);
            job_lanes.push(item.lane.as_str());
            job_tokens.push(item.token);
            settled.push(matches!(outcome, Outcome::Done | Outcome::Dead { .. }));
            dead.push(matches!(outcome, Outcome::Dead { .. }));
            failed.push(matches!(outcome, Outcome::Retry { .. } | Outcome::Dead { .. }));
            errors.push(match outcome {
                Outcome::Done => None,
                Outcome::Retry { reason, .. } | Outcome::NotNow { reason, .. } | Outcome::Dead { reason } => {
                    Some(reason)
                }
            });
        }
    }
    let ours = sqlx::query!(
        r#"
        WITH claims AS (
            SELECT * FROM unnest($1::text[], $2::bigint[], $3::float8[]) AS given (lane, token, delay)
        ), held AS MATERIALIZED (
            SELECT lane.name, lane.token, claims.delay
            FROM lane
            JOIN claims ON claims.lane = lane.name AND claims.token = lane.token
            ORDER BY lane.name
            FOR UPDATE OF lane
        ), changed AS (
            UPDATE job
            SET attempts = attempts + input.failed::int,
                last_error = coalesce(input.error, last_error),
                settled_at = CASE WHEN input.settled THEN now() END,
                dead = input.dead,
                payload = CASE WHEN input.settled AND NOT input.dead THEN NULL ELSE payload END,
                progress = CASE WHEN input.settled AND NOT input.dead THEN NULL ELSE progress END
            FROM unnest($4::bigint[], $5::text[], $6::bool[], $7::bool[], $8::bool[], $9::text[], $10::bigint[])
                AS input (job, lane, settled, dead, failed, error, token)
            WHERE job.id = input.job AND job.settled_at IS NULL
              AND (input.lane, input.token) IN (SELECT name, token FROM held)
            RETURNING job.lane, input.settled
        ), gone AS (
            SELECT lane, count(*) AS jobs FROM changed WHERE settled GROUP BY lane
        )
        UPDATE lane
        SET pending = pending - coalesce(gone.jobs, 0)::int,
            head_claims = CASE WHEN gone.jobs > 0 OR held.delay > 0 THEN 0 ELSE head_claims END,
            held = false,
            ready_at = CASE WHEN pending - coalesce(gone.jobs, 0) <= 0 THEN 'infinity'
                            WHEN woken THEN now()
                            ELSE now() + make_interval(secs => held.delay) END
        FROM held
        LEFT JOIN gone ON gone.lane = held.name
        WHERE lane.name = held.name
        RETURNING lane.name, lane.token
        "#,
        &lanes as &[&str],
        &tokens,
        &delays,
        &jobs,
        &job_lanes as &[&str],
        &settled,
        &dead,
        &failed,
        &errors as &[Option<&str>],
        &job_tokens,
    )
    .fetch_all(pool)
    .await?;
    Ok(items.iter().map(|item| ours.iter().any(|row| row.name == item.lane && row.token == item.token)).collect())
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}
