//! The trace of a request reaches the Graph call, a receipt is linked to it, and nothing secret is in any of it.

use std::io;
use std::sync::{Arc, Mutex, OnceLock};

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use proto::messenger::v1 as pb;
use proto::messenger::v1::DeliveryState;
use tonic::Request;
use tonic::metadata::MetadataValue;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::graph::Reply;
use crate::world::{NUMBER, TOKEN, World, eventually, failed, receipt, text, user};

/// Everything this process logs and traces.
#[derive(Clone, Debug, Default)]
pub struct Captured {
    pub spans: Arc<Mutex<Vec<SpanData>>>,
    pub lines: Arc<Mutex<Vec<u8>>>,
}

impl SpanExporter for Captured {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.spans.lock().unwrap().extend(batch);
        Ok(())
    }
}

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lines.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Captured {
    /// Waits for a span of a trace.
    async fn span(&self, trace_id: &str, name: &str) -> SpanData {
        eventually(&format!("span {name}"), || async {
            let spans = self.spans.lock().unwrap();
            spans.iter().find(|span| span.span_context.trace_id().to_string() == trace_id && span.name == name).cloned()
        })
        .await
    }
}

/// Begins to capture; other tests of the process are captured, too.
pub fn capture() -> Captured {
    static CAPTURED: OnceLock<Captured> = OnceLock::new();
    CAPTURED
        .get_or_init(|| {
            let captured = Captured::default();
            let provider = SdkTracerProvider::builder().with_simple_exporter(captured.clone()).build();
            let traces = tracing_opentelemetry::layer().with_tracer(provider.tracer("tests"));
            let writer = captured.clone();
            let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || writer.clone());
            tracing_subscriber::registry()
                .with(traces.with_filter(LevelFilter::INFO))
                .with(lines.with_filter(LevelFilter::DEBUG))
                .init();
            captured
        })
        .clone()
}

async fn send_in_trace(world: &World, trace_id: &str, request: pb::SendMessageRequest) -> String {
    let mut request = Request::new(request);
    let traceparent = MetadataValue::try_from(format!("00-{trace_id}-00f067aa0ba902b7-01")).unwrap();
    request.metadata_mut().insert("traceparent", traceparent);
    world.client.clone().send_message(request).await.unwrap().into_inner().message_id
}

#[tokio::test(flavor = "multi_thread")]
async fn graph_call_is_in_the_trace_of_the_request_and_a_receipt_is_linked_to_it() {
    let captured = capture();
    let world = World::start(&[]).await;
    let (trace_id, webhook) = ("4bf92f3577b34da6a3ce929d0e0e4736", "0af7651916cd43dd8448eb211c80319c");

    let id = send_in_trace(&world, trace_id, text("r1", "27820000001", "hello")).await;
    world.until(&id, DeliveryState::Accepted).await;
    let of_webhook = pb::Receipt {
        traceparent: format!("00-{webhook}-b7ad6b7169203331-01"),
        ..receipt("wamid.OUT1", "delivered", &id)
    };
    world.record(vec![of_webhook]).await;

    let put = captured.span(trace_id, "put_messages").await;
    assert!(put.span_context.is_valid());
    let send = captured.span(trace_id, "send_message").await;
    let call = captured.span(trace_id, "POST /{version}/{phone-number-id}/messages").await;
    assert_eq!(call.parent_span_id, send.span_context.span_id());
    let attributes: Vec<String> = call.attributes.iter().map(|at| format!("{}={}", at.key, at.value)).collect();
    for expected in ["http.request.method=POST", "http.response.status_code=200", "server.address=127.0.0.1"] {
        assert!(attributes.iter().any(|attribute| attribute == expected), "{expected}: {attributes:?}");
    }
    let carried = world.graph.calls()[0].traceparent.clone().unwrap();
    assert_eq!(carried, format!("00-{trace_id}-{}-01", call.span_context.span_id()));
    let receipt = captured.span(webhook, "receipt").await;
    let links: Vec<String> = receipt.links.iter().map(|link| link.span_context.trace_id().to_string()).collect();
    assert_eq!(links, [trace_id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_number_name_text_or_token_is_in_logs_spans_or_errors() {
    let captured = capture();
    let world = World::start(&["--halt-probe-seconds=3600"]).await;
    let (phone, name, body) = ("27829999999", "ZA.999888777666", "seven purple screws");
    world.graph.script([Reply::Accept, Reply::Error(400, 131_026), Reply::Raw(502, "<html>"), Reply::Error(401, 190)]);

    let accepted = world.send("r1", phone, body).await;
    world.until(&accepted, DeliveryState::Accepted).await;
    let refused = world.send("r2", phone, body).await;
    let refused = world.until(&refused, DeliveryState::Failed).await;
    let hidden = pb::SendMessageRequest { recipient: Some(user(name, "")), ..text("r3", "", body) };
    let doubtful = world.client.clone().send_message(hidden).await.unwrap().into_inner().message_id;
    world.until(&doubtful, DeliveryState::InDoubt).await;
    world.send("r4", phone, body).await;
    eventually("the number is halted", || async {
        String::from_utf8_lossy(&captured.lines.lock().unwrap()).contains("messenger.number.halted").then_some(())
    })
    .await;
    let mut late = failed("wamid.OUT1", 131_047, &accepted);
    late.errors[0].details = format!("{body} to {phone}");
    late.recipient = Some(user(name, phone));
    world.record(vec![late]).await;
    let taken = world.client.clone().send_message(text("r1", phone, "other")).await.unwrap_err();
    let malformed = world.client.clone().send_message(text("r5", name, body)).await.unwrap_err();

    let lines = String::from_utf8_lossy(&captured.lines.lock().unwrap()).into_owned();
    let spans = format!("{:?}", captured.spans.lock().unwrap());
    let stored: Vec<String> =
        sqlx::query_scalar("SELECT row_to_json(lane)::text FROM lane UNION ALL SELECT row_to_json(job)::text FROM job UNION ALL \
                            SELECT error_detail FROM message UNION ALL SELECT row_to_json(parked_receipt)::text FROM parked_receipt")
            .fetch_all(&world.pool)
            .await
            .unwrap();
    let errors = format!("{taken:?} {malformed:?} {} {stored:?}", refused.error_detail);
    assert!(lines.contains("131026") && spans.contains(NUMBER), "something was captured");
    for secret in [phone, name, "999888777666", body, "purple", TOKEN] {
        assert!(!lines.contains(secret), "{secret} is in the log");
        assert!(!spans.contains(secret), "{secret} is in a span");
        assert!(!errors.contains(secret), "{secret} is in an error");
    }
}
