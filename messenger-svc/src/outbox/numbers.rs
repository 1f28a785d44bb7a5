//! Halting and resuming a business number.

use jiff::SignedDuration;
use opentelemetry::KeyValue;
use platform::clock::Clock;
use platform::db;
use sqlx::PgPool;
use uuid::Uuid;

use crate::domain::dispatch::Policy;
use crate::domain::receipt::Failure;
use crate::domain::verdict::{self, Halt};
use crate::graph::Graph;
use crate::metrics;
use crate::store::numbers::{self, NewHalt};

/// A failure that was reported later than this after it happened does not halt its number: Meta repeats webhooks for days.
const NEWS: SignedDuration = SignedDuration::from_mins(10);

/// Why a message waits for its number that is halted.
pub const HALTED: &str = "the number is halted";

/// Every reason for which a lane sleeps because of a halt: it found one, or its head was what brought it.
fn reasons() -> Vec<&'static str> {
    verdict::halting_meanings().chain([HALTED]).collect()
}

/// Halts and resumes numbers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Numbers {
    /// The database.
    pub pool: PgPool,
    /// Tells the time.
    pub clock: Clock,
    /// Knows the token.
    pub graph: Graph,
    /// How long between probes.
    pub policy: Policy,
}

impl Numbers {
    /// Stops sending from a number. Its queue is kept; one message at a time tries whether it works again.
    pub async fn halt(&self, phone_number_id: &str, code: i32, halt: Halt) -> Result<(), sqlx::Error> {
        self.halt_for(phone_number_id, code, halt, None).await
    }

    async fn halt_for(
        &self,
        phone_number_id: &str,
        code: i32,
        halt: Halt,
        failed_message_id: Option<Uuid>,
    ) -> Result<(), sqlx::Error> {
        let now = self.clock.now();
        let token_digest = self.graph.token_digest();
        let interval = self.policy.probe_interval_of(halt);
        // A probe that is accepted and fails later is lost, so there are fewer of them.
        let wait = if failed_message_id.is_some() { interval.max(self.policy.quiet_after_probe) } else { interval };
        let new_halt =
            NewHalt { phone_number_id, code, token_digest: &token_digest, probe_at: now + wait, failed_message_id };
        let is_new = db::statement(&self.pool, "halt_number", || numbers::halt(&self.pool, &new_halt, now)).await?;
        if is_new {
            metrics::get().halts.add(1, &[KeyValue::new("reason", halt.label())]);
            // The name is stable: operators alert on it.
            tracing::error!(
                event.name = "messenger.number.halted",
                whatsapp.phone_number_id = phone_number_id,
                halt.reason = halt.label(),
                graph.error.code = code,
                "number {phone_number_id} is halted by code {code} ({}), its queue is kept: {}",
                halt.label(),
                halt.remedy(),
            );
        }
        Ok(())
    }

    /// Stops sending from a number because a receipt says that it cannot, unless that is old, or was mended since.
    pub async fn halt_reported(&self, failure: &Failure, halt: Halt) -> Result<(), sqlx::Error> {
        let number = failure.phone_number_id.as_str();
        if self.clock.now().duration_since(failure.occurred_at) > NEWS
            || numbers::is_resumed_since(&self.pool, number, failure.occurred_at).await?
        {
            return Ok(());
        }
        self.halt_for(number, failure.error_code, halt, Some(failure.message_id)).await
    }

    /// A probe was accepted of a number that receipts halted: that counts only once its own receipt says that it was sent,
    /// or when nothing is heard for a while.
    pub async fn await_receipt(&self, phone_number_id: &str) -> Result<(), sqlx::Error> {
        let until = self.clock.now() + self.policy.quiet_after_probe;
        db::statement(&self.pool, "await_receipt_of_probe", || {
            numbers::await_receipt(&self.pool, phone_number_id, until)
        })
        .await
    }

    /// Resumes the numbers of which nothing bad was heard since their probe was accepted.
    pub async fn resume_quiet(&self) -> Result<(), sqlx::Error> {
        for phone_number_id in numbers::quiet(&self.pool, self.clock.now()).await? {
            self.resume(&phone_number_id).await?;
        }
        Ok(())
    }

    /// Lets a number send again, after a probe came through.
    pub async fn resume(&self, phone_number_id: &str) -> Result<(), sqlx::Error> {
        let now = self.clock.now();
        let was_halted = db::transact(&self.pool, "resume_number", |mut tx| async move {
            let was_halted = numbers::resume(&mut tx, phone_number_id, now).await?;
            if was_halted {
                numbers::wake_lanes(&mut tx, phone_number_id, &reasons()).await?;
            }
            Ok::<_, sqlx::Error>(tx.done(was_halted))
        })
        .await?;
        if was_halted {
            // Once more: a lane may have read the halt before its end was committed, and went to sleep after the look.
            self.wake(phone_number_id).await?;
            tracing::info!(
                event.name = "messenger.number.resumed",
                whatsapp.phone_number_id = phone_number_id,
                "number {phone_number_id} sends again"
            );
        }
        Ok(())
    }

    /// Has the numbers tried at once that another token than the current one halted.
    pub async fn try_new_token(&self) -> Result<(), sqlx::Error> {
        let digest = self.graph.token_digest();
        for phone_number_id in numbers::halted_by_other_token(&self.pool, &digest).await? {
            tracing::info!(
                whatsapp.phone_number_id = phone_number_id,
                "the access token changed: trying number {phone_number_id} again"
            );
            self.wake(&phone_number_id).await?;
        }
        Ok(())
    }

    async fn wake(&self, phone_number_id: &str) -> Result<(), sqlx::Error> {
        db::transact(&self.pool, "wake_number", |mut tx| async move {
            numbers::wake_lanes(&mut tx, phone_number_id, &reasons()).await?;
            Ok::<_, sqlx::Error>(tx.done(()))
        })
        .await
    }

    /// Holds the whole number back for a moment.
    pub async fn pause(&self, phone_number_id: &str, seconds: u32) -> Result<(), sqlx::Error> {
        let until = self.clock.now() + SignedDuration::from_secs(i64::from(seconds));
        db::statement(&self.pool, "pause_number", || numbers::pause(&self.pool, phone_number_id, until)).await
    }
}
