//! Lines of operations: reading them, and deciding which items they mean when no key is exact.

use std::collections::HashMap;

use proto::inventory::v1 as pb;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::Inventory;
use super::fields::{Fields, ItemReference, Price};
use crate::domain::key::Key;
use crate::domain::matching::{self, Decision};
use crate::domain::movement_kind::{Direction, MovementKind};
use crate::domain::unit::Unit;
use crate::store::{Catalogue, NewItem, NewLine, Outcome};

/// Lines an operation may have.
pub(super) const LINES_MAX: usize = 100;

/// A line that makes sense in itself.
pub(super) struct Line {
    item: ItemReference,
    effect: Effect,
    unit: Unit,
    pack_size: Option<Decimal>,
    price: Option<Price>,
    location_id: Option<Uuid>,
    expected_balance: Option<Decimal>,
    create_item: bool,
    create_despite_similar: bool,
}

enum Effect {
    Change { kind: MovementKind, quantity: Decimal },
    All { kind: MovementKind },
    Count { quantity: Decimal },
}

/// Decides what the lines mean whose names are no exact keys. `unresolved` are places in the request, from 1; `said`
/// has nothing where a line names its item by id.
pub(super) fn decide(
    inventory: &Inventory,
    said: &[Option<Line>],
    unresolved: &[usize],
    catalogue: &Catalogue,
    lines: &mut [NewLine],
) {
    // Two lines that name the same new thing create it once.
    let mut new_items: HashMap<Key, NewItem> = HashMap::new();
    for place in unresolved {
        let Some((line, stored)) =
            place.checked_sub(1).and_then(|place| said.get(place)?.as_ref().zip(lines.get_mut(place)))
        else {
            continue;
        };
        let ItemReference::Named { name, keys } = &line.item else { continue };
        let not_posted = |ranked: Vec<(&crate::store::CatalogueItem, matching::Fit)>| {
            Some(ranked.into_iter().map(|(item, fit)| item.candidate(fit)).collect())
        };
        let decision = if line.create_despite_similar && line.may_create() {
            Decision::Create
        } else {
            matching::decide(catalogue.rank(keys), line.may_create(), line.is_whole())
        };
        match decision {
            Decision::Accept(item) => stored.item_id = Some(item.item.id),
            Decision::Ask(ranked) => {
                stored.outcome = Some(Outcome::ItemAmbiguous);
                stored.candidates = not_posted(ranked);
            }
            Decision::NotFound(ranked) => {
                stored.outcome = Some(Outcome::ItemNotFound);
                stored.candidates = not_posted(ranked);
            }
            Decision::Create => {
                let new_item = keys.iter().find_map(|key| new_items.get(key)).cloned().unwrap_or_else(|| {
                    let keeping = line.unit.keeping(line.effect.quantity(), line.pack_size);
                    NewItem {
                        id: inventory.ids.uuid(),
                        display_name: name.clone(),
                        base_unit: keeping.base_unit,
                        scale: keeping.scale,
                        keys: keys.iter().map(Key::to_string).collect(),
                    }
                });
                for key in keys {
                    new_items.entry(key.clone()).or_insert_with(|| new_item.clone());
                }
                stored.new_item = Some(new_item);
            }
        }
    }
}

impl Line {
    pub(super) fn parse(fields: &mut Fields, path: &str, line: &pb::OperationLine) -> Self {
        let item = fields.item(&format!("{path}.item"), line.item.as_ref());
        let effect = Effect::parse(fields, path, line.effect.as_ref());
        let unit = fields.unit(&format!("{path}.unit"), &line.unit);
        Self {
            item,
            effect,
            unit: Unit::of(&unit),
            pack_size: line.pack_size.as_ref().map(|size| fields.factor(&format!("{path}.pack_size"), size)),
            price: line.unit_price.as_ref().map(|price| fields.price(&format!("{path}.unit_price"), price)),
            location_id: fields.optional_id(&format!("{path}.location_id"), &line.location_id),
            expected_balance: line
                .expected_balance
                .as_ref()
                .map(|balance| fields.quantity(&format!("{path}.expected_balance"), balance)),
            create_item: line.create_item || line.create_despite_similar,
            create_despite_similar: line.create_despite_similar,
        }
    }

    /// Returns whether the line may create its item: what leaves must have been there.
    fn may_create(&self) -> bool {
        self.create_item
            && match &self.effect {
                Effect::Change { kind, quantity } => match kind.direction() {
                    Direction::In => true,
                    Direction::Out => false,
                    Direction::Signed => quantity.is_sign_positive(),
                },
                Effect::All { .. } => false,
                Effect::Count { .. } => true,
            }
    }

    /// Returns whether the line speaks of all there is of its item.
    fn is_whole(&self) -> bool {
        matches!(self.effect, Effect::All { .. } | Effect::Count { .. })
    }

    pub(super) fn to_store(&self, line: usize) -> NewLine {
        let (item_id, keys) = match &self.item {
            ItemReference::Id(id) => (Some(*id), Vec::new()),
            ItemReference::Named { keys, .. } => (None, keys.iter().map(Key::to_string).collect()),
        };
        let (is_count, kind) = match &self.effect {
            Effect::Change { kind, .. } | Effect::All { kind } => (false, Some(*kind)),
            Effect::Count { .. } => (true, None),
        };
        NewLine {
            line,
            item_id,
            keys,
            new_item: None,
            outcome: None,
            candidates: None,
            is_count,
            kind: kind.map(MovementKind::as_str),
            sign: if kind.is_some_and(|kind| kind.direction() == Direction::Out) { -1 } else { 1 },
            quantity: self.effect.quantity(),
            takes_all: matches!(self.effect, Effect::All { .. }),
            unit: self.unit.name().map(str::to_owned),
            measures: self.unit.conversions().into_iter().collect(),
            usual_factor: self.unit.usual_factor(),
            pack_size: self.pack_size,
            unit_price: self.price.as_ref().map(|price| price.amount),
            currency: self.price.as_ref().map(|price| price.currency.clone()),
            location_id: self.location_id,
            expected_balance: self.expected_balance,
            hold_unusual: false,
        }
    }
}

impl Effect {
    fn parse(fields: &mut Fields, path: &str, effect: Option<&pb::operation_line::Effect>) -> Self {
        match effect {
            None => {
                fields.refuse(path, "must hold a change or a count");
                Self::Count { quantity: Decimal::ZERO }
            }
            Some(pb::operation_line::Effect::Count(count)) => {
                let field = format!("{path}.count.quantity");
                let quantity = required_quantity(fields, &field, count.quantity.as_ref());
                if quantity < Decimal::ZERO {
                    fields.refuse(field, "must not be below zero");
                }
                Self::Count { quantity }
            }
            Some(pb::operation_line::Effect::Change(change)) => {
                let kind = movement_kind(fields, &format!("{path}.change.kind"), change.kind);
                let field = format!("{path}.change.quantity");
                if change.all {
                    if change.quantity.is_some() {
                        fields.refuse(field, "must be absent where all goes");
                    }
                    if kind.direction() != Direction::Out {
                        fields.refuse(format!("{path}.change.all"), "is for what takes stock out");
                    }
                    return Self::All { kind };
                }
                let quantity = required_quantity(fields, &field, change.quantity.as_ref());
                match kind.direction() {
                    Direction::In | Direction::Out if quantity <= Decimal::ZERO => {
                        fields.refuse(field, "must be above zero");
                    }
                    Direction::Signed if quantity.is_zero() => fields.refuse(field, "must not be zero"),
                    Direction::In | Direction::Out | Direction::Signed => {}
                }
                Self::Change { kind, quantity }
            }
        }
    }

    fn quantity(&self) -> Option<Decimal> {
        match self {
            Self::Change { quantity, .. } | Self::Count { quantity } => Some(*quantity),
            Self::All { .. } => None,
        }
    }
}

fn required_quantity(fields: &mut Fields, field: &str, value: Option<&proto::common::v1::Decimal>) -> Decimal {
    let Some(value) = value else {
        fields.refuse(field, "is required");
        return Decimal::ONE;
    };
    fields.quantity(field, value)
}

fn movement_kind(fields: &mut Fields, field: &str, value: i32) -> MovementKind {
    match pb::MovementKind::try_from(value) {
        Ok(pb::MovementKind::Receipt) => MovementKind::Receipt,
        Ok(pb::MovementKind::Sale) => MovementKind::Sale,
        Ok(pb::MovementKind::Waste) => MovementKind::Waste,
        Ok(pb::MovementKind::OwnUse) => MovementKind::OwnUse,
        Ok(pb::MovementKind::Theft) => MovementKind::Theft,
        Ok(pb::MovementKind::Gift) => MovementKind::Gift,
        Ok(pb::MovementKind::ReturnIn) => MovementKind::ReturnIn,
        Ok(pb::MovementKind::ReturnOut) => MovementKind::ReturnOut,
        Ok(pb::MovementKind::Adjustment) => MovementKind::Adjustment,
        Ok(pb::MovementKind::Opening) => MovementKind::Opening,
        Ok(
            pb::MovementKind::Unspecified
            | pb::MovementKind::Count
            | pb::MovementKind::Transfer
            | pb::MovementKind::Reversal,
        )
        | Err(_) => {
            fields.refuse(field, "must be a reason a caller may give");
            MovementKind::Adjustment
        }
    }
}
