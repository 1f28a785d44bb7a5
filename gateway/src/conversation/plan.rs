//! What is going to be done about a message. Saved with it before the first effect, so a retry does not decide again.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What is going to be done, in order, and the language to say it in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// BCP 47.
    pub language: String,
    /// At most one of them posts.
    pub steps: Vec<Step>,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Step {
    /// Post these lines as one operation.
    Post {
        /// The lines, in the order in which they were said.
        lines: Vec<Line>,
        /// Seconds since 1970 when it happened; `None`: when the message was written.
        occurred_at: Option<i64>,
    },
    /// Take back the newest operation of the person.
    UndoLast,
    /// Take back this operation.
    Undo {
        /// Its id.
        operation_id: String,
    },
    /// Tell what is on hand of something.
    Stock {
        /// What was asked for.
        item: Item,
        /// Answer as if this much had been taken off.
        minus: Option<Decimal>,
    },
    /// Tell what the shop has.
    List,
    /// Ask, with a button for each choice.
    Ask {
        /// The question.
        saying: Saying,
        /// The answers.
        choices: Vec<Choice>,
    },
    /// Say something fixed.
    Say(Saying),
    /// Answer nothing.
    Silence,
}

impl Step {
    /// Returns whether it changes stock.
    pub fn changes_stock(&self) -> bool {
        matches!(self, Self::Post { .. } | Self::UndoLast | Self::Undo { .. })
    }
}

/// An answer to a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Choice {
    /// What the button says.
    pub title: String,
    /// What it does.
    pub steps: Vec<Step>,
}

/// An item as it was named.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Item {
    /// Its id, when it was chosen from a list.
    pub id: Option<String>,
    /// As it was said, for the answer.
    pub said: String,
    /// The English word, when it is known.
    pub english: String,
}

/// One line of an operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line {
    /// What.
    pub item: Item,
    /// What happens to it.
    pub effect: Effect,
    /// Unit, singular and in English; empty: pieces.
    pub unit: String,
    /// Pieces in one unit, when it was said.
    pub pack_size: Option<Decimal>,
    /// Price of one piece and its currency.
    pub unit_price: Option<(Decimal, String)>,
    /// Whether a new item is meant although another is spelt alike.
    #[serde(default)]
    pub is_new: bool,
}

/// What happens to the stock of an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Effect {
    /// It comes or goes; the number is an i32 of the proto's `MovementKind`.
    Change {
        /// Why.
        kind: i32,
        /// How much; below zero only for an adjustment.
        quantity: Decimal,
    },
    /// All of it goes.
    All {
        /// Why.
        kind: i32,
    },
    /// It was counted.
    Count {
        /// What is there.
        quantity: Decimal,
    },
}

/// Sentences of ours. The words are in `reply`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Saying {
    /// What the person can say.
    Help,
    /// Hello.
    Hello,
    /// You are welcome.
    Welcome,
    /// It was not understood.
    NotUnderstood,
    /// Nothing was done, and that is what was meant.
    NothingChanged,
    /// Something the product does not do.
    OutOfScope,
    /// Something the product does not do yet.
    NotYet,
    /// Only text is read so far.
    TextOnly,
    /// The person's number is not linked to a shop.
    Stranger,
    /// Came in, sold or counted.
    WhichDirection {
        /// The lines as they were said.
        lines: Vec<(String, Decimal)>,
    },
    /// Of which item.
    WhichItem {
        /// The line as far as it was said.
        quantity: Option<Decimal>,
    },
    /// Which of several items that fit.
    WhichOf {
        /// What was said.
        said: String,
        /// The items.
        names: Vec<String>,
    },
    /// How many.
    HowMany {
        /// Of what.
        said: String,
    },
    /// Which of several numbers.
    WhichNumber {
        /// Of what.
        said: String,
        /// The numbers.
        numbers: Vec<Decimal>,
    },
    /// Whether it is really meant.
    ReallyDo {
        /// The lines as they were said, with what happens.
        lines: Vec<Line>,
    },
    /// Whether to take the last back.
    ReallyUndo,
    /// How to correct.
    HowToCorrect,
    /// Which one to take back.
    UndoWhich,
    /// Dropped as asked.
    Dropped,
    /// It was answered before.
    AlreadyAnswered,
    /// The question is no longer open.
    QuestionGone,
    /// The text is too long.
    TooLong,
}
