//! The facts of an answer, and how they become text.

use rust_decimal::Decimal;

use super::draft::{PaperOutcome, paper};
use super::language::Language;
use super::number::quantity;
use super::posted::{posted, undone};
use super::saying::say;
use super::stock::{list, stock};
use super::unit::plural;
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
            match language {
                Language::English => {
                    format!("❓ {said} is not in your stock yet. To start it, send \"add {amount} {said}\"")
                }
                Language::Afrikaans => {
                    format!("❓ {said} is nog nie in jou voorraad nie. Om te begin, stuur \"voeg {amount} {said} by\"")
                }
            }
        }
        Outcome::UnknownUnit { said, unit } => match language {
            Language::English => format!(
                "❓ How many {said} are in a {unit}? Send it like \"add 2 {} of 12 {said}\"",
                plural(unit, Decimal::TWO)
            ),
            Language::Afrikaans => format!(
                "❓ Hoeveel {said} is in 'n {unit}? Stuur dit so: \"add 2 {} of 12 {said}\"",
                plural(unit, Decimal::TWO)
            ),
        },
        Outcome::WholeUnits { name } => match language {
            Language::English => format!("❓ {name} is counted in whole pieces. How many was it?"),
            Language::Afrikaans => format!("❓ {name} word in heel stukke getel. Hoeveel was dit?"),
        },
        Outcome::Undone(lines) => undone(language, lines),
        Outcome::AlreadyUndone => language
            .pick("↩️ That was undone before. Nothing changed.", "↩️ Dit is reeds ontdoen. Niks het verander nie.")
            .to_owned(),
        Outcome::NothingToUndo => language
            .pick("Nothing of yours from today to undo.", "Niks van jou van vandag om te ontdoen nie.")
            .to_owned(),
        Outcome::NotYoursToUndo => language
            .pick(
                "⚠️ Only the person who sent it, or the owner, can undo that.",
                "⚠️ Net die een wat dit gestuur het, of die eienaar, kan dit ontdoen.",
            )
            .to_owned(),
        Outcome::NotAllowed => language
            .pick(
                "⚠️ Not saved: you may look, not change. Ask the owner.",
                "⚠️ Nie gestoor nie: jy mag kyk, nie verander nie. Vra die eienaar.",
            )
            .to_owned(),
        Outcome::NotEnough => language
            .pick(
                "⚠️ Not saved: there is not so much in stock. Count it: \"counted 0 …\"",
                "⚠️ Nie gestoor nie: daar is nie soveel in voorraad nie. Tel dit eers.",
            )
            .to_owned(),
        Outcome::Stock { said, found, minus } => stock(language, said, found, *minus),
        Outcome::List { levels, has_more } => list(language, levels, *has_more),
        Outcome::Paper(outcome) => paper(language, outcome),
        Outcome::Asked(saying) | Outcome::Said(saying) => say(language, saying),
    }
}
