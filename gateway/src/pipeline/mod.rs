//! One message end to end. THE FILE TO READ FIRST.
//!
//! identify the sender -> parse -> plan (saved) -> do it in the ledger -> answer. Each hop may be repeated: the plan is
//! saved before the first effect, and every effect carries a request id made from the message.

mod act;
mod apology;
mod contacts;
mod decide;
mod failure;
mod identity;
mod inbound;
mod media;
mod message;
mod receipts;
mod send;
mod services;
mod tampering;
mod typing;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt as _;
use platform::clock::Clock;
use platform::lanes::{ClaimedLane, Handler, Job, Outcome};
use platform::shutdown::Shutdown;
use platform::telemetry;
use sqlx::PgPool;
use tracing::Instrument as _;

pub(crate) use apology::reference;
pub(crate) use failure::Patience;
pub(crate) use inbound::name_of_key;
pub(crate) use services::Services;

use crate::inbox::{KIND_APOLOGY, KIND_MESSAGE, KIND_STATUS};

/// Handles the lanes of the inbox.
pub(crate) struct Pipeline {
    pub services: Services,
    pub pool: PgPool,
    pub clock: Clock,
    pub patience: Patience,
    pub shutdown: Shutdown,
}

impl Handler for Pipeline {
    async fn handle(&self, lane: &ClaimedLane) -> Vec<(i64, Outcome)> {
        if lane.jobs.iter().all(|job| job.kind == KIND_STATUS) {
            return receipts::hand_over(self, lane).await;
        }
        let mut outcomes = Vec::with_capacity(lane.jobs.len());
        for job in &lane.jobs {
            // A panic is this job's own: what was done before it stays done.
            let outcome = if let Ok(outcome) = AssertUnwindSafe(self.handle_one(lane, job)).catch_unwind().await {
                outcome
            } else {
                tracing::error!(job.id = job.id, "handling message {} panicked", job.id);
                self.after_panic(lane, job).await
            };
            let stops = matches!(outcome, Outcome::Retry { .. } | Outcome::NotNow { .. });
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

impl Pipeline {
    async fn after_panic(&self, lane: &ClaimedLane, job: &Job) -> Outcome {
        let reason = "handling it panicked".to_owned();
        if job.attempts + 1 < self.patience.attempts_max {
            return Outcome::Retry { delay: Duration::from_secs(1), reason };
        }
        if self.give_up(lane, job).await { Outcome::Dead { reason } } else { failure::again(job, self.clock.now()) }
    }

    async fn handle_one(&self, lane: &ClaimedLane, job: &Job) -> Outcome {
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
                KIND_MESSAGE => message::process(self, lane, job).await,
                KIND_APOLOGY => apology::apologise(self, job).await,
                // A newer version put it in: kept as a dead letter with its content, for that version to replay.
                other => Err(failure::Failure::Unreadable(format!("this version does not know jobs of kind {other}"))),
            };
            match result {
                Ok(()) => Outcome::Done,
                Err(failure) => {
                    tracing::Span::current().record("otel.status_code", "ERROR");
                    let outcome = self.patience.judge(&failure, job, self.clock.now());
                    if let Outcome::Dead { reason } = &outcome {
                        tracing::error!(job.id = job.id, "message {} became a dead letter: {reason}", job.id);
                        if let Err(error) = apology::leave(self, lane, job).await {
                            // Without the word to the shopkeeper it is not given up yet.
                            tracing::warn!(job.id = job.id, %error, "the apology was not stored, the message is kept");
                            return failure::again(job, self.clock.now());
                        }
                    }
                    outcome
                }
            }
        }
        .instrument(span)
        .await
    }
}
