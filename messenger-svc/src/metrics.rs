//! Every metric of the messenger, declared in one place.

use std::sync::OnceLock;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Gauge, Meter};

/// The instruments. Without an exporter they are no-ops.
#[derive(Debug)]
pub struct Metrics {
    /// Messages handed to the Graph API, by outcome.
    pub sends: Counter<u64>,
    /// Numbers that stopped sending, by reason. Alert on it.
    pub halts: Counter<u64>,
    /// How much of the fullest limit of the Graph API is used, in percent, from 80 on. Alert on it.
    pub graph_usage: Gauge<u64>,
    /// Messages that went out as part of another one.
    pub merges: Counter<u64>,
    /// Files that were asked for, by kind and outcome.
    pub media: Counter<u64>,
    /// Files whose bytes are not those that were announced, by who announced them.
    pub media_hash_mismatches: Counter<u64>,
    /// Receipts, by status and result.
    pub receipts: Counter<u64>,
    /// What was kept long enough, or of somebody who is forgotten, by what it was: content, message, person.
    pub removals: Counter<u64>,
}

/// Returns the instruments of this process.
pub fn get() -> &'static Metrics {
    static METRICS: OnceLock<Metrics> = OnceLock::new();
    METRICS.get_or_init(|| Metrics::new(&opentelemetry::global::meter("messenger-svc")))
}

impl Metrics {
    /// Counts what was removed.
    pub fn removed(&self, what: &'static str, count: u64) {
        if count > 0 {
            self.removals.add(count, &[KeyValue::new("what", what)]);
        }
    }

    fn new(meter: &Meter) -> Self {
        Self {
            sends: meter.u64_counter("backroom_messenger_sends_total").with_unit("{message}").build(),
            halts: meter.u64_counter("backroom_messenger_number_halts_total").with_unit("{halt}").build(),
            graph_usage: meter.u64_gauge("backroom_messenger_graph_usage_percent").with_unit("%").build(),
            merges: meter.u64_counter("backroom_messenger_merged_messages_total").with_unit("{message}").build(),
            media: meter.u64_counter("backroom_messenger_media_total").with_unit("{file}").build(),
            media_hash_mismatches: meter
                .u64_counter("backroom_messenger_media_hash_mismatches_total")
                .with_unit("{file}")
                .build(),
            receipts: meter.u64_counter("backroom_messenger_receipts_total").with_unit("{receipt}").build(),
            removals: meter.u64_counter("backroom_messenger_removals_total").with_unit("{message}").build(),
        }
    }
}
