//! What nobody waits for: counting, matching parked receipts, watching the token, erasing and forgetting.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use platform::Process;
use platform::lanes;
use sqlx::PgPool;
use tokio::sync::Notify;

use super::numbers::Numbers;
use super::put::Fill;
use crate::metrics;
use crate::otp;
use crate::receipts::Receipts;
use crate::store::{costs, documents, messages, numbers, receipts, windows};

/// How often counting and the look at the token take place.
const ROUND: Duration = Duration::from_secs(1);
/// Rounds between two clean-ups.
const ROUNDS_PER_CLEANUP: u32 = 60;
/// Rounds between two looks at all windows: one for each person, without an index that each message would have to move.
const ROUNDS_PER_WINDOWS: u32 = 3600;
/// How often parked receipts are matched, besides when an accepted message is known to have one.
const MATCH_INTERVAL: Duration = Duration::from_secs(30);
/// Parked receipts that nobody matched in this time are forgotten: Meta drops the message itself after 30 days.
const PARKED_DAYS: i64 = 30;
/// Tombstones of jobs are kept this long. Repeated requests are recognised by the message, so this is for people who look.
const TOMBSTONES: Duration = Duration::from_hours(24);

/// Batches of one kind in one clean-up; the next one goes on.
const BATCHES_MAX: usize = 100;

/// Keeps house until the drain begins.
#[derive(Debug)]
pub struct Housekeeping {
    /// The database.
    pub pool: PgPool,
    /// Time, and when to leave.
    pub process: Process,
    /// How full the outbox is.
    pub fill: Fill,
    /// Whom to tell of a new token.
    pub numbers: Numbers,
    /// Who matches parked receipts.
    pub receipts: Receipts,
    /// Says that there is something to match.
    pub parked: Arc<Notify>,
    /// How long the content of settled messages is kept.
    pub content_retention: SignedDuration,
    /// How long messages are kept.
    pub message_retention: SignedDuration,
}

impl Housekeeping {
    /// Works until the drain begins.
    pub async fn run(self) {
        tokio::join!(self.keep(), self.match_parked());
    }

    async fn match_parked(&self) {
        while !self.process.shutdown.is_draining() {
            if let Err(error) = self.receipts.match_parked().await {
                tracing::warn!(%error, "parked receipts were not matched");
            }
            tokio::select! {
                () = tokio::time::sleep(MATCH_INTERVAL) => {}
                () = self.parked.notified() => {}
                () = self.process.shutdown.draining() => {}
            }
        }
    }

    async fn keep(&self) {
        let mut token_seen = None;
        let mut round = 0_u32;
        while !self.process.shutdown.is_draining() {
            if let Err(error) = self.round(&mut token_seen).await {
                tracing::warn!(%error, "a round of housekeeping failed");
            }
            if round.is_multiple_of(ROUNDS_PER_CLEANUP)
                && let Err(error) = self.clean_up().await
            {
                tracing::warn!(%error, "a clean-up failed");
            }
            if round.is_multiple_of(ROUNDS_PER_WINDOWS)
                && let Err(error) = self.forget_windows().await
            {
                tracing::warn!(%error, "windows were not cleaned up");
            }
            round = round.wrapping_add(1);
            tokio::select! {
                () = tokio::time::sleep(ROUND) => {}
                () = self.process.shutdown.draining() => {}
            }
        }
    }

    async fn round(&self, token_seen: &mut Option<[u8; 8]>) -> Result<(), sqlx::Error> {
        self.fill.set(messages::count_pending(&self.pool, self.fill.limit()).await?);
        let digest = self.numbers.graph.token_digest();
        if *token_seen != Some(digest) {
            self.numbers.try_new_token().await?;
            *token_seen = Some(digest);
        }
        self.numbers.resume_quiet().await
    }

    async fn fill_in_costs(&self) -> Result<(), sqlx::Error> {
        for _ in 0..BATCHES_MAX {
            if costs::fill_in(&self.pool).await? == 0 || self.process.shutdown.is_draining() {
                break;
            }
        }
        Ok(())
    }

    // In small batches, so that no lock is held for long and nobody waits for a vacuum.
    async fn purge(&self, now: Timestamp) -> Result<(), sqlx::Error> {
        let before = now - self.message_retention;
        for _ in 0..BATCHES_MAX {
            let purged = messages::purge(&self.pool, before).await?;
            metrics::get().removed("message", purged);
            if purged == 0 || self.process.shutdown.is_draining() {
                break;
            }
        }
        Ok(())
    }

    // As long as messages: a window that is forgotten is no longer known to be closed.
    async fn forget_windows(&self) -> Result<(), sqlx::Error> {
        let before = self.process.clock.now() - self.message_retention;
        for _ in 0..BATCHES_MAX {
            if windows::forget(&self.pool, before).await? == 0 || self.process.shutdown.is_draining() {
                break;
            }
        }
        Ok(())
    }

    async fn clean_up(&self) -> Result<(), sqlx::Error> {
        let now = self.process.clock.now();
        let erased = messages::erase_contents(&self.pool, now - self.content_retention).await?;
        metrics::get().removed("content", erased);
        documents::erase(&self.pool).await?;
        self.fill_in_costs().await?;
        self.purge(now).await?;
        otp::forget(&self.pool, now).await?;
        receipts::forget_parked(&self.pool, now - SignedDuration::from_hours(24 * PARKED_DAYS)).await?;
        numbers::forget_pairs(&self.pool, now).await?;
        lanes::purge(&self.pool, TOMBSTONES).await.map(|_| ())
    }
}
