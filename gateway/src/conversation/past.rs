//! What an operation did, as lines that can be spoken of, put right and taken back.

use std::str::FromStr as _;

use proto::inventory::v1::{Movement, MovementKind, Operation, OperationKind};
use proto::parser::v1::Action;
use rust_decimal::Decimal;

use super::asked::action_of;
use super::names::is_same_name;
use super::plan::{Effect, Item, Line};

/// An operation of before.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Past {
    /// Its id.
    pub operation_id: String,
    /// The operation that it put right; empty: none.
    pub corrects: String,
    /// When it was recorded, unix seconds.
    pub recorded_at: i64,
    /// Whether it was taken back or put right since.
    pub is_undone: bool,
    /// What it did.
    pub lines: Vec<PastLine>,
}

/// A line of an operation of before.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PastLine {
    /// Its number in the operation.
    pub number: i32,
    /// As it could be said again.
    pub line: Line,
    /// The change in the base unit.
    pub delta: Decimal,
}

impl Past {
    /// Reads what the ledger tells of an operation.
    pub fn read(operation: &Operation, is_undone: bool) -> Self {
        let movements = &operation.movements;
        let is_count = operation.kind() == OperationKind::Count;
        let said = movements.iter().filter(|movement| {
            // The mirror of another line was not said by anybody, nor what a later count absorbed.
            movement.reverses_movement_id == 0 && (is_count || !is_absorbing(movement, movements))
        });
        Self {
            operation_id: operation.operation_id.clone(),
            corrects: operation.reverses_operation_id.clone(),
            recorded_at: operation.record_time.map(|time| time.seconds).unwrap_or_default(),
            is_undone,
            lines: said.map(past_line).collect(),
        }
    }

    /// Returns its lines as the parser speaks of them.
    pub fn actions(&self) -> Vec<Action> {
        self.lines.iter().map(|past| action_of(&past.line)).collect()
    }

    /// Returns the lines with an item of this name.
    pub fn lines_of(&self, name: &str) -> Vec<&PastLine> {
        self.lines.iter().filter(|past| is_same_name(&past.line.item.said, name)).collect()
    }

    /// Returns what it changed: names and changes.
    pub fn changes(&self) -> Vec<(String, Decimal)> {
        self.lines.iter().map(|past| (past.line.item.said.clone(), past.delta)).collect()
    }
}

fn is_absorbing(movement: &Movement, all: &[Movement]) -> bool {
    movement.kind() == MovementKind::Count
        && all.iter().any(|other| {
            other.kind() != MovementKind::Count
                && other.item_id == movement.item_id
                && number(other.delta.as_ref()) == -number(movement.delta.as_ref())
        })
}

fn past_line(movement: &Movement) -> PastLine {
    let delta = number(movement.delta.as_ref());
    let said = movement.said_quantity.as_ref().map_or(delta, |said| number(Some(said))).abs();
    let effect = match movement.kind() {
        MovementKind::Count => Effect::Count { quantity: number(movement.balance_after.as_ref()) },
        // The one kind whose sign is not decided by it.
        MovementKind::Adjustment if delta.is_sign_negative() => Effect::Change { kind: movement.kind, quantity: -said },
        _ => Effect::Change { kind: movement.kind, quantity: said },
    };
    let is_counted = matches!(effect, Effect::Count { .. });
    let unit = if is_counted { String::new() } else { movement.said_unit.clone() };
    let each = (!said.is_zero()).then(|| delta.abs().checked_div(said)).flatten();
    let id = (!movement.item_id.is_empty()).then(|| movement.item_id.clone());
    let item = Item { id, said: movement.item_name.clone(), ..Item::default() };
    let pack_size = each.filter(|each| !unit.is_empty() && each.fract().is_zero() && *each > Decimal::ONE);
    PastLine {
        number: movement.line_number,
        line: Line { item, effect, unit, pack_size, unit_price: None, is_new: false },
        delta,
    }
}

fn number(value: Option<&proto::common::v1::Decimal>) -> Decimal {
    value.and_then(|value| Decimal::from_str(&value.value).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(value: &str) -> proto::common::v1::Decimal {
        proto::common::v1::Decimal { value: value.to_owned() }
    }

    #[test]
    fn what_a_count_absorbed_is_no_line_and_a_pack_stays_a_pack() {
        let receipt = Movement {
            line_number: 1,
            item_id: "1".into(),
            item_name: "coke".into(),
            kind: MovementKind::Receipt as i32,
            delta: Some(decimal("24")),
            said_quantity: Some(decimal("2")),
            said_unit: "case".into(),
            ..Movement::default()
        };
        let absorbed = Movement {
            line_number: 2,
            kind: MovementKind::Count as i32,
            delta: Some(decimal("-24")),
            ..receipt.clone()
        };
        let operation =
            Operation { kind: OperationKind::Post as i32, movements: vec![receipt, absorbed], ..Operation::default() };

        let past = Past::read(&operation, false);

        let [only] = past.lines.as_slice() else { panic!("{past:?}") };
        assert_eq!(only.line.pack_size, Some(12.into()));
        assert_eq!(only.line.effect, Effect::Change { kind: MovementKind::Receipt as i32, quantity: 2.into() });
    }
}
