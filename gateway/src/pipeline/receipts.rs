//! Statuses go to the messenger, many at a time.

use platform::lanes::{ClaimedLane, Job, Outcome};
use proto::common::v1::WhatsAppUser;
use proto::messenger::v1::{Pricing, Receipt, ReceiptError, RecordReceiptsRequest};
use tonic::Code;
use tracing::Instrument as _;

use super::Pipeline;
use super::failure::Failure;
use crate::webhook::{Status, StoredStatus};

/// Hands all statuses of a lane over in one call; when the call is refused, one by one, so that one bad status stops nobody.
pub(super) async fn hand_over(pipeline: &Pipeline, lane: &ClaimedLane) -> Vec<(i64, Outcome)> {
    let span = tracing::info_span!(
        "receipts",
        otel.name = "process receipts",
        otel.kind = "consumer",
        messaging.batch.message_count = lane.jobs.len()
    );
    async {
        let mut outcomes = Vec::with_capacity(lane.jobs.len());
        let mut receipts = Vec::new();
        let mut jobs = Vec::new();
        for job in &lane.jobs {
            if let Some(receipt) = receipt_of(job) {
                receipts.push(receipt);
                jobs.push(job);
            } else {
                tracing::error!(job.id = job.id, "status {} cannot be read by this version and is kept", job.id);
                outcomes.push((job.id, Outcome::Dead { reason: "the stored status cannot be read".to_owned() }));
            }
        }
        if receipts.is_empty() {
            return outcomes;
        }
        match send(pipeline, receipts.clone()).await {
            Ok(()) => outcomes.extend(jobs.iter().map(|job| (job.id, Outcome::Done))),
            // The batch as a whole was too much for somebody: one by one, so that one bad status costs the others nothing.
            Err(Failure::Hop { status, .. }) if !is_passing(status.code()) => {
                for (job, receipt) in jobs.into_iter().zip(receipts) {
                    let outcome = match send(pipeline, vec![receipt]).await {
                        Ok(()) => Outcome::Done,
                        Err(failure) => pipeline.patience.judge(&failure, job, pipeline.clock.now()),
                    };
                    if let Outcome::Dead { reason } = &outcome {
                        tracing::error!(job.id = job.id, "status {} was refused and is kept: {reason}", job.id);
                    }
                    let stops = matches!(outcome, Outcome::Retry { .. } | Outcome::NotNow { .. });
                    outcomes.push((job.id, outcome));
                    if stops {
                        break;
                    }
                }
            }
            Err(failure) => {
                if let Some(head) = jobs.first() {
                    outcomes.push((head.id, pipeline.patience.judge(&failure, head, pipeline.clock.now())));
                }
            }
        }
        outcomes
    }
    .instrument(span)
    .await
}

/// Returns whether the same call may go through in a moment.
fn is_passing(code: Code) -> bool {
    matches!(
        code,
        Code::Unavailable
            | Code::Aborted
            | Code::ResourceExhausted
            | Code::Cancelled
            | Code::Unauthenticated
            | Code::PermissionDenied
    )
}

async fn send(pipeline: &Pipeline, receipts: Vec<Receipt>) -> Result<(), Failure> {
    let mut messenger = pipeline.services.messenger.clone();
    messenger.record_receipts(RecordReceiptsRequest { receipts }).await.map_err(Failure::of("record receipts"))?;
    Ok(())
}

fn receipt_of(job: &Job) -> Option<Receipt> {
    let stored: StoredStatus = serde_json::from_slice(&job.payload).ok()?;
    let status: Status = serde_json::from_str(stored.status.get()).ok()?;
    Some(Receipt {
        whatsapp_message_id: status.id?,
        status: status.state?,
        occur_time: status
            .timestamp
            .and_then(|seconds| seconds.parse().ok())
            .map(|seconds| prost_types::Timestamp { seconds, nanos: 0 }),
        callback_data: status.biz_opaque_callback_data.unwrap_or_default(),
        errors: status
            .errors
            .unwrap_or_default()
            .into_iter()
            .map(|error| ReceiptError {
                code: error.code.and_then(|code| code.parse().ok()).unwrap_or_default(),
                details: error
                    .error_data
                    .as_ref()
                    .and_then(|data| data.get("details").or(Some(data)))
                    .and_then(|details| details.as_str())
                    .unwrap_or_default()
                    .to_owned(),
            })
            .collect(),
        pricing: status.pricing.map(|pricing| Pricing {
            billable: pricing.billable,
            pricing_model: pricing.pricing_model.unwrap_or_default(),
            pricing_type: pricing.kind.unwrap_or_default(),
            category: pricing.category.unwrap_or_default(),
        }),
        recipient: Some(WhatsAppUser {
            user_id: status.recipient_user_id.unwrap_or_default(),
            phone_number: status.recipient_id.unwrap_or_default(),
        }),
        traceparent: job.traceparent.clone().unwrap_or_default(),
    })
}
