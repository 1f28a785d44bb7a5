//! Whole turns as the data files write them: `how many|much {item} (left)`.
//!
//! A word stands for itself, `a|b_c` for one of several (an underscore joins the words of one), `(x)` may be missing, and a name
//! in braces is a slot.

use std::ops::Range;

use super::lexicon::{Class, key_of, lexicon};
use super::token::{Kind, Token};

/// Longest text that is tried as a turn; longer ones are stories or lists.
const MAX_TOKENS: usize = 24;

/// A slot of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// Name of an item.
    Item,
    /// One name or several, with commas and "and".
    Items,
    /// A number, in digits or words.
    Number,
    /// Quantity, unit and item.
    Line,
    /// An amount of money; a bare number too.
    Price,
    /// A time.
    When,
    /// Any words, as they were written.
    Name,
    /// A person.
    Person,
    /// A phone number.
    Phone,
    /// What a person may do: "manager".
    Role,
    /// A unit.
    Unit,
    /// Anything.
    Rest,
}

/// A turn's words, ready to match.
#[derive(Debug)]
pub struct Template {
    elements: Vec<Element>,
}

#[derive(Debug)]
struct Element {
    what: What,
    is_optional: bool,
}

#[derive(Debug)]
enum What {
    Words(Vec<Vec<String>>),
    Slot(Slot),
}

/// What a template found.
#[derive(Debug, Default, Clone)]
pub struct Found {
    /// Token ranges of its slots, in order.
    pub slots: Vec<(Slot, Range<usize>)>,
    /// How many tokens its own words took: the more, the surer.
    pub literal_count: usize,
}

impl Found {
    /// The range of the first slot of this kind.
    pub fn slot(&self, slot: Slot) -> Option<Range<usize>> {
        self.slots.iter().find(|(kind, _)| *kind == slot).map(|(_, range)| range.clone())
    }

    /// The range of the second slot of this kind.
    pub fn second(&self, slot: Slot) -> Option<Range<usize>> {
        self.slots.iter().filter(|(kind, _)| *kind == slot).nth(1).map(|(_, range)| range.clone())
    }
}

impl Template {
    /// Reads a template of a data file, which tests keep well formed.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let elements = text
            .split_whitespace()
            .map(|piece| {
                let inner = piece.strip_prefix('(').and_then(|piece| piece.strip_suffix(')'));
                let (piece, is_optional) = inner.map_or((piece, false), |inner| (inner, true));
                let slot = piece.strip_prefix('{').and_then(|piece| piece.strip_suffix('}'));
                let what = slot.map_or_else(
                    || {
                        let words = piece.split('|').map(|words| words.split('_').map(key_of).collect());
                        What::Words(words.collect())
                    },
                    |slot| What::Slot(slot_named(slot)),
                );
                Element { what, is_optional }
            })
            .collect();
        Self { elements }
    }

    /// Whether any template is tried on a text of this length.
    pub fn may_match(tokens: &[Token]) -> bool {
        tokens.len() <= MAX_TOKENS
    }

    /// Matches the whole of the tokens.
    #[must_use]
    pub fn matches(&self, tokens: &[Token]) -> Option<Found> {
        if !Self::may_match(tokens) {
            return None;
        }
        let mut found = Found::default();
        step(&self.elements, tokens, 0, &mut found).then_some(found)
    }

    /// Every word of its own.
    pub fn words(&self) -> impl Iterator<Item = &String> {
        fn alternatives(element: &Element) -> &[Vec<String>] {
            match &element.what {
                What::Words(alternatives) => alternatives.as_slice(),
                What::Slot(_) => &[],
            }
        }
        self.elements.iter().flat_map(alternatives).flatten()
    }

    /// Words of which the text must hold one: those of the element with the fewest.
    pub fn needed_words(&self) -> Vec<&str> {
        let needed = self.elements.iter().filter(|element| !element.is_optional);
        let words = needed.filter_map(|element| match &element.what {
            What::Words(alternatives) => Some(alternatives.iter().map(|words| words[0].as_str()).collect::<Vec<_>>()),
            What::Slot(_) => None,
        });
        words.min_by_key(Vec::len).unwrap_or_default()
    }
}

fn slot_named(name: &str) -> Slot {
    match name {
        "item" => Slot::Item,
        "items" => Slot::Items,
        "number" => Slot::Number,
        "line" => Slot::Line,
        "price" => Slot::Price,
        "when" => Slot::When,
        "name" => Slot::Name,
        "person" => Slot::Person,
        "phone" => Slot::Phone,
        "role" => Slot::Role,
        "unit" => Slot::Unit,
        _ => Slot::Rest,
    }
}

fn step(elements: &[Element], tokens: &[Token], at: usize, found: &mut Found) -> bool {
    let Some((element, rest)) = elements.split_first() else { return at == tokens.len() };
    match &element.what {
        What::Words(alternatives) => {
            for words in alternatives {
                let end = at + words.len();
                let fits =
                    end <= tokens.len() && words.iter().zip(&tokens[at..end]).all(|(word, token)| *word == token.key);
                if fits {
                    found.literal_count += words.len();
                    if step(rest, tokens, end, found) {
                        return true;
                    }
                    found.literal_count -= words.len();
                }
            }
        }
        What::Slot(slot) => {
            let slots = found.slots.len();
            for end in at + 1..=tokens.len().min(at + longest(*slot)) {
                if !extends(*slot, &tokens[at..end]) {
                    break;
                }
                if !accepts(*slot, &tokens[at..end]) {
                    continue;
                }
                found.slots.push((*slot, at..end));
                if step(rest, tokens, end, found) {
                    return true;
                }
                found.slots.truncate(slots);
            }
        }
    }
    element.is_optional && step(rest, tokens, at, found)
}

fn longest(slot: Slot) -> usize {
    match slot {
        Slot::Unit | Slot::Phone | Slot::Role => 1,
        Slot::Price => 2,
        Slot::Number | Slot::When => 4,
        Slot::Person => 3,
        Slot::Item | Slot::Name => 6,
        Slot::Line => 8,
        Slot::Items | Slot::Rest => MAX_TOKENS,
    }
}

/// Whether a slot may go on with its last token.
fn extends(slot: Slot, tokens: &[Token]) -> bool {
    let Some(last) = tokens.last() else { return false };
    match slot {
        Slot::Item | Slot::Person => is_name_token(last),
        Slot::Items => is_name_token(last) || last.kind == Kind::Mark(',') || word_has(last, Class::And),
        Slot::Number => matches!(last.kind, Kind::Number(_)) || is_number_word(last) || word_has(last, Class::And),
        Slot::Phone => last.kind == Kind::Phone,
        Slot::Role => lexicon().roles.contains_key(&last.key),
        Slot::Unit => lexicon().word(&last.key).is_some_and(|entry| entry.unit.is_some()),
        _ => last.kind != Kind::Newline,
    }
}

/// Whether these tokens fill the slot.
fn accepts(slot: Slot, tokens: &[Token]) -> bool {
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return false };
    match slot {
        Slot::Item | Slot::Person => tokens.iter().any(|token| !is_closed(token)),
        Slot::Items => is_name_token(first) && is_name_token(last) && tokens.iter().any(|token| !is_closed(token)),
        Slot::Number => !word_has(first, Class::And) && !word_has(last, Class::And),
        Slot::Price => {
            matches!(first.kind, Kind::Price(_))
                || (matches!(first.kind, Kind::Number(_)) && (tokens.len() == 1 || word_has(last, Class::Money)))
        }
        Slot::When => {
            let phrase = tokens.iter().map(|token| token.key.as_str()).collect::<Vec<_>>().join(" ");
            lexicon().word(&phrase).is_some_and(|entry| entry.when.is_some())
        }
        _ => true,
    }
}

/// Whether a token can stand in the name of an item: a word that is not a verb, a number or a word of the grammar.
fn is_name_token(token: &Token) -> bool {
    match token.kind {
        Kind::Size(..) | Kind::Barcode => true,
        Kind::Word => lexicon().word(&token.key).is_none_or(|entry| {
            let classes = entry.classes;
            let is_barrier = [
                Class::Not,
                Class::Question,
                Class::If,
                Class::Wish,
                Class::And,
                Class::Person,
                Class::Function,
                Class::Vague,
                Class::Left,
                Class::All,
                Class::To,
                Class::From,
                Class::Repair,
                Class::More,
                Class::No,
            ];
            entry.verb.is_none()
                && entry.number.is_none()
                && entry.when.is_none()
                && !is_barrier.into_iter().any(|class| classes.has(class))
        }),
        _ => false,
    }
}

fn is_closed(token: &Token) -> bool {
    token.kind == Kind::Word
        && lexicon().word(&token.key).is_some_and(|entry| {
            [Class::Article, Class::Determiner, Class::Of, Class::Filler, Class::ComeIn, Class::GoOut]
                .into_iter()
                .any(|class| entry.classes.has(class))
        })
        && !lexicon().is_noun(&token.key)
}

fn is_number_word(token: &Token) -> bool {
    lexicon().word(&token.key).is_some_and(|entry| entry.number.is_some())
}

fn word_has(token: &Token, class: Class) -> bool {
    lexicon().word(&token.key).is_some_and(|entry| entry.classes.has(class))
}
