//! What is going to be done about a message. Saved with it before the first effect, so a retry does not decide again.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::asked::Asked;
use super::count::{CountSaying, CountStep};
use super::talk::Talk;
use super::{Export, FileSaying, OfPeople, PaperDraft, People, Report, Upkeep};

/// What is going to be done, in order, and the language to say it in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// BCP 47.
    pub language: String,
    pub steps: Vec<Step>,
}

impl Plan {
    /// Returns whether it answers a voice note.
    pub fn is_heard(&self) -> bool {
        matches!(self.steps.first(), Some(Step::Say(Saying::File(FileSaying::Heard { .. }))))
    }
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
        /// Whether somebody said yes to it: then nothing is held back for being unusual.
        #[serde(default)]
        is_confirmed: bool,
    },
    /// Post the same of every item of the shop that has stock.
    PostEverything {
        /// What happens to each.
        effect: Effect,
        /// Seconds since 1970 when it happened; `None`: when the message was written.
        occurred_at: Option<i64>,
    },
    /// Put a line of an operation right.
    Correct {
        /// The operation.
        operation_id: String,
        /// The line's number in it.
        line_number: i32,
        /// What it said.
        was: Line,
        /// What it should have said.
        line: Line,
    },
    /// Take one line of an operation back and leave the others.
    DropLine {
        /// The operation.
        operation_id: String,
        /// The line's number in it.
        line_number: i32,
        /// What it said.
        was: Line,
    },
    /// Do again what was taken back last.
    Redo,
    /// Remember what a person calls an item.
    Teach {
        /// The item's id.
        item_id: String,
        /// What it is called, too.
        name: String,
    },
    /// Remember what the person means by "restock".
    Restock {
        /// Whether the number comes on top of what is there.
        adds: bool,
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
    /// Do or tell something about items beside their stock.
    Upkeep(Upkeep),
    /// Tell what happened in some days, or what all of it cost.
    Report(Report),
    /// Send a file.
    Export(Export),
    /// Do or tell something about the people of the shop.
    People(People),
    /// Do something about a stock-take.
    Count(CountStep),
    /// Ask, with a button for each choice.
    Ask {
        /// The question.
        saying: Saying,
        /// The answers.
        choices: Vec<Choice>,
        /// What words and numbers may answer, beside the choices.
        #[serde(default)]
        asked: Option<Asked>,
    },
    /// Say this of an operation, with a button that takes it back.
    OfferUndo {
        /// Its id.
        operation_id: String,
        /// What is said.
        saying: Saying,
    },
    /// Add a person to the shop.
    AddMember {
        /// What the person is called; may be empty.
        name: String,
        /// The person's number on WhatsApp.
        phone: String,
        /// What the person may do, as an i32 of the proto's `Role`; 0: sell and receive.
        #[serde(default)]
        role: i32,
    },
    /// Note the person's own number.
    LinkPhone {
        /// The number on WhatsApp.
        phone: String,
    },
    /// Show a paper to approve.
    ShowPaper {
        /// What it holds.
        draft: PaperDraft,
    },
    /// Save a paper that was approved.
    SavePaper {
        /// What it holds.
        draft: PaperDraft,
    },
    /// Say how to change a paper that is shown.
    FixPaper {
        /// What it holds.
        draft: PaperDraft,
    },
    /// Say something fixed.
    Say(Saying),
    /// Answer nothing.
    Silence,
}

impl Step {
    /// Returns whether it changes stock.
    pub fn changes_stock(&self) -> bool {
        matches!(
            self,
            Self::Post { .. }
                | Self::PostEverything { .. }
                | Self::SavePaper { .. }
                | Self::UndoLast
                | Self::Undo { .. }
                | Self::Redo
                | Self::Correct { .. }
                | Self::DropLine { .. }
        ) || matches!(self, Self::Count(step) if step.changes_stock())
    }

    /// Returns whether it changes anything that a second look could see changed.
    pub fn has_effect(&self) -> bool {
        self.changes_stock()
            || self.is_upkeep()
            || matches!(self, Self::People(people) if people.has_effect())
            || matches!(self, Self::Count(step) if step.has_effect())
            || matches!(self, Self::AddMember { .. } | Self::LinkPhone { .. } | Self::Teach { .. })
    }

    /// Returns whether it changes something of an item beside its stock.
    fn is_upkeep(&self) -> bool {
        matches!(self, Self::Upkeep(upkeep) if upkeep.has_effect())
    }

    /// Returns whether it changes stock or items, or leads there by an answer.
    pub fn may_change_stock(&self) -> bool {
        match self {
            Self::Ask { asked: Some(_), .. } => true,
            Self::Ask { choices, .. } => choices.iter().flat_map(|choice| &choice.steps).any(Self::may_change_stock),
            step => step.changes_stock() || step.is_upkeep(),
        }
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
    /// The singular in its own language, when it is known.
    #[serde(default)]
    pub singular: String,
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
    /// At how many to warn.
    WhichLevel {
        /// Of what.
        said: String,
    },
    /// Whether to take an item off the lists.
    ReallyArchive {
        /// Its name.
        name: String,
        /// What the book says is there.
        on_hand: Decimal,
    },
    /// Whether two items are one.
    ReallyMerge {
        /// The name of the one that is put away.
        name: String,
        /// The name of the one that stays.
        into: String,
        /// What the book says is there of both together.
        on_hand: Decimal,
    },
    /// Of which days.
    WhichDays,
    /// Whether a file of fewer days will do.
    FileTooLarge {
        /// What it would be of.
        of: Export,
        /// What may be had instead.
        shorter: Vec<Export>,
    },
    /// Something about the people of the shop.
    People(OfPeople),
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
    /// Something about a voice note, photo or document.
    File(FileSaying),
    /// Something about what was said before.
    Talk(Talk),
    /// Something about a stock-take.
    Count(CountSaying),
    /// A kind of message that cannot be read. The first version had another name for it.
    #[serde(alias = "TextOnly")]
    CannotRead,
    /// A film cannot be watched.
    NoVideo,
    /// A place is of no use.
    NoLocation,
    /// Orders are not taken.
    NoOrders,
    /// The file did not arrive: too large, or lost on the way.
    FileLost,
    /// Whether something that somebody else wrote is to be done.
    ReallyForwarded {
        /// The lines as they were written.
        lines: Vec<Line>,
    },
    /// Whether to add a person to the shop.
    ReallyAdd {
        /// What the person is called; may be empty.
        name: String,
        /// The person's number.
        phone: String,
        /// What the person may do, as an i32 of the proto's `Role`; 0: sell and receive.
        #[serde(default)]
        role: i32,
    },
    /// The person was added.
    Added {
        /// What the person is called; may be empty.
        name: String,
    },
    /// The person belongs to the shop already.
    AddedBefore {
        /// What the person is called; may be empty.
        name: String,
    },
    /// The person belongs to another shop.
    Elsewhere {
        /// What the person is called; may be empty.
        name: String,
    },
    /// Only owners and managers add people.
    MayNotAdd,
    /// The card has no number that WhatsApp knows.
    NoNumber {
        /// What the person is called; may be empty.
        name: String,
    },
    /// Several cards came at once.
    OneAtATime,
    /// The person's own number is known now.
    NumberNoted,
    /// The number that the person told belongs to somebody else.
    NumberTaken,
    /// A message was changed or deleted, and what it did stands.
    Stands {
        /// What happened to the message.
        tampering: Tampering,
        /// What stands: names and changes.
        lines: Vec<(String, Decimal)>,
    },
    /// A message was changed or deleted, and what it did was taken back before.
    StandsNoMore,
    /// A message was changed that had changed nothing.
    ChangedForNothing,
}

impl Saying {
    /// Returns whether it is answered by yes or no.
    pub fn is_yes_or_no(&self) -> bool {
        match self {
            Self::ReallyDo { .. }
            | Self::ReallyUndo
            | Self::ReallyForwarded { .. }
            | Self::ReallyAdd { .. }
            | Self::ReallyArchive { .. }
            | Self::ReallyMerge { .. } => true,
            Self::Talk(talk) => talk.is_yes_or_no(),
            Self::Count(saying) => saying.is_yes_or_no(),
            Self::People(people) => people.is_yes_or_no(),
            _ => false,
        }
    }
}

/// What happened to a message that was sent before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Tampering {
    /// It was changed.
    Changed,
    /// It was deleted.
    Deleted,
    /// One of the two.
    ChangedOrDeleted,
    /// Perhaps one of the two; Meta did not say.
    Unclear,
}
