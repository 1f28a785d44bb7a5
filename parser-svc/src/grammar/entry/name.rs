//! What the line is about: the words of a name, put right and in the singular.

use rust_decimal::Decimal;

use super::{Entry, Parts};
use crate::domain::{Item, Span};
use crate::grammar::lexicon::{Class, lexicon};
use crate::grammar::noun;
use crate::grammar::tag::{Lexeme, Names};
use crate::grammar::token::Kind;

/// Most words in a name before it stops looking like one.
const MAX_NAME_WORDS: usize = 5;

#[derive(Debug, Clone)]
pub(super) struct Word {
    pub(super) span: Span,
    pub(super) text: String,
    pub(super) written: String,
    pub(super) key: String,
    pub(super) at: usize,
    pub(super) is_adjective: bool,
    pub(super) is_size: bool,
    pub(super) is_catalogued: bool,
}

impl Word {
    pub(super) fn new(lexeme: &Lexeme, at: usize) -> Self {
        Self {
            span: lexeme.span,
            text: lexeme.text.clone(),
            written: lexeme.written.clone(),
            key: lexeme.key.clone(),
            at,
            is_adjective: false,
            is_size: false,
            is_catalogued: lexeme.is_catalogued,
        }
    }

    pub(super) fn size(lexeme: &Lexeme, at: usize) -> Self {
        Self { is_size: true, ..Self::new(lexeme, at) }
    }
}

/// A name stands on one side of its number. What stands on the other side is somebody or something else.
pub(super) fn take_leading(parts: &mut Parts, entry: &mut Entry) {
    let [count] = parts.counts.as_slice() else { return };
    let at = count.at;
    let is_name = |word: &&Word| !word.is_size && !word.is_adjective;
    let has_name_after = parts.words.iter().filter(is_name).any(|word| word.at > at);
    if has_name_after && parts.words.iter().filter(is_name).any(|word| word.at < at) {
        let (leading, words) = std::mem::take(&mut parts.words).into_iter().partition(|word| word.at < at);
        parts.words = words;
        let leading: Vec<Word> = leading;
        entry.has_named_leading = leading.iter().any(|word| word.written.starts_with(char::is_uppercase));
        entry.leading = leading.into_iter().map(|word| (word.text, word.span)).collect();
    }
}

pub(super) fn decide_name(mut parts: Parts, entry: &mut Entry, names: &Names) {
    take_leading(&mut parts, entry);
    if !parts.spoilt.is_empty() && parts.words.is_empty() {
        // "sour" alone names nothing.
    }
    let is_implied = lexicon().implied_items.get(&entry.line.unit);
    parts.words.sort_by_key(|word| word.at);
    // Speech stutters: "bread bread was three".
    parts.words.dedup_by(|next, word| next.key == word.key && !word.is_catalogued);
    let open_words = parts.words.iter().filter(|word| !word.is_size).count();
    entry.is_adjective = open_words > 0 && parts.words.iter().all(|word| word.is_adjective || word.is_size);
    if let Some(implied) = is_implied.filter(|_| open_words == 0 || entry.is_adjective) {
        // "three loaves brown" names the kind and leaves the bread out.
        let kind: Vec<&str> = parts.words.iter().map(|word| word.text.as_str()).collect();
        let name = kind.into_iter().chain([implied.as_str()]).collect::<Vec<_>>().join(" ");
        entry.line.item = Some(Item::named(name));
        entry.is_adjective = false;
        return;
    }
    if parts.words.is_empty() {
        if entry.is_all && entry.line.item.is_none() {
            entry.line.item = Some(Item { everything: true, ..Item::default() });
        }
        return;
    }
    if open_words > MAX_NAME_WORDS {
        entry.uncovered.push(entry.span);
    }
    let item = item_of(&parts.words, names);
    // "8 ta 10 bread": two letters that nobody knows are a slip sooner than a name.
    let is_slip = |word: &Word| {
        word.key.chars().count() <= 2
            && word.key.chars().all(char::is_alphabetic)
            && !word.is_catalogued
            && !lexicon().is_noun(&word.key)
    };
    entry.confirm |= parts.words.iter().filter(|word| !word.is_size).all(is_slip);
    // "eggs child": a name goes on after a plural only where somebody was spoken to, or a word was lost.
    let is_known_plural = |word: &Word| {
        let singular = noun::singular(&word.key);
        !word.is_catalogued && singular != word.key && lexicon().is_noun(&singular)
    };
    let plural = parts.words.iter().position(is_known_plural);
    let goes_on = plural.is_some_and(|at| {
        parts.words[at + 1..]
            .iter()
            .any(|word| !word.is_size && !word.is_catalogued && !lexicon().is_noun(&noun::singular(&word.key)))
    });
    if goes_on {
        entry.uncovered.push(entry.span);
    }
    // "the last bread" is one; "the last breads" are more than nobody said.
    let is_single = item.said.to_lowercase() == item.name && lexicon().is_noun(&item.name);
    if entry.is_last && entry.line.quantity.is_none() && !entry.is_vague && !entry.is_all && is_single {
        entry.line.quantity = Some(Decimal::ONE);
    }
    entry.line.item = Some(item);
}

/// Makes the item of the words of a name: its last word that is not a size in the singular, a misspelt one put right.
pub(super) fn item_of(words: &[Word], names: &Names) -> Item {
    // "batteries AA": a code after the noun is not the noun.
    let is_code = |word: &Word| word.key.chars().count() <= 2 || word.key.bytes().any(|byte| byte.is_ascii_digit());
    let head = words.iter().rposition(|word| !word.is_size && !is_code(word));
    let head = head.or_else(|| words.iter().rposition(|word| !word.is_size));
    let spelt: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(index, word)| {
            if word.is_size || word.is_catalogued && Some(index) != head {
                return word.text.clone();
            }
            let singular = if Some(index) == head { noun::singular(&word.text) } else { word.text.clone() };
            if Some(index) != head || names.holds(&singular) || word.is_catalogued {
                return singular;
            }
            let known = noun::respelt(&noun::singular(&word.key)).or_else(|| noun::respelt(&word.key));
            // With the shop's own names at hand only they can be what was meant.
            known.filter(|known| names.is_empty() || names.holds(known)).unwrap_or(singular)
        })
        .collect();
    let name = spelt.join(" ");
    let english_name = noun::english(&name);
    let said = words.iter().map(|word| word.written.as_str()).collect::<Vec<_>>().join(" ");
    Item { name, english_name, said, ..Item::default() }
}

/// Reads the name of an item out of lexemes that hold nothing else.
#[must_use]
pub fn item(lexemes: &[Lexeme], names: &Names) -> Option<Item> {
    let words: Vec<Word> = lexemes
        .iter()
        .enumerate()
        .filter(|(_, lexeme)| {
            let is_noise =
                [Class::Determiner, Class::Article, Class::Filler].into_iter().any(|class| lexeme.has(class));
            matches!(lexeme.kind, Kind::Size(..)) || (lexeme.kind == Kind::Word && (!is_noise || lexeme.is_catalogued))
        })
        .map(
            |(at, lexeme)| {
                if matches!(lexeme.kind, Kind::Size(..)) { Word::size(lexeme, at) } else { Word::new(lexeme, at) }
            },
        )
        .collect();
    if words.is_empty() {
        let barcode = lexemes.iter().find(|lexeme| lexeme.kind == Kind::Barcode)?;
        return Some(Item { barcode: barcode.key.clone(), ..Item::default() });
    }
    Some(item_of(&words, names))
}
