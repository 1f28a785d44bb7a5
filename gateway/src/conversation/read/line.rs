//! One line: what was said of an item becomes what happens to it.

use std::str::FromStr as _;

use proto::inventory::v1::MovementKind;
use proto::parser::v1 as parsed;
use proto::parser::v1::action::Intent;
use proto::parser::v1::{Action, AddReason, PriceBasis, RemoveReason, SetReason};
use rust_decimal::Decimal;

use super::Known;
use crate::conversation::plan::{Effect, Item, Line};

pub(in crate::conversation) fn line_of(action: &Action) -> Option<&parsed::StockLine> {
    match action.intent.as_ref()? {
        Intent::Add(add) => add.line.as_ref(),
        Intent::Remove(remove) => remove.line.as_ref(),
        Intent::SetStock(set) => set.line.as_ref(),
        _ => None,
    }
}

pub(in crate::conversation) fn item_of(mention: Option<&parsed::ItemMention>) -> Option<Item> {
    let mention = mention?;
    let said = [&mention.said, &mention.name, &mention.barcode].into_iter().find(|name| !name.is_empty())?;
    Some(Item { id: None, said: said.clone(), english: mention.english_name.clone(), singular: mention.name.clone() })
}

pub(in crate::conversation) fn line(
    action: &Action,
    said: &parsed::StockLine,
    item: Item,
    known: &Known,
) -> Option<Line> {
    let quantity = decimal(said.quantity.as_ref());
    let effect = match action.intent.as_ref()? {
        Intent::Add(add) => {
            let kind = match add.reason() {
                AddReason::Unspecified | AddReason::Receipt => MovementKind::Receipt,
                AddReason::Return => MovementKind::ReturnIn,
            };
            Effect::Change { kind: kind as i32, quantity: quantity? }
        }
        Intent::Remove(remove) => {
            let kind = match remove.reason() {
                // Unknown stays unknown: it does not become a sale.
                RemoveReason::Unspecified => MovementKind::Adjustment,
                RemoveReason::Sale => MovementKind::Sale,
                RemoveReason::Waste => MovementKind::Waste,
                RemoveReason::Theft => MovementKind::Theft,
                RemoveReason::OwnUse => MovementKind::OwnUse,
                RemoveReason::Gift => MovementKind::Gift,
                RemoveReason::Return => MovementKind::ReturnOut,
            };
            match quantity {
                Some(quantity) if kind == MovementKind::Adjustment => {
                    Effect::Change { kind: kind as i32, quantity: -quantity }
                }
                Some(quantity) => Effect::Change { kind: kind as i32, quantity },
                None if remove.all && kind == MovementKind::Adjustment => Effect::Count { quantity: Decimal::ZERO },
                None if remove.all => Effect::All { kind: kind as i32 },
                None => return None,
            }
        }
        Intent::SetStock(set) if set.reason() == SetReason::Sale => Effect::All { kind: MovementKind::Sale as i32 },
        Intent::SetStock(_) => Effect::Count { quantity: quantity? },
        _ => return None,
    };
    Some(Line {
        item,
        effect,
        unit: said.unit.clone(),
        pack_size: decimal(said.pack_size.as_ref()),
        unit_price: unit_price(said, quantity, &known.currency),
        is_new: false,
    })
}

/// Price of one piece, when that is what was said or can be told exactly.
fn unit_price(said: &parsed::StockLine, quantity: Option<Decimal>, currency: &str) -> Option<(Decimal, String)> {
    priced(said, said.price.as_ref()?.basis(), quantity, currency)
}

/// Price of one piece, if what was said is the price of that.
pub(super) fn priced(
    said: &parsed::StockLine,
    basis: PriceBasis,
    quantity: Option<Decimal>,
    currency: &str,
) -> Option<(Decimal, String)> {
    let money = said.price.as_ref()?.money.as_ref()?;
    let amount = decimal(money.amount.as_ref())?;
    let currency = if money.currency_code.is_empty() { currency } else { &money.currency_code };
    let pack = decimal(said.pack_size.as_ref());
    let pieces = match (basis, quantity, pack) {
        (PriceBasis::Each, ..) => Decimal::ONE,
        (PriceBasis::Unit, _, Some(pack)) => pack,
        (PriceBasis::Unit, _, None) if said.unit.is_empty() => Decimal::ONE,
        (PriceBasis::Total, Some(quantity), Some(pack)) => quantity * pack,
        (PriceBasis::Total, Some(quantity), None) if said.unit.is_empty() => quantity,
        (PriceBasis::Unspecified | PriceBasis::Unit | PriceBasis::Total, ..) => return None,
    };
    let each = amount.checked_div(pieces)?.round_dp(4);
    Some((each, currency.to_owned()))
}

/// Returns the item that somebody means who names none.
pub(super) fn only_item(known: &Known) -> Option<Item> {
    match known.recent.as_slice() {
        // A shop that keeps one thing means that thing.
        [only] if known.is_all => Some(Item { id: Some(only.id.clone()), said: only.name.clone(), ..Item::default() }),
        _ => None,
    }
}

pub(in crate::conversation) fn decimal(value: Option<&proto::common::v1::Decimal>) -> Option<Decimal> {
    Decimal::from_str(&value?.value).ok()
}
