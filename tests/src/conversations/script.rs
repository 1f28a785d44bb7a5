//! What a file of a conversation holds.

use jiff::SignedDuration;
use proto::inventory::v1::Role;

/// A conversation: what people do, and what has to come back.
#[derive(Clone, Debug)]
pub struct Script {
    /// The file, as it was named when it was read.
    pub path: String,
    /// What it proves.
    pub title: String,
    /// What the product lacks to pass it; `None`: it has to pass.
    pub missing: Option<String>,
    /// The shops before the first line.
    pub(super) shops: Vec<Shop>,
    /// People who belong to no shop.
    pub(super) guests: Vec<String>,
    /// What happens, in order.
    pub(super) turns: Vec<Turn>,
    /// The lines of the file.
    pub(super) lines: Vec<String>,
}

impl Script {
    /// Returns whether time passes in it by more than the clock does by itself.
    pub fn moves_the_clock(&self) -> bool {
        self.turns.iter().any(|turn| matches!(turn.doing, Doing::Later(_)))
    }
}

/// A shop before the first line.
#[derive(Clone, Debug)]
pub(super) struct Shop {
    pub owner: String,
    pub items: Vec<Stocked>,
    pub staff: Vec<(String, Role)>,
}

/// An item that a shop has before the first line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stocked {
    pub level: Level,
    /// Units and how many base units each holds.
    pub packs: Vec<(String, String)>,
    /// Other names.
    pub aliases: Vec<String>,
    /// Where to warn.
    pub low: Option<String>,
}

/// How much there is of something.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Level {
    pub item: String,
    pub quantity: String,
    /// Empty: pieces.
    pub unit: String,
}

impl std::fmt::Display for Level {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.item, self.quantity)?;
        if self.unit.is_empty() { Ok(()) } else { write!(formatter, " {}", self.unit) }
    }
}

/// One thing that happens.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    /// The lines of the file that tell it, counted from 0, the last one not among them.
    pub lines: std::ops::Range<usize>,
    pub doing: Doing,
}

/// What happens.
#[derive(Clone, Debug)]
pub(super) enum Doing {
    /// Somebody does something.
    Act { person: String, act: Act },
    /// The product answers somebody.
    Answer { person: String, lines: Vec<String> },
    /// The product answers nothing.
    Silence { person: String },
    /// Time passes.
    Later(SignedDuration),
    /// This and nothing else is in stock.
    Stock { owner: String, levels: Vec<Level> },
}

/// What somebody does.
#[derive(Clone, Debug)]
pub(super) enum Act {
    Say { text: String, manner: Manner },
    Tap { title: String, on: Option<String>, times: usize },
    Delete { what: String },
    Change { what: String, to: String },
    React { emoji: String, to: String },
    SendCard { of: String },
}

/// How something is said.
#[derive(Clone, Debug, Default)]
pub(super) struct Manner {
    pub quoting: Option<String>,
    /// How often Meta delivers it; 0: once.
    pub copies: usize,
    pub is_forwarded: bool,
    pub written_earlier: SignedDuration,
}

impl Manner {
    /// Returns whether there is nothing special about it.
    pub fn is_plain(&self) -> bool {
        self.quoting.is_none() && self.copies == 0 && !self.is_forwarded && self.written_earlier.is_zero()
    }
}
