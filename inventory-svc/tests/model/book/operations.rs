//! Reversals, corrections and transfers.

use jiff::Timestamp;
use proto::inventory::v1 as pb;
use rust_decimal::Decimal;

use super::lines::{LineExpected, number};
use super::{Book, Operation, Refusals, What};

/// Which operation is to be taken back.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target<'a> {
    Id(&'a str),
    /// The newest of the member, or the one that was told to be it.
    Latest(Option<&'a str>),
    /// The newest reversal of the member, or the one that was told to be it.
    Redo(Option<&'a str>),
}

impl Book {
    /// Returns the end of the chain of undo and redo.
    fn end_of(&self, mut operation: usize) -> usize {
        while let Some(next) = self.operations[operation].reversed_by {
            operation = next;
        }
        operation
    }

    /// Returns what a chain of undo and redo began with.
    pub(super) fn root_of(&self, mut operation: usize) -> usize {
        while let Some(before) = self.operations[operation].reverses {
            operation = before;
        }
        operation
    }

    pub(super) fn target(&self, member: &str, target: Target<'_>) -> Result<usize, Refusals> {
        let own = || (0..self.operations.len()).rev().filter(|place| self.operations[*place].member == member);
        let found = match target {
            Target::Id(id) => {
                let found = self.operation_of(id).ok_or_else(|| vec!["ERROR_REASON_OPERATION_NOT_FOUND"])?;
                if self.operations[found].is_half {
                    return Err(vec!["ERROR_REASON_INVALID_FIELD"]);
                }
                found
            }
            Target::Latest(None) => {
                let newest = own().find(|place| self.operations[*place].reverses.is_none() && self.stands(*place));
                self.end_of(newest.ok_or_else(|| vec!["ERROR_REASON_NOTHING_TO_REVERSE"])?)
            }
            Target::Latest(Some(told)) => {
                let told = self.operation_of(told).expect("it is in the book");
                assert!(self.operations[self.root_of(told)].member == member, "the latest is the member's own");
                assert!(self.stands(self.root_of(told)), "the latest stands");
                self.end_of(told)
            }
            Target::Redo(None) => {
                let taken_back = |place: &usize| {
                    let operation = &self.operations[*place];
                    operation.reverses.is_some()
                        && operation.reversed_by.is_none()
                        && !operation.is_half
                        && !self.stands(self.root_of(*place))
                };
                own().find(taken_back).ok_or_else(|| vec!["ERROR_REASON_NOTHING_TO_REVERSE"])?
            }
            Target::Redo(Some(told)) => {
                let told = self.operation_of(told).expect("it is in the book");
                assert!(self.operations[told].reversed_by.is_none(), "what is done again is not taken back already");
                told
            }
        };
        if !self.may_all(member) && self.operations[found].member != member {
            return Err(vec!["ERROR_REASON_ROLE_NOT_ALLOWED"]);
        }
        Ok(found)
    }

    /// Takes an operation back: it stands no more, and what it did to items that are put away goes where they went.
    pub(super) fn reverse(&mut self, member: &str, target: usize, now: Timestamp) -> Result<usize, Refusals> {
        if self.operations[target].reversed_by.is_some() {
            return Err(vec!["ERROR_REASON_ALREADY_REVERSED"]);
        }
        let reversal = self.begin(Operation { reverses: Some(target), ..Operation::new(member, now) });
        self.operations[target].reversed_by = Some(reversal);
        self.move_merge(self.root_of(target))?;
        for item in 0..self.items.len() {
            let Some(moved) = self.items[item].moved else { continue };
            for place in 0..self.places.len() {
                let left = self.balance((item, place));
                if left.is_zero() {
                    continue;
                }
                let at = moved.at.min(now);
                let kind = pb::MovementKind::Transfer;
                self.put(reversal, 0, (item, place), at, kind, What::Moved(-left));
                self.put(reversal, 0, (moved.to, place), at, kind, What::Moved(left * moved.factor));
            }
        }
        Ok(reversal)
    }

    /// Returns the lines of an operation as they can be posted again, each with its number.
    pub(super) fn lines_again(&self, operation: usize) -> Vec<(i32, pb::OperationLine)> {
        let again = self.operations[operation].lines.iter().map(|line| {
            let (item, place) = line.shelf;
            let moved = self.items[item].moved;
            let (item, factor) = moved.map_or((item, Decimal::ONE), |moved| (moved.to, moved.factor));
            let effect = match line.what {
                What::Counted(counted) => {
                    let quantity = Some(decimal(counted * factor));
                    pb::operation_line::Effect::Count(pb::Count { quantity })
                }
                What::Moved(delta) => {
                    let is_signed = line.kind == pb::MovementKind::Adjustment;
                    let quantity = Some(decimal(if is_signed { delta } else { delta.abs() } * factor));
                    pb::operation_line::Effect::Change(pb::Change { kind: line.kind.into(), quantity, all: false })
                }
            };
            let reference = pb::item_reference::Reference::ItemId(self.items[item].id.clone());
            let line_again = pb::OperationLine {
                item: Some(pb::ItemReference { reference: Some(reference), ..Default::default() }),
                effect: Some(effect),
                location_id: self.places[place].clone(),
                ..Default::default()
            };
            (line.number, line_again)
        });
        let mut again: Vec<_> = again.collect();
        again.sort_by_key(|(number, _)| *number);
        again
    }

    /// Puts an operation right. Returns what it was, the half that takes it back and what stands in its place, with what
    /// has to come of each line; nothing of it when a line cannot be posted.
    pub(super) fn correct(
        &mut self,
        request: &pb::CorrectOperationRequest,
        target: Target<'_>,
        now: Timestamp,
        told: &[pb::LineResult],
    ) -> Result<(usize, usize, Vec<LineExpected>), Refusals> {
        let member = &request.member_id;
        let mut wrong = self.target(member, target)?;
        if matches!(target, Target::Latest(_)) {
            wrong = self.root_of(wrong);
        }
        if self.operations[wrong].reverses.is_some() || self.operations[wrong].is_transfer {
            return Err(vec!["ERROR_REASON_INVALID_FIELD"]);
        }
        let mut right = Vec::new();
        let mut corrections = request.corrections.clone();
        for (number, line) in self.lines_again(wrong) {
            match corrections.iter().position(|correction| correction.line_number == number) {
                Some(place) => right.extend(corrections.remove(place).line),
                None => right.push(line),
            }
        }
        if right.is_empty() || !corrections.is_empty() {
            return Err(vec!["ERROR_REASON_INVALID_FIELD"]);
        }
        if !self.stands(wrong) {
            return Err(vec!["ERROR_REASON_ALREADY_REVERSED"]);
        }
        let before = self.balances();
        let half = self.reverse(member, self.end_of(wrong), now)?;
        self.operations[half].is_half = true;
        self.operations[half].effects = self.changed_since(&before);
        let at = self.operations[wrong].at;
        let operation = self.begin(Operation::new(member, at));
        let results = self.post_lines(operation, at, &right, true, told)?;
        let is_done = results.iter().all(|line| line.outcome == pb::LineOutcome::Posted);
        if is_done && self.shortage(&before) {
            return Err(vec!["ERROR_REASON_INSUFFICIENT_STOCK"]);
        }
        Ok((wrong, operation, results))
    }

    pub(super) fn transfer(&mut self, request: &pb::TransferStockRequest, at: Timestamp) -> Result<usize, Refusals> {
        let (from, into) = (self.place_of(&request.from_location_id), self.place_of(&request.to_location_id));
        if from == into {
            return Err(vec!["ERROR_REASON_INVALID_FIELD"]);
        }
        let mut moves = Vec::new();
        for line in &request.lines {
            let item = self.meant(line.item.as_ref()).ok_or_else(|| vec!["ERROR_REASON_ITEM_NOT_FOUND"])?;
            let quantity = number(line.quantity.as_ref()).expect("a line has a quantity");
            if quantity.normalize().scale() > self.items[item].scale {
                return Err(vec!["ERROR_REASON_SCALE_EXCEEDED"]);
            }
            moves.push((item, quantity));
        }
        let before = self.balances();
        let operation = self.begin(Operation { is_transfer: true, ..Operation::new(&request.member_id, at) });
        for ((item, quantity), line) in moves.into_iter().zip(1..) {
            let kind = pb::MovementKind::Transfer;
            self.put(operation, 2 * line - 1, (item, from), at, kind, What::Moved(-quantity));
            self.put(operation, 2 * line, (item, into), at, kind, What::Moved(quantity));
        }
        if self.shortage(&before) {
            return Err(vec!["ERROR_REASON_INSUFFICIENT_STOCK"]);
        }
        Ok(operation)
    }
}

pub(super) fn decimal(value: Decimal) -> proto::common::v1::Decimal {
    proto::common::v1::Decimal { value: value.normalize().to_string() }
}
