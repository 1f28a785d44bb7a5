//! The trace of a request reaches the Graph call.

use clap::Parser as _;
use tonic::Request;
use tonic::metadata::MetadataValue;

use crate::world::{World, text};

#[derive(clap::Parser)]
struct Flags {
    #[command(flatten)]
    telemetry: platform::settings::Telemetry,
}

#[tokio::test(flavor = "multi_thread")]
async fn graph_call_belongs_to_the_trace_of_the_request() {
    // Set up for the process: no other test depends on its absence.
    let mut settings = Flags::parse_from(["tests", "--log-filter=off"]).telemetry;
    settings.trace_ids = true;
    let _guard = platform::telemetry::init("messenger-svc", &settings).unwrap();
    let world = World::start(&[]).await;
    let trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
    let mut request = Request::new(text("r1", "27820000001", "hello"));
    let traceparent = MetadataValue::try_from(format!("00-{trace_id}-00f067aa0ba902b7-01")).unwrap();
    request.metadata_mut().insert("traceparent", traceparent);

    world.client.clone().send_message(request).await.unwrap();
    world.until_calls(1).await;

    let carried = world.graph.calls()[0].traceparent.clone().unwrap();
    assert!(carried.starts_with(&format!("00-{trace_id}-")), "{carried}");
    assert!(!carried.contains("00f067aa0ba902b7"), "the parent is our own span: {carried}");
}
