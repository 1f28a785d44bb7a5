//! An OTLP collector that keeps what it is given.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use tokio::net::TcpListener;
use tonic::{Request, Response, Status};

/// A span that arrived.
#[derive(Clone, Debug)]
pub struct SpanRecord {
    /// `service.name` of the process.
    pub service: String,
    /// Its name.
    pub name: String,
    /// Trace id, hex.
    pub trace_id: String,
    /// Span id, hex.
    pub span_id: String,
    /// Parent's span id, hex; empty for a root.
    pub parent_id: String,
    /// Trace ids it is linked to, hex.
    pub links: Vec<String>,
    /// Attributes, values as text.
    pub attributes: HashMap<String, String>,
    /// Start and end, unix nanoseconds.
    pub times: (u64, u64),
}

/// A collector on loopback.
#[derive(Clone)]
pub struct Collector {
    spans: Arc<Mutex<Vec<SpanRecord>>>,
    /// Its address, for `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub url: String,
}

impl Collector {
    /// Starts one.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound listener has an address"));
        let collector = Self { spans: Arc::default(), url };
        let service = TraceServiceServer::new(Receiver(Arc::clone(&collector.spans)));
        tokio::spawn(
            tonic::transport::Server::builder()
                .add_service(service)
                .serve_with_incoming(platform::grpc::connections(listener)),
        );
        collector
    }

    /// Returns every span that arrived so far.
    pub fn spans(&self) -> Vec<SpanRecord> {
        self.spans.lock().expect("no holder panics").clone()
    }

    /// Panics when one of `private` stands in a span.
    pub fn assert_nothing_private(&self, private: &[&str]) {
        for span in self.spans() {
            // Without its times and ids: some of so many digits look like anybody's number.
            let told: Vec<_> = span.attributes.iter().filter(|(name, _)| !name.ends_with("_ns")).collect();
            let said = format!("{} {} {told:?}", span.service, span.name);
            crate::house::assert_private(&said, private);
        }
    }
}

struct Receiver(Arc<Mutex<Vec<SpanRecord>>>);

#[tonic::async_trait]
impl TraceService for Receiver {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let mut spans = self.0.lock().expect("no holder panics");
        for resource in request.into_inner().resource_spans {
            let service = resource
                .resource
                .iter()
                .flat_map(|resource| &resource.attributes)
                .find(|attribute| attribute.key == "service.name")
                .map(|attribute| text(attribute.value.as_ref().and_then(|value| value.value.as_ref())))
                .unwrap_or_default();
            for span in resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
                spans.push(SpanRecord {
                    service: service.clone(),
                    name: span.name,
                    trace_id: hex::encode(&span.trace_id),
                    span_id: hex::encode(&span.span_id),
                    parent_id: hex::encode(&span.parent_span_id),
                    links: span.links.iter().map(|link| hex::encode(&link.trace_id)).collect(),
                    attributes: span
                        .attributes
                        .into_iter()
                        .map(|attribute| {
                            (attribute.key, text(attribute.value.as_ref().and_then(|value| value.value.as_ref())))
                        })
                        .chain(span.events.into_iter().enumerate().flat_map(|(index, event)| {
                            let name = (format!("event.{index}"), event.name);
                            let attributes = event.attributes.into_iter().map(move |attribute| {
                                let value = attribute.value.as_ref().and_then(|value| value.value.as_ref());
                                (format!("event.{index}.{}", attribute.key), text(value))
                            });
                            std::iter::once(name).chain(attributes)
                        }))
                        .collect(),
                    times: (span.start_time_unix_nano, span.end_time_unix_nano),
                });
            }
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::BoolValue(truth)) => truth.to_string(),
        Some(other) => format!("{other:?}"),
        None => String::new(),
    }
}
