//! The rules of the ledger, written down once more without a database: what stands of the history is what is on hand.
//!
//! - `standing`: balances, from the newest count and what happened after it
//! - `lines`: what lines of operations mean and do
//! - `operations`: posts, corrections, transfers, reversals
//! - `items`: names, packs, the archive, and items that another one stands for
//! - `judge`: what a call has to be answered, beside what it was answered

mod items;
mod judge;
mod lines;
mod operations;
mod standing;

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use proto::inventory::v1 as pb;
use rust_decimal::Decimal;

pub(crate) use judge::{Strictness, half_of};

/// Item and place, by their numbers in the book.
pub(crate) type Shelf = (usize, usize);
pub(crate) type Balances = BTreeMap<Shelf, Decimal>;

/// Why a call is refused: any of these, where the order of lines decides which.
pub(crate) type Refusals = Vec<&'static str>;

#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) base_unit: String,
    pub(crate) scale: u32,
    pub(crate) is_archived: bool,
    pub(crate) moved: Option<Moved>,
    packs: HashMap<String, Decimal>,
}

/// Which item stands for one that was put away.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moved {
    pub(crate) to: usize,
    factor: Decimal,
    at: Timestamp,
    is_merge: bool,
}

#[derive(Clone, Debug)]
struct Name {
    item: usize,
    is_name: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    Moved(Decimal),
    Counted(Decimal),
}

#[derive(Clone, Debug)]
struct Line {
    number: i32,
    shelf: Shelf,
    at: Timestamp,
    kind: pb::MovementKind,
    what: What,
    /// Orders all lines of a shop as they were heard of.
    position: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) id: String,
    member: String,
    at: Timestamp,
    lines: Vec<Line>,
    pub(crate) reverses: Option<usize>,
    pub(crate) reversed_by: Option<usize>,
    /// Whether it is the half of a correction that takes back what was wrong.
    is_half: bool,
    is_transfer: bool,
    putting_away: Option<PuttingAway>,
    /// What it changed, by shelf.
    effects: Balances,
}

#[derive(Clone, Debug)]
struct PuttingAway {
    item: usize,
    into: usize,
    is_unit_change: bool,
    names: HashMap<String, bool>,
    /// What stood for others, and how.
    followers: Vec<(usize, Moved)>,
}

/// One shop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    pub(crate) is_strict: bool,
    /// The owner's id, and the clerk's.
    pub(crate) owner: String,
    pub(crate) places: Vec<String>,
    pub(crate) items: Vec<Item>,
    names: BTreeMap<String, Name>,
    pub(crate) operations: Vec<Operation>,
    lines_of_shelf: HashMap<Shelf, Vec<(usize, usize)>>,
    line_count: usize,
}

impl Book {
    pub(crate) fn new(owner: &str, places: Vec<String>, is_strict: bool) -> Self {
        Self { is_strict, owner: owner.to_owned(), places, ..Self::default() }
    }

    pub(crate) fn item_of(&self, id: &str) -> Option<usize> {
        self.items.iter().position(|item| item.id == id)
    }

    fn place_of(&self, id: &str) -> usize {
        if id.is_empty() { 0 } else { self.places.iter().position(|place| place == id).expect("a place of the shop") }
    }

    fn operation_of(&self, id: &str) -> Option<usize> {
        self.operations.iter().position(|operation| operation.id == id)
    }

    pub(crate) fn has_operation(&self, id: &str) -> bool {
        self.operation_of(id).is_some()
    }

    /// Returns whether the service or the owner asks.
    fn may_all(&self, member: &str) -> bool {
        member.is_empty() || member == self.owner
    }

    /// Returns what every operation changed, by its id; ids that nobody was told are empty.
    pub(crate) fn effects(&self) -> impl Iterator<Item = (&str, &Balances)> {
        self.operations.iter().map(|operation| (operation.id.as_str(), &operation.effects))
    }

    /// Returns which item an operation, or what took it back, put away, with the names that taking that back would move,
    /// and whether it stands; nothing of other operations.
    pub(crate) fn puts_away(&self, id: &str) -> Option<(usize, Vec<String>, bool)> {
        let root = self.root_of(self.operation_of(id)?);
        let away = self.operations[root].putting_away.as_ref()?;
        let stands = self.stands(root);
        let survivor = self.items[away.into].moved.map_or(away.into, |moved| moved.to);
        let holder = if stands { survivor } else { away.item };
        let moves =
            |(name, held): &(&String, &Name)| held.item == holder && (!stands || away.names.contains_key(*name));
        Some((away.item, self.names.iter().filter(moves).map(|(name, _)| name.clone()).collect(), stands))
    }

    /// Returns the names that mean an item, or the one that stands for it.
    pub(crate) fn names_of(&self, id: &str) -> Vec<String> {
        let Some(item) = self.item_of(id).and_then(|item| self.alive(item)) else { return Vec::new() };
        self.names.iter().filter(|(_, name)| name.item == item).map(|(name, _)| name.clone()).collect()
    }

    fn begin(&mut self, operation: Operation) -> usize {
        self.operations.push(operation);
        self.operations.len() - 1
    }

    fn put(&mut self, operation: usize, number: i32, shelf: Shelf, at: Timestamp, kind: pb::MovementKind, what: What) {
        let position = self.line_count;
        self.line_count += 1;
        let lines = &mut self.operations[operation].lines;
        lines.push(Line { number, shelf, at, kind, what, position });
        self.lines_of_shelf.entry(shelf).or_default().push((operation, lines.len() - 1));
    }
}

impl Operation {
    fn new(member: &str, at: Timestamp) -> Self {
        Self {
            id: String::new(),
            member: member.to_owned(),
            at,
            lines: Vec::new(),
            reverses: None,
            reversed_by: None,
            is_half: false,
            is_transfer: false,
            putting_away: None,
            effects: Balances::new(),
        }
    }
}
