//! `ReverseOperation`: takes one operation back by an exact mirror of each of its lines.

use jiff::SignedDuration;
use proto::inventory::v1 as pb;

use super::fields::{Fields, request_hash};
use super::{Inventory, answers};
use crate::domain::reference::public_reference;
use crate::error::Error;
use crate::store::{Asked, Target};

/// How far back "the latest" reaches; what is older is named by its id.
pub(super) const LATEST_MAX: SignedDuration = SignedDuration::from_hours(24);

pub(super) async fn reverse_operation(
    inventory: &Inventory,
    request: pb::ReverseOperationRequest,
) -> Result<pb::ReverseOperationResponse, Error> {
    let (asked, target) = parse(request, inventory)?;

    let reversal = inventory.store.reverse_operation(&asked, target).await?;

    let dry_run = asked.dry_run && !reversal.replayed;
    if !dry_run {
        tracing::info!(
            operation.id = %reversal.operation.id,
            shop.id = %asked.shop_id,
            replayed = reversal.replayed,
            "reversed operation {}",
            reversal.reversed.id
        );
    }
    Ok(pb::ReverseOperationResponse {
        operation: Some(answers::operation(reversal.operation, reversal.movements, dry_run)?),
        reversed: Some(answers::operation(reversal.reversed, reversal.reversed_movements, false)?),
        replayed: reversal.replayed,
    })
}

fn parse(mut request: pb::ReverseOperationRequest, inventory: &Inventory) -> Result<(Asked, Target), Error> {
    let dry_run = std::mem::take(&mut request.dry_run); // asking first and then doing is the same request
    let request_hash = request_hash(&request);
    let now = inventory.clock.now();
    let mut fields = Fields::default();
    let shop_id = fields.id("shop_id", &request.shop_id);
    fields.request_id(&request.request_id);
    let source = fields.source(request.source);
    let member_id = fields.optional_id("member_id", &request.member_id);
    let latest = Target::LatestSince(now - LATEST_MAX);
    let target = match &request.target {
        Some(pb::reverse_operation_request::Target::OperationId(id)) => {
            Target::Operation(fields.id("operation_id", id))
        }
        Some(pb::reverse_operation_request::Target::Latest(pb::Latest {})) => {
            if request.member_id.is_empty() {
                fields.refuse("member_id", "is required with latest: it is the latest of a member");
            }
            latest
        }
        Some(pb::reverse_operation_request::Target::LatestReversal(pb::LatestReversal {})) => {
            if request.member_id.is_empty() {
                fields.refuse("member_id", "is required with latest_reversal: it is the latest of a member");
            }
            Target::LatestReversalSince(now - LATEST_MAX)
        }
        None => {
            fields.refuse("target", "must be operation_id, latest or latest_reversal");
            latest
        }
    };
    fields.finish()?;
    let operation_id = inventory.ids.uuid();
    let asked = Asked {
        shop_id,
        operation_id,
        public_reference: public_reference(operation_id),
        source,
        request_id: request.request_id,
        request_hash,
        member_id,
        recorded_at: now,
        dry_run,
    };
    Ok((asked, target))
}
