//! What lines of operations mean, and what they do.

use std::collections::{BTreeSet, HashMap};
use std::str::FromStr as _;

use jiff::Timestamp;
use proto::inventory::v1 as pb;
use proto::inventory::v1::item_reference::Reference;
use proto::inventory::v1::operation_line::Effect;
use rust_decimal::Decimal;

use super::{Book, Item, Name, Refusals, Shelf, What};

/// What has to come of a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct LineExpected {
    pub(super) outcome: pb::LineOutcome,
    pub(super) item: Option<usize>,
    pub(super) is_created: bool,
    pub(super) delta: Option<Decimal>,
    pub(super) balance_after: Option<Decimal>,
    /// What the book said before a count, where the newest count decides.
    pub(super) expected: Option<Decimal>,
}

/// A line of which it is known what it means.
#[derive(Clone, Copy)]
struct Meant {
    outcome: pb::LineOutcome,
    item: Option<usize>,
    is_created: bool,
    factor: Decimal,
}

pub(super) fn number(value: Option<&proto::common::v1::Decimal>) -> Option<Decimal> {
    value.map(|value| Decimal::from_str(&value.value).expect("a decimal"))
}

impl Book {
    /// Returns the item that an id or a name means where stock is changed.
    pub(super) fn meant(&self, item: Option<&pb::ItemReference>) -> Option<usize> {
        let named = match item.and_then(|item| item.reference.as_ref())? {
            Reference::ItemId(id) => self.item_of(id)?,
            Reference::Name(name) => self.names.get(name)?.item,
        };
        self.alive(named)
    }

    /// Returns the item that a line would find.
    pub(crate) fn meant_for(&self, item: &pb::ItemReference) -> Option<usize> {
        self.meant(Some(item))
    }

    /// Returns the item that stands for this one, when it is in the lists.
    pub(super) fn alive(&self, item: usize) -> Option<usize> {
        let meant = self.items[item].moved.filter(|moved| moved.is_merge).map_or(item, |moved| moved.to);
        (!self.items[meant].is_archived).then_some(meant)
    }

    /// Posts lines under an operation that was begun. The answer's ids of new items are taken over.
    pub(super) fn post_lines(
        &mut self,
        operation: usize,
        at: Timestamp,
        lines: &[pb::OperationLine],
        all_or_nothing: bool,
        told: &[pb::LineResult],
    ) -> Result<Vec<LineExpected>, Refusals> {
        let mut created = HashMap::new();
        let meant: Vec<_> = lines
            .iter()
            .zip(told.iter().map(Some).chain(std::iter::repeat(None)))
            .map(|(line, told)| self.line_means(line, told, &mut created))
            .collect();
        let postable_count = meant.iter().filter(|line| line.outcome == pb::LineOutcome::Posted).count();
        if postable_count == 0 || (all_or_nothing && postable_count < lines.len()) {
            return Ok(meant.into_iter().map(held_back).collect());
        }
        for (line, meant) in lines.iter().zip(&meant) {
            if meant.outcome == pb::LineOutcome::Posted && meant.is_created {
                self.name_new(line, meant.item.expect("it was created"));
            }
        }
        let (mut refused, mut refused_shelves) = (BTreeSet::new(), BTreeSet::new());
        let mut learned = Vec::new();
        let mut results = Vec::new();
        for ((line, meant), place) in lines.iter().zip(meant).zip(1..) {
            let Some(item) = meant.item.filter(|_| meant.outcome == pb::LineOutcome::Posted) else {
                results.push(not_posted(meant));
                continue;
            };
            if let Some(size) = number(line.pack_size.as_ref()).filter(|_| line.unit != self.items[item].base_unit) {
                learned.push((item, line.unit.clone(), size));
            }
            let shelf = (item, self.place_of(&line.location_id));
            if refused_shelves.contains(&shelf) {
                results.push(LineExpected::default());
                continue;
            }
            match self.post_line(operation, place, shelf, at, line, meant.factor) {
                Ok(result) => results.push(LineExpected { is_created: meant.is_created, ..result }),
                Err(reason) => {
                    refused_shelves.insert(shelf);
                    refused.insert(reason);
                    results.push(LineExpected::default());
                }
            }
        }
        for (item, unit, size) in learned {
            self.items[item].packs.insert(unit, size);
        }
        if refused.is_empty() { Ok(results) } else { Err(refused.into_iter().collect()) }
    }

    fn line_means(
        &mut self,
        line: &pb::OperationLine,
        told: Option<&pb::LineResult>,
        created: &mut HashMap<String, usize>,
    ) -> Meant {
        let quantity = quantity(line);
        let found = self.meant(line.item.as_ref());
        let (item, is_created) = match (found, line.item.as_ref().and_then(|item| item.reference.as_ref())) {
            (Some(item), _) => (item, false),
            (None, Some(Reference::Name(name))) if may_create(line) => {
                let item = *created.entry(name.clone()).or_insert_with(|| {
                    let id = told.and_then(|told| told.item.as_ref()).map(|item| item.item_id.clone());
                    let (base_unit, scale) = keeping(line, quantity.unwrap_or_default());
                    self.items.push(Item {
                        id: id.unwrap_or_default(),
                        base_unit,
                        scale,
                        is_archived: false,
                        moved: None,
                        packs: HashMap::new(),
                    });
                    self.items.len() - 1
                });
                (item, true)
            }
            _ => {
                let outcome = pb::LineOutcome::ItemNotFound;
                return Meant { outcome, item: None, is_created: false, factor: Decimal::ONE };
            }
        };
        let Some(factor) = self.factor(item, line) else {
            return Meant { outcome: pb::LineOutcome::UnitUnknown, item: Some(item), is_created, factor: Decimal::ONE };
        };
        let in_base = quantity.unwrap_or_default() * factor;
        let fits = in_base.normalize().scale() <= self.items[item].scale;
        let outcome = if fits { pb::LineOutcome::Posted } else { pb::LineOutcome::ScaleExceeded };
        Meant { outcome, item: Some(item), is_created, factor }
    }

    /// Returns how many base units one unit of the line holds.
    fn factor(&self, item: usize, line: &pb::OperationLine) -> Option<Decimal> {
        let item = &self.items[item];
        let said = number(line.pack_size.as_ref());
        if line.unit.is_empty() {
            return Some(said.unwrap_or(Decimal::ONE));
        } else if line.unit == item.base_unit {
            return Some(Decimal::ONE);
        }
        let measure = match (line.unit.as_str(), item.base_unit.as_str()) {
            ("g", "kg") => Some(Decimal::new(1, 3)),
            ("kg", "g") => Some(Decimal::from(1000)),
            _ => None,
        };
        let usual = match line.unit.as_str() {
            "dozen" if item.base_unit == "each" => Some(Decimal::from(12)),
            "each" if item.base_unit == "each" => Some(Decimal::ONE),
            _ => None,
        };
        said.or(measure).or_else(|| item.packs.get(&line.unit).copied()).or(usual)
    }

    fn name_new(&mut self, line: &pb::OperationLine, item: usize) {
        if let Some(Reference::Name(name)) = line.item.as_ref().and_then(|item| item.reference.as_ref()) {
            self.names.insert(name.clone(), Name { item, is_name: true });
        }
    }

    fn post_line(
        &mut self,
        operation: usize,
        place: i32,
        shelf: Shelf,
        at: Timestamp,
        line: &pb::OperationLine,
        factor: Decimal,
    ) -> Result<LineExpected, &'static str> {
        let before = self.balance(shelf);
        if number(line.expected_balance.as_ref()).is_some_and(|expected| expected != before) {
            return Err("ERROR_REASON_BALANCE_CHANGED");
        }
        let in_base = quantity(line).map(|quantity| quantity * factor);
        let mut expected = None;
        let said = match line.effect.as_ref().expect("a line has an effect") {
            Effect::Count(_) => {
                let is_older = self.counted_at(shelf).is_some_and(|counted| at.as_second() < counted.as_second());
                if !is_older {
                    expected = Some(before - self.moved_after(shelf, at));
                }
                let counted = in_base.expect("a count has a quantity");
                self.put(operation, place, shelf, at, pb::MovementKind::Count, What::Counted(counted));
                None
            }
            Effect::Change(change) => {
                let kind = change.kind();
                let delta = match in_base {
                    Some(in_base) => {
                        if is_outward(kind) {
                            -in_base
                        } else {
                            in_base
                        }
                    }
                    None => -before.max(Decimal::ZERO),
                };
                if !delta.is_zero() {
                    self.put(operation, place, shelf, at, kind, What::Moved(delta));
                }
                Some(delta)
            }
        };
        let after = self.balance(shelf);
        let delta = said.unwrap_or(after - before);
        if self.is_strict && delta < Decimal::ZERO && after < Decimal::ZERO {
            return Err("ERROR_REASON_INSUFFICIENT_STOCK");
        }
        Ok(LineExpected {
            outcome: pb::LineOutcome::Posted,
            item: Some(shelf.0),
            is_created: false,
            delta: Some(delta),
            balance_after: Some(after),
            expected,
        })
    }
}

/// A line of an operation that does nothing: it says what is wrong with it, or that another one is.
fn held_back(line: Meant) -> LineExpected {
    let outcome = if line.outcome == pb::LineOutcome::Posted { pb::LineOutcome::HeldBack } else { line.outcome };
    not_posted(Meant { outcome, ..line })
}

fn not_posted(line: Meant) -> LineExpected {
    LineExpected { outcome: line.outcome, item: line.item.filter(|_| !line.is_created), ..Default::default() }
}

fn quantity(line: &pb::OperationLine) -> Option<Decimal> {
    match line.effect.as_ref().expect("a line has an effect") {
        Effect::Change(change) => number(change.quantity.as_ref()),
        Effect::Count(count) => number(count.quantity.as_ref()),
    }
}

fn may_create(line: &pb::OperationLine) -> bool {
    line.create_item
        && match line.effect.as_ref().expect("a line has an effect") {
            Effect::Count(_) => true,
            Effect::Change(change) => match change.kind() {
                pb::MovementKind::Adjustment => quantity(line).is_some_and(|quantity| quantity > Decimal::ZERO),
                kind => !is_outward(kind),
            },
        }
}

fn is_outward(kind: pb::MovementKind) -> bool {
    use pb::MovementKind as Kind;
    matches!(kind, Kind::Sale | Kind::Waste | Kind::OwnUse | Kind::Theft | Kind::Gift | Kind::ReturnOut)
}

/// What a new item is kept in that is first said in the unit of this line.
fn keeping(line: &pb::OperationLine, quantity: Decimal) -> (String, u32) {
    let (unit, in_base, scale_min) = match (line.unit.as_str(), number(line.pack_size.as_ref())) {
        (_, Some(size)) => ("each", quantity * size, 0),
        ("kg", None) => ("kg", quantity, 3),
        ("g", None) => ("g", quantity, 0),
        ("dozen", None) => ("each", quantity * Decimal::from(12), 0),
        ("" | "each", None) => ("each", quantity, 0),
        (pack, None) => (pack, quantity, 0),
    };
    (unit.to_owned(), in_base.normalize().scale().max(scale_min).min(3))
}
