//! Logs, traces and metrics: to the terminal or as JSON lines, and by OTLP when an endpoint is set.

use std::fmt;
use std::io::IsTerminal as _;
use std::time::SystemTime;

use anyhow::Context as _;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator as _};
use opentelemetry::trace::{Span as _, TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Event, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::settings::{LogFormat, Telemetry};

/// Ends telemetry in good order.
#[derive(Debug)]
#[must_use = "what is buffered is lost without `flush`"]
pub struct Guard {
    traces: Option<SdkTracerProvider>,
    metrics: Option<SdkMeterProvider>,
}

impl Guard {
    /// Exports what is still buffered, within five seconds.
    pub async fn flush(self) {
        let flushed = tokio::task::spawn_blocking(move || {
            if let Some(traces) = self.traces {
                traces.shutdown().ok();
            }
            if let Some(metrics) = self.metrics {
                metrics.shutdown().ok();
            }
        });
        if tokio::time::timeout(std::time::Duration::from_secs(5), flushed).await.is_err() {
            tracing::warn!("the collector did not take the last spans in time");
        }
    }
}

/// Sets telemetry up for the process. Needs a running tokio runtime.
pub fn init(service: &str, settings: &Telemetry) -> anyhow::Result<Guard> {
    let filter = EnvFilter::try_new(&settings.log_filter)
        .with_context(|| format!("RUST_LOG is not a filter: {}", settings.log_filter))?;
    let json = match settings.log_format {
        LogFormat::Auto => !std::io::stderr().is_terminal(),
        LogFormat::Json => true,
        LogFormat::Text => false,
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = if json {
        lines.event_format(JsonLines { service: service.to_owned() }).boxed()
    } else {
        lines.compact().with_target(false).boxed()
    };
    let endpoint = settings.otlp_endpoint.as_deref().filter(|endpoint| !endpoint.is_empty());
    let guard = match endpoint {
        Some(endpoint) => exporters(service, endpoint)?,
        None if settings.trace_ids => {
            let traces = SdkTracerProvider::builder().with_resource(resource(service)).build();
            Guard { traces: Some(traces), metrics: None }
        }
        None => Guard { traces: None, metrics: None },
    };
    if let Some(traces) = &guard.traces {
        opentelemetry::global::set_tracer_provider(traces.clone());
    }
    if let Some(metrics) = &guard.metrics {
        opentelemetry::global::set_meter_provider(metrics.clone());
    }
    let spans = guard.traces.as_ref().map(|traces| {
        tracing_opentelemetry::layer()
            .with_tracer(traces.tracer("thebackroom"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            // Only our own spans: the libraries' are many and may hold what must not leave.
            .with_filter(tracing_subscriber::filter::filter_fn(|metadata| {
                metadata.is_span() && is_ours(metadata.target())
            }))
    });
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .with(spans)
        .try_init()
        .context("telemetry is set up twice")?;
    Ok(guard)
}

fn is_ours(target: &str) -> bool {
    ["platform", "gateway", "parser_svc", "inventory_svc", "messenger_svc", "devstack"]
        .iter()
        .any(|room| target.strip_prefix(room).is_some_and(|rest| rest.is_empty() || rest.starts_with("::")))
}

fn resource(service: &str) -> Resource {
    Resource::builder()
        .with_service_name(service.to_owned())
        .with_attribute(opentelemetry::KeyValue::new("service.namespace", "thebackroom"))
        .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build()
}

fn exporters(service: &str, endpoint: &str) -> anyhow::Result<Guard> {
    let spans = opentelemetry_otlp::SpanExporter::builder().with_tonic().with_endpoint(endpoint).build();
    let metrics = opentelemetry_otlp::MetricExporter::builder().with_tonic().with_endpoint(endpoint).build();
    let why = || format!("OTEL_EXPORTER_OTLP_ENDPOINT is not usable: {endpoint}");
    Ok(Guard {
        traces: Some(
            SdkTracerProvider::builder()
                .with_resource(resource(service))
                .with_batch_exporter(spans.with_context(why)?)
                .build(),
        ),
        metrics: Some(
            SdkMeterProvider::builder()
                .with_resource(resource(service))
                .with_periodic_exporter(metrics.with_context(why)?)
                .build(),
        ),
    })
}

/// Returns the W3C trace context of the current span; `None` when spans are not recorded.
pub fn current_traceparent() -> Option<String> {
    traceparent_of(&Span::current())
}

/// Returns the W3C trace context of a span; `None` when spans are not recorded.
pub fn traceparent_of(span: &Span) -> Option<String> {
    let context = span.context();
    if !context.span().span_context().is_valid() {
        return None;
    }
    let mut carrier = Carrier::default();
    TraceContextPropagator::new().inject_context(&context, &mut carrier);
    carrier.0
}

/// Makes `span` a child of a stored or received trace context. Call before the span is entered.
pub fn set_parent(span: &Span, traceparent: &str) {
    let context = TraceContextPropagator::new().extract(&Carrier(Some(traceparent.to_owned())));
    // Refused when no span is recorded or it has begun; both leave the span where it was.
    span.set_parent(context).ok();
}

/// Records a span of the past as a child of a stored trace context: time that nobody was working, such as a queue's.
pub fn record_past_span(name: &'static str, traceparent: &str, start: jiff::Timestamp, end: jiff::Timestamp) {
    let parent = TraceContextPropagator::new().extract(&Carrier(Some(traceparent.to_owned())));
    if !parent.span().span_context().is_valid() {
        return;
    }
    let tracer = opentelemetry::global::tracer("thebackroom");
    let mut span =
        tracer.span_builder(name).with_start_time(SystemTime::from(start)).start_with_context(&tracer, &parent);
    span.end_with_timestamp(SystemTime::from(end));
}

/// Links `span` to a stored trace context that it does not belong to.
pub fn link(span: &Span, traceparent: &str) {
    let context = TraceContextPropagator::new().extract(&Carrier(Some(traceparent.to_owned())));
    let target = context.span().span_context().clone();
    if target.is_valid() {
        span.add_link(target);
    }
}

#[derive(Default)]
struct Carrier(Option<String>);

impl Injector for Carrier {
    fn set(&mut self, key: &str, value: String) {
        if key == "traceparent" {
            self.0 = Some(value);
        }
    }
}

impl Extractor for Carrier {
    fn get(&self, key: &str) -> Option<&str> {
        if key == "traceparent" { self.0.as_deref() } else { None }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}

/// One JSON object per line, with the ids of the trace it belongs to.
struct JsonLines {
    service: String,
}

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let metadata = event.metadata();
        let mut line = serde_json::Map::new();
        let now = crate::clock::Clock::system().now();
        line.insert("timestamp".into(), now.to_string().into());
        line.insert("level".into(), metadata.level().as_str().to_ascii_lowercase().into());
        line.insert("service".into(), self.service.clone().into());
        line.insert("target".into(), metadata.target().into());
        event.record(&mut JsonFields(&mut line));
        if let Some(span) = context.lookup_current() {
            line.insert("span".into(), span.name().into());
        }
        // The layer keeps the context of the entered span current.
        let current = opentelemetry::Context::current();
        let ids = current.span().span_context().clone();
        if ids.is_valid() {
            line.insert("trace_id".into(), ids.trace_id().to_string().into());
            line.insert("span_id".into(), ids.span_id().to_string().into());
        }
        let text = serde_json::to_string(&line).map_err(|_| fmt::Error)?;
        writeln!(writer, "{text}")
    }
}

struct JsonFields<'a>(&'a mut serde_json::Map<String, serde_json::Value>);

impl tracing::field::Visit for JsonFields<'_> {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &tracing::field::Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &tracing::field::Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &tracing::field::Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}
