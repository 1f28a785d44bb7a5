//! Every metric of the parser, declared in one place. Labels are ours or the vendor's, never a shopkeeper's.

use std::sync::OnceLock;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};
use proto::parser::v1::{ModelOutcome, ParseSource};
use rust_decimal::prelude::ToPrimitive as _;

use crate::model::Usage;

/// Bounds that the conventions for GenAI advise: seconds.
const SECONDS: [f64; 14] = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
/// Bounds that they advise for tokens, as far as a chat message can reach.
const TOKENS: [f64; 10] = [1.0, 4.0, 16.0, 64.0, 256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262_144.0];

/// The instruments. Without an exporter they are no-ops.
struct Metrics {
    /// Messages that were read, by source and outcome.
    messages: Counter<u64>,
    /// Questions that were looked up among earlier ones, by whether they were there.
    lookups: Counter<u64>,
    /// Messages for which the shop's budget was used up.
    budget_refusals: Counter<u64>,
    /// What calls cost; US dollars.
    cost: Counter<f64>,
    /// Calls whose price is not known.
    unpriced: Counter<u64>,
    /// Tokens of a call, in and out.
    token_usage: Histogram<u64>,
    /// Duration of a call; seconds.
    operation_duration: Histogram<f64>,
}

/// A call, as the conventions describe it.
pub struct Operation<'a> {
    /// The model that was asked for.
    pub request_model: &'a str,
    /// The model that served, when one did.
    pub response_model: Option<&'a str>,
    /// Host that was called.
    pub server_address: &'a str,
    /// Why it failed, when it did.
    pub error_type: Option<&'static str>,
    /// How long it took.
    pub duration: Duration,
    /// Tokens in and out, when they were told.
    pub tokens: Option<(u64, u64)>,
}

fn get() -> &'static Metrics {
    static METRICS: OnceLock<Metrics> = OnceLock::new();
    METRICS.get_or_init(|| Metrics::new(&opentelemetry::global::meter("parser_svc")))
}

impl Metrics {
    fn new(meter: &Meter) -> Self {
        let tokens = meter.u64_histogram("gen_ai.client.token.usage").with_unit("{token}");
        let duration = meter.f64_histogram("gen_ai.client.operation.duration").with_unit("s");
        Self {
            messages: meter.u64_counter("backroom_parser_messages_total").with_unit("{message}").build(),
            lookups: meter.u64_counter("backroom_parser_model_lookups_total").with_unit("{lookup}").build(),
            budget_refusals: meter.u64_counter("backroom_parser_budget_refusals_total").with_unit("{message}").build(),
            cost: meter.f64_counter("backroom_parser_model_cost_usd_total").with_unit("USD").build(),
            unpriced: meter.u64_counter("backroom_parser_model_unpriced_total").with_unit("{message}").build(),
            token_usage: tokens.with_boundaries(TOKENS.to_vec()).build(),
            operation_duration: duration.with_boundaries(SECONDS.to_vec()).build(),
        }
    }
}

/// Counts a message that was read.
pub fn read(kind: &'static str, source: ParseSource, outcome: ModelOutcome) {
    get().messages.add(
        1,
        &[
            KeyValue::new("kind", kind),
            KeyValue::new("source", source.as_str_name()),
            KeyValue::new("model_outcome", outcome.as_str_name()),
        ],
    );
}

/// Counts a question that was looked up among earlier ones.
pub fn looked_up(is_there: bool) {
    get().lookups.add(1, &[KeyValue::new("result", if is_there { "hit" } else { "miss" })]);
}

/// Counts a message for which the budget was used up.
pub fn refused_by_budget() {
    get().budget_refusals.add(1, &[]);
}

/// Counts what a message cost.
pub fn spent(usage: &Usage) {
    match usage.cost.and_then(|cost| cost.to_f64()) {
        Some(cost) => get().cost.add(cost, &[]),
        None => get().unpriced.add(1, &[]),
    }
}

/// Records a call by the conventions for GenAI.
pub fn operation(operation: &Operation<'_>) {
    let mut labels = vec![
        KeyValue::new("gen_ai.operation.name", "generate_content"),
        KeyValue::new("gen_ai.provider.name", "gcp.gemini"),
        KeyValue::new("gen_ai.request.model", operation.request_model.to_owned()),
        KeyValue::new("server.address", operation.server_address.to_owned()),
    ];
    labels.extend(operation.response_model.map(|model| KeyValue::new("gen_ai.response.model", model.to_owned())));
    for (tokens, kind) in
        operation.tokens.into_iter().flat_map(|(input, output)| [(input, "input"), (output, "output")])
    {
        let mut labels = labels.clone();
        labels.push(KeyValue::new("gen_ai.token.type", kind));
        get().token_usage.record(tokens, &labels);
    }
    labels.extend(operation.error_type.map(|error| KeyValue::new("error.type", error)));
    get().operation_duration.record(operation.duration.as_secs_f64(), &labels);
}
