//! Makes the sums of weeks that are over, from time to time, so that reports of many weeks need not read the ledger.
//!
//! Nothing depends on them: a report reads the ledger where a sum is missing or does not hold (migrations 0041 and 0042).

use std::time::Duration;

use platform::Process;
use uuid::Uuid;

use crate::error::Error;
use crate::store::Store;

/// Shops whose ids are read together.
const SHOPS_AT_ONCE: i32 = 100;
/// Between two looks whether what was on its way when sums began has ended.
const SETTLE_INTERVAL: Duration = Duration::from_millis(100);
/// How long to wait for that before the shop is left for the next round.
const SETTLE_DURATION_MAX: Duration = Duration::from_mins(1);

/// Makes sums.
#[derive(Debug)]
pub(crate) struct Sums {
    pub(crate) store: Store,
    pub(crate) process: Process,
    /// Between the end of one round and the start of the next one.
    pub(crate) interval: Duration,
}

impl Sums {
    /// Works until the drain begins.
    pub(crate) async fn run(self) {
        while !self.process.shutdown.is_draining() {
            if let Err(error) = self.round().await {
                tracing::warn!(%error, "not all weeks could be summed; reports read the ledger instead");
            }
            tokio::select! {
                () = tokio::time::sleep(self.interval) => {}
                () = self.process.shutdown.draining() => {}
            }
        }
    }

    async fn round(&self) -> Result<(), Error> {
        let mut after = Uuid::nil();
        loop {
            let shop_ids = self.store.list_shop_ids(after, SHOPS_AT_ONCE).await?;
            let Some(last) = shop_ids.last() else { return Ok(()) };
            after = *last;
            for shop_id in shop_ids {
                match self.sum(shop_id).await {
                    Err(Error::ShopNotFound { .. }) => {} // closed meanwhile
                    other => other?,
                }
                if self.process.shutdown.is_draining() {
                    return Ok(());
                }
            }
        }
    }

    async fn sum(&self, shop_id: Uuid) -> Result<(), Error> {
        let weeks = self.store.begin_sums(shop_id, self.process.clock.now()).await?;
        if weeks.is_empty() || !self.settle().await? {
            return Ok(());
        }
        for week in &weeks {
            if self.process.shutdown.is_draining() {
                return Ok(());
            }
            self.store.sum_week(shop_id, week).await?;
        }
        tracing::info!(shop.id = %shop_id, "made the sums of {} weeks of shop {shop_id}", weeks.len());
        Ok(())
    }

    /// Waits until every transaction has ended that may not have seen what `begin_sums` committed; `false`: one goes on.
    async fn settle(&self) -> Result<bool, Error> {
        let all = self.store.next_transaction().await?;
        let mut waited = Duration::ZERO;
        while self.store.settled_before().await? < all {
            if waited >= SETTLE_DURATION_MAX || self.process.shutdown.is_draining() {
                return Ok(false);
            }
            tokio::time::sleep(SETTLE_INTERVAL).await;
            waited += SETTLE_INTERVAL;
        }
        Ok(true)
    }
}
