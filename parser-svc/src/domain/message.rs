//! A message as the readers get it, and what a reader makes of it.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Action, Clarification, Span};

/// One message with what the conversation already holds.
#[derive(Clone, Default)]
pub struct Message {
    /// The text as given.
    pub text: String,
    /// What the conversation holds.
    pub context: Context,
    /// Items of the shop that may be meant, best first.
    pub catalogue: Vec<CatalogueItem>,
    /// Language the person used last, empty when not known.
    pub language: String,
    /// How the text came to be text.
    pub channel: Channel,
    /// What became of an earlier message, when this is word of that.
    pub event: Event,
    /// The day in the shop on which the person wrote it, when that is known.
    pub day: Option<Date>,
}

/// How a text came to be text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Channel {
    /// It was typed.
    #[default]
    Typed,
    /// Somebody wrote down what they heard.
    Voice,
    /// Somebody read it off a photo.
    Photo,
}

/// What became of an earlier message of the same person.
#[derive(Clone, Default)]
pub enum Event {
    /// Nothing: this is a message of its own.
    #[default]
    None,
    /// It was deleted.
    Deleted,
    /// Its text was changed to this one; this is what it had done before.
    Edited(Vec<Action>),
}

impl std::fmt::Debug for Message {
    // The text is the shopkeeper's: it must not reach a log by a stray `{:?}`.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Message").field("text_bytes", &self.text.len()).finish_non_exhaustive()
    }
}

/// An item of the shop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CatalogueItem {
    /// Its display name.
    pub name: String,
    /// Other names it goes by.
    pub aliases: Vec<String>,
    /// Units it is kept in, base unit first.
    pub units: Vec<String>,
    /// What is on hand, in the base unit, when that is known.
    pub on_hand: Option<Decimal>,
}

/// What the conversation already holds.
#[derive(Clone, Default)]
pub struct Context {
    /// Lines of the person's newest operation.
    pub last: Vec<Action>,
    /// Actions of the message that this one quotes.
    pub quoted: Vec<Action>,
    /// The question that is open.
    pub open_question: Option<OpenQuestion>,
    /// Whether a stock-take is going on.
    pub counting: bool,
    /// Text the same person sent just before and that could not be used by itself.
    pub previous_text: String,
    /// Document numbers that are already booked.
    pub booked_documents: Vec<String>,
}

/// The question that waits for an answer.
#[derive(Debug, Clone, Default)]
pub struct OpenQuestion {
    /// What is asked; none for yes or no.
    pub asks: Option<Clarification>,
    /// What will be done with the answer.
    pub drafts: Vec<Action>,
    /// The choices that were offered.
    pub options: Vec<String>,
}

/// What a paper says of itself.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Paper {
    /// Its number, for example of the invoice.
    pub number: String,
    /// Who issued it, as printed.
    pub supplier: String,
    /// Its printed total.
    pub total: Option<Decimal>,
}

impl std::fmt::Debug for Paper {
    // Whom a shop buys from is its own affair.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Paper(..)")
    }
}

/// What a reader made of a message.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The actions in the order of the text; never empty once checked.
    pub actions: Vec<Action>,
    /// Language of the message, BCP 47.
    pub language: String,
    /// Parts of the text that no action covers.
    pub uncovered: Vec<Span>,
    /// Whether the person just said yes to exactly this, so that it is not asked again.
    pub is_affirmed: bool,
}

impl Reading {
    /// Whether every word found its place, so that nobody else has to be asked.
    pub fn is_whole(&self) -> bool {
        self.uncovered.is_empty() && !self.actions.is_empty()
    }
}
