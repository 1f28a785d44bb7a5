//! What the built binary tells a collector of the calls to the model: by the conventions for GenAI, and no word of a message.
#![expect(clippy::unwrap_used, reason = "a panic is how a test says no")]

#[path = "parser/script.rs"]
#[expect(dead_code, reason = "the other tests use more of it")]
mod script;

use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use proto::parser::v1 as pb;
use proto::parser::v1::ModelOutcome;
use proto::parser::v1::parse_message_request::Content;
use proto::parser::v1::parser_service_client::ParserServiceClient;
use serde_json::json;
use tokio::net::TcpListener;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};

use crate::script::{HARD, filled, gemini_filling};

const KEY: &str = "a key of the tests";
const SHOP: &str = "0190a000-0000-7000-8000-000000000001";

/// Everything that was exported, as text.
#[derive(Clone, Default)]
struct Collector {
    metrics: Arc<Mutex<Vec<String>>>,
    spans: Arc<Mutex<Vec<String>>>,
}

#[tonic::async_trait]
impl MetricsService for Collector {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        self.metrics.lock().unwrap().push(format!("{:?}", request.into_inner()));
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.spans.lock().unwrap().push(format!("{:?}", request.into_inner()));
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

async fn collector() -> (Collector, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let collector = Collector::default();
    let server = tonic::transport::Server::builder()
        .add_service(MetricsServiceServer::new(collector.clone()))
        .add_service(TraceServiceServer::new(collector.clone()));
    tokio::spawn(server.serve_with_incoming(platform::grpc::connections(listener)));
    (collector, url)
}

/// Asks until the binary listens.
async fn read(client: &mut ParserServiceClient<Channel>, text: &str) -> pb::ParseMessageResponse {
    for _ in 0..600 {
        let mut request = Request::new(pb::ParseMessageRequest {
            shop_id: SHOP.to_owned(),
            content: Some(Content::Text(text.to_owned())),
            ..pb::ParseMessageRequest::default()
        });
        request.metadata_mut().insert("authorization", format!("Bearer {KEY}").parse().unwrap());
        if let Ok(answer) = client.parse_message(request).await {
            return answer.into_inner();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the parser does not answer");
}

#[tokio::test]
async fn calls_are_measured_by_the_conventions_and_no_word_of_a_message_leaves() {
    let gemini = gemini_filling(&json!([filled("remove", "milk", "12")])).await;
    let (collector, otlp) = collector().await;
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mut parser = Command::new(env!("CARGO_BIN_EXE_parser-svc"))
        .args(["--listen-addr", &free.to_string(), "--gemini-api-key", "a-key", "--gemini-api-url", &gemini.uri()])
        .args(["--caller-keys", &format!("tests {} *", platform::grpc::key_hash(KEY))])
        .args(["--gemini-budget-per-shop-per-day", "1"])
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", otlp)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let channel = Endpoint::from_shared(format!("http://{free}")).unwrap().connect_lazy();
    let mut client = ParserServiceClient::new(channel);

    let outcomes = [
        read(&mut client, HARD).await.model_outcome(),
        read(&mut client, HARD).await.model_outcome(),
        read(&mut client, &format!("{HARD} again")).await.model_outcome(),
        read(&mut client, "Added 50 screws").await.model_outcome(),
    ];
    drop(client);
    let told = Command::new("kill").args(["-TERM", &parser.id().to_string()]).status().unwrap();
    let left = tokio::task::spawn_blocking(move || parser.wait()).await.unwrap().unwrap();

    assert_eq!(
        outcomes,
        [ModelOutcome::Used, ModelOutcome::Used, ModelOutcome::Budget, ModelOutcome::NotNeeded],
        "asked, kept, over the budget, not needed"
    );
    assert!(told.success() && left.success());
    let (metrics, spans) = (collector.metrics.lock().unwrap().concat(), collector.spans.lock().unwrap().concat());
    for name in [
        "gen_ai.client.token.usage",
        "gen_ai.client.operation.duration",
        "gen_ai.token.type",
        "backroom_parser_messages_total",
        "backroom_parser_model_lookups_total",
        "backroom_parser_budget_refusals_total",
        "backroom_parser_model_cost_usd_total",
        "PARSE_SOURCE_CACHE",
        "MODEL_OUTCOME_BUDGET",
    ] {
        assert!(metrics.contains(name), "{name}");
    }
    for name in ["gen_ai.provider.name", "gen_ai.usage.input_tokens", "gen_ai.response.model", "gcp.gemini"] {
        assert!(spans.contains(name), "{name}");
    }
    for private in ["fridge", "milk", "screws", SHOP, "a-key"] {
        assert!(!metrics.contains(private) && !spans.contains(private), "{private}");
    }
}
