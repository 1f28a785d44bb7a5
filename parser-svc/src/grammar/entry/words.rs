//! What one word of a line says: a unit, a direction, how sure the rest is.

use rust_decimal::Decimal;

use super::name::Word;
use super::{Count, Entry, Parts};
use crate::grammar::lexicon::{Class, lexicon};
use crate::grammar::noun;
use crate::grammar::tag::Lexeme;
use crate::grammar::token::Kind;

pub(super) fn read_word(
    lexeme: &Lexeme,
    before: Option<&Lexeme>,
    next: Option<&Lexeme>,
    at: usize,
    parts: &mut Parts,
    entry: &mut Entry,
) -> usize {
    let has = |class| lexeme.has(class);
    if parts.is_closed {
        entry.uncovered.push(lexeme.span);
        return 1;
    }
    if lexeme.is_catalogued || lexeme.is_open() {
        parts.words.push(Word::new(lexeme, at));
        return 1;
    }
    if let Some(unit) = &lexeme.unit
        && (read_unit(unit, before, next, at, parts) || take_unit_after_name(lexeme, unit, next, parts))
    {
        parts.has_single_pack |=
            lexeme.key == "pack" && before.and_then(Lexeme::number).is_some_and(|value| value > Decimal::ONE);
        return 1;
    }
    if has(Class::Couple) {
        parts.counts.push(Count { value: Decimal::TWO, unit: String::new(), has_of: false, at, is_word: false });
        entry.line.approximate = true;
    } else if has(Class::About) {
        entry.line.approximate = true;
        entry.confirm = true;
    } else if has(Class::Vague) {
        entry.is_vague = true;
    } else if has(Class::Each) {
        entry.is_each = true;
    } else if has(Class::All) {
        entry.is_all = true;
        // "5 all gold jam": perhaps part of the name.
        entry.confirm |= before.is_some_and(|before| before.number().is_some()) && next.is_some_and(Lexeme::is_open);
    } else if has(Class::Last) {
        entry.is_last = true;
    } else if has(Class::No) && parts.counts.is_empty() && parts.words.is_empty() {
        parts.is_none = true;
    } else if has(Class::Left) {
        entry.is_left = true;
        if parts.is_none && parts.counts.is_empty() && !parts.words.is_empty() {
            // "no coke left"
            parts.counts.push(Count { value: Decimal::ZERO, unit: String::new(), has_of: false, at, is_word: true });
            parts.is_none = false;
        }
    } else if has(Class::More) {
        entry.is_more = true;
    } else if has(Class::Article) {
        parts.article |= parts.counts.is_empty() && parts.words.is_empty();
    } else if has(Class::Spoilt) {
        entry.is_spoilt = true;
        parts.spoilt.push(Word::new(lexeme, at));
    } else if has(Class::Adjective) {
        parts.words.push(Word { is_adjective: true, ..Word::new(lexeme, at) });
    } else if has(Class::Of) {
        read_of(lexeme, next, at, parts);
    } else if has(Class::ComeIn) || has(Class::GoOut) {
        let class = if has(Class::ComeIn) { Class::ComeIn } else { Class::GoOut };
        // "5 monkeys in the tree": a place, and not that they came in.
        let leads_place = next.is_some_and(|next| next.has(Class::Determiner) || next.has(Class::Article));
        if leads_place && !parts.words.is_empty() {
            parts.is_closed = true;
            entry.uncovered.push(lexeme.span);
            return 1;
        }
        let is_joined = before.is_some_and(|before| before.is_open() && before.span.end + 1 == lexeme.span.start);
        if !is_joined || has(Class::Preposition) || next.is_none_or(|next| !next.is_open()) {
            entry.direction = Some(class);
            entry.has_last_direction = next.is_none();
        } else {
            // "pilchards in tomato sauce"
            parts.words.push(Word::new(lexeme, at));
        }
    } else if has(Class::Credit) {
        entry.line.credit = true;
    } else if has(Class::Cash) {
        lexeme.key.rsplit(' ').next().unwrap_or_default().clone_into(&mut entry.line.payment);
    } else if [Class::Filler, Class::Determiner, Class::Person, Class::Hello, Class::Thanks, Class::Yes]
        .into_iter()
        .any(has)
    {
        // Says nothing about stock.
    } else if lexeme.unit.is_some() || lexicon().is_noun(&noun::singular(&lexeme.key)) {
        parts.words.push(Word::new(lexeme, at));
    } else if (has(Class::For) || has(Class::Preposition))
        && next.is_none_or(|next| matches!(next.kind, Kind::Price(_) | Kind::Mark(_)) || next.has(Class::Money))
    {
        // Belongs to the price after it.
    } else if let Some(value) = sounds_like(lexeme, next, at) {
        parts.counts.push(Count { value, unit: String::new(), has_of: false, at, is_word: false });
        entry.confirm = true;
    } else {
        parts.is_closed |= !parts.words.is_empty();
        entry.uncovered.push(lexeme.span);
    }
    1
}

/// A number that was heard as another word: "to bread sold".
pub(super) fn sounds_like(lexeme: &Lexeme, next: Option<&Lexeme>, at: usize) -> Option<Decimal> {
    let is_before_name =
        at == 0 && next.is_some_and(|next| next.is_open() && lexicon().is_noun(&noun::singular(&next.key)));
    lexicon().homophones.get(&lexeme.key).copied().filter(|_| is_before_name)
}

/// "20 cement bags": the unit of a number whose name stands between, unless the two are one thing: "tea bags".
fn take_unit_after_name(lexeme: &Lexeme, unit: &str, next: Option<&Lexeme>, parts: &mut Parts) -> bool {
    let Some(last) = parts.words.last().filter(|_| next.is_none_or(|next| !next.is_open()) && lexeme.key != unit)
    else {
        return false;
    };
    let compound = format!("{} {unit}", noun::singular(&last.key));
    let is_thing = lexicon().is_noun(&last.key) && !lexicon().is_noun(&compound);
    let [count] = parts.counts.as_mut_slice() else { return false };
    let fits = is_thing && count.unit.is_empty() && count.at < last.at;
    if fits {
        unit.clone_into(&mut count.unit);
    }
    fits
}

/// Gives the unit to the number it stands at. Returns whether it was a unit here: in "match box" it is part of a name.
pub(super) fn read_unit(
    unit: &str,
    before: Option<&Lexeme>,
    next: Option<&Lexeme>,
    at: usize,
    parts: &mut Parts,
) -> bool {
    let may_stand_between = [Class::Adjective, Class::More, Class::Filler];
    let gap_is_adjective = before.is_some_and(|before| {
        may_stand_between.into_iter().any(|class| before.has(class)) || matches!(before.kind, Kind::Size(..))
    });
    let after_article = before.is_some_and(|before| before.has(Class::Article));
    if let Some(count) = parts.counts.last_mut()
        && count.unit.is_empty()
        && (count.at + 1 == at || (count.at + 2 == at && (gap_is_adjective || after_article)))
    {
        unit.clone_into(&mut count.unit);
        count.has_of = next.is_some_and(|next| next.has(Class::Of));
        return true;
    }
    if after_article && parts.counts.is_empty() {
        let has_of = next.is_some_and(|next| next.has(Class::Of));
        parts.counts.push(Count { value: Decimal::ONE, unit: unit.to_owned(), has_of, at, is_word: true });
        return true;
    }
    if parts.words.iter().all(|word| word.is_size) && parts.counts.is_empty() && next.is_some() {
        // "a 50kg bag of cement" is one bag.
        if parts.article && !parts.words.is_empty() {
            parts.counts.push(Count { value: Decimal::ONE, unit: unit.to_owned(), has_of: false, at, is_word: true });
        } else {
            unit.clone_into(&mut parts.pending_unit);
        }
        return true;
    }
    false
}

pub(super) fn read_of(lexeme: &Lexeme, next: Option<&Lexeme>, at: usize, parts: &mut Parts) {
    let joins_words = !parts.words.is_empty()
        && next.is_some_and(Lexeme::is_open)
        && parts.counts.last().is_none_or(|count| count.at + 1 != at);
    if joins_words {
        parts.words.push(Word::new(lexeme, at));
    }
}
