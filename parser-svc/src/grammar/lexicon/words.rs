//! What a word can be: a verb, a class, a unit, a noun.

use rust_decimal::Decimal;
use serde::Deserialize;

/// What a verb says about stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Came in.
    Add,
    /// A customer brought it back.
    ReturnIn,
    /// Went out, nobody said why.
    Remove,
    /// Went out as a sale.
    Sale,
    /// Broke, spoiled, expired.
    Waste,
    /// Stolen.
    Theft,
    /// Used by the shop.
    OwnUse,
    /// Given away.
    Gift,
    /// Went back to the supplier.
    ReturnOut,
    /// Counted.
    Count,
    /// Is there: a count, unless another verb says what became of it ("i have sold").
    Has,
    /// First load.
    Opening,
    /// From one place to another.
    Move,
}

/// What a word does in a sentence, beside verbs, units, numbers and names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Class {
    /// Says nothing about stock: "please", "um", "boss".
    Filler,
    /// "hello".
    Hello,
    /// "thanks".
    Thanks,
    /// "yes".
    Yes,
    /// "no".
    No,
    /// Denies what is said: "didn't", "not", "never".
    Not,
    /// "a", "an": one.
    Article,
    /// "the", "my".
    Determiner,
    /// "of".
    Of,
    /// "and".
    And,
    /// "each", "apiece".
    Each,
    /// "all", "everything".
    All,
    /// "some", "a few": a number nobody can know.
    Vague,
    /// "a couple of": two, loosely.
    Couple,
    /// A direction by itself: "in".
    ComeIn,
    /// A direction by itself: "out".
    GoOut,
    /// "from".
    From,
    /// "to".
    To,
    /// "for".
    For,
    /// "on", "at", "with", "by".
    Preposition,
    /// "on credit".
    Credit,
    /// "cash".
    Cash,
    /// "left", "remaining".
    Left,
    /// "stale", "broken": a state that makes waste.
    Spoilt,
    /// "red", "large": says which, not what.
    Adjective,
    /// "what", "how", "did".
    Question,
    /// "will", "going to", "need": not yet so.
    Wish,
    /// "if".
    If,
    /// "is", "was", "because": never inside a name.
    Function,
    /// "no wait", "sorry", "I mean": what follows replaces what stands before.
    Repair,
    /// "the last".
    Last,
    /// "rand".
    Money,
    /// "i", "we", "somebody": who did it.
    Person,
    /// "more", "another".
    More,
    /// "total".
    Total,
    /// "about", "almost": the number or the deed is not certain.
    About,
    /// "than": compares and moves nothing.
    Than,
    /// "per": so many to each.
    Per,
    /// "with": what comes along.
    With,
    /// "i want to": an order or a hope, as the verb after it says.
    Wanting,
}

/// A set of classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Classes(u64);

impl Classes {
    /// Whether the class is in the set.
    pub fn has(self, class: Class) -> bool {
        self.0 & (1 << class as u8) != 0
    }

    /// Whether no class is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// A set of one.
    pub fn only(class: Class) -> Self {
        let mut classes = Self::default();
        classes.insert(class);
        classes
    }

    /// Adds one.
    pub fn insert(&mut self, class: Class) {
        self.0 |= 1 << class as u8;
    }
}

/// What is known of a phrase.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    /// What it does.
    pub classes: Classes,
    /// What it says about stock, when it is a verb.
    pub verb: Option<Verb>,
    /// The unit it names, in English.
    pub unit: Option<String>,
    /// The number it names.
    pub number: Option<Decimal>,
    /// The time it names, in canonical English.
    pub when: Option<String>,
    /// Languages that know it, one bit for each file.
    pub languages: u8,
}

/// A verb in two parts: "voeg ... by".
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Separable {
    /// Its first part.
    pub head: String,
    /// Its last part.
    pub particle: String,
    /// What it says about stock.
    pub verb: Verb,
}

/// One noun of a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noun {
    /// Its English name, empty when it is English.
    pub english: String,
    /// The language it is of, as an index of the files.
    pub language: u8,
}
