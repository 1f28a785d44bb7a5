//! One message end to end. THE FILE TO READ FIRST.
//!
//! identify the sender -> parse -> plan (saved) -> do it in the ledger -> answer. Each hop may be repeated: the plan is
//! saved before the first effect, and every effect carries a request id made from the message.

mod act;
mod answer;
mod apology;
mod asked;
mod contacts;
mod context;
mod decide;
mod failure;
mod identity;
mod inbound;
mod items;
mod media;
mod message;
mod quoted;
mod read;
mod receipts;
mod reminder;
mod send;
mod services;
mod tampering;
mod typing;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt as _;
use moka::sync::Cache;
use platform::clock::Clock;
use platform::lanes::{ClaimedLane, Handler, Job, Outcome};
use platform::shutdown::Shutdown;
use platform::telemetry;
use sqlx::PgPool;
use tracing::Instrument as _;

pub(crate) use apology::reference;
pub(crate) use asked::AskedMemory;
pub(crate) use failure::Patience;
pub(crate) use inbound::name_of_key;
pub(crate) use items::ItemMemory;
pub(crate) use services::Services;

use crate::inbox::{KIND_APOLOGY, KIND_MESSAGE, KIND_STATUS};
use message::Processed;

/// Handles the lanes of the inbox.
pub(crate) struct Pipeline {
    pub services: Services,
    pub pool: PgPool,
    pub clock: Clock,
    pub patience: Patience,
    pub shutdown: Shutdown,
    /// How long half a message waits for the other half.
    pub join_within: Duration,
    /// Messages that waited for another half already, by their names: once is enough, whatever the clocks say.
    pub waited: Cache<String, ()>,
    /// What shops keep.
    pub items: ItemMemory,
    /// Who was asked something and may not have answered yet.
    pub asked: AskedMemory,
}

impl Handler for Pipeline {
    async fn handle(&self, lane: &ClaimedLane) -> Vec<(i64, Outcome)> {
        if lane.jobs.iter().all(|job| job.kind == KIND_STATUS) {
            return receipts::hand_over(self, lane).await;
        }
        let mut outcomes = Vec::with_capacity(lane.jobs.len());
        let mut halved: Option<&Job> = None;
        for (place, job) in lane.jobs.iter().enumerate() {
            // A panic is this job's own: what was done before it stays done.
            let handled = AssertUnwindSafe(self.handle_one(lane, place, halved)).catch_unwind().await;
            let outcome = match handled {
                Ok(Handled::Settled(outcome)) => outcome,
                Ok(Handled::WithNext) => {
                    halved = Some(job);
                    continue;
                }
                Err(_) => {
                    tracing::error!(job.id = job.id, "handling message {} panicked", job.id);
                    // Of two halves the attempts are counted at the first, or the second would be tried for ever.
                    let attempts = halved.map_or(job.attempts, |half| half.attempts.max(job.attempts));
                    self.after_panic(lane, &Job { attempts, ..job.clone() }).await
                }
            };
            let stops = matches!(outcome, Outcome::Retry { .. } | Outcome::NotNow { .. });
            if let Some(half) = halved.take() {
                // The first half is done when the second is: until then it stays the head, so that it is there to be read again.
                outcomes.push((half.id, if stops { outcome.clone() } else { Outcome::Done }));
                if stops {
                    break;
                }
            }
            outcomes.push((job.id, outcome));
            // Whoever leaves settles what is done; the rest of the lane is for the next process.
            if stops || self.shutdown.is_draining() {
                break;
            }
        }
        outcomes
    }

    async fn give_up(&self, lane: &ClaimedLane, job: &Job) -> bool {
        match apology::leave(self, lane, job).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(job.id = job.id, %error, "the apology was not stored, the message is kept");
                false
            }
        }
    }
}

/// Returns a memory of messages that waited for another half.
pub(crate) fn waited_memory() -> Cache<String, ()> {
    Cache::builder().max_capacity(100_000).time_to_live(Duration::from_mins(5)).build()
}

/// What came of a job.
enum Handled {
    /// This.
    Settled(Outcome),
    /// It is half of something, and the next job is the other half.
    WithNext,
}

impl Pipeline {
    async fn after_panic(&self, lane: &ClaimedLane, job: &Job) -> Outcome {
        let reason = "handling it panicked".to_owned();
        if job.attempts + 1 < self.patience.attempts_max {
            return Outcome::Retry { delay: Duration::from_secs(1), reason };
        }
        if self.give_up(lane, job).await { Outcome::Dead { reason } } else { failure::again(job, self.clock.now()) }
    }

    async fn handle_one(&self, lane: &ClaimedLane, place: usize, half: Option<&Job>) -> Handled {
        let job = &lane.jobs[place];
        let span = tracing::info_span!(
            "process",
            otel.name = "process message",
            otel.kind = "consumer",
            otel.status_code = tracing::field::Empty,
            messaging.system = "whatsapp",
            messaging.operation.name = "process",
            job.id = job.id,
            job.kind = job.kind,
            job.attempts = job.attempts,
        );
        if let Some(traceparent) = &job.traceparent {
            telemetry::set_parent(&span, traceparent);
            telemetry::record_past_span("inbox wait", traceparent, job.created_at, self.clock.now());
        }
        async {
            let result = match job.kind.as_str() {
                // Its future is large, and many lanes are in hand.
                KIND_MESSAGE => Box::pin(message::process(self, lane, place, half)).await,
                KIND_APOLOGY => apology::apologise(self, job).await.map(|()| Processed::Done),
                // A newer version put it in: kept as a dead letter with its content, for that version to replay.
                other => Err(failure::Failure::Unreadable(format!("this version does not know jobs of kind {other}"))),
            };
            match result {
                Ok(Processed::Done) => Handled::Settled(Outcome::Done),
                Ok(Processed::WithNext) => Handled::WithNext,
                Err(failure) => {
                    tracing::Span::current().record("otel.status_code", "ERROR");
                    // Attempts are counted at the head of the lane, which is the first half.
                    let attempts = half.map_or(job.attempts, |half| half.attempts.max(job.attempts));
                    let judged = Job { attempts, ..job.clone() };
                    let outcome = self.patience.judge(&failure, &judged, self.clock.now());
                    if let Outcome::Dead { reason } = &outcome {
                        tracing::error!(job.id = job.id, "message {} became a dead letter: {reason}", job.id);
                        if let Err(error) = apology::leave(self, lane, job).await {
                            // Without the word to the shopkeeper it is not given up yet.
                            tracing::warn!(job.id = job.id, %error, "the apology was not stored, the message is kept");
                            return Handled::Settled(failure::again(job, self.clock.now()));
                        }
                    }
                    Handled::Settled(outcome)
                }
            }
        }
        .instrument(span)
        .await
    }
}
