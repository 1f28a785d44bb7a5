//! Posting: the ledger's answer to each line becomes a fact, a question or a hint.

use jiff::Timestamp;
use platform::error::reason_of;
use proto::common::v1::Money;
use proto::inventory::v1::{
    Change, Count, GetOperationRequest, LineOutcome, LineResult, Movement, MovementKind, OperationKind, OperationLine,
    PostOperationRequest, PostOperationResponse, RequestKey, Source, get_operation_request, operation_line,
};
use tonic::{Code, Status};

use super::reverse::refused;
use super::unposted::unposted;
use super::{Acted, decimal, pb, reference};
use crate::conversation::{Effect, Item, Line, Plan, Saying, Step, Talk};
use crate::pipeline::Pipeline;
use crate::pipeline::failure::Failure;
use crate::pipeline::inbound::Inbound;
use crate::pipeline::message::Sender;
use crate::reply::{Outcome, PostedLine};

/// What is posted.
pub(super) struct Post<'a> {
    pub request_id: String,
    pub lines: &'a [Line],
    pub occurred_at: Option<i64>,
    pub is_confirmed: bool,
}

pub(super) async fn post(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    plan: &Plan,
    post: Post<'_>,
    acted: &mut Acted,
) -> Result<(), Failure> {
    let Post { request_id, lines, occurred_at, is_confirmed } = post;
    let request = PostOperationRequest {
        request_id: request_id.clone(),
        hold_unusual: !is_confirmed,
        ..request_for(inbound, sender, lines, occurred_at)
    };
    let response = match pipeline.services.inventory.clone().post_operation(request).await {
        Ok(response) => response.into_inner(),
        Err(status) if reason_of(&status).as_deref() == Some("ERROR_REASON_ROLE_NOT_ALLOWED") => {
            acted.outcomes.push(Outcome::NotAllowed);
            return Ok(());
        }
        Err(status) if is_reused(&status) => {
            acted.take_found(found_again(pipeline, request_id, sender, status).await?);
            return Ok(());
        }
        Err(status) => {
            acted.outcomes.push(refused(status)?);
            return Ok(());
        }
    };
    if response.results.iter().any(|result| result.item_created) {
        pipeline.items.forget(inbound);
    }
    take(inbound, plan, lines, response, occurred_at, acted);
    Ok(())
}

/// Tells what is usual, when a single line that is asked about is far from it. The ledger is only asked.
pub(super) async fn with_usual(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    saying: &Saying,
) -> Result<Saying, Failure> {
    let Saying::ReallyDo { lines } = saying else { return Ok(saying.clone()) };
    let [line] = lines.as_slice() else { return Ok(saying.clone()) };
    let request = PostOperationRequest {
        request_id: format!("{}/usual", inbound.wamid),
        dry_run: true,
        hold_unusual: true,
        ..request_for(inbound, sender, lines, None)
    };
    // Without an answer the question is as good without it.
    let Ok(response) = pipeline.services.inventory.clone().post_operation(request).await else {
        return Ok(saying.clone());
    };
    let result = response.into_inner().results.into_iter().next().unwrap_or_default();
    let usual = decimal(result.usual.as_ref());
    Ok(if result.outcome() == LineOutcome::Unusual && !usual.is_zero() {
        Saying::Talk(Talk::ReallySoMuch { line: Box::new(line.clone()), usual })
    } else {
        saying.clone()
    })
}

/// Returns whether something else was saved under the id of this message before.
pub(super) fn is_reused(status: &Status) -> bool {
    reason_of(status).as_deref() == Some("ERROR_REASON_REQUEST_ID_REUSED")
}

/// Answers from what was saved under the id of this message, by another version or another plan: it was done.
pub(super) async fn found_again(
    pipeline: &Pipeline,
    request_id: String,
    sender: &Sender,
    status: Status,
) -> Result<(Outcome, Option<String>), Failure> {
    // It says one thing and the other: an operator should see what it said first.
    saved_under(pipeline, request_id, sender).await?.ok_or_else(|| Failure::of("post")(status))
}

/// Returns what was saved under this name, if anything was.
pub(super) async fn saved_under(
    pipeline: &Pipeline,
    request_id: String,
    sender: &Sender,
) -> Result<Option<(Outcome, Option<String>)>, Failure> {
    let request = GetOperationRequest {
        shop_id: sender.shop.shop_id.clone(),
        key: Some(get_operation_request::Key::Request(RequestKey { source: Source::Whatsapp as i32, request_id })),
    };
    let found = match pipeline.services.inventory.clone().get_operation(request).await {
        Ok(response) => response.into_inner(),
        Err(missing) if missing.code() == Code::NotFound => return Ok(None),
        Err(failed) => return Err(Failure::of("get operation")(failed)),
    };
    let operation = found.operation.unwrap_or_default();
    if !found.reversed_by_operation_id.is_empty() {
        return Ok(Some((Outcome::AlreadyUndone, None)));
    }
    let is_count = operation.kind() == OperationKind::Count;
    let movements = operation.movements.iter();
    // What a later count absorbed stands beside it and was not said by anybody.
    let said = movements.filter(|movement| is_count || movement.kind() != MovementKind::Count);
    Ok(Some((Outcome::Posted(said.map(moved).collect()), Some(operation.operation_id))))
}

/// A movement as the line that made it.
fn moved(movement: &Movement) -> PostedLine {
    let (delta, balance) = (decimal(movement.delta.as_ref()), decimal(movement.balance_after.as_ref()));
    let said = movement.said_quantity.as_ref().map_or(delta, |said| decimal(Some(said)));
    let effect = if movement.kind() == MovementKind::Count {
        Effect::Count { quantity: balance }
    } else {
        Effect::Change { kind: movement.kind, quantity: said.abs() }
    };
    let item = Item { said: movement.item_name.clone(), ..Item::default() };
    let unit = movement.said_unit.clone();
    PostedLine {
        line: Line { item, effect, unit, pack_size: None, unit_price: None, is_new: false },
        name: movement.item_name.clone(),
        delta,
        balance,
        expected: None,
        base_unit: movement.base_unit.clone(),
        is_new: false,
        level_crossed: None,
        is_absorbed: false,
    }
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
    mut response: PostOperationResponse,
    occurred_at: Option<i64>,
    acted: &mut Acted,
) {
    take_posted(lines, &mut response, acted);
    let results = response.results;
    for (line, result) in lines.iter().zip(&results).filter(|(_, result)| result.outcome() != LineOutcome::Posted) {
        let again = |line, is_confirmed| Step::Post { lines: vec![line], occurred_at, is_confirmed };
        unposted(inbound, plan, line, result, &again, acted);
    }
}

/// Makes a fact of the lines that were posted.
pub(super) fn take_posted(lines: &[Line], response: &mut PostOperationResponse, acted: &mut Acted) {
    let posted = lines.iter().zip(&response.results).filter(|(_, result)| result.outcome() == LineOutcome::Posted);
    let posted: Vec<_> = posted.map(|(line, result)| posted_line(line, result)).collect();
    if !posted.is_empty() {
        acted.outcomes.push(Outcome::Posted(posted));
        acted.undo = response.operation.take().map(|operation| operation.operation_id).filter(|id| !id.is_empty());
    }
}

fn posted_line(line: &Line, result: &LineResult) -> PostedLine {
    let item = result.item.clone().unwrap_or_default();
    let level = item.low_level.as_ref().map(|level| decimal(Some(level)));
    PostedLine {
        line: line.clone(),
        name: item.display_name,
        delta: decimal(result.delta.as_ref()),
        balance: decimal(result.balance_after.as_ref()),
        expected: result.expected.as_ref().map(|value| decimal(Some(value))),
        base_unit: item.base_unit,
        is_new: result.item_created,
        level_crossed: level.filter(|_| result.low_level_crossed),
        is_absorbed: result.absorbed,
    }
}

pub(super) fn operation_line(line: &Line) -> OperationLine {
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
pub(super) fn may_be_new(effect: &Effect) -> bool {
    let brings_in = [MovementKind::Receipt as i32, MovementKind::Opening as i32, MovementKind::ReturnIn as i32];
    matches!(effect, Effect::Change { kind, .. } if brings_in.contains(kind))
}
