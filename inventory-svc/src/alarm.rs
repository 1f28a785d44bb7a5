//! The alarm: looks over all shops, from time to time, whether every balance follows from its movements.
//!
//! It never finds anything. When it does, the ledger is broken in a way that nothing in the service can cause or repair, so
//! somebody is woken: `backroom_inventory_discrepancies` is above zero, and the log says `operator_alert`.

use std::time::Duration;

use platform::Process;
use uuid::Uuid;

use crate::error::Error;
use crate::metrics;
use crate::store::Store;

/// Shops whose ids are read together.
const SHOPS_AT_ONCE: i32 = 100;
/// Discrepancies of one shop that are counted.
const FOUND_MAX: i64 = 1_000;

/// Looks over all shops.
#[derive(Debug)]
pub(crate) struct Alarm {
    pub(crate) store: Store,
    pub(crate) process: Process,
    /// Between the end of one round and the start of the next one.
    pub(crate) interval: Duration,
}

impl Alarm {
    /// Works until the drain begins.
    pub(crate) async fn run(self) {
        while !self.process.shutdown.is_draining() {
            match self.look().await {
                Ok(found) => metrics::get().discrepancies.record(found, &[]),
                Err(error) => tracing::warn!(%error, "not all balances could be checked"),
            }
            tokio::select! {
                () = tokio::time::sleep(self.interval) => {}
                () = self.process.shutdown.draining() => {}
            }
        }
    }

    /// Returns how many balances are wrong.
    async fn look(&self) -> Result<u64, Error> {
        let (mut after, mut found) = (Uuid::nil(), 0);
        loop {
            let shop_ids = self.store.list_shop_ids(after, SHOPS_AT_ONCE).await?;
            let Some(last) = shop_ids.last() else { return Ok(found) };
            after = *last;
            for shop_id in shop_ids {
                if self.process.shutdown.is_draining() {
                    return Ok(found);
                }
                found += self.look_at(shop_id).await?;
            }
        }
    }

    async fn look_at(&self, shop_id: Uuid) -> Result<u64, Error> {
        let discrepancies = match self.store.list_discrepancies(shop_id, (Uuid::nil(), Uuid::nil()), FOUND_MAX).await {
            Err(Error::ShopNotFound { .. }) => return Ok(0), // closed meanwhile
            other => other?,
        };
        for discrepancy in &discrepancies {
            metrics::get().operator_alerts.add(1, &[opentelemetry::KeyValue::new("alert", "ledger_discrepancy")]);
            tracing::error!(
                event.name = "operator_alert",
                alert = "ledger_discrepancy",
                shop.id = %shop_id,
                item.id = %discrepancy.item_id,
                location.id = %discrepancy.location_id,
                "operator_alert ledger_discrepancy: the balance of item {} does not follow from its movements",
                discrepancy.item_id
            );
        }
        Ok(u64::try_from(discrepancies.len()).unwrap_or(u64::MAX))
    }
}
