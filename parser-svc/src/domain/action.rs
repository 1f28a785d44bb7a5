//! The actions a message can ask for, as our own types.

use rust_decimal::Decimal;
use serde::Deserialize;

/// A half-open range of Unicode code points in the text as given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// First code point.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
}

impl Span {
    /// Returns the smallest range that holds both.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// One thing the sender wants, or one thing that has to be asked before it can be done.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Action {
    /// What is wanted.
    pub intent: Intent,
    /// What has to be asked before this may change stock.
    pub clarification: Option<Clarification>,
    /// Whether the person should say yes before this changes stock.
    pub confirm: bool,
    /// Why the text needs care.
    pub flags: Vec<Flag>,
    /// The numbers in question when the question is which of them counts.
    pub numbers: Vec<Decimal>,
    /// Where it was read.
    pub span: Span,
    /// Names that fit, when the question is which item.
    pub options: Vec<String>,
    /// How sure the reader is, in parts of a million; 0 when it does not say.
    pub confidence_ppm: i32,
}

impl Action {
    /// Makes an action with nothing to ask.
    pub fn new(intent: Intent) -> Self {
        Self { intent, ..Self::default() }
    }

    /// Makes a turn that is not about stock.
    pub fn turn(act: Act) -> Self {
        Self::new(Intent::Unknown { act: Some(act), line: Line::default(), topic: String::new(), shop: String::new() })
    }

    /// Makes a line that cannot be acted upon before a question is answered.
    pub fn question(line: Line, clarification: Clarification) -> Self {
        let intent = Intent::Unknown { act: None, line, topic: String::new(), shop: String::new() };
        Self { clarification: Some(clarification), ..Self::new(intent) }
    }

    /// Adds the question.
    #[must_use]
    pub fn asking(mut self, clarification: Clarification) -> Self {
        self.clarification = Some(clarification);
        self
    }

    /// Asks for a yes first.
    #[must_use]
    pub fn confirmed_first(mut self) -> Self {
        self.confirm = true;
        self
    }

    /// Whether this would change stock as it stands, without any question.
    pub fn is_write(&self) -> bool {
        self.clarification.is_none() && !self.confirm && self.intent.changes_stock()
    }
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    /// Stock came in.
    Add { line: Line, reason: AddReason },
    /// Stock went out. `all`: whatever there was.
    Remove { line: Line, reason: Option<RemoveReason>, all: bool },
    /// Stock was counted, or is to be set.
    SetStock { line: Line, reason: SetReason },
    /// How much of something there is.
    Query { item: Item, field: QueryField, when: Option<String>, minus: Option<Decimal>, check: Option<Decimal> },
    /// What the shop has.
    List,
    /// Take something back.
    Undo(UndoTarget),
    /// Replace something that was posted.
    Correct { line: Line, target: CorrectTarget },
    /// What the person can say.
    Help { topic: String },
    /// A greeting or thanks.
    Greeting(GreetingKind),
    /// Nothing that can be done as it stands.
    Unknown { act: Option<Act>, line: Line, topic: String, shop: String },
    /// What is running low.
    LowStock { out_only: bool },
    /// A report over a period.
    Report(Report),
    /// A level at which to warn.
    Threshold { line: Line, off: bool },
    /// Another name for an item, or two items that are one.
    Rename { item: Item, new_name: String, mode: RenameMode },
    /// A step of a stock-take.
    CountSession { step: CountSessionStep, item: Option<Item> },
    /// A new price.
    SetPrice { item: Item, price: Option<Price> },
    /// People of the shop.
    ChangeMember { change: MemberChange, name: String, phone_number: String, role: Option<MemberRole> },
    /// A transfer between two places of one shop.
    Transfer { line: Line, to_location: String },
}

impl Default for Intent {
    fn default() -> Self {
        Self::Unknown { act: None, line: Line::default(), topic: String::new(), shop: String::new() }
    }
}

impl Intent {
    /// Whether doing this changes the ledger.
    pub fn changes_stock(&self) -> bool {
        matches!(
            self,
            Self::Add { .. }
                | Self::Remove { .. }
                | Self::SetStock { .. }
                | Self::Correct { .. }
                | Self::Transfer { .. }
        )
    }

    /// The line of stock it speaks of.
    pub fn line(&self) -> Option<&Line> {
        match self {
            Self::Add { line, .. }
            | Self::Remove { line, .. }
            | Self::SetStock { line, .. }
            | Self::Correct { line, .. }
            | Self::Unknown { line, .. }
            | Self::Threshold { line, .. }
            | Self::Transfer { line, .. } => Some(line),
            _ => None,
        }
    }

    /// The line of stock it speaks of, to change it.
    pub fn line_mut(&mut self) -> Option<&mut Line> {
        match self {
            Self::Add { line, .. }
            | Self::Remove { line, .. }
            | Self::SetStock { line, .. }
            | Self::Correct { line, .. }
            | Self::Unknown { line, .. }
            | Self::Threshold { line, .. }
            | Self::Transfer { line, .. } => Some(line),
            _ => None,
        }
    }

    /// Every item it names.
    pub fn item(&self) -> Option<&Item> {
        match self {
            Self::Query { item, .. }
            | Self::Rename { item, .. }
            | Self::SetPrice { item, .. }
            | Self::Undo(UndoTarget::Item(item)) => Some(item),
            Self::Report(Report { item, .. }) | Self::CountSession { item, .. } => item.as_ref(),
            other => other.line().and_then(|line| line.item.as_ref()),
        }
    }
}

/// An item as the sender named it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Item {
    /// Singular, lower case, sizes and brands kept.
    pub name: String,
    /// The English word when the sender used another language, else empty.
    pub english_name: String,
    /// Digits of a barcode, when that was given instead of a name.
    pub barcode: String,
    /// Whether every item of the shop is meant.
    pub everything: bool,
    /// The name as the sender wrote it, case and number kept.
    pub said: String,
}

impl Item {
    /// An item by its name.
    pub fn named(name: impl Into<String>) -> Self {
        let name = name.into();
        Self { said: name.clone(), name, ..Self::default() }
    }
}

/// One line of stock as it was said.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    /// The item, when one was named.
    pub item: Option<Item>,
    /// How much, in `unit`.
    pub quantity: Option<Decimal>,
    /// Unit in the singular and in English; empty: single pieces.
    pub unit: String,
    /// How many pieces one unit holds, when that was said.
    pub pack_size: Option<Decimal>,
    /// Price, when one was said.
    pub price: Option<Price>,
    /// Supplier, customer or other person, lower case.
    pub party: String,
    /// When it happened, in canonical English.
    pub when: Option<String>,
    /// Place in the shop, lower case.
    pub location: String,
    /// Whether goods left on credit.
    pub credit: bool,
    /// Whether the number was said loosely.
    pub approximate: bool,
    /// What the sender says is left afterwards.
    pub quantity_after: Option<Decimal>,
    /// Document number, for example of an invoice.
    pub document_number: String,
    /// How it was paid.
    pub payment: String,
}

/// A price as it was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// The amount in the shop's currency.
    pub amount: Decimal,
    /// What it is for, when that was said.
    pub basis: Option<PriceBasis>,
}

/// What a price is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriceBasis {
    /// One piece.
    Each,
    /// The whole line.
    Total,
    /// One unit of the line.
    Unit,
}

/// Why stock came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddReason {
    /// Goods came from a supplier or were made.
    Receipt,
    /// A customer brought something back.
    Return,
}

/// Why stock went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoveReason {
    /// Sold.
    Sale,
    /// Broken, spoiled, expired.
    Waste,
    /// Stolen.
    Theft,
    /// Used by the shop itself.
    OwnUse,
    /// Given away.
    Gift,
    /// Sent back to the supplier.
    Return,
}

/// Why stock is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetReason {
    /// Counted, or the sender says what is left.
    Count,
    /// First load of a new shop.
    Opening,
    /// All of it was sold.
    Sale,
}

/// What is asked about an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryField {
    /// How much there is.
    Stock,
    /// What it costs.
    Price,
}

/// What is to be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UndoTarget {
    /// The newest operation of this person.
    Last,
    /// The newest few.
    LastN(u32),
    /// The newest on an item.
    Item(Item),
    /// That of the quoted message.
    Reply,
    /// One line of the last operation, from 1.
    Line(u32),
    /// The last undo.
    LastUndo,
    /// That of a message which its sender deleted.
    DeletedMessage,
}

/// Which posted line is to be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CorrectTarget {
    /// The newest line of this person.
    Last,
    /// That of the quoted message.
    Reply,
    /// The newest on the named item.
    Item,
    /// A line of the last list, from 1.
    Line(u32),
    /// That of the message before its sender changed it.
    EditedMessage,
}

/// Kinds of greeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GreetingKind {
    /// Hello.
    Hello,
    /// Thanks.
    Thanks,
}

/// Turns that are not about stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Nothing is to be done.
    None,
    /// Yes.
    Affirm,
    /// No.
    Deny,
    /// Drop the open question.
    CancelPending,
    /// Asks for something the product does not do.
    Unsupported,
    /// A paper that was already booked.
    DuplicateDocument,
    /// Work in another shop.
    SwitchShop,
    /// One of the choices of the open question, from 1.
    Select(u32),
}

/// A report over a period.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// What it is about.
    pub kind: ReportKind,
    /// The period in canonical English; empty: the report's own default.
    pub period: String,
    /// The item, for a history.
    pub item: Option<Item>,
    /// The file format asked for.
    pub format: String,
    /// Whether it is asked how a number came about.
    pub why: bool,
    /// Whether a file is to hold what happened, and not what there is.
    pub movements: bool,
}

impl Report {
    /// A report that is told in the chat.
    #[must_use]
    pub fn of(kind: ReportKind) -> Self {
        Self { kind, period: String::new(), item: None, format: String::new(), why: false, movements: false }
    }
}

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportKind {
    /// Everything in short.
    Summary,
    /// What was sold.
    Sales,
    /// Money taken.
    Revenue,
    /// Money earned.
    Profit,
    /// What sells best.
    Top,
    /// What happened to one item.
    History,
    /// What the stock is worth.
    Valuation,
    /// The data as a file.
    Export,
}

/// What a new name means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RenameMode {
    /// Another display name.
    Rename,
    /// It can also be called so.
    Alias,
    /// The two are one item.
    Merge,
    /// The shop does not keep it any more; the new name is empty.
    Archive,
}

/// Steps of a stock-take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountSessionStep {
    /// Begins.
    Start,
    /// Ends.
    Close,
    /// Leaves an item out.
    Skip,
    /// Is given up.
    Cancel,
    /// Asks what is not counted yet.
    Missing,
}

/// A change of the people of a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberChange {
    /// A person joins.
    Add,
    /// A person leaves.
    Remove,
    /// A person may do more or less.
    Role,
    /// Nothing: who belongs to the shop is asked.
    List,
}

/// What a person may do, as it was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    /// Everything.
    Owner,
    /// Everything but what owners alone may.
    Manager,
    /// Sells and receives.
    Clerk,
    /// Looks.
    Viewer,
}

/// What has to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clarification {
    /// Which item.
    Item,
    /// How many.
    Quantity,
    /// Came in, sold or counted.
    Direction,
    /// Which of several numbers is the quantity.
    WhichNumber,
    /// How many pieces are in the pack.
    PackSize,
    /// Which unit.
    Unit,
    /// Whether the price is for one or for all.
    PriceBasis,
    /// Whether a dash is a minus.
    SignOrDash,
    /// Whether "no bread" says it is finished or takes something back.
    ZeroOrCancel,
    /// Whether a line that stands twice is meant twice.
    Repeat,
    /// Whether it was already recorded.
    AlreadyRecorded,
    /// Whether a fraction of a whole item is meant.
    WholeUnits,
    /// Which date.
    DateOrder,
    /// A wish, or a delivery.
    RequestOrAdd,
    /// The text is too long to be read safely.
    TooLong,
    /// The paper it speaks of is missing.
    Attachment,
}

/// Why a text needs care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// Instructions to the reader, code or a forged answer.
    Injection,
    /// A link.
    Link,
}
