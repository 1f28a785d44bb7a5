//! Taking back.

use platform::error::reason_of;
use proto::inventory::v1::{Operation, ReverseOperationRequest, Source, reverse_operation_request};
use rust_decimal::Decimal;
use tonic::Status;

use super::decimal;
use crate::pipeline::Pipeline;
use crate::pipeline::failure::Failure;
use crate::pipeline::message::Sender;
use crate::reply::Outcome;

pub(super) async fn reverse(
    pipeline: &Pipeline,
    request_id: String,
    sender: &Sender,
    target: reverse_operation_request::Target,
) -> Result<Outcome, Failure> {
    let request = ReverseOperationRequest {
        shop_id: sender.shop.shop_id.clone(),
        request_id,
        source: Source::Whatsapp as i32,
        member_id: sender.member.member_id.clone(),
        target: Some(target),
        dry_run: false,
    };
    match pipeline.services.inventory.clone().reverse_operation(request).await {
        Ok(response) => Ok(Outcome::Undone(mirrored(&response.into_inner().operation.unwrap_or_default()))),
        Err(status) => refused(status),
    }
}

/// Returns what a reversal mirrored: names, the changes that are gone, and balances.
pub(super) fn mirrored(reversal: &Operation) -> Vec<(String, Decimal, Decimal)> {
    let mirrors = reversal.movements.iter().filter(|movement| movement.reverses_movement_id != 0);
    // What was undone is the mirror of the reversal; a line that a later count absorbed has none.
    mirrors
        .map(|movement| {
            let balance = reversal
                .movements
                .iter()
                .rev()
                .find(|last| last.item_id == movement.item_id && last.location_id == movement.location_id)
                .unwrap_or(movement);
            (movement.item_name.clone(), -decimal(movement.delta.as_ref()), decimal(balance.balance_after.as_ref()))
        })
        .collect()
}

/// A rule of the ledger that said no is an answer, anything else a failure.
pub(super) fn refused(status: Status) -> Result<Outcome, Failure> {
    match reason_of(&status).as_deref() {
        Some("ERROR_REASON_NOTHING_TO_REVERSE" | "ERROR_REASON_OPERATION_NOT_FOUND") => Ok(Outcome::NothingToUndo),
        Some("ERROR_REASON_ALREADY_REVERSED") => Ok(Outcome::AlreadyUndone),
        Some("ERROR_REASON_ROLE_NOT_ALLOWED") => Ok(Outcome::NotYoursToUndo),
        Some("ERROR_REASON_INSUFFICIENT_STOCK") => Ok(Outcome::NotEnough),
        _ => Err(Failure::of("ledger")(status)),
    }
}
