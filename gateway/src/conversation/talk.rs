//! What is said about what was said before: corrections, what is taken back, questions that are still open. The words are in
//! `reply`.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::plan::{Line, Saying};

/// A sentence about the conversation itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Talk {
    /// Nothing of today can be put right.
    NothingToCorrect,
    /// It was taken back or put right since.
    FixedBefore,
    /// The day of a line cannot be changed.
    CannotRedate,
    /// It says so already.
    SaysSoAlready,
    /// There is no such line.
    NoSuchLine {
        /// How many there are.
        count: usize,
    },
    /// Which line of a list.
    WhichLine {
        /// Names and changes.
        lines: Vec<(String, Decimal)>,
    },
    /// Whether to take back the last few.
    ReallyUndoMany {
        /// How many.
        count: usize,
    },
    /// Whether to take these back.
    ReallyUndoThese {
        /// Names and changes.
        lines: Vec<(String, Decimal)>,
        /// Whether it is because they are older than a day.
        is_old: bool,
    },
    /// Nothing of that item can be taken back.
    NothingToUndoOf {
        /// What was said.
        said: String,
    },
    /// On which day.
    WhichDay {
        /// What it is about.
        lines: Vec<Line>,
        /// The days that it may have been, day and month; empty: today or yesterday.
        days: Vec<(i8, i8)>,
    },
    /// How many of an item one unit holds.
    HowManyIn {
        /// What was said.
        said: String,
        /// The unit.
        unit: String,
    },
    /// How many pieces, of something that is counted in whole ones.
    HowManyWhole {
        /// Its name.
        name: String,
    },
    /// Whether a price is for one or for all.
    EachOrAll {
        /// The amount.
        amount: Decimal,
        /// Its currency.
        currency: String,
        /// What it is the price of.
        said: String,
    },
    /// Whether so much is really meant.
    ReallySoMuch {
        /// The line as it was said.
        line: Box<Line>,
        /// What is usual.
        usual: Decimal,
    },
    /// Whether lines come on top of what is there, or are what is there.
    SetOrAdd {
        /// The lines as they were said.
        lines: Vec<Line>,
    },
    /// The shop's share of the model is used up for today, and this was no plain sentence.
    PlainWordsOnly,
    /// A newer question took its place.
    QuestionReplaced,
    /// A line says something else now.
    Fixed {
        /// What it said.
        was: Box<Line>,
        /// What it says.
        line: Box<Line>,
        /// The item's name as the shop wrote it.
        name: String,
        /// What is on hand now.
        balance: Decimal,
    },
    /// What was taken back is done again: names, changes and balances.
    Redone {
        /// Its lines.
        lines: Vec<(String, Decimal, Decimal)>,
    },
    /// There is nothing to do again.
    NothingToRedo,
    /// A question of before still waits.
    StillOpen {
        /// What it asked.
        question: Box<Saying>,
    },
}

impl Talk {
    /// Returns whether it is answered by yes or no.
    pub fn is_yes_or_no(&self) -> bool {
        matches!(self, Self::ReallyUndoMany { .. } | Self::ReallyUndoThese { .. } | Self::ReallySoMuch { .. })
    }
}
