//! One line of stock: how much of what, in any order. No verbs here; they were found before.

use rust_decimal::Decimal;

use super::lexicon::{Class, lexicon};
use super::noun;
use super::tag::{Lexeme, Names};
use super::token::Kind;
use crate::domain::{Clarification, Item, Line, Price, PriceBasis, Span};

/// Most words in a name before it stops looking like one.
const MAX_NAME_WORDS: usize = 5;

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

#[derive(Debug, Clone)]
struct Word {
    span: Span,
    text: String,
    written: String,
    key: String,
    at: usize,
    is_adjective: bool,
    is_size: bool,
    is_catalogued: bool,
}

#[derive(Default)]
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

/// Cuts a list without commas into its lines: "5 jik 3 omo 2kg 4 sunlight", "bread 5 milk 3".
#[must_use]
pub fn split_runs(lexemes: &[Lexeme]) -> Vec<&[Lexeme]> {
    let is_count = |at: usize| {
        let Some(lexeme) = lexemes.get(at) else { return false };
        let number = lexeme.number().is_some();
        let measures = lexemes
            .get(at + 1)
            .and_then(|next| next.unit.as_deref())
            .is_some_and(|unit| lexicon().measures.contains(unit));
        let after_cross = at > 0
            && ((lexemes[at - 1].is_mark('x') && at > 1 && lexemes[at - 2].number().is_some())
                || lexemes[at - 1].has(Class::Of)
                || (lexemes[at - 1].is_mark('+') && at > 1 && lexemes[at - 2].number().is_some())
                || lexemes[at - 1].is_mark('@'));
        number && !measures && !after_cross
    };
    let is_name = |lexeme: &Lexeme| lexeme.is_open() || lexeme.has(Class::Adjective);
    let starts_with_number = lexemes
        .iter()
        .find(|lexeme| {
            is_name(lexeme)
                || lexeme.number().is_some()
                || lexeme.has(Class::Article)
                || matches!(lexeme.kind, Kind::Size(..))
        })
        .is_some_and(|lexeme| !is_name(lexeme));
    let mut runs = Vec::new();
    let mut from = 0;
    let mut has_name = false;
    let mut has_count = false;
    for at in 0..lexemes.len() {
        let names_follow = lexemes[at + 1..].iter().any(is_name);
        if starts_with_number {
            if is_count(at) && has_name && has_count && names_follow {
                // A sign belongs to the number after it.
                let to = if at > from && (lexemes[at - 1].is_mark('+') || lexemes[at - 1].is_mark('-')) {
                    at - 1
                } else {
                    at
                };
                runs.push(&lexemes[from..to]);
                (from, has_name, has_count) = (to, false, false);
            }
        } else if is_name(&lexemes[at])
            && has_name
            && has_count
            && lexemes[at + 1..].iter().enumerate().any(|(next, _)| is_count(at + 1 + next))
        {
            runs.push(&lexemes[from..at]);
            (from, has_name, has_count) = (at, false, false);
        }
        has_name |= is_name(&lexemes[at]);
        has_count |= is_count(at) || lexemes[at].has(Class::Article);
    }
    runs.push(&lexemes[from..]);
    runs
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

fn read_number(lexemes: &[Lexeme], at: usize, value: Decimal, parts: &mut Parts, entry: &mut Entry) -> usize {
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
        last.value += value;
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

/// Reads the words around a price that say what it is for.
fn read_price(amount: Decimal, lexemes: &[Lexeme], at: usize, entry: &mut Entry) -> usize {
    let before = at.checked_sub(1).map(|at| &lexemes[at]);
    let mut taken = 1;
    let mut basis = None;
    let next = lexemes.get(at + 1);
    if next.is_some_and(|next| next.has(Class::Each)) {
        basis = Some(PriceBasis::Each);
        taken = 2;
    } else if next.is_some_and(|next| next.has(Class::Article) || next.is_mark('/') || next.key == "per")
        && lexemes.get(at + 2).is_some_and(|unit| unit.unit.is_some())
    {
        basis = Some(PriceBasis::Unit);
        taken = 3;
    } else if next.is_some_and(|next| next.has(Class::Total) || next.has(Class::All)) {
        basis = Some(PriceBasis::Total);
        taken = 2;
    } else if before.is_some_and(|before| before.has(Class::For)) {
        basis = Some(PriceBasis::Total);
    } else if before.is_some_and(|before| before.is_mark('@') || before.has(Class::Preposition)) {
        basis = Some(PriceBasis::Each);
    }
    set_price(entry, amount, basis);
    taken
}

fn set_price(entry: &mut Entry, amount: Decimal, basis: Option<PriceBasis>) {
    entry.line.price.get_or_insert(Price { amount, basis });
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

fn read_word(
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
        && read_unit(unit, before, next, at, parts)
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
        entry.line.payment.clone_from(&lexeme.key);
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
fn sounds_like(lexeme: &Lexeme, next: Option<&Lexeme>, at: usize) -> Option<Decimal> {
    let is_before_name =
        at == 0 && next.is_some_and(|next| next.is_open() && lexicon().is_noun(&noun::singular(&next.key)));
    lexicon().homophones.get(&lexeme.key).copied().filter(|_| is_before_name)
}

/// Gives the unit to the number it stands at. Returns whether it was a unit here: in "match box" it is part of a name.
fn read_unit(unit: &str, before: Option<&Lexeme>, next: Option<&Lexeme>, at: usize, parts: &mut Parts) -> bool {
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

fn read_of(lexeme: &Lexeme, next: Option<&Lexeme>, at: usize, parts: &mut Parts) {
    let joins_words = !parts.words.is_empty()
        && next.is_some_and(Lexeme::is_open)
        && parts.counts.last().is_none_or(|count| count.at + 1 != at);
    if joins_words {
        parts.words.push(Word::new(lexeme, at));
    }
}

fn decide_quantity(parts: &mut Parts, entry: &mut Entry) {
    entry.line.pack_size = parts.pack;
    // "and a half" was tagged as a number of its own.
    if let [first, .., last] = parts.counts.as_mut_slice()
        && last.value == Decimal::new(5, 1)
        && last.at <= first.at + 3
        && last.unit.is_empty()
        && parts.counts.len() == 2
    {
        parts.counts[0].value += Decimal::new(5, 1);
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
    let is_size = matches!(entry.line.unit.as_str(), "l" | "ml" | "g") && !parts.words.is_empty();
    let is_loose = entry.line.quantity.is_some_and(|value| is_size && !is_amount(value, &entry.line.unit));
    entry.confirm |= (is_loose && parts.sizes.is_empty()) || parts.has_single_pack;
    if let Some(quantity) = entry.line.quantity {
        let is_measured = lexicon().measures.contains(&entry.line.unit);
        if !quantity.fract().is_zero() && entry.line.unit.is_empty() && !is_measured {
            entry.clarification = Some(Clarification::WholeUnits);
        }
    }
}

fn quantity_without_count(parts: &mut Parts, entry: &mut Entry) {
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
fn is_amount(value: Decimal, unit: &str) -> bool {
    match unit {
        "kg" | "m" => true,
        "l" => value > Decimal::from(5),
        _ => false,
    }
}

/// A name stands on one side of its number. What stands on the other side is somebody or something else.
fn take_leading(parts: &mut Parts, entry: &mut Entry) {
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

fn decide_name(mut parts: Parts, entry: &mut Entry, names: &Names) {
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
    // "the last bread" is one; "the last breads" are more than nobody said.
    let is_single = item.said.to_lowercase() == item.name && lexicon().is_noun(&item.name);
    if entry.is_last && entry.line.quantity.is_none() && !entry.is_vague && !entry.is_all && is_single {
        entry.line.quantity = Some(Decimal::ONE);
    }
    entry.line.item = Some(item);
}

/// Makes the item of the words of a name: its last word that is not a size in the singular, a misspelt one put right.
fn item_of(words: &[Word], names: &Names) -> Item {
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

impl Word {
    fn new(lexeme: &Lexeme, at: usize) -> Self {
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

    fn size(lexeme: &Lexeme, at: usize) -> Self {
        Self { is_size: true, ..Self::new(lexeme, at) }
    }
}
