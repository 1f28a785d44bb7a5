//! Every metric of the ledger, declared in one place.

use std::sync::OnceLock;

use opentelemetry::metrics::{Counter, Gauge};

/// The instruments. Without an exporter they are no-ops.
#[derive(Debug)]
pub(crate) struct Metrics {
    /// Balances that do not follow from their movements, in the last round over all shops. Alert on anything above zero.
    pub(crate) discrepancies: Gauge<u64>,
    /// For how long a transaction that stays open, anywhere in the database server, has held the news of watchers back;
    /// seconds. Alert above a minute.
    pub(crate) watch_lag: Gauge<u64>,
    /// How often the operator was woken, by the stable word of the reason.
    pub(crate) operator_alerts: Counter<u64>,
}

/// Returns the instruments of this process.
pub(crate) fn get() -> &'static Metrics {
    static METRICS: OnceLock<Metrics> = OnceLock::new();
    METRICS.get_or_init(|| {
        let meter = opentelemetry::global::meter("inventory-svc");
        Metrics {
            discrepancies: meter.u64_gauge("backroom_inventory_discrepancies").with_unit("{balance}").build(),
            watch_lag: meter.u64_gauge("backroom_inventory_watch_lag_seconds").with_unit("s").build(),
            operator_alerts: meter.u64_counter("backroom.operator_alerts").with_unit("{alert}").build(),
        }
    })
}
