//! Every metric of the gateway, declared in one place.

use std::sync::OnceLock;
use std::time::Duration;

use http::StatusCode;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram};

use crate::store::Removed;

/// The instruments.
pub(crate) struct Metrics {
    webhook_duration: Histogram<f64>,
    answers: Counter<u64>,
    answer_time: Histogram<f64>,
    operator_alerts: Counter<u64>,
    removals: Counter<u64>,
}

/// Returns the instruments of this process.
pub(crate) fn get() -> &'static Metrics {
    static METRICS: OnceLock<Metrics> = OnceLock::new();
    METRICS.get_or_init(|| {
        let meter = opentelemetry::global::meter("gateway");
        Metrics {
            webhook_duration: meter.f64_histogram("http.server.request.duration").with_unit("s").build(),
            answers: meter.u64_counter("backroom_gateway_answers_total").with_unit("{message}").build(),
            answer_time: meter.f64_histogram("backroom_gateway_answer_seconds").with_unit("s").build(),
            operator_alerts: meter.u64_counter("backroom.operator_alerts").with_unit("{alert}").build(),
            removals: meter.u64_counter("backroom_gateway_removals_total").with_unit("{row}").build(),
        }
    })
}

impl Metrics {
    /// Records one notification.
    pub fn webhook(&self, status: StatusCode, took: Duration) {
        let labels = [
            KeyValue::new("http.route", "/webhook/whatsapp"),
            KeyValue::new("http.response.status_code", i64::from(status.as_u16())),
        ];
        self.webhook_duration.record(took.as_secs_f64(), &labels);
    }

    /// Records one request of a program.
    pub fn request(&self, route: &'static str, status: StatusCode, took: Duration) {
        let labels = [
            KeyValue::new("http.route", route),
            KeyValue::new("http.response.status_code", i64::from(status.as_u16())),
        ];
        self.webhook_duration.record(took.as_secs_f64(), &labels);
    }

    /// Records one answer put into the outbox, and the time since its message was stored.
    pub fn answer(&self, kind: &'static str, took: Duration) {
        self.answers.add(1, &[KeyValue::new("kind", kind)]);
        self.answer_time.record(took.as_secs_f64(), &[]);
    }

    /// Records what was kept long enough, by what it was.
    pub fn removed(&self, removed: &Removed) {
        let Removed { questions, events, dead_letters } = *removed;
        for (what, count) in [("question", questions), ("event", events), ("dead_letter", dead_letters)] {
            if count > 0 {
                self.removals.add(count, &[KeyValue::new("what", what)]);
            }
        }
    }

    /// Records that the operator was woken, by the stable word of the reason.
    pub fn operator_alert(&self, alert: &'static str) {
        self.operator_alerts.add(1, &[KeyValue::new("alert", alert)]);
    }
}
