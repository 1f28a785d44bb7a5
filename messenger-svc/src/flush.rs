//! The span of a statement that many messages share.

use platform::telemetry;
use tracing::Span;

/// Traces that a shared statement is linked to at most.
const LINKS_MAX: usize = 32;

/// Opens a span in the trace of the first of the items and links it to those of the others, so that each of them finds
/// the statement that carried it.
pub fn span<'a>(name: &'static str, item_count: usize, traceparents: impl Iterator<Item = Option<&'a str>>) -> Span {
    let span = tracing::info_span!(parent: None, "flush", otel.name = name, flush.items = item_count);
    for (i, traceparent) in traceparents.flatten().take(LINKS_MAX).enumerate() {
        if i == 0 {
            telemetry::set_parent(&span, traceparent);
        } else {
            telemetry::link(&span, traceparent);
        }
    }
    span
}
