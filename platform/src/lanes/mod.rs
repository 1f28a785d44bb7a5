//! The durable queue: jobs in lanes. Strict order within a lane, lanes in parallel, across any number of processes.
//!
//! A job is put in by [`enqueue`] (a repeat of its key is a no-op), claimed with its whole lane under a lease, and
//! settled with a fencing token, so a worker that lost its lease changes nothing. A job that fails stays the head of
//! its lane; one that fails for good becomes a dead letter and the lane goes on.
//!
//! Locks are taken in this order: job keys (sorted), then lanes (sorted by name). The schema is `schema/lanes.sql`.

mod dead_letters;
mod runner;
mod store;

pub use dead_letters::{DeadLetter, dead_letters, replay};
pub use runner::{ClaimedLane, Handler, NotSaved, Runner, RunnerOptions, Waker};
pub use store::{NewJob, enqueue, make_ready, pending_count, purge};

use jiff::Timestamp;
use std::time::Duration;

/// A job in the hands of a worker.
#[derive(Clone)]
pub struct Job {
    /// Its id, in the order of arrival.
    pub id: i64,
    /// What makes it the same job when it comes again.
    pub dedup_key: String,
    /// What kind of work it is.
    pub kind: String,
    /// The work itself.
    pub payload: Vec<u8>,
    /// What earlier attempts settled.
    pub progress: Option<Vec<u8>>,
    /// Attempts that failed.
    pub attempts: i32,
    /// W3C trace context of whoever put it in.
    pub traceparent: Option<String>,
    /// When it was put in.
    pub created_at: Timestamp,
}

impl std::fmt::Debug for Job {
    // The payload is somebody's message.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Job").field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// What came of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done; its payload is erased.
    Done,
    /// It failed and is tried again after `delay`; counts as an attempt. The rest of the lane waits behind it.
    Retry {
        /// How long to wait.
        delay: Duration,
        /// Why, for an operator.
        reason: String,
    },
    /// It could not be tried now, by no fault of its own; does not count as an attempt.
    NotNow {
        /// How long to wait.
        delay: Duration,
        /// Why, for an operator.
        reason: String,
    },
    /// It failed for good and becomes a dead letter; the lane goes on.
    Dead {
        /// Why, for an operator.
        reason: String,
    },
}
