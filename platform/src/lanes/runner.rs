//! Workers: claim lanes, hand them to the handler, settle what it says.

use std::collections::HashMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt as _;
use opentelemetry::KeyValue;
use sqlx::PgPool;
use tokio::sync::{Notify, Semaphore};

use super::store::{self, Claim, Progress, Settlement};
use super::{Job, Outcome};
use crate::batch::{BatchOptions, Batcher};
use crate::clock::Clock;
use crate::db;
use crate::shutdown::Shutdown;

/// A head that was claimed this often without being settled kills its workers, and is given up.
const HEAD_CLAIMS_MAX: i32 = 25;

/// How a runner works.
#[derive(Clone, Copy, Debug)]
pub struct RunnerOptions {
    /// Lanes in hand at the same time.
    pub lanes_at_once: usize,
    /// Jobs of one lane claimed together.
    pub jobs_per_lane: usize,
    /// How long a lane stays with a worker that no longer answers.
    pub lease: Duration,
    /// How often to look for work that nobody announced: from other processes, or due after a delay.
    pub poll_interval: Duration,
    /// Attempts after which a job whose handler panics is given up.
    pub max_attempts: i32,
}

impl Default for RunnerOptions {
    fn default() -> Self {
        Self {
            lanes_at_once: 192,
            jobs_per_lane: 10,
            lease: Duration::from_secs(30),
            poll_interval: Duration::from_millis(200),
            max_attempts: 8,
        }
    }
}

/// Does the work of a lane.
pub trait Handler: Send + Sync + 'static {
    /// Handles jobs of `lane` in order and returns what came of a prefix of them. The last outcome may be a retry; what
    /// follows it waits. Must be safe to repeat: a worker may die before its outcome is settled.
    fn handle(&self, lane: &ClaimedLane) -> impl Future<Output = Vec<(i64, Outcome)>> + Send;

    /// Hears of a job that the runner itself gives up, because it panics or ends its workers. `false`: not yet, try again.
    fn give_up(&self, lane: &ClaimedLane, job: &Job) -> impl Future<Output = bool> + Send {
        let _ = (lane, job);
        std::future::ready(true)
    }
}

type SaveBatcher = Batcher<Progress, bool, sqlx::Error>;
type SettleBatcher = Batcher<Arc<Settlement>, bool, sqlx::Error>;

/// A lane in the hands of a worker.
#[derive(Debug)]
pub struct ClaimedLane {
    /// The lane's name.
    pub name: String,
    /// Its jobs, in order.
    pub jobs: Vec<Job>,
    token: i64,
    saves: SaveBatcher,
    saved: Mutex<HashMap<i64, Vec<u8>>>,
}

/// Why progress was not saved.
#[derive(Debug, thiserror::Error)]
pub enum NotSaved {
    /// The lane was given to another worker: stop.
    #[error("the lane was given to another worker")]
    LaneLost,
    /// The database did not take it, or did and could not say so.
    #[error("{0}")]
    Failed(String),
}

impl ClaimedLane {
    /// Returns the number of this claim among all claims of the lane. The claim that follows has the next one, whichever
    /// process makes it: who sees a gap knows that somebody else had the lane in between.
    pub fn number(&self) -> i64 {
        self.token
    }

    /// Keeps what was settled so far with the job.
    pub async fn save_progress(&self, job: i64, bytes: Vec<u8>) -> Result<(), NotSaved> {
        // Remembered before it is known to be stored: whoever asks wants to know what may have happened.
        self.saved.lock().expect("no holder panics").insert(job, bytes.clone());
        let progress = Progress { lane: self.name.clone(), token: self.token, job, bytes };
        match self.saves.submit(progress).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(NotSaved::LaneLost),
            Err(error) => Err(NotSaved::Failed(error.to_string())),
        }
    }

    /// Returns the newest progress of a job: saved in this attempt, or found with it.
    pub fn progress_of(&self, job: &Job) -> Option<Vec<u8>> {
        self.saved.lock().expect("no holder panics").get(&job.id).cloned().or_else(|| job.progress.clone())
    }
}

/// Wakes a runner of this process after an enqueue was committed. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Waker(Arc<Notify>);

impl Waker {
    /// Makes the runner look for work now.
    pub fn wake(&self) {
        self.0.notify_one();
    }
}

/// Claims lanes and has them handled until the drain begins.
#[derive(Debug)]
pub struct Runner<H> {
    name: &'static str,
    pool: PgPool,
    options: RunnerOptions,
    clock: Clock,
    handler: Arc<H>,
    notify: Arc<Notify>,
}

impl<H: Handler> Runner<H> {
    /// Prepares a runner; it works once [`Runner::run`] is called.
    pub fn new(name: &'static str, pool: PgPool, options: RunnerOptions, clock: Clock, handler: H) -> Self {
        Self { name, pool, options, clock, handler: Arc::new(handler), notify: Arc::new(Notify::new()) }
    }

    /// Returns what wakes this runner.
    pub fn waker(&self) -> Waker {
        Waker(Arc::clone(&self.notify))
    }

    /// Works until the drain begins, then finishes the lanes in hand.
    pub async fn run(self, shutdown: Shutdown) {
        let Self { name, pool, options, clock, handler, notify } = self;
        let saves = batch("save_progress", pool.clone(), |pool, items: Vec<Progress>| async move {
            db::statement(&pool, "save_progress", || store::save(&pool, &items)).await
        });
        let settles = batch("settle_jobs", pool.clone(), |pool, items: Vec<Arc<Settlement>>| async move {
            let items: Vec<Settlement> = items
                .iter()
                .map(|item| Settlement { lane: item.lane.clone(), token: item.token, outcomes: item.outcomes.clone() })
                .collect();
            db::statement(&pool, "settle_jobs", || store::settle(&pool, &items)).await
        });
        let held: Arc<Mutex<HashMap<String, i64>>> = Arc::default();
        let renewal = tokio::spawn(renew_leases(pool.clone(), options.lease, Arc::clone(&held)));
        let slots = Arc::new(Semaphore::new(options.lanes_at_once));
        let all_slots = u32::try_from(options.lanes_at_once).unwrap_or(u32::MAX);
        while !shutdown.is_draining() {
            let first = tokio::select! {
                slot = Arc::clone(&slots).acquire_owned() => slot.expect("the semaphore is never closed"),
                () = shutdown.draining() => break,
            };
            let wanted = slots.available_permits() + 1;
            drop(first);
            // One span less per idle poll: claims are traced only when they find something.
            let claims = match store::claim(&pool, wanted, options.jobs_per_lane, options.lease).await {
                Ok(claims) => claims,
                Err(error) => {
                    if db::unavailable(&error) {
                        tracing::warn!(queue = name, "the database does not answer, {name} waits for it");
                    } else {
                        tracing::error!(queue = name, %error, "claiming lanes of {name} failed");
                    }
                    tokio::select! {
                        () = tokio::time::sleep(Duration::from_millis(500)) => continue,
                        () = shutdown.draining() => break,
                    }
                }
            };
            let found = claims.len();
            for claim in claims {
                let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { break };
                held.lock().expect("no holder panics").insert(claim.name.clone(), claim.token);
                let work = Work {
                    queue: name,
                    handler: Arc::clone(&handler),
                    saves: saves.clone(),
                    settles: settles.clone(),
                    options,
                    clock: clock.clone(),
                };
                let (held, notify) = (Arc::clone(&held), Arc::clone(&notify));
                tokio::spawn(async move {
                    let (lane, token) = (claim.name.clone(), claim.token);
                    work.handle(claim).await;
                    let mut held = held.lock().expect("no holder panics");
                    if held.get(&lane) == Some(&token) {
                        held.remove(&lane);
                    }
                    drop(held);
                    drop(slot);
                    // The lane may hold more than was claimed at once.
                    notify.notify_one();
                });
            }
            if found < wanted {
                tokio::select! {
                    () = notify.notified() => {}
                    () = tokio::time::sleep(options.poll_interval) => {}
                    () = shutdown.draining() => {}
                }
            }
        }
        // Everything in hand is finished before the drain is over.
        drop(slots.acquire_many(all_slots).await);
        renewal.abort();
    }
}

fn batch<I, O, F, Fut>(name: &'static str, pool: PgPool, flush: F) -> Batcher<I, O, sqlx::Error>
where
    I: Send + 'static,
    O: Send + 'static,
    F: Fn(PgPool, Vec<I>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Vec<O>, sqlx::Error>> + Send + 'static,
{
    let options = BatchOptions { max_items: 256, max_queue: 100_000, flushes_at_once: 1 };
    Batcher::new(name, options, move |items| flush(pool.clone(), items))
}

async fn renew_leases(pool: PgPool, lease: Duration, held: Arc<Mutex<HashMap<String, i64>>>) {
    loop {
        tokio::time::sleep(lease / 3).await;
        let ours: Vec<(String, i64)> =
            held.lock().expect("no holder panics").iter().map(|(lane, token)| (lane.clone(), *token)).collect();
        if !ours.is_empty()
            && let Err(error) = store::renew(&pool, &ours, lease).await
        {
            tracing::warn!(%error, "leases of {} lanes were not renewed", ours.len());
        }
    }
}

struct Work<H> {
    queue: &'static str,
    handler: Arc<H>,
    saves: SaveBatcher,
    settles: SettleBatcher,
    options: RunnerOptions,
    clock: Clock,
}

impl<H: Handler> Work<H> {
    async fn handle(self, claim: Claim) {
        let metrics = crate::metrics::get();
        let Claim { name, token, head_claims, jobs } = claim;
        if let Some(head) = jobs.first().filter(|head| head.attempts == 0) {
            let waited = self.clock.now().duration_since(head.created_at).as_secs_f64().max(0.0);
            metrics.job_wait.record(waited, &[KeyValue::new("queue", self.queue)]);
        }
        let lane = ClaimedLane { name: name.clone(), jobs, token, saves: self.saves.clone(), saved: Mutex::default() };
        let outcomes = match lane.jobs.first() {
            None => Vec::new(),
            Some(head) if head_claims > HEAD_CLAIMS_MAX => {
                tracing::error!(queue = self.queue, job.id = head.id, "job {} ended its workers too often", head.id);
                let reason = format!("claimed {head_claims} times without an outcome");
                vec![(head.id, self.last_word(&lane, head, reason).await)]
            }
            Some(_) => self.outcomes_of(&lane).await,
        };
        for (_, outcome) in &outcomes {
            let outcome = match outcome {
                Outcome::Done => "done",
                Outcome::Retry { .. } => "retry",
                Outcome::NotNow { .. } => "not_now",
                Outcome::Dead { .. } => "dead",
            };
            metrics.jobs.add(1, &[KeyValue::new("queue", self.queue), KeyValue::new("outcome", outcome)]);
        }
        self.settle(Settlement { lane: name, token, outcomes }).await;
    }

    async fn outcomes_of(&self, lane: &ClaimedLane) -> Vec<(i64, Outcome)> {
        if let Ok(mut outcomes) = AssertUnwindSafe(self.handler.handle(lane)).catch_unwind().await {
            // Nothing may follow a job that is not settled.
            if let Some(stop) = outcomes
                .iter()
                .position(|(_, outcome)| matches!(outcome, Outcome::Retry { .. } | Outcome::NotNow { .. }))
            {
                outcomes.truncate(stop + 1);
            }
            return outcomes;
        }
        let Some(head) = lane.jobs.first() else { return Vec::new() };
        tracing::error!(queue = self.queue, job.id = head.id, "the handler panicked in the lane of job {}", head.id);
        let reason = "the handler panicked".to_owned();
        let outcome = if head.attempts + 1 >= self.options.max_attempts {
            self.last_word(lane, head, reason).await
        } else {
            Outcome::Retry { delay: Duration::from_secs(1), reason }
        };
        vec![(head.id, outcome)]
    }

    /// Gives a job up, once the handler could say so to whom it concerns.
    async fn last_word(&self, lane: &ClaimedLane, head: &Job, reason: String) -> Outcome {
        let was_told = AssertUnwindSafe(self.handler.give_up(lane, head)).catch_unwind().await;
        // A handler that panics even here has nothing more to say.
        if was_told.unwrap_or(true) {
            Outcome::Dead { reason }
        } else {
            Outcome::NotNow { delay: Duration::from_secs(5), reason }
        }
    }

    async fn settle(&self, settlement: Settlement) {
        let settlement = Arc::new(settlement);
        // Without an answer the lease runs out and the work is repeated: slower, never wrong. A few tries save that.
        for _ in 0..5 {
            match self.settles.submit(Arc::clone(&settlement)).await {
                Ok(true) => return,
                Ok(false) => {
                    tracing::warn!(
                        queue = self.queue,
                        lane = settlement.lane,
                        "a lane was lost to another worker before it was settled"
                    );
                    return;
                }
                Err(error) => {
                    tracing::warn!(queue = self.queue, %error, "settling a lane failed, trying again");
                    tokio::time::sleep(Duration::from_millis(300)).await;
                }
            }
        }
    }
}
