//! Putting a line right, taking one line of several back, doing again what was taken back, and remembering names.

use platform::error::reason_of;
use proto::inventory::v1::{
    AddItemNameRequest, CorrectOperationRequest, CorrectOperationResponse, GetStockRequest, ItemReference,
    LatestReversal, LineCorrection, LineOutcome, ReverseOperationRequest, Source, add_item_name_request,
    correct_operation_request, item_reference, reverse_operation_request,
};
use rust_decimal::Decimal;
use tonic::Status;

use super::post::operation_line;
use super::unposted::unposted;
use super::{Acted, decimal, reverse};
use crate::conversation::{Line, Plan, Saying, Step, Talk};
use crate::pipeline::Pipeline;
use crate::pipeline::failure::Failure;
use crate::pipeline::inbound::Inbound;
use crate::pipeline::message::Sender;
use crate::reply::Outcome;

/// A line of an operation of before, and what it should have said; nothing: it goes.
pub(super) struct Change<'a> {
    pub operation_id: &'a str,
    pub line_number: i32,
    pub was: &'a Line,
    pub right: Option<&'a Line>,
}

/// Puts the line right in the ledger.
pub(super) async fn correct(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    plan: &Plan,
    request_id: String,
    change: Change<'_>,
    acted: &mut Acted,
) -> Result<(), Failure> {
    let request = CorrectOperationRequest {
        shop_id: sender.shop.shop_id.clone(),
        request_id,
        source: Source::Whatsapp as i32,
        member_id: sender.member.member_id.clone(),
        target: Some(correct_operation_request::Target::OperationId(change.operation_id.to_owned())),
        corrections: vec![LineCorrection { line_number: change.line_number, line: change.right.map(operation_line) }],
        dry_run: false,
    };
    let response = match pipeline.services.inventory.clone().correct_operation(request).await {
        Ok(response) => response.into_inner(),
        Err(status) => {
            acted.outcomes.push(refused(status)?);
            return Ok(());
        }
    };
    let Some(right) = change.right else { return dropped(pipeline, sender, &change, response, acted).await };
    if response.results.iter().any(|result| result.item_created) {
        pipeline.items.forget(inbound);
    }
    let Some(operation) = response.operation else {
        let again = |line: Line, _| Step::Correct {
            operation_id: change.operation_id.to_owned(),
            line_number: change.line_number,
            was: change.was.clone(),
            line,
        };
        let failed = response.results.iter().find(|result| {
            !matches!(result.outcome(), LineOutcome::Posted | LineOutcome::HeldBack | LineOutcome::Unspecified)
        });
        match failed {
            Some(result) => unposted(inbound, plan, right, result, &again, acted),
            None => acted.outcomes.push(Outcome::Said(Saying::HowToCorrect)),
        }
        return Ok(());
    };
    // The item that was meant: by its id, else by the place of the line.
    let by_id = response.results.iter().find(|result| {
        right.item.id.is_some() && result.item.as_ref().map(|item| &item.item_id) == right.item.id.as_ref()
    });
    let place = usize::try_from(change.line_number).unwrap_or(1).saturating_sub(1);
    let result = by_id.or_else(|| response.results.get(place)).or_else(|| response.results.last());
    let name = result.and_then(|result| result.item.as_ref()).map(|item| item.display_name.clone());
    acted.outcomes.push(Outcome::Said(Saying::Talk(Talk::Fixed {
        was: Box::new(change.was.clone()),
        line: Box::new(right.clone()),
        name: name.unwrap_or_else(|| right.item.said.clone()),
        balance: decimal(result.and_then(|result| result.balance_after.as_ref())),
    })));
    acted.undo = Some(operation.operation_id).filter(|id| !id.is_empty());
    Ok(())
}

/// One line went, and the others stand.
async fn dropped(
    pipeline: &Pipeline,
    sender: &Sender,
    change: &Change<'_>,
    response: CorrectOperationResponse,
    acted: &mut Acted,
) -> Result<(), Failure> {
    let movements = response.corrected.map(|operation| operation.movements).unwrap_or_default();
    let Some(movement) = movements.into_iter().find(|movement| movement.line_number == change.line_number) else {
        acted.outcomes.push(Outcome::Said(Saying::HowToCorrect));
        return Ok(());
    };
    let item = Some(ItemReference {
        reference: Some(item_reference::Reference::ItemId(movement.item_id.clone())),
        ..ItemReference::default()
    });
    let request = GetStockRequest { shop_id: sender.shop.shop_id.clone(), item, ..GetStockRequest::default() };
    let stock = pipeline.services.inventory.clone().get_stock(request).await.map_err(Failure::of("get stock"))?;
    let on_hand = stock.into_inner().candidates.into_iter().next().map(|candidate| decimal(candidate.on_hand.as_ref()));
    let delta = decimal(movement.delta.as_ref());
    acted.outcomes.push(Outcome::Undone(vec![(movement.item_name, delta, on_hand.unwrap_or_default())]));
    Ok(())
}

/// Does again what was taken back last.
pub(super) async fn redo(
    pipeline: &Pipeline,
    sender: &Sender,
    request_id: String,
    acted: &mut Acted,
) -> Result<(), Failure> {
    let request = ReverseOperationRequest {
        shop_id: sender.shop.shop_id.clone(),
        request_id,
        source: Source::Whatsapp as i32,
        member_id: sender.member.member_id.clone(),
        target: Some(reverse_operation_request::Target::LatestReversal(LatestReversal {})),
        dry_run: false,
    };
    let outcome = match pipeline.services.inventory.clone().reverse_operation(request).await {
        Ok(response) => {
            let operation = response.into_inner().operation.unwrap_or_default();
            let lines: Vec<(String, Decimal, Decimal)> = reverse::mirrored(&operation)
                .into_iter()
                // The mirror of a mirror changes stock as the first one did.
                .map(|(name, delta, balance)| (name, -delta, balance))
                .collect();
            Outcome::Said(Saying::Talk(Talk::Redone { lines }))
        }
        Err(status) => match reason_of(&status).as_deref() {
            Some("ERROR_REASON_NOTHING_TO_REVERSE" | "ERROR_REASON_OPERATION_NOT_FOUND") => {
                Outcome::Said(Saying::Talk(Talk::NothingToRedo))
            }
            _ => reverse::refused(status)?,
        },
    };
    acted.outcomes.push(outcome);
    Ok(())
}

/// Remembers what a person calls an item. What stands in the way of that is nobody's trouble: the line was posted.
pub(super) async fn teach(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    request_id: String,
    item_id: &str,
    name: &str,
) -> Result<(), Failure> {
    let request = AddItemNameRequest {
        shop_id: sender.shop.shop_id.clone(),
        request_id,
        source: Source::Whatsapp as i32,
        member_id: sender.member.member_id.clone(),
        item_id: item_id.to_owned(),
        name: Some(add_item_name_request::Name::Alias(name.chars().take(200).collect())),
    };
    match pipeline.services.inventory.clone().add_item_name(request).await {
        Ok(_) => pipeline.items.forget(inbound),
        // It is another item's name, or the item is gone, or it is no name: then it is asked again another time.
        Err(status) if reason_of(&status).is_some_and(|reason| is_of_the_name(&reason)) => {}
        Err(status) => return Err(Failure::of("add item name")(status)),
    }
    Ok(())
}

fn is_of_the_name(reason: &str) -> bool {
    matches!(
        reason,
        "ERROR_REASON_NAME_TAKEN"
            | "ERROR_REASON_ITEM_NOT_FOUND"
            | "ERROR_REASON_ROLE_NOT_ALLOWED"
            | "ERROR_REASON_INVALID_FIELD"
            | "ERROR_REASON_REQUEST_ID_REUSED"
    )
}

/// A rule of the ledger that said no is an answer, anything else a failure.
fn refused(status: Status) -> Result<Outcome, Failure> {
    let talk = match reason_of(&status).as_deref() {
        Some("ERROR_REASON_ALREADY_REVERSED") => Talk::FixedBefore,
        Some("ERROR_REASON_NOTHING_TO_REVERSE" | "ERROR_REASON_OPERATION_NOT_FOUND") => Talk::NothingToCorrect,
        Some("ERROR_REASON_INVALID_FIELD" | "ERROR_REASON_SCALE_EXCEEDED") => {
            return Ok(Outcome::Said(Saying::HowToCorrect));
        }
        _ => return reverse::refused(status),
    };
    Ok(Outcome::Said(Saying::Talk(talk)))
}
