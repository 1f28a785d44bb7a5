//! Posting: the ledger's answer to each line becomes a fact, a question or a hint.

use jiff::Timestamp;
use platform::error::reason_of;
use proto::common::v1::Money;
use proto::inventory::v1::{
    Change, Count, LineOutcome, LineResult, MovementKind, OperationLine, PostOperationRequest, PostOperationResponse,
    Source, operation_line,
};

use super::question::ask;
use super::reverse::refused;
use super::{Acted, decimal, pb, reference};
use crate::conversation::{Choice, Effect, Item, Line, Plan, Saying, Step};
use crate::pipeline::Pipeline;
use crate::pipeline::failure::Failure;
use crate::pipeline::inbound::Inbound;
use crate::pipeline::message::Sender;
use crate::reply::{Outcome, PostedLine};

pub(super) async fn post(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    plan: &Plan,
    lines: &[Line],
    occurred_at: Option<i64>,
    acted: &mut Acted,
) -> Result<(), Failure> {
    let request = request_for(inbound, sender, lines, occurred_at);
    let response = match pipeline.services.inventory.clone().post_operation(request).await {
        Ok(response) => response.into_inner(),
        Err(status) if reason_of(&status).as_deref() == Some("ERROR_REASON_ROLE_NOT_ALLOWED") => {
            acted.outcomes.push(Outcome::NotAllowed);
            return Ok(());
        }
        Err(status) => {
            acted.outcomes.push(refused(status)?);
            return Ok(());
        }
    };
    take(inbound, plan, lines, response, occurred_at, acted);
    Ok(())
}

/// The request that posts these lines under the message's own id.
pub(super) fn request_for(
    inbound: &Inbound,
    sender: &Sender,
    lines: &[Line],
    occurred_at: Option<i64>,
) -> PostOperationRequest {
    let occurred = occurred_at.and_then(|seconds| Timestamp::from_second(seconds).ok()).unwrap_or(inbound.sent_at);
    PostOperationRequest {
        shop_id: sender.shop.shop_id.clone(),
        request_id: inbound.wamid.clone(),
        source: Source::Whatsapp as i32,
        member_id: sender.member.member_id.clone(),
        occur_time: Some(prost_types::Timestamp { seconds: occurred.as_second(), nanos: 0 }),
        lines: lines.iter().map(operation_line).collect(),
        dry_run: false,
        all_or_nothing: false,
        // Always allowed: Meta delivers up to seven days late, and a retry after a day must be the same request.
        backdated: true,
        ..PostOperationRequest::default()
    }
}

/// Makes facts and questions of what the ledger says of each line.
pub(super) fn take(
    inbound: &Inbound,
    plan: &Plan,
    lines: &[Line],
    response: PostOperationResponse,
    occurred_at: Option<i64>,
    acted: &mut Acted,
) {
    let mut posted = Vec::new();
    let mut open: Vec<(&Line, &LineResult)> = Vec::new();
    for (line, result) in lines.iter().zip(&response.results) {
        if result.outcome() == LineOutcome::Posted {
            posted.push(posted_line(line, result));
        } else {
            open.push((line, result));
        }
    }
    if !posted.is_empty() {
        acted.outcomes.push(Outcome::Posted(posted));
        acted.undo = response.operation.map(|operation| operation.operation_id).filter(|id| !id.is_empty());
    }
    for (line, result) in open {
        unposted(inbound, plan, line, result, occurred_at, acted);
    }
}

fn posted_line(line: &Line, result: &LineResult) -> PostedLine {
    let item = result.item.clone().unwrap_or_default();
    PostedLine {
        line: line.clone(),
        name: item.display_name,
        delta: decimal(result.delta.as_ref()),
        balance: decimal(result.balance_after.as_ref()),
        expected: result.expected.as_ref().map(|value| decimal(Some(value))),
        base_unit: item.base_unit,
        is_new: result.item_created,
    }
}

/// A line that was not posted leads to a question or a hint.
fn unposted(
    inbound: &Inbound,
    plan: &Plan,
    line: &Line,
    result: &LineResult,
    occurred_at: Option<i64>,
    acted: &mut Acted,
) {
    let said = line.item.said.clone();
    match result.outcome() {
        LineOutcome::ItemAmbiguous if !result.candidates.is_empty() => {
            let candidates: Vec<_> =
                result.candidates.iter().filter_map(|candidate| candidate.item.as_ref()).take(10).collect();
            let choices: Vec<Choice> = candidates
                .iter()
                .map(|item| {
                    let chosen = Item {
                        id: Some(item.item_id.clone()),
                        said: item.display_name.clone(),
                        english: String::new(),
                    };
                    let line = Line { item: chosen, ..line.clone() };
                    Choice {
                        title: item.display_name.clone(),
                        steps: vec![Step::Post { lines: vec![line], occurred_at }],
                    }
                })
                .collect();
            let mut names: Vec<String> = candidates.iter().map(|item| item.display_name.clone()).collect();
            let mut choices = choices;
            if may_be_new(&line.effect) {
                // What comes in may be something else that is only spelt alike.
                let line = Line { is_new: true, ..line.clone() };
                let title = format!("🆕 {said}");
                choices
                    .push(Choice { title: title.clone(), steps: vec![Step::Post { lines: vec![line], occurred_at }] });
                names.push(title);
            }
            ask(inbound, plan, &Saying::WhichOf { said, names }, &choices, acted);
        }
        LineOutcome::UnitUnknown => acted.outcomes.push(Outcome::UnknownUnit { said, unit: line.unit.clone() }),
        LineOutcome::ScaleExceeded => {
            let name = result.item.as_ref().map_or(said, |item| item.display_name.clone());
            acted.outcomes.push(Outcome::WholeUnits { name });
        }
        LineOutcome::ItemNotFound
        | LineOutcome::ItemAmbiguous
        | LineOutcome::HeldBack
        | LineOutcome::Posted
        | LineOutcome::Unspecified => {
            let quantity = match &line.effect {
                Effect::Change { quantity, .. } | Effect::Count { quantity } => Some(quantity.abs()),
                Effect::All { .. } => None,
            };
            acted.outcomes.push(Outcome::NoSuchItem { said, quantity });
        }
    }
}

fn operation_line(line: &Line) -> OperationLine {
    let (effect, create_item) = match &line.effect {
        Effect::Change { kind, quantity } => (
            operation_line::Effect::Change(Change { kind: *kind, quantity: Some(pb(*quantity)), all: false }),
            // What comes in may be new; what goes out or is counted must be known, or a misspelling makes an item.
            may_be_new(&line.effect),
        ),
        Effect::All { kind } => {
            (operation_line::Effect::Change(Change { kind: *kind, quantity: None, all: true }), false)
        }
        Effect::Count { quantity } => (operation_line::Effect::Count(Count { quantity: Some(pb(*quantity)) }), false),
    };
    OperationLine {
        item: Some(reference(&line.item)),
        effect: Some(effect),
        unit: line.unit.clone(),
        pack_size: line.pack_size.map(pb),
        unit_price: line
            .unit_price
            .as_ref()
            .map(|(amount, currency)| Money { amount: Some(pb(*amount)), currency_code: currency.clone() }),
        location_id: String::new(),
        expected_balance: None,
        create_item,
        create_despite_similar: line.is_new,
    }
}

/// Returns whether the item of such a line may be new to the shop: what comes in may, what goes out or is counted may not.
fn may_be_new(effect: &Effect) -> bool {
    let brings_in = [MovementKind::Receipt as i32, MovementKind::Opening as i32, MovementKind::ReturnIn as i32];
    matches!(effect, Effect::Change { kind, .. } if brings_in.contains(kind))
}
