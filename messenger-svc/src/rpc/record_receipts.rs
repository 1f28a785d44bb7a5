//! `RecordReceipts`: records what Meta reports of messages, in any order.

use jiff::Timestamp;
use platform::telemetry;
use proto::messenger::v1 as pb;

use super::{Messenger, parse};
use crate::domain::content::Violation;
use crate::domain::delivery::State;
use crate::domain::receipt::{Fate, Pricing, Receipt};
use crate::error::Error;

/// Receipts in one request.
const RECEIPTS_MAX: usize = 1000;

pub(super) async fn record_receipts(
    svc: &Messenger,
    request: pb::RecordReceiptsRequest,
) -> Result<pb::RecordReceiptsResponse, Error> {
    let total = request.receipts.len();
    let receipts = read(request, svc.clock.now())?;
    // A status of a later year says nothing we know: Meta need not send it again.
    let unknown = total - receipts.len();
    let fates = if receipts.is_empty() { Vec::new() } else { svc.receipts.record(receipts).await? };
    let count = |wanted: Fate| fates.iter().filter(|fate| **fate == wanted).count();
    Ok(pb::RecordReceiptsResponse {
        applied_count: wire_count(count(Fate::Applied)),
        ignored_count: wire_count(count(Fate::Ignored) + unknown),
        parked_count: wire_count(count(Fate::Parked)),
    })
}

fn read(request: pb::RecordReceiptsRequest, now: Timestamp) -> Result<Vec<Receipt>, Error> {
    let mut found = Vec::new();
    if !(1..=RECEIPTS_MAX).contains(&request.receipts.len()) {
        found.push(Violation::new("receipts", format!("must hold 1 to {RECEIPTS_MAX} receipts")));
        return Err(Error::Invalid(found));
    }
    let trace = telemetry::current_traceparent();
    let mut receipts = Vec::with_capacity(request.receipts.len());
    for (i, receipt) in request.receipts.into_iter().enumerate() {
        parse::whatsapp_id(&mut found, &format!("receipts[{i}].whatsapp_message_id"), &receipt.whatsapp_message_id);
        if receipt.status.is_empty() {
            found.push(Violation::new(format!("receipts[{i}].status"), "must not be empty"));
        }
        if let Some(state) = State::from_status(&receipt.status) {
            receipts.push(read_one(receipt, state, now, trace.as_deref()));
        } else {
            tracing::info!("ignored a receipt with a status that this version does not know");
        }
    }
    if found.is_empty() { Ok(receipts) } else { Err(Error::Invalid(found)) }
}

fn read_one(receipt: pb::Receipt, state: State, now: Timestamp, trace: Option<&str>) -> Receipt {
    let code = receipt.errors.first().map_or(0, |error| error.code);
    Receipt {
        whatsapp_id: receipt.whatsapp_message_id,
        message_id: receipt.callback_data.parse().ok(),
        state,
        occurred_at: parse::time(receipt.occur_time).unwrap_or(now),
        error_code: if state == State::Failed { code } else { 0 },
        pricing: receipt.pricing.map(|pricing| Pricing {
            billable: pricing.billable,
            model: parse::word(&pricing.pricing_model),
            kind: parse::word(&pricing.pricing_type),
            category: parse::word(&pricing.category),
        }),
        traceparent: Some(receipt.traceparent)
            .filter(|traceparent| !traceparent.is_empty())
            .or_else(|| trace.map(str::to_owned)),
    }
}

fn wire_count(count: usize) -> i32 {
    i32::try_from(count).expect("at most 1,000 receipts come in a request")
}
