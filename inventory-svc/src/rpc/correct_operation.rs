//! `CorrectOperation`: an operation is taken back and posted again as it should have been.

use std::collections::BTreeMap;

use proto::inventory::v1 as pb;
use proto::inventory::v1::correct_operation_request::Target as Wanted;
use rust_decimal::Decimal;

use super::fields::{Fields, request_hash};
use super::lines::{self, LINES_MAX, Line};
use super::reverse_operation::LATEST_MAX;
use super::{Inventory, answers};
use crate::domain::movement_kind::{Direction, MovementKind};
use crate::domain::reference::public_reference;
use crate::error::Error;
use crate::store::{Asked, CorrectAnswer, Correction, CorrectionReversal, CorrectionStart, NewLine, PastLine, Target};

pub(super) async fn correct_operation(
    inventory: &Inventory,
    request: pb::CorrectOperationRequest,
) -> Result<pb::CorrectOperationResponse, Error> {
    let (mut asked, target, corrections) = parse(request, inventory)?;
    let (target_id, past) = match inventory.store.read_for_correction(&asked, target).await? {
        CorrectionStart::Done { answer } => return answered(*answer, false),
        CorrectionStart::Lines { target_id, lines } => (target_id, lines),
    };
    let (said, mut lines) = put_right(past, corrections)?;
    let mut id = inventory.ids.uuid();
    if id > asked.operation_id {
        // Who watches is told of both in the order of their ids: what is taken back first.
        std::mem::swap(&mut id, &mut asked.operation_id);
        asked.public_reference = public_reference(asked.operation_id);
    }
    let reversal = CorrectionReversal { id, public_reference: public_reference(id) };

    let mut answer = inventory.store.correct_operation(&asked, &reversal, target_id, &lines, false).await?;
    if let CorrectAnswer::Unresolved { unresolved } = &answer {
        let catalogue = inventory.store.catalogue(asked.shop_id).await?;
        lines::decide(inventory, &said, unresolved, &catalogue, &mut lines);
        answer = inventory.store.correct_operation(&asked, &reversal, target_id, &lines, true).await?;
    }
    let CorrectAnswer::Corrected(corrected) = answer else {
        return Err(Error::inconsistent("item_key", "a line stayed open after it was decided"));
    };

    if let Some(operation) = corrected.operation.as_ref().filter(|_| !asked.dry_run) {
        tracing::info!(
            operation.id = %operation.id,
            shop.id = %asked.shop_id,
            replayed = corrected.replayed,
            "corrected operation {target_id}"
        );
    }
    answered(*corrected, asked.dry_run)
}

fn answered(row: Correction, dry_run: bool) -> Result<pb::CorrectOperationResponse, Error> {
    let dry_run = dry_run && !row.replayed;
    let (movements, corrected_movements) = (row.movements, row.corrected_movements);
    Ok(pb::CorrectOperationResponse {
        operation: row.operation.map(|operation| answers::operation(operation, movements, dry_run)).transpose()?,
        corrected: row
            .corrected
            .map(|operation| answers::operation(operation, corrected_movements, false))
            .transpose()?,
        results: row.results.into_iter().map(answers::line_result).collect(),
        replayed: row.replayed,
    })
}

/// By line number: what should have been said, or nothing.
type Corrections = BTreeMap<i32, Option<Line>>;

fn parse(
    mut request: pb::CorrectOperationRequest,
    inventory: &Inventory,
) -> Result<(Asked, Target, Corrections), Error> {
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
        Some(Wanted::OperationId(id)) => Target::Operation(fields.id("operation_id", id)),
        Some(Wanted::Latest(pb::Latest {})) => {
            if request.member_id.is_empty() {
                fields.refuse("member_id", "is required with latest: it is the latest of a member");
            }
            latest
        }
        None => {
            fields.refuse("target", "must be operation_id or latest");
            latest
        }
    };
    if request.corrections.is_empty() || request.corrections.len() > LINES_MAX {
        fields.refuse("corrections", format!("must be 1 to {LINES_MAX}"));
    }
    let mut corrections = Corrections::new();
    for (place, correction) in request.corrections.iter().take(LINES_MAX).enumerate() {
        let path = format!("corrections[{place}].line");
        let line = correction.line.as_ref().map(|line| Line::parse(&mut fields, &path, line));
        if corrections.insert(correction.line_number, line).is_some() {
            fields.refuse(format!("corrections[{place}].line_number"), "must name each line at most once");
        }
    }
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
    Ok((asked, target, corrections))
}

/// Returns the lines as they should have been, each as it was said now, if it was, and as it is posted.
fn put_right(past: Vec<PastLine>, mut corrections: Corrections) -> Result<(Vec<Option<Line>>, Vec<NewLine>), Error> {
    let (mut said, mut lines) = (Vec::new(), Vec::new());
    for line in past {
        let number = lines.len() + 1;
        match corrections.remove(&line.line) {
            None => {
                lines.push(again(line, number)?);
                said.push(None);
            }
            Some(Some(right)) => {
                lines.push(right.to_store(number));
                said.push(Some(right));
            }
            Some(None) => {}
        }
    }
    if let Some(number) = corrections.keys().next() {
        return Err(Error::invalid("corrections", format!("line {number} is not of the operation")));
    }
    if lines.is_empty() {
        return Err(Error::invalid("corrections", "must leave a line: an operation of none is taken back"));
    }
    Ok((said, lines))
}

/// Returns a line that was right as it is posted again, in base units.
fn again(line: PastLine, number: usize) -> Result<NewLine, Error> {
    let kind = line
        .kind
        .as_deref()
        .map(|kind| {
            MovementKind::from_stored(kind)
                .ok_or_else(|| Error::invalid("operation_id", "has lines that are not made by posting"))
        })
        .transpose()?;
    let is_signed = kind.is_none_or(|kind| kind.direction() == Direction::Signed);
    Ok(NewLine {
        line: number,
        item_id: Some(line.item_id),
        keys: Vec::new(),
        new_item: None,
        outcome: None,
        candidates: None,
        is_count: line.is_count,
        kind: kind.map(MovementKind::as_str),
        sign: if !is_signed && line.quantity < Decimal::ZERO { -1 } else { 1 },
        quantity: Some(if is_signed { line.quantity } else { line.quantity.abs() }),
        takes_all: false,
        unit: None,
        measures: BTreeMap::new(),
        usual_factor: None,
        pack_size: None,
        unit_price: line.unit_price,
        currency: line.currency,
        location_id: Some(line.location_id),
        expected_balance: None,
        hold_unusual: false,
    })
}
