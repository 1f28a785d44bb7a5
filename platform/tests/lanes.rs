//! The durable queue: order, once, leases, dead letters.
#![expect(clippy::unwrap_used, reason = "a panic is how a test says no")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use platform::clock::Clock;
use platform::lanes::{self, ClaimedLane, Handler, NewJob, Outcome, Runner, RunnerOptions};
use platform::shutdown::Shutdown;
use sqlx::PgPool;

async fn fresh_pool() -> PgPool {
    let url = local_postgres::fresh_database("lanes").await;
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(20).connect(&url).await.unwrap();
    sqlx::raw_sql(include_str!("../schema/lanes.sql")).execute(&pool).await.unwrap();
    pool
}

fn job(lane: &str, key: &str, sort_key: i64) -> NewJob {
    NewJob {
        lane: lane.to_owned(),
        dedup_key: key.to_owned(),
        kind: "test".to_owned(),
        payload: key.as_bytes().to_vec(),
        sort_key,
        traceparent: None,
    }
}

async fn put(pool: &PgPool, jobs: &[NewJob]) -> Vec<bool> {
    lanes::enqueue(&mut pool.acquire().await.unwrap(), jobs).await.unwrap()
}

async fn eventually<F: Future<Output = bool>>(what: &str, condition: impl Fn() -> F) {
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while !condition().await {
        assert!(std::time::Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Writes down what it handles; what it answers is decided by a function of key and attempts.
struct Recorder<F> {
    seen: Arc<Mutex<Vec<(String, String)>>>,
    answer: F,
}

impl<F: Fn(&str, i32) -> Outcome + Send + Sync + 'static> Handler for Recorder<F> {
    async fn handle(&self, lane: &ClaimedLane) -> Vec<(i64, Outcome)> {
        let mut outcomes = Vec::new();
        for job in &lane.jobs {
            tokio::task::yield_now().await;
            self.seen.lock().unwrap().push((lane.name.clone(), job.dedup_key.clone()));
            let outcome = (self.answer)(&job.dedup_key, job.attempts);
            let stop = !matches!(outcome, Outcome::Done | Outcome::Dead { .. });
            outcomes.push((job.id, outcome));
            if stop {
                break;
            }
        }
        outcomes
    }
}

fn options() -> RunnerOptions {
    RunnerOptions {
        lanes_at_once: 8,
        jobs_per_lane: 3,
        lease: Duration::from_millis(1500),
        poll_interval: Duration::from_millis(20),
        max_attempts: 3,
    }
}

/// Lane and key of each job that was handled, in order.
type Seen = Arc<Mutex<Vec<(String, String)>>>;

fn start<F>(pool: &PgPool, answer: F) -> (Seen, Shutdown, tokio::task::JoinHandle<()>)
where
    F: Fn(&str, i32) -> Outcome + Send + Sync + 'static,
{
    let seen = Arc::new(Mutex::new(Vec::new()));
    let recorder = Recorder { seen: Arc::clone(&seen), answer };
    let shutdown = Shutdown::new();
    let runner = Runner::new("test", pool.clone(), options(), Clock::system(), recorder);
    let running = tokio::spawn(runner.run(shutdown.clone()));
    (seen, shutdown, running)
}

async fn is_drained(pool: &PgPool) -> bool {
    lanes::pending_count(pool).await.unwrap() == 0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_taken_once_whoever_repeats_it() {
    let pool = fresh_pool().await;
    let twins: Vec<_> = (0..20)
        .map(|_| {
            let pool = pool.clone();
            tokio::spawn(async move { put(&pool, &[job("a", "one", 0), job("a", "one", 0), job("b", "two", 0)]).await })
        })
        .collect();
    let mut new = 0;
    for twin in twins {
        new += twin.await.unwrap().into_iter().filter(|is_new| *is_new).count();
    }
    assert_eq!(new, 2);

    let (seen, shutdown, running) = start(&pool, |_, _| Outcome::Done);
    eventually("both are done", || is_drained(&pool)).await;
    assert_eq!(put(&pool, &[job("a", "one", 0)]).await, [false], "a late repeat finds the tombstone");
    shutdown.begin();
    running.await.unwrap();

    assert_eq!(seen.lock().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_that_cross_do_not_deadlock() {
    let pool = fresh_pool().await;
    let writers: Vec<_> = (0..16)
        .map(|writer: i64| {
            let pool = pool.clone();
            tokio::spawn(async move {
                for round in 0..20 {
                    let mut jobs: Vec<NewJob> =
                        (0..10).map(|key| job(&format!("lane {}", key % 4), &format!("{round}/{key}"), 0)).collect();
                    if writer % 2 == 0 {
                        jobs.reverse();
                    }
                    put(&pool, &jobs).await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(lanes::pending_count(&pool).await.unwrap(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_keeps_its_order_also_when_jobs_fail() {
    let pool = fresh_pool().await;
    for lane in 0..10 {
        let jobs: Vec<NewJob> =
            (0..20).map(|place| job(&format!("{lane}"), &format!("{lane}/{place:02}"), place)).collect();
        put(&pool, &jobs).await;
    }

    // Every third job fails twice before it works; two runners compete.
    let answer = |key: &str, attempts: i32| {
        let place: usize = key[key.len() - 2..].parse().unwrap();
        if place.is_multiple_of(3) && attempts < 2 {
            Outcome::Retry { delay: Duration::from_millis(5), reason: "again".into() }
        } else {
            Outcome::Done
        }
    };
    let (seen, shutdown, running) = start(&pool, answer);
    let (seen_too, _, other) = start(&pool, answer);
    eventually("all are done", || is_drained(&pool)).await;
    shutdown.begin();
    running.await.unwrap();
    other.abort();

    let mut done: HashMap<String, Vec<String>> = HashMap::new();
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT lane, dedup_key FROM job ORDER BY settled_at, sort_key").fetch_all(&pool).await.unwrap();
    for (lane, key) in rows {
        done.entry(lane).or_default().push(key);
    }
    for (lane, keys) in done {
        let expected: Vec<String> = (0..20).map(|place| format!("{lane}/{place:02}")).collect();
        assert_eq!(keys, expected, "lane {lane}");
    }
    let attempts = seen.lock().unwrap().len() + seen_too.lock().unwrap().len();
    assert_eq!(attempts, 10 * (20 + 7 * 2), "each failing job was seen three times, each other once");
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_wait_are_ordered_by_when_they_happened() {
    let pool = fresh_pool().await;
    put(&pool, &[job("a", "second", 2)]).await;
    put(&pool, &[job("a", "first", 1)]).await;

    let (seen, ..) = start(&pool, |_, _| Outcome::Done);
    eventually("both are done", || is_drained(&pool)).await;

    let keys: Vec<String> = seen.lock().unwrap().iter().map(|(_, key)| key.clone()).collect();
    assert_eq!(keys, ["first", "second"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_fails_for_good_frees_its_lane_and_can_be_replayed() {
    let pool = fresh_pool().await;
    put(&pool, &[job("a", "bad", 1), job("a", "good", 2)]).await;
    let healed = Arc::new(AtomicUsize::new(0));
    let state = Arc::clone(&healed);

    let (seen, ..) = start(&pool, move |key, _| {
        if key == "bad" && state.load(Ordering::SeqCst) == 0 {
            Outcome::Dead { reason: "no".into() }
        } else {
            Outcome::Done
        }
    });
    eventually("the lane is free", || is_drained(&pool)).await;
    let dead = lanes::dead_letters(&pool, 10).await.unwrap();
    assert_eq!((dead.len(), dead[0].last_error.as_deref()), (1, Some("no")));

    healed.store(1, Ordering::SeqCst);
    assert_eq!(lanes::replay(&pool, &[dead[0].id]).await.unwrap(), [dead[0].id]);
    eventually("the replay is done", || is_drained(&pool)).await;

    assert!(lanes::dead_letters(&pool, 10).await.unwrap().is_empty());
    let keys: Vec<String> = seen.lock().unwrap().iter().map(|(_, key)| key.clone()).collect();
    assert_eq!(keys, ["bad", "good", "bad"]);
}

/// Holds its first job until it is killed.
struct Stuck(Arc<tokio::sync::Notify>);

impl Handler for Stuck {
    async fn handle(&self, _: &ClaimedLane) -> Vec<(i64, Outcome)> {
        self.0.notify_one();
        std::future::pending().await
    }
}

/// Is told to go on after it lost its lane, and then says that its job is dead.
struct Late {
    has_claimed: Arc<tokio::sync::Notify>,
    may_go_on: Arc<tokio::sync::Notify>,
    was_saved: Arc<Mutex<Option<bool>>>,
}

impl Handler for Late {
    async fn handle(&self, lane: &ClaimedLane) -> Vec<(i64, Outcome)> {
        self.has_claimed.notify_one();
        self.may_go_on.notified().await;
        let saved = lane.save_progress(lane.jobs[0].id, b"stale".to_vec()).await;
        *self.was_saved.lock().unwrap() = Some(saved.is_ok());
        vec![(lane.jobs[0].id, Outcome::Dead { reason: "stale".into() })]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_lost_its_lease_changes_nothing() {
    let pool = fresh_pool().await;
    put(&pool, &[job("a", "one", 0)]).await;
    let (has_claimed, may_go_on) = (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new()));
    let was_saved = Arc::new(Mutex::new(None));
    let late = Late {
        has_claimed: Arc::clone(&has_claimed),
        may_go_on: Arc::clone(&may_go_on),
        was_saved: Arc::clone(&was_saved),
    };
    let shutdown = Shutdown::new();
    tokio::spawn(Runner::new("test", pool.clone(), options(), Clock::system(), late).run(shutdown.clone()));
    has_claimed.notified().await;
    // It takes no more lanes, and its lease is taken from it as if it had run out.
    shutdown.begin();
    sqlx::query("UPDATE lane SET token = token + 1, ready_at = now()").execute(&pool).await.unwrap();

    may_go_on.notify_one();
    eventually("the late worker has spoken", || async { was_saved.lock().unwrap().is_some() }).await;
    let (seen, ..) = start(&pool, |_, _| Outcome::Done);
    eventually("the job is done", || is_drained(&pool)).await;

    assert_eq!(*was_saved.lock().unwrap(), Some(false));
    assert_eq!(seen.lock().unwrap().len(), 1);
    assert!(lanes::dead_letters(&pool, 10).await.unwrap().is_empty(), "its outcome was refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_workers_lane_is_taken_over_after_its_lease() {
    let pool = fresh_pool().await;
    put(&pool, &[job("a", "one", 0)]).await;
    // A worker claims the lane in a runtime of its own, which then ends as a killed process would.
    let url_pool = pool.clone();
    let connect = url_pool.connect_options().as_ref().clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let claimed = Arc::new(tokio::sync::Notify::new());
            let own = sqlx::PgPool::connect_with(connect).await.unwrap();
            let runner = Runner::new("test", own, options(), Clock::system(), Stuck(Arc::clone(&claimed)));
            tokio::spawn(runner.run(Shutdown::new()));
            claimed.notified().await;
        });
        runtime.shutdown_background();
    })
    .join()
    .unwrap();

    let (seen, ..) = start(&pool, |_, _| Outcome::Done);
    assert!(seen.lock().unwrap().is_empty(), "the lease still holds");
    eventually("the lease runs out and the job is done", || is_drained(&pool)).await;

    assert_eq!(seen.lock().unwrap().len(), 1);
}

/// Takes longer than the lease.
struct Slow(Arc<AtomicUsize>);

impl Handler for Slow {
    async fn handle(&self, lane: &ClaimedLane) -> Vec<(i64, Outcome)> {
        self.0.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(options().lease * 3).await;
        lane.jobs.iter().map(|job| (job.id, Outcome::Done)).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_worker_keeps_its_lane() {
    let pool = fresh_pool().await;
    put(&pool, &[job("a", "one", 0)]).await;
    let calls = Arc::new(AtomicUsize::new(0));
    for _ in 0..2 {
        let runner = Runner::new("test", pool.clone(), options(), Clock::system(), Slow(Arc::clone(&calls)));
        tokio::spawn(runner.run(Shutdown::new()));
    }

    eventually("it is done", || is_drained(&pool)).await;

    assert_eq!(calls.load(Ordering::SeqCst), 1, "the lease was renewed while the work went on");
}

/// Saves progress at the first attempt, fails, and finds it at the second.
struct Remembers(Arc<Mutex<Vec<Option<Vec<u8>>>>>);

impl Handler for Remembers {
    async fn handle(&self, lane: &ClaimedLane) -> Vec<(i64, Outcome)> {
        let job = &lane.jobs[0];
        self.0.lock().unwrap().push(job.progress.clone());
        if job.progress.is_none() {
            lane.save_progress(job.id, b"half way".to_vec()).await.unwrap();
            return vec![(job.id, Outcome::NotNow { delay: Duration::from_millis(5), reason: "pause".into() })];
        }
        assert_eq!(job.attempts, 0, "a pause is no attempt");
        vec![(job.id, Outcome::Done)]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_outlives_an_attempt_and_is_erased_with_the_work() {
    let pool = fresh_pool().await;
    put(&pool, &[job("a", "one", 0)]).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let runner = Runner::new("test", pool.clone(), options(), Clock::system(), Remembers(Arc::clone(&seen)));
    tokio::spawn(runner.run(Shutdown::new()));

    eventually("it is done", || is_drained(&pool)).await;

    assert_eq!(*seen.lock().unwrap(), [None, Some(b"half way".to_vec())]);
    let (payload, progress): (Option<Vec<u8>>, Option<Vec<u8>>) =
        sqlx::query_as("SELECT payload, progress FROM job").fetch_one(&pool).await.unwrap();
    assert_eq!((payload, progress), (None, None));
}

/// Decides to wait an hour, after somebody asked for the lane.
struct Waits {
    pool: PgPool,
    calls: Arc<AtomicUsize>,
}

impl Handler for Waits {
    async fn handle(&self, lane: &ClaimedLane) -> Vec<(i64, Outcome)> {
        if self.calls.fetch_add(1, Ordering::SeqCst) > 0 {
            return lane.jobs.iter().map(|job| (job.id, Outcome::Done)).collect();
        }
        lanes::make_ready(&mut self.pool.acquire().await.unwrap(), std::slice::from_ref(&lane.name)).await.unwrap();
        vec![(lane.jobs[0].id, Outcome::NotNow { delay: Duration::from_hours(1), reason: "not yet".into() })]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_that_is_asked_for_while_it_is_held_does_not_wait_out_its_delay() {
    let pool = fresh_pool().await;
    put(&pool, &[job("a", "one", 0)]).await;
    let handler = Waits { pool: pool.clone(), calls: Arc::default() };
    tokio::spawn(Runner::new("test", pool.clone(), options(), Clock::system(), handler).run(Shutdown::new()));

    eventually("it is done", || is_drained(&pool)).await;
}

/// Panics at every attempt.
struct Panics;

impl Handler for Panics {
    async fn handle(&self, lane: &ClaimedLane) -> Vec<(i64, Outcome)> {
        panic!("at {}", lane.name)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_panics_gives_the_job_up_and_not_the_process() {
    let pool = fresh_pool().await;
    put(&pool, &[job("a", "one", 0)]).await;
    sqlx::query("UPDATE job SET attempts = 2").execute(&pool).await.unwrap();
    let runner = Runner::new("test", pool.clone(), options(), Clock::system(), Panics);
    tokio::spawn(runner.run(Shutdown::new()));

    eventually("it is given up", || is_drained(&pool)).await;

    assert_eq!(lanes::dead_letters(&pool, 10).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_purge_forgets_old_tombstones_and_empty_lanes_and_nothing_else() {
    let pool = fresh_pool().await;
    put(&pool, &[job("old", "old", 0), job("young", "young", 0)]).await;
    let (_, shutdown, running) = start(&pool, |_, _| Outcome::Done);
    eventually("both are done", || is_drained(&pool)).await;
    shutdown.begin();
    running.await.unwrap();
    put(&pool, &[job("waiting", "waiting", 0)]).await;
    sqlx::query("UPDATE job SET settled_at = now() - interval '10 days' WHERE dedup_key = 'old'")
        .execute(&pool)
        .await
        .unwrap();

    assert_eq!(lanes::purge(&pool, Duration::from_hours(24 * 9)).await.unwrap(), 1);

    let lanes: Vec<String> = sqlx::query_scalar("SELECT name FROM lane ORDER BY name").fetch_all(&pool).await.unwrap();
    assert_eq!(lanes, ["waiting", "young"]);
    assert_eq!(put(&pool, &[job("young", "young", 0)]).await, [false]);
}

#[test]
fn every_copy_of_the_schema_is_the_schema() {
    let schema = include_str!("../schema/lanes.sql");
    assert_eq!(schema, include_str!("../../gateway/migrations/0001_lanes.sql"));
    assert_eq!(schema, include_str!("../../messenger-svc/migrations/0001_lanes.sql"));
}
