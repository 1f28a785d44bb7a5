//! How much, of the numbers of a line; which of them it is when there are several.

use rust_decimal::Decimal;

use super::name::Word;
use super::price::set_price;
use super::{Count, Entry, Parts};
use crate::domain::{Clarification, PriceBasis};
use crate::grammar::lexicon::{Class, lexicon};
use crate::grammar::noun;
use crate::grammar::tag::Lexeme;

pub(super) fn read_number(
    lexemes: &[Lexeme],
    at: usize,
    value: Decimal,
    parts: &mut Parts,
    entry: &mut Entry,
) -> usize {
    let next = lexemes.get(at + 1);
    let before = at.checked_sub(1).map(|at| &lexemes[at]);
    if before.is_some_and(|before| before.is_mark('@')) {
        set_price(entry, value, Some(PriceBasis::Each));
        return 1;
    }
    // "3+2 bread" is a sum somebody wrote down while counting.
    if before.is_some_and(|before| before.is_mark('+'))
        && let Some(last) = parts.counts.last_mut().filter(|count| count.at + 2 == at)
    {
        last.value = last.value.saturating_add(value);
        last.at = at;
        return 1;
    }
    let unit = next.and_then(|next| next.unit.clone());
    let is_measure = unit.as_deref().is_some_and(|unit| lexicon().measures.contains(unit));
    // "5 people bought bread" counts people.
    if next.is_some_and(|next| next.has(Class::Person)) {
        entry.uncovered.push(lexemes[at].span);
    }
    // "coke 2 l" after a count is a size of the name, not another quantity.
    let names_follow = lexemes[at + 1..].iter().skip(1).any(Lexeme::is_open);
    // "a 50 kg bag of cement": how big the bag is, not how much.
    let is_of_pack = is_measure
        && lexemes
            .get(at + 2)
            .and_then(|next| next.unit.as_deref())
            .is_some_and(|unit| !lexicon().measures.contains(unit));
    if is_measure && (is_of_pack || !parts.counts.is_empty()) && (!parts.words.is_empty() || names_follow) {
        let next = &lexemes[at + 1];
        // A word is a size too: "ten two litre cokes".
        let text = format!("{value}{}", unit.unwrap_or_default());
        let written = format!("{} {}", lexemes[at].written, next.written);
        parts.words.push(Word { text, written, ..Word::size(next, at) });
        return 2;
    }
    let is_word = lexemes[at].text.chars().any(char::is_alphabetic);
    parts.counts.push(Count { value, unit: String::new(), has_of: false, at, is_word });
    1
}

pub(super) fn decide_quantity(parts: &mut Parts, entry: &mut Entry) {
    entry.line.pack_size = parts.pack;
    // "and a half" was tagged as a number of its own.
    if let [first, .., last] = parts.counts.as_mut_slice()
        && last.value == Decimal::new(5, 1)
        && last.at <= first.at + 3
        && last.unit.is_empty()
        && parts.counts.len() == 2
    {
        parts.counts[0].value = parts.counts[0].value.saturating_add(Decimal::new(5, 1));
        parts.counts.pop();
    }
    // "fifty (50)" says the same number twice.
    let is_same = |first: &Count, second: &Count| first.value == second.value && first.is_word != second.is_word;
    if let [first, second] = parts.counts.as_slice()
        && is_same(first, second)
    {
        parts.counts.remove(0);
    }
    match parts.counts.as_slice() {
        [] => quantity_without_count(parts, entry),
        [count] => {
            entry.line.quantity = Some(count.value);
            // "ama-case amabili": the unit stands before its number.
            entry.line.unit.clone_from(if count.unit.is_empty() { &parts.pending_unit } else { &count.unit });
            if !parts.times.is_empty() {
                let (_, _, text, at) = parts.times.remove(0);
                let word = Word {
                    span: entry.span,
                    written: text.clone(),
                    text: text.clone(),
                    key: text,
                    at,
                    is_adjective: false,
                    is_size: false,
                    is_catalogued: false,
                };
                let index = parts.words.iter().position(|word| word.at > at).unwrap_or(parts.words.len());
                parts.words.insert(index, word);
            }
        }
        [first, second]
            if (first.has_of || parts.crosses.iter().any(|at| *at > first.at && *at < second.at))
                && second.unit.is_empty() =>
        {
            let is_pack = !first.unit.is_empty();
            entry.line.quantity = Some(first.value);
            entry.line.unit = if is_pack { first.unit.clone() } else { "pack".to_owned() };
            entry.line.pack_size = Some(second.value);
            entry.is_each = false;
            // "2 x 6 coke" is two packs of six, or twelve: worth a yes.
            entry.confirm |= !is_pack;
        }
        // "4 six packs": how many, and how many in each.
        [first, second] if first.unit.is_empty() && first.at + 1 == second.at && second.unit == "pack" => {
            entry.line.quantity = Some(first.value);
            entry.line.unit.clone_from(&second.unit);
            entry.line.pack_size = Some(second.value);
        }
        counts => {
            entry.numbers = counts.iter().map(|count| count.value).collect();
            entry.clarification = Some(Clarification::WhichNumber);
        }
    }
    // "2 litre milk" may be a bottle without its number, "12 pack of coke" one pack of twelve.
    let is_weighed = parts.words.iter().any(|word| lexicon().weighed.contains(&noun::singular(&word.key)));
    let is_size = matches!(entry.line.unit.as_str(), "l" | "ml" | "g") && !parts.words.is_empty() && !is_weighed;
    let is_loose = entry.line.quantity.is_some_and(|value| is_size && !is_amount(value, &entry.line.unit));
    entry.confirm |= (is_loose && parts.sizes.is_empty()) || parts.has_single_pack;
    if let Some(quantity) = entry.line.quantity {
        let is_measured = lexicon().measures.contains(&entry.line.unit);
        if !quantity.fract().is_zero() && entry.line.unit.is_empty() && !is_measured {
            entry.clarification = Some(Clarification::WholeUnits);
        }
    }
}

pub(super) fn quantity_without_count(parts: &mut Parts, entry: &mut Entry) {
    if let Some((first, second, ..)) = parts.times.first() {
        entry.line.quantity = Some(*first);
        entry.line.pack_size = Some(*second);
        "pack".clone_into(&mut entry.line.unit);
        entry.confirm = true;
        return;
    }
    if let Some((value, unit, index)) = parts.sizes.first().cloned()
        && index == 0
        && parts.pending_unit.is_empty()
        && (is_amount(value, &unit) || parts.words.len() == 1)
    {
        parts.words.remove(0);
        entry.line.quantity = Some(value);
        entry.line.unit = unit;
        return;
    }
    if parts.article && !parts.words.is_empty() {
        entry.line.quantity = Some(Decimal::ONE);
    }
    entry.line.unit = std::mem::take(&mut parts.pending_unit);
}

/// Whether a size before a name is an amount: "1.5kg cheese" is weighed out, "2l coke" is a bottle and its number is missing.
pub(super) fn is_amount(value: Decimal, unit: &str) -> bool {
    match unit {
        "kg" | "m" => true,
        "l" => value > Decimal::from(5),
        _ => false,
    }
}
