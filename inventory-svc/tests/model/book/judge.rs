//! What a call has to be answered, beside what it was answered.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proto::inventory::v1 as pb;
use proto::inventory::v1::reverse_operation_request::Target as Wanted;
use rust_decimal::Decimal;
use tonic::Status;

use super::lines::{LineExpected, number};
use super::operations::Target;
use super::{Balances, Book, Operation, Refusals, What};
use crate::call::{Answer, Call, from_wire};

/// How much of an answer follows from the calls before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// All of it: nobody else calls.
    Alone,
    /// All but which one was the latest, when others take operations back at the same time.
    Among,
}

/// What a call leads to.
#[derive(Default)]
struct Expected {
    /// The operation that is made, and the balances it starts from.
    operation: Option<(usize, Balances)>,
    lines: Vec<LineExpected>,
    /// The operation that is taken back or corrected.
    target: Option<usize>,
    /// The item that is told.
    item: Option<usize>,
}

impl Book {
    /// Takes a call with its answer into the book, or says what is wrong with the answer.
    pub(crate) fn take(
        &mut self,
        call: &Call,
        answer: &Result<Answer, Status>,
        now: Timestamp,
        strictness: Strictness,
    ) -> Result<(), String> {
        let mut draft = self.clone();
        let told = answer.as_ref().ok();
        let expected = match (draft.expect(call, told, now, strictness), answer) {
            (Err(refusals), Err(status)) => {
                let reason = platform::error::reason_of(status).unwrap_or_default();
                return same("reason", true, refusals.contains(&reason.as_str()))
                    .map_err(|error| format!("{error}: {refusals:?} or {reason}: {status:?}"));
            }
            (Ok(_), Err(status)) => return Err(format!("it was refused: {status:?}")),
            (Err(refusals), Ok(_)) => return Err(format!("it was not refused with {refusals:?}")),
            (Ok(expected), Ok(_)) => expected,
        };
        let told = told.expect("it was answered");
        same("operation", expected.operation.is_some(), told.operation().is_some())?;
        draft.compare(&expected, told)?;
        if !call.is_dry_run() {
            if let (Some((place, before)), Some(operation)) = (&expected.operation, told.operation()) {
                draft.operations[*place].id.clone_from(&operation.operation_id);
                draft.operations[*place].effects = draft.changed_since(before);
                if draft.operations[*place - usize::from(*place > 0)].is_half && matches!(call, Call::Correct(_)) {
                    draft.operations[*place - 1].id = half_of(&operation.operation_id);
                }
            }
            if told.is_stored() {
                *self = draft;
            }
        }
        Ok(())
    }

    fn expect(
        &mut self,
        call: &Call,
        told: Option<&Answer>,
        now: Timestamp,
        strictness: Strictness,
    ) -> Result<Expected, Refusals> {
        let before = self.balances();
        let at = |time: Option<&prost_types::Timestamp>| time.map_or(now, |time| from_wire(Some(time)).min(now));
        let item = |item| Ok(Expected { item: Some(item), ..Default::default() });
        match call {
            Call::Post(request) => {
                let told = if let Some(Answer::Post(told)) = told { &told.results[..] } else { &[] };
                let at = at(request.occur_time.as_ref());
                let operation = self.begin(Operation::new(&request.member_id, at));
                let lines = self.post_lines(operation, at, &request.lines, request.all_or_nothing, told)?;
                let posted = lines.iter().any(|line| line.outcome == pb::LineOutcome::Posted);
                Ok(Expected { operation: posted.then_some((operation, before)), lines, ..Default::default() })
            }
            Call::Reverse(request) => {
                let told = if let Some(Answer::Reverse(told)) = told { told.reversed.as_ref() } else { None };
                let told = told.filter(|_| strictness == Strictness::Among).map(|told| told.operation_id.as_str());
                let target = match request.target.as_ref().expect("a target") {
                    Wanted::OperationId(id) => Target::Id(id),
                    Wanted::Latest(_) => Target::Latest(told),
                    Wanted::LatestReversal(_) => Target::Redo(told),
                };
                let target = self.target(&request.member_id, target)?;
                let operation = self.reverse(&request.member_id, target, now)?;
                if self.shortage(&before) {
                    return Err(vec!["ERROR_REASON_INSUFFICIENT_STOCK"]);
                }
                let operation = Some((operation, before));
                Ok(Expected { operation, target: Some(target), ..Default::default() })
            }
            Call::Correct(request) => {
                let told = if let Some(Answer::Correct(told)) = told { Some(told) } else { None };
                let results = told.map_or(&[][..], |told| &told.results);
                let told = told.filter(|_| strictness == Strictness::Among).and_then(|told| told.corrected.as_ref());
                let target = match request.target.as_ref().expect("a target") {
                    pb::correct_operation_request::Target::OperationId(id) => Target::Id(id),
                    pb::correct_operation_request::Target::Latest(_) => {
                        Target::Latest(told.map(|told| told.operation_id.as_str()))
                    }
                };
                let (wrong, operation, lines) = self.correct(request, target, now, results)?;
                if lines.iter().any(|line| line.outcome != pb::LineOutcome::Posted) {
                    return Ok(Expected { lines, ..Default::default() });
                }
                let half = operation - 1;
                let mut middle = before;
                for (shelf, delta) in self.operations[half].effects.clone() {
                    *middle.entry(shelf).or_default() += delta;
                }
                Ok(Expected { operation: Some((operation, middle)), lines, target: Some(wrong), item: None })
            }
            Call::Transfer(request) => {
                let operation = self.transfer(request, at(request.occur_time.as_ref()))?;
                Ok(Expected { operation: Some((operation, before)), ..Default::default() })
            }
            Call::Merge(request) => {
                self.may_change_items(&request.member_id)?;
                let into = self.changeable(&request.into_item_id).ok();
                let operation = self.merge(&request.member_id, &request.item_id, &request.into_item_id, now)?;
                Ok(Expected { operation: Some((operation, before)), item: into, ..Default::default() })
            }
            Call::ChangeUnit(request) => {
                self.may_change_items(&request.member_id)?;
                let told = if let Some(Answer::ChangeUnit(told)) = told { told.merge.as_ref() } else { None };
                let new_id = told.and_then(|merge| merge.item.as_ref()).map(|item| item.item_id.as_str());
                let factor = number(request.factor.as_ref()).expect("a factor");
                let operation = self.change_unit(&request.item_id, &request.unit, factor, now, new_id)?;
                let item = Some(self.items.len() - 1);
                Ok(Expected { operation: Some((operation, before)), item, ..Default::default() })
            }
            Call::Rename(request) => {
                self.may_change_items(&request.member_id)?;
                let changed = self.changeable(&request.item_id)?;
                self.claim_name(changed, &request.display_name, true)?;
                item(changed)
            }
            Call::AddName(request) => {
                let changed = self.changeable(&request.item_id)?;
                let Some(pb::add_item_name_request::Name::Alias(alias)) = &request.name else { return item(changed) };
                self.claim_name(changed, alias, false)?;
                item(changed)
            }
            Call::Archive(request) => {
                self.may_change_items(&request.member_id)?;
                let changed = self.changeable(&request.item_id)?;
                self.archive(changed);
                item(changed)
            }
            Call::Unarchive(request) => {
                self.may_change_items(&request.member_id)?;
                let changed = self.unarchive(&request.item_id)?;
                item(changed)
            }
            Call::SetPack(request) => {
                let changed = self.changeable(&request.item_id)?;
                let size = number(request.pack_size.as_ref()).expect("a size");
                self.set_pack(changed, &request.unit, size)?;
                item(changed)
            }
        }
    }

    fn compare(&self, expected: &Expected, told: &Answer) -> Result<(), String> {
        let (lines, target) = match told {
            Answer::Post(told) => (&told.results[..], None),
            Answer::Correct(told) => (&told.results[..], told.corrected.as_ref()),
            Answer::Reverse(told) => (&[][..], told.reversed.as_ref()),
            _ => (&[][..], None),
        };
        same("lines", expected.lines.len(), lines.len())?;
        for (place, (expected, told)) in expected.lines.iter().zip(lines).enumerate() {
            self.compare_line(expected, told).map_err(|error| format!("lines[{place}].{error}"))?;
        }
        let target_id = expected.target.map(|target| self.operations[target].id.as_str());
        same("target", target_id, target.map(|target| target.operation_id.as_str()))?;
        let item = match told {
            Answer::Merge(told) => told.merge.as_ref().and_then(|merge| merge.item.as_ref()),
            Answer::ChangeUnit(told) => told.merge.as_ref().and_then(|merge| merge.item.as_ref()),
            Answer::Rename(told) => told.item.as_ref(),
            Answer::AddName(told) => told.item.as_ref(),
            Answer::Archive(told) => told.item.as_ref(),
            Answer::Unarchive(told) => told.item.as_ref(),
            Answer::SetPack(told) => told.item.as_ref(),
            _ => None,
        };
        let wanted = expected.item.map(|item| &self.items[item]);
        same("item", wanted.map(|item| &item.id), item.map(|item| &item.item_id))?;
        same("base_unit", wanted.map(|item| &item.base_unit), item.map(|item| &item.base_unit))?;
        same("scale", wanted.map(|item| i64::from(item.scale)), item.map(|item| i64::from(item.scale)))?;
        if let (Some((place, before)), Some(operation)) = (&expected.operation, told.operation()) {
            self.compare_operation(*place, before, operation)?;
        }
        Ok(())
    }

    fn compare_line(&self, expected: &LineExpected, told: &pb::LineResult) -> Result<(), String> {
        same("outcome", expected.outcome, told.outcome())?;
        let item = expected.item.map(|item| self.items[item].id.as_str());
        same("item", item, told.item.as_ref().map(|item| item.item_id.as_str()))?;
        same("item_created", expected.is_created, told.item_created)?;
        same("delta", expected.delta, number(told.delta.as_ref()))?;
        same("balance_after", expected.balance_after, number(told.balance_after.as_ref()))?;
        match expected.expected {
            Some(book) => same("expected", Some(book), number(told.expected.as_ref())),
            None => Ok(()),
        }
    }

    /// Compares the movements: their sums, where they end, and each that is not about a count or a mirror.
    fn compare_operation(&self, place: usize, before: &Balances, told: &pb::Operation) -> Result<(), String> {
        let operation = &self.operations[place];
        same("member", operation.member.as_str(), told.member_id.as_str())?;
        same("occur_time", operation.at, from_wire(told.occur_time.as_ref()))?;
        let mut sums: BTreeMap<(String, String), Decimal> = BTreeMap::new();
        let mut ends = BTreeMap::new();
        let mut moves = Vec::new();
        for movement in &told.movements {
            let shelf = (movement.item_id.clone(), movement.location_id.clone());
            let delta = number(movement.delta.as_ref()).expect("a movement has a delta");
            *sums.entry(shelf.clone()).or_default() += delta;
            let end = (movement.sequence_number, number(movement.balance_after.as_ref()));
            let last = ends.entry(shelf.clone()).or_insert(end);
            *last = (*last).max(end);
            if !matches!(movement.kind(), pb::MovementKind::Count | pb::MovementKind::Reversal) {
                moves.push((shelf, movement.kind() as i32, delta));
            }
        }
        sums.retain(|_, sum| !sum.is_zero());
        let name = |shelf: &super::Shelf| (self.items[shelf.0].id.clone(), self.places[shelf.1].clone());
        let changed = self.changed_since(before);
        let expected_sums: BTreeMap<_, _> = changed.iter().map(|(shelf, delta)| (name(shelf), *delta)).collect();
        same("what it changed", &expected_sums, &sums)?;
        for shelf in changed.keys() {
            same("where it ended", Some(self.balance(*shelf)), ends[&name(shelf)].1)?;
        }
        let expected_moves = operation.lines.iter().filter_map(|line| match line.what {
            What::Moved(delta) => Some((name(&line.shelf), line.kind as i32, delta)),
            What::Counted(_) => None,
        });
        let mut expected_moves: Vec<_> = expected_moves.collect();
        expected_moves.sort();
        moves.sort();
        same("movements", expected_moves, moves)
    }
}

/// Names the half of a correction that takes back what was wrong, whose id nobody is told.
pub(crate) fn half_of(correction_id: &str) -> String {
    format!("half of {correction_id}")
}

#[expect(clippy::needless_pass_by_value, reason = "what is compared is made for it")]
fn same<T: PartialEq + std::fmt::Debug>(what: &str, expected: T, told: T) -> Result<(), String> {
    if expected == told { Ok(()) } else { Err(format!("{what}: expected {expected:?}, told {told:?}")) }
}
