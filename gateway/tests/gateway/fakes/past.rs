//! What was posted before: found again, and put right.

use platform::error::Situation;
use proto::inventory::v1::{
    self as pb, correct_operation_request, get_operation_request, item_reference, operation_line,
};
use tonic::Status;

use super::inventory::{Inventory, Posted, State, decimal, item, new_id};
use super::refuse;

fn number(value: Option<&proto::common::v1::Decimal>) -> i64 {
    value.unwrap().value.parse().unwrap()
}

impl Inventory {
    pub(super) fn get_operation(&self, request: pb::GetOperationRequest) -> Result<pb::GetOperationResponse, Status> {
        let state = self.state();
        let found = match request.key.unwrap() {
            get_operation_request::Key::Request(key) => {
                state.posted.iter().find(|posted| posted.request_id == key.request_id)
            }
            get_operation_request::Key::OperationId(id) => {
                state.posted.iter().find(|posted| posted.operation.operation_id == id)
            }
            get_operation_request::Key::Latest(latest) => {
                let name = latest.item.and_then(|item| item.reference).map(|reference| match reference {
                    item_reference::Reference::ItemId(name) | item_reference::Reference::Name(name) => name,
                });
                let fits = |posted: &&Posted| {
                    let mut items = posted.operation.movements.iter().map(|movement| &movement.item_name);
                    posted.operation.member_id == latest.member_id
                        && posted.reversed_by.is_empty()
                        && name.as_ref().is_none_or(|name| items.any(|item| item == name))
                };
                state.posted.iter().rev().find(fits)
            }
        };
        let posted = found.ok_or_else(|| refuse(Situation::NotFound, "ERROR_REASON_OPERATION_NOT_FOUND"))?;
        Ok(pb::GetOperationResponse {
            operation: Some(posted.operation.clone()),
            reversed_by_operation_id: posted.reversed_by.clone(),
        })
    }

    pub(super) fn correct_operation(
        &self,
        request: pb::CorrectOperationRequest,
    ) -> Result<pb::CorrectOperationResponse, Status> {
        let mut state = self.state();
        let state = &mut *state;
        if let Some(done) = state.posted.iter().find(|posted| posted.request_id == request.request_id) {
            return Ok(answer(state, done));
        }
        let Some(correct_operation_request::Target::OperationId(id)) = &request.target else { unreachable!() };
        let place = state.posted.iter().position(|posted| posted.operation.operation_id == *id);
        let place = place.ok_or_else(|| refuse(Situation::NotFound, "ERROR_REASON_OPERATION_NOT_FOUND"))?;
        if !state.posted[place].reversed_by.is_empty() {
            return Err(refuse(Situation::RuleSaysNo, "ERROR_REASON_ALREADY_REVERSED"));
        }
        let mut movements = Vec::new();
        for before in state.posted[place].operation.movements.clone() {
            let balance = |state: &mut State, name: &str, delta: i64| {
                let on_hand = state.balances.entry((request.shop_id.clone(), name.to_owned())).or_default();
                *on_hand += delta;
                Some(decimal(*on_hand))
            };
            balance(state, &before.item_name, -number(before.delta.as_ref()));
            let correction = request.corrections.iter().find(|each| each.line_number == before.line_number);
            let mut right = before.clone();
            match correction.map(|correction| &correction.line) {
                Some(None) => continue,
                Some(Some(line)) => {
                    let name = match line.item.clone().unwrap().reference.unwrap() {
                        item_reference::Reference::ItemId(name) | item_reference::Reference::Name(name) => name,
                    };
                    let Some(operation_line::Effect::Change(change)) = &line.effect else { unreachable!() };
                    let sign = number(before.delta.as_ref()).signum();
                    right.delta = Some(decimal(number(change.quantity.as_ref()) * sign));
                    right.said_quantity.clone_from(&change.quantity);
                    (right.item_id, right.item_name) = (name.clone(), name);
                }
                None => {}
            }
            right.balance_after = balance(state, &right.item_name, number(right.delta.as_ref()));
            movements.push(right);
        }
        let operation = pb::Operation {
            operation_id: new_id().to_string(),
            kind: pb::OperationKind::Correction as i32,
            reverses_operation_id: id.clone(),
            movements,
            ..state.posted[place].operation.clone()
        };
        "a correction".clone_into(&mut state.posted[place].reversed_by);
        state.posted.push(Posted { request_id: request.request_id, operation, reversed_by: String::new() });
        let done = answer(state, state.posted.last().unwrap());
        state.lose("CorrectOperation")?;
        Ok(done)
    }
}

fn answer(state: &State, done: &Posted) -> pb::CorrectOperationResponse {
    let corrected =
        state.posted.iter().find(|posted| posted.operation.operation_id == done.operation.reverses_operation_id);
    let results = done.operation.movements.iter().map(|movement| pb::LineResult {
        outcome: pb::LineOutcome::Posted as i32,
        item: Some(item(&movement.item_name)),
        delta: movement.delta.clone(),
        balance_after: movement.balance_after.clone(),
        ..pb::LineResult::default()
    });
    pb::CorrectOperationResponse {
        results: results.collect(),
        operation: Some(done.operation.clone()),
        corrected: corrected.map(|posted| posted.operation.clone()),
        replayed: false,
    }
}
