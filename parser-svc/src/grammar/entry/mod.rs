//! One line of stock: how much of what, in any order. No verbs here; they were found before.

mod name;
mod price;
mod quantity;
mod runs;
mod words;

use rust_decimal::Decimal;

use super::lexicon::{Class, lexicon};
use super::noun;
use super::tag::{Lexeme, Names};
use super::token::Kind;
use crate::domain::{Clarification, Item, Line, Span};
pub use name::item;
use name::{Word, decide_name};
use price::read_price;
use quantity::{decide_quantity, read_number};
pub use runs::split_runs;
use words::read_word;

/// What a line of stock says.
#[expect(clippy::struct_excessive_bools, reason = "facts about one line that do not exclude each other")]
#[derive(Debug, Default, Clone)]
pub struct Entry {
    /// Quantity, unit, item and price.
    pub line: Line,
    /// What the line leaves open.
    pub clarification: Option<Clarification>,
    /// The numbers in question.
    pub numbers: Vec<Decimal>,
    /// Whether the reading is a guess that wants a yes.
    pub confirm: bool,
    /// Where it stands.
    pub span: Span,
    /// What it does not account for.
    pub uncovered: Vec<Span>,
    /// Whether its name says only which and leaves out what: "5 red".
    pub is_adjective: bool,
    /// Whether the number goes for each of several items.
    pub is_each: bool,
    /// A plus or minus before the number.
    pub sign: Option<char>,
    /// Whether a space stands between the sign and its number, so that it may be a bullet.
    pub is_sign_loose: bool,
    /// A plus or minus between name and number, which may be a dash.
    pub is_dashed: bool,
    /// Whether all there was is meant.
    pub is_all: bool,
    /// Whether it is said to be spoilt.
    pub is_spoilt: bool,
    /// Whether the number is what is left.
    pub is_left: bool,
    /// Whether these are the last there were.
    pub is_last: bool,
    /// Whether "no" stands before the name: "no bread".
    pub is_none: bool,
    /// Whether "more" was said.
    pub is_more: bool,
    /// Whether an amount was said that nobody can know.
    pub is_vague: bool,
    /// Words before the number when the name stands after it.
    pub leading: Vec<(String, Span)>,
    /// Whether those words look like a name: with a capital, or after "my" or "the".
    pub has_named_leading: bool,
    /// In or out, as a word by itself.
    pub direction: Option<Class>,
    /// Whether that word is the last of the line.
    pub has_last_direction: bool,
}

impl Entry {
    /// Whether it says anything of stock.
    pub fn is_empty(&self) -> bool {
        self.line.item.is_none() && self.line.quantity.is_none() && !self.is_vague && self.numbers.is_empty()
    }

    /// Whether it has only a number.
    pub fn is_bare_number(&self) -> bool {
        self.line.item.is_none() && self.line.quantity.is_some()
    }

    /// Whether it has only a name.
    pub fn is_bare_name(&self) -> bool {
        self.line.item.is_some()
            && self.line.quantity.is_none()
            && !self.is_vague
            && !self.is_all
            && self.numbers.is_empty()
    }
}

#[derive(Debug, Clone)]
struct Count {
    value: Decimal,
    unit: String,
    /// Whether "of" follows, as in "a box of 100".
    has_of: bool,
    at: usize,
    /// Whether it was written in words.
    is_word: bool,
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "facts about one line that do not exclude each other")]
struct Parts {
    counts: Vec<Count>,
    words: Vec<Word>,
    sizes: Vec<(Decimal, String, usize)>,
    times: Vec<(Decimal, Decimal, String, usize)>,
    article: bool,
    pending_unit: String,
    pack: Option<Decimal>,
    crosses: Vec<usize>,
    is_closed: bool,
    /// Whether "no" stands before the name.
    is_none: bool,
    /// Whether "pack" in the singular follows a number above one.
    has_single_pack: bool,
    spoilt: Vec<Word>,
}

/// Reads one line of stock.
#[must_use]
pub fn read(lexemes: &[Lexeme], names: &Names) -> Entry {
    let mut entry = Entry::default();
    let Some(first) = lexemes.first() else { return entry };
    entry.span = lexemes.iter().fold(first.span, |all, lexeme| all.joined(lexeme.span));
    let mut parts = Parts::default();
    let mut at = 0;
    while at < lexemes.len() {
        at += read_lexeme(lexemes, at, &mut parts, &mut entry);
    }
    entry.is_none = parts.is_none;
    if parts.is_none {
        // "no" that nothing explains may turn the line around.
        entry.uncovered.push(entry.span);
    }
    decide_quantity(&mut parts, &mut entry);
    decide_name(parts, &mut entry, names);
    entry
}

/// Takes one lexeme, or a few, and returns how many.
fn read_lexeme(lexemes: &[Lexeme], at: usize, parts: &mut Parts, entry: &mut Entry) -> usize {
    let lexeme = &lexemes[at];
    let next = lexemes.get(at + 1);
    let before = at.checked_sub(1).map(|at| &lexemes[at]);
    match &lexeme.kind {
        Kind::Number(value) => return read_number(lexemes, at, *value, parts, entry),
        // "2 500 bricks": nobody sells two bricks of five hundred.
        Kind::Spaced(first, second)
            if next.is_some_and(|next| lexicon().numerous.contains(&noun::singular(&next.key))) =>
        {
            let value = first.saturating_mul(Decimal::ONE_THOUSAND).saturating_add(*second);
            parts.counts.push(Count { value, unit: String::new(), has_of: false, at, is_word: false });
        }
        Kind::Spaced(first, second) => {
            parts.counts.push(Count { value: *first, unit: String::new(), has_of: false, at, is_word: false });
            parts.counts.push(Count { value: *second, unit: String::new(), has_of: false, at, is_word: false });
        }
        Kind::Size(value, unit) if matches!(unit.as_str(), "pk" | "pck" | "pack") => {
            parts.pack = Some(*value);
            if let Some(count) = parts.counts.last_mut().filter(|count| count.unit.is_empty()) {
                "pack".clone_into(&mut count.unit);
            }
        }
        Kind::Size(value, unit) => {
            let unit = lexicon().word(unit).and_then(|entry| entry.unit.clone()).unwrap_or_else(|| unit.clone());
            parts.sizes.push((*value, unit, parts.words.len()));
            parts.words.push(Word::size(lexeme, at));
        }
        Kind::Times(first, second) => parts.times.push((*first, *second, lexeme.text.clone(), at)),
        Kind::Price(amount) => return read_price(*amount, lexemes, at, entry),
        Kind::Barcode => {
            let item = Item { barcode: lexeme.key.clone(), ..Item::default() };
            entry.line.item.get_or_insert(item);
        }
        Kind::Mark(mark) => return read_mark(*mark, lexemes, at, parts, entry),
        Kind::Word => return read_word(lexeme, before, next, at, parts, entry),
        Kind::Newline | Kind::Link => {}
        Kind::Slashed(..) | Kind::Phone | Kind::Clock(_) | Kind::Ordinal(_) => entry.uncovered.push(lexeme.span),
    }
    1
}

fn read_mark(mark: char, lexemes: &[Lexeme], at: usize, parts: &mut Parts, entry: &mut Entry) -> usize {
    let next_is_number = lexemes.get(at + 1).is_some_and(|next| matches!(next.kind, Kind::Number(_) | Kind::Size(..)));
    match mark {
        'x' => parts.crosses.push(at),
        '+' if at + 1 == lexemes.len() && entry.sign.is_none() && !parts.counts.is_empty() => entry.sign = Some('+'),
        '+' | '-' if next_is_number && parts.counts.is_empty() => {
            let is_sign = parts.words.is_empty();
            if is_sign || mark == '+' {
                entry.sign = Some(mark);
                entry.is_sign_loose = mark == '-' && lexemes.get(at + 1).is_some_and(|next| !next.is_glued);
            } else {
                entry.is_dashed = true;
            }
        }
        '=' | ':' | '-' | '*' | '@' | '+' | '.' | '!' | '?' | '(' | ')' | '[' | ']' | '"' | '\'' | '/' | '|' | '~'
        | '_' | '#' | ',' | ';' => {}
        _ if mark.is_ascii() => entry.uncovered.push(lexemes[at].span),
        // An emoji nobody gave a meaning decorates.
        _ => {}
    }
    1
}
