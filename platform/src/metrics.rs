//! Every metric of the platform, declared in one place.

use std::sync::OnceLock;

use opentelemetry::metrics::{Counter, Histogram, Meter};

/// The instruments. Without an exporter they are no-ops.
#[derive(Debug)]
pub struct Metrics {
    /// Duration of transactions, by name; seconds.
    pub transaction_duration: Histogram<f64>,
    /// Duration of requests served over gRPC, by method and code; seconds.
    pub server_duration: Histogram<f64>,
    /// Jobs that lanes settled, by queue and outcome.
    pub jobs: Counter<u64>,
    /// Time from the moment a job was put in until a worker took it, by queue; seconds.
    pub job_wait: Histogram<f64>,
    /// Items that shared a commit, by batcher.
    pub batch_size: Histogram<u64>,
}

/// Returns the instruments of this process.
pub fn get() -> &'static Metrics {
    static METRICS: OnceLock<Metrics> = OnceLock::new();
    METRICS.get_or_init(|| Metrics::new(&opentelemetry::global::meter("platform")))
}

impl Metrics {
    fn new(meter: &Meter) -> Self {
        Self {
            transaction_duration: meter.f64_histogram("db.client.operation.duration").with_unit("s").build(),
            server_duration: meter.f64_histogram("rpc.server.duration").with_unit("s").build(),
            jobs: meter.u64_counter("backroom_lanes_jobs_total").with_unit("{job}").build(),
            job_wait: meter.f64_histogram("backroom_lanes_wait_seconds").with_unit("s").build(),
            batch_size: meter.u64_histogram("backroom_batch_items").with_unit("{item}").build(),
        }
    }
}
