//! Tokens to lexemes: phrases of the lexicon found longest first, number words added up, prefixes taken off.

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::lexicon::{Class, Classes, MAX_PHRASE_WORDS, Verb, lexicon};
use super::noun;
use super::token::{Kind, Token};
use crate::domain::Span;

/// One or several tokens that do one thing in a sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Lexeme {
    /// What it is.
    pub kind: Kind,
    /// The normalised text.
    pub text: String,
    /// The text without marks.
    pub key: String,
    /// The text as it was written.
    pub written: String,
    /// Where it stands in the source.
    pub span: Span,
    /// Whether no space stands before it.
    pub is_glued: bool,
    /// What it does.
    pub classes: Classes,
    /// What it says about stock.
    pub verb: Option<Verb>,
    /// The unit it names.
    pub unit: Option<String>,
    /// The time it names.
    pub when: Option<String>,
    /// Languages that know it.
    pub languages: u8,
    /// Whether it is part of a name of the shop's catalogue.
    pub is_catalogued: bool,
}

impl Lexeme {
    /// Whether it has the class.
    pub fn has(&self, class: Class) -> bool {
        self.classes.has(class)
    }

    /// Whether it is this mark.
    pub fn is_mark(&self, mark: char) -> bool {
        self.kind == Kind::Mark(mark)
    }

    /// The number, when it is one and nothing else.
    pub fn number(&self) -> Option<Decimal> {
        if let Kind::Number(value) = self.kind { Some(value) } else { None }
    }

    /// Whether the lexicon knows nothing of it, so that it can only be a name.
    pub fn is_open(&self) -> bool {
        self.kind == Kind::Word
            && (self.is_catalogued
                || (self.classes.is_empty() && self.verb.is_none() && self.unit.is_none() && self.when.is_none()))
    }

    fn plain(token: &Token) -> Self {
        Self {
            kind: token.kind.clone(),
            text: token.text.clone(),
            key: token.key.clone(),
            written: token.written.clone(),
            span: token.span,
            is_glued: token.is_glued,
            classes: Classes::default(),
            verb: None,
            unit: None,
            when: None,
            languages: 0,
            is_catalogued: false,
        }
    }
}

/// Names of the shop's items as words in the singular, for the longest match.
#[derive(Debug, Default)]
pub struct Names {
    /// Every name, its words joined by one space.
    names: HashSet<String>,
    /// Most words in one of them.
    longest: usize,
}

impl Names {
    /// Collects names.
    pub fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let names: HashSet<String> = names.map(noun::name_key).filter(|name| !name.is_empty()).collect();
        let longest = names.iter().map(|name| name.split(' ').count()).max().unwrap_or_default();
        Self { names, longest }
    }

    /// Whether the shop has this.
    pub fn holds(&self, name_key: &str) -> bool {
        self.names.contains(name_key)
    }

    /// Whether the shop told its names at all.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// How many tokens from the start spell a name that needs protection: one that holds a number or a word of the lexicon.
    fn matching(&self, tokens: &[Token]) -> usize {
        let most = self.longest.min(tokens.len());
        (1..=most)
            .rev()
            .find(|length| {
                let words = &tokens[..*length];
                let all_words =
                    words.iter().all(|token| matches!(token.kind, Kind::Word | Kind::Size(..) | Kind::Number(_)));
                all_words
                    && matches!(words[0].kind, Kind::Word | Kind::Size(..))
                    && self.holds(&noun::tokens_key(words))
            })
            .unwrap_or_default()
    }
}

/// Gives every token, or run of tokens, what the lexicon knows of it.
#[must_use]
pub fn tag(tokens: &[Token], names: &Names) -> Vec<Lexeme> {
    let mut lexemes: Vec<Lexeme> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let catalogued = if names.is_empty() { 0 } else { names.matching(&tokens[at..]) };
        let (length, mut lexeme) = longest_phrase(&tokens[at..]);
        if catalogued > 0 && catalogued >= length {
            // A name the shop has is a name, whatever its words mean elsewhere: "stock cubes", "in style".
            for token in &tokens[at..at + catalogued] {
                lexemes.push(Lexeme { is_catalogued: true, ..Lexeme::plain(token) });
            }
            at += catalogued;
            continue;
        }
        if lexeme.number().is_some() {
            join_number_words(&mut lexemes, lexeme);
        } else {
            promote_direction(&mut lexeme, tokens.get(at + length));
            lexemes.push(lexeme);
        }
        at += length;
    }
    join_separable(&mut lexemes);
    head_with_direction(&mut lexemes);
    join_money(&mut lexemes);
    understand_and(&mut lexemes);
    lexemes
}

/// Makes one price of "90 rand".
fn join_money(lexemes: &mut Vec<Lexeme>) {
    let mut at = 1;
    while at < lexemes.len() {
        match lexemes[at - 1].number().filter(|_| lexemes[at].has(Class::Money)) {
            Some(amount) => {
                let money = lexemes.remove(at);
                let number = &mut lexemes[at - 1];
                number.kind = Kind::Price(amount);
                number.span = number.span.joined(money.span);
            }
            None => at += 1,
        }
    }
}

/// "no" is "and" in isiZulu: "ngidayise 4 bread no 2 milk".
fn understand_and(lexemes: &mut [Lexeme]) {
    let speaks_nguni =
        lexemes.iter().any(|lexeme| lexeme.verb.is_some() && lexicon().says_and_with_no(lexeme.languages));
    for at in 1..lexemes.len().saturating_sub(1) {
        if speaks_nguni && lexemes[at].key == "no" && lexemes[at - 1].is_open() && lexemes[at + 1].number().is_some() {
            lexemes[at].classes = Classes::only(Class::And);
        }
    }
}

/// "in" or "out" with a line to itself heads a list.
fn head_with_direction(lexemes: &mut [Lexeme]) {
    let [only] = lexemes else { return };
    only.verb = only.verb.or(match () {
        () if only.has(Class::ComeIn) => Some(Verb::Add),
        () if only.has(Class::GoOut) => Some(Verb::Remove),
        () => None,
    });
}

/// "in:" and "out:" are verbs; "in" by itself is only a direction.
fn promote_direction(lexeme: &mut Lexeme, next: Option<&Token>) {
    if next.is_some_and(|token| token.kind == Kind::Mark(':')) {
        if lexeme.has(Class::ComeIn) {
            lexeme.verb = Some(Verb::Add);
        } else if lexeme.has(Class::GoOut) {
            lexeme.verb = Some(Verb::Remove);
        }
    }
}

/// Returns the longest phrase the lexicon knows at the start, else the first token by itself.
fn longest_phrase(tokens: &[Token]) -> (usize, Lexeme) {
    let first = &tokens[0];
    let mut lexeme = Lexeme::plain(first);
    if first.kind != Kind::Word {
        if let Kind::Slashed(upper, lower) = first.kind
            && let Some(value) = fraction(upper, lower)
        {
            lexeme.kind = Kind::Number(value);
        }
        return (1, lexeme);
    }
    let most = if lexicon().begins_phrase(&first.key) { MAX_PHRASE_WORDS.min(tokens.len()) } else { 1 };
    let mut phrase = first.key.clone();
    let mut best = None;
    for length in 1..=most {
        if length > 1 {
            if tokens[length - 1].kind != Kind::Word {
                break;
            }
            phrase.push(' ');
            phrase.push_str(&tokens[length - 1].key);
        }
        if let Some(entry) = lexicon().word(&phrase) {
            best = Some((length, entry));
        }
    }
    let Some((length, entry)) = best else {
        if let Some(entry) = lexicon().conjugated(&first.key) {
            (lexeme.verb, lexeme.classes, lexeme.languages) = (entry.verb, entry.classes, entry.languages);
        }
        return (1, lexeme);
    };
    let last = &tokens[length - 1];
    lexeme.span = first.span.joined(last.span);
    lexeme.text = tokens[..length].iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ");
    lexeme.key = tokens[..length].iter().map(|token| token.key.as_str()).collect::<Vec<_>>().join(" ");
    lexeme.written = tokens[..length].iter().map(|token| token.written.as_str()).collect::<Vec<_>>().join(" ");
    lexeme.classes = entry.classes;
    if let Some(class) = lexicon().marked.get(&lexeme.text) {
        lexeme.classes.insert(*class);
    }
    lexeme.verb = entry.verb;
    lexeme.unit.clone_from(&entry.unit);
    lexeme.when.clone_from(&entry.when);
    lexeme.languages = entry.languages;
    if let Some(number) = entry.number {
        lexeme.kind = Kind::Number(number);
    }
    (length, lexeme)
}

/// A half, a quarter and the like; anything else with a slash is a date.
pub fn fraction(upper: u32, lower: u32) -> Option<Decimal> {
    let is_fraction = upper < lower && matches!(lower, 2 | 4 | 5 | 8 | 10);
    is_fraction.then(|| Decimal::from(upper) / Decimal::from(lower))
}

/// Adds a number to the number before it when the two are one: "two hundred", "forty eight", "2 1/2", "vyf en twintig".
fn join_number_words(lexemes: &mut Vec<Lexeme>, lexeme: Lexeme) {
    let is_word = |lexeme: &Lexeme| lexeme.text.chars().any(char::is_alphabetic);
    let value = lexeme.number().unwrap_or_default();
    // "five and twenty", as Afrikaans counts; "hundred and five", as English does.
    let length = lexemes.len();
    if length >= 2 && lexemes[length - 1].has(Class::And) && is_word(&lexeme) && is_word(&lexemes[length - 2]) {
        let before = lexemes[length - 2].number();
        let joined = before.and_then(|before| match () {
            () if before < Decimal::TEN && is_tens(value) && lexemes[length - 1].key == "en" => Some(before + value),
            () if before >= Decimal::ONE_HUNDRED && value < Decimal::ONE_HUNDRED => Some(before + value),
            () => None,
        });
        if let Some(joined) = joined {
            lexemes.pop();
            return replace_last(lexemes, joined, &lexeme);
        }
    }
    let Some(before) = lexemes.last().and_then(Lexeme::number) else { return lexemes.push(lexeme) };
    let last_is_word = lexemes.last().is_some_and(is_word);
    let hundred = Decimal::ONE_HUNDRED;
    let is_whole = |value: Decimal| value.fract().is_zero();
    let joined = if lexeme.key.starts_with("and ") {
        Some(before + value)
    } else if is_word(&lexeme) && last_is_word {
        if value == hundred || value == Decimal::ONE_THOUSAND {
            before.checked_mul(value)
        } else if (is_tens(before % hundred) && value < Decimal::TEN && is_whole(value))
            || (before >= hundred && (before % hundred).is_zero() && value < hundred)
            || (before >= Decimal::ONE_THOUSAND
                && (before % Decimal::ONE_THOUSAND).is_zero()
                && value < Decimal::ONE_THOUSAND)
        {
            Some(before + value)
        } else {
            None
        }
    } else if is_word(&lexeme) && (value == Decimal::ONE_THOUSAND || value == hundred) {
        before.checked_mul(value)
    } else if lexeme.text.contains('/') && is_whole(before) && !lexeme.is_glued {
        Some(before + value)
    } else {
        None
    };
    match joined {
        Some(joined) => replace_last(lexemes, joined, &lexeme),
        None => lexemes.push(lexeme),
    }
}

fn is_tens(value: Decimal) -> bool {
    value >= Decimal::from(20) && value < Decimal::ONE_HUNDRED && (value % Decimal::TEN).is_zero()
}

fn replace_last(lexemes: &mut [Lexeme], value: Decimal, with: &Lexeme) {
    if let Some(last) = lexemes.last_mut() {
        last.kind = Kind::Number(value);
        last.span = last.span.joined(with.span);
        last.text = format!("{} {}", last.text, with.text);
        last.languages |= with.languages;
    }
}

/// Makes one verb of "voeg ... by": the head gets the meaning, the particle none.
fn join_separable(lexemes: &mut [Lexeme]) {
    for index in 0..lexemes.len() {
        for pair in &lexicon().separable {
            if lexemes[index].key != pair.head {
                continue;
            }
            let end = lexemes[index..].iter().position(|lexeme| lexeme.kind == Kind::Newline);
            let end = end.map_or(lexemes.len(), |length| index + length);
            let particle = (index + 1..end).rev().find(|at| lexemes[*at].key == pair.particle);
            if let Some(particle) = particle {
                lexemes[index].verb = Some(pair.verb);
                lexemes[index].classes = Classes::default();
                lexemes[particle].verb = None;
                lexemes[particle].unit = None;
                lexemes[particle].classes = Classes::only(Class::Filler);
                break;
            }
        }
    }
}

/// Prepares tokens for the lexicon: emoji become words, "add20bread" comes apart, "ezi-5" becomes 5, "ama-coke" coke.
#[must_use]
pub fn untangle(tokens: Vec<Token>) -> Vec<Token> {
    let mut plain: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut rest = tokens.into_iter().peekable();
    while let Some(mut token) = rest.next() {
        match &token.kind {
            Kind::Mark(mark) => {
                if let Some(word) = lexicon().signs.get(mark) {
                    token.kind = Kind::Word;
                    token.text.clone_from(word);
                    token.key.clone_from(word);
                }
                plain.push(token);
            }
            Kind::Word => {
                if let Some(word) = lexicon().spellings.get(&token.key) {
                    token.text.clone_from(word);
                    token.key.clone_from(word);
                }
                let prefixed = rest.peek().is_some_and(|next| next.kind == Kind::Mark('-') && next.is_glued);
                if prefixed && lexicon().number_prefixes.contains(&token.key) {
                    let dash = rest.next();
                    let number = rest.next_if(|next| next.is_glued && matches!(next.kind, Kind::Number(_)));
                    if let Some(mut number) = number {
                        number.span = token.span.joined(number.span);
                        number.is_glued = false;
                        plain.push(number);
                    } else {
                        plain.push(token);
                        plain.extend(dash);
                    }
                    continue;
                }
                untangle_word(token, &mut plain);
            }
            _ => plain.push(token),
        }
    }
    plain
}

fn untangle_word(token: Token, plain: &mut Vec<Token>) {
    let knows = |key: &str| lexicon().word(key).is_some() || lexicon().is_noun(key);
    if knows(&token.key) {
        return plain.push(token);
    }
    // "halfdosyn", "halfdozen"
    if let Some(unit) = token.key.strip_prefix("half")
        && lexicon().word(unit).is_some_and(|entry| entry.unit.is_some())
    {
        plain.push(part(&token, 0, 4, "half"));
        return plain.push(part(&token, 4, token.text.chars().count(), unit));
    }
    if let Some(noun) = joined_noun(&token.key) {
        plain.push(part(&token, 0, 2, "and"));
        let length = token.text.chars().count();
        return plain.push(Token { text: noun.clone(), key: noun, ..part(&token, 2, length, "") });
    }
    if let Some((head, tail)) = token.key.split_once('-') {
        if lexicon().and_prefixes.iter().any(|prefix| prefix == head) {
            plain.push(part(&token, 0, head.chars().count(), "and"));
            return plain.push(part(&token, head.chars().count() + 1, token.text.chars().count(), tail));
        }
        if lexicon().noun_prefixes.iter().any(|prefix| prefix == head) {
            return plain.push(Token { text: tail.to_owned(), key: tail.to_owned(), ..token });
        }
        let is_number = |word: &str| {
            lexicon().word(word).is_some_and(|entry| entry.number.is_some() || entry.classes.has(Class::And))
        };
        if lexicon().word(&token.key.replace('-', " ")).is_some() || token.key.split('-').all(is_number) {
            let mut from = 0;
            for word in token.key.split('-') {
                let to = from + word.chars().count();
                plain.push(part(&token, from, to, word));
                from = to + 1;
            }
            return;
        }
    }
    if token.key.chars().any(|value| value.is_ascii_digit()) {
        return split_digits(token, plain);
    }
    let loan = lexicon().noun_prefixes.iter().find_map(|prefix| {
        let tail = token.key.strip_prefix(prefix.as_str())?;
        // Short prefixes begin English words too: an "ipad" is no pad.
        let is_prefix = prefix.len() >= 3 || matches!(prefix.as_str(), "ii" | "oo");
        let is_loan = is_prefix
            && tail.len() >= 3
            && lexicon().nouns.get(&noun::singular(tail)).is_some_and(|noun| noun.english.is_empty());
        is_loan.then(|| tail.to_owned())
    });
    match loan {
        Some(tail) => plain.push(Token { text: tail.clone(), key: tail, ..token }),
        None => plain.push(token),
    }
}

/// The noun in "nezinkwa": "and" and the noun's own first vowel became one.
fn joined_noun(key: &str) -> Option<String> {
    let (vowel, rest) = [("ne", 'i'), ("no", 'u'), ("na", 'a')]
        .into_iter()
        .find_map(|(prefix, vowel)| Some((vowel, key.strip_prefix(prefix)?)))?;
    let noun = format!("{vowel}{rest}");
    let is_known = lexicon().plurals.contains_key(&noun)
        || lexicon().nouns.get(&noun).is_some_and(|noun| !noun.english.is_empty());
    is_known.then_some(noun)
}

fn part(token: &Token, from: usize, to: usize, text: &str) -> Token {
    let is_plain = token.span.end - token.span.start == token.text.chars().count();
    let (span, written) = if is_plain {
        let span = Span { start: token.span.start + from, end: token.span.start + to };
        (span, token.written.chars().skip(from).take(to - from).collect())
    } else {
        (token.span, text.to_owned())
    };
    let kind = text.parse().map_or(Kind::Word, Kind::Number);
    Token { kind, text: text.to_owned(), key: text.to_owned(), written, span, is_glued: token.is_glued || from > 0 }
}

/// "add20bread" and "20bread" come apart when their words are known; "7up" and "a4" stay whole.
fn split_digits(token: Token, plain: &mut Vec<Token>) {
    let mut runs: Vec<(usize, usize, String)> = Vec::new();
    for (index, value) in token.key.chars().enumerate() {
        match runs.last_mut() {
            Some((_, to, run)) if run.ends_with(|last: char| last.is_ascii_digit()) == value.is_ascii_digit() => {
                run.push(value);
                *to = index + 1;
            }
            _ => runs.push((index, index + 1, value.to_string())),
        }
    }
    let is_number = |run: &str| run.starts_with(|value: char| value.is_ascii_digit());
    let is_name = |run: &str| lexicon().is_noun(&noun::singular(run));
    let starts_with_verb = runs.len() >= 2 && lexicon().word(&runs[0].2).is_some_and(|entry| entry.verb.is_some());
    // "5xbread"
    if let [(_, _, number), (from, to, name)] = runs.as_slice()
        && is_number(number)
        && name.strip_prefix('x').is_some_and(is_name)
    {
        let (from, to, name) = (*from, *to, name[1..].to_owned());
        runs.truncate(1);
        runs.push((from + 1, to, name));
    }
    let is_number_and_name = runs.len() == 2 && is_number(&runs[0].2) && is_name(&runs[1].2);
    let same_length = token.key.chars().count() == token.text.chars().count();
    if same_length && (starts_with_verb || is_number_and_name) {
        for (from, to, run) in &runs {
            plain.push(part(&token, *from, *to, run));
        }
    } else {
        plain.push(token);
    }
}
