//! The facts of an answer, and how they become text.

use rust_decimal::Decimal;

use super::catalogue::{Message, Name, words};
use super::count::{Counted, counted};
use super::draft::{PaperOutcome, paper};
use super::language::Language;
use super::number::quantity;
use super::posted::{posted, undone};
use super::report::{Reported, reported};
use super::saying::say;
use super::stock::{list, stock};
use super::unit::plural;
use super::upkeep::{Upkept, upkept};
use crate::conversation::{Line, Saying};

/// A line that was posted.
#[derive(Clone, Debug)]
pub(crate) struct PostedLine {
    /// What was asked for.
    pub line: Line,
    /// The item's name as the shop wrote it.
    pub name: String,
    /// The change in the base unit.
    pub delta: Decimal,
    /// What is on hand now.
    pub balance: Decimal,
    /// What the book said before a count.
    pub expected: Option<Decimal>,
    /// The base unit of the item.
    pub base_unit: String,
    /// Whether the item is new.
    pub is_new: bool,
    /// The level at which to warn, when this line came down to it.
    pub level_crossed: Option<Decimal>,
    /// Whether it is of before the last count, which stays as it was seen.
    pub is_absorbed: bool,
}

/// What came of the steps of a plan: the facts of an answer.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// Lines were posted.
    Posted(Vec<PostedLine>),
    /// A line named an item that the shop does not have.
    NoSuchItem {
        /// What was said.
        said: String,
        /// How much of it.
        quantity: Option<Decimal>,
    },
    /// How many pieces a unit holds is not known.
    UnknownUnit {
        /// What was said.
        said: String,
        /// The unit.
        unit: String,
    },
    /// The item is counted in whole units.
    WholeUnits {
        /// Its name.
        name: String,
    },
    /// An operation was taken back: name, change that was undone, balance now.
    Undone(Vec<(String, Decimal, Decimal)>),
    /// It was taken back before.
    AlreadyUndone,
    /// There was nothing to take back.
    NothingToUndo,
    /// Taking it back is for the person who did it, or the owner.
    NotYoursToUndo,
    /// The person may only look.
    NotAllowed,
    /// The shop refuses stock below zero.
    NotEnough,
    /// What is on hand: name and quantity; a quantity to be taken off in thought.
    Stock {
        /// What was asked for.
        said: String,
        /// What fits.
        found: Vec<(String, Decimal)>,
        /// Answer as if this much had been taken off.
        minus: Option<Decimal>,
    },
    /// What the shop has, and whether there is more than is shown.
    List {
        /// Names and quantities.
        levels: Vec<(String, Decimal)>,
        /// Whether the list goes on.
        has_more: bool,
    },
    /// What came of a paper.
    Paper(PaperOutcome),
    /// Something about the items beside their stock.
    Upkept(Upkept),
    /// Something about a stock-take.
    Count(Counted),
    /// Something about some days, a number or a file.
    Reported(Reported),
    /// A question.
    Asked(Saying),
    /// Something fixed.
    Said(Saying),
}

/// Writes the answer. Empty when there is nothing to say.
pub(crate) fn render(language: Language, outcomes: &[Outcome]) -> String {
    let blocks: Vec<String> = outcomes.iter().map(|outcome| block(language, outcome)).collect();
    blocks.into_iter().filter(|block| !block.is_empty()).collect::<Vec<_>>().join("\n")
}

fn block(language: Language, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Posted(lines) => posted(language, lines),
        Outcome::NoSuchItem { said, quantity: asked } => {
            let amount = quantity(asked.unwrap_or(Decimal::from(20)));
            words(language, Message::NoSuchItem { item: Name(said), amount: &amount })
        }
        Outcome::UnknownUnit { said, unit } => {
            let unit = plural(language, unit, Decimal::ONE);
            words(language, Message::HowManyIn { item: Name(said), unit: &unit })
        }
        Outcome::WholeUnits { name } => words(language, Message::WholePieces { item: Name(name) }),
        Outcome::Undone(lines) => undone(language, lines),
        Outcome::AlreadyUndone => words(language, Message::UndoneBefore),
        Outcome::NothingToUndo => words(language, Message::NothingToUndo),
        Outcome::NotYoursToUndo => words(language, Message::NotYoursToUndo),
        Outcome::NotAllowed => words(language, Message::MayOnlyLook),
        Outcome::NotEnough => words(language, Message::NotEnough),
        Outcome::Stock { said, found, minus } => stock(language, said, found, *minus),
        Outcome::List { levels, has_more } => list(language, levels, *has_more),
        Outcome::Paper(outcome) => paper(language, outcome),
        Outcome::Upkept(what) => upkept(language, what),
        Outcome::Count(what) => counted(language, what),
        Outcome::Reported(what) => reported(language, what),
        Outcome::Asked(saying) | Outcome::Said(saying) => say(language, saying),
    }
}
