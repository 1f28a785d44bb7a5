//! Tokens to lexemes: phrases of the lexicon found longest first, number words added up, prefixes taken off.

mod numbers;
mod untangle;

use std::collections::{HashMap, HashSet};

use rust_decimal::Decimal;

use super::lexicon::{Class, Classes, MAX_PHRASE_WORDS, Verb, lexicon};
use super::noun;
use super::token::{Kind, Token};
use crate::domain::Span;
use numbers::{fraction, join_money, join_number_words};
pub use untangle::untangle;

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
    keys: HashSet<String>,
    /// First words of the names.
    heads: HashSet<String>,
    /// Most words in one of them.
    longest: usize,
}

impl Names {
    /// Collects names.
    pub fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let keys: HashSet<String> = names.map(noun::name_key).filter(|name| !name.is_empty()).collect();
        let longest = keys.iter().map(|name| name.split(' ').count()).max().unwrap_or_default();
        let heads = keys.iter().filter_map(|name| name.split(' ').next()).map(String::from).collect();
        Self { keys, heads, longest }
    }

    /// Whether the shop has this.
    pub fn holds(&self, name_key: &str) -> bool {
        self.keys.contains(name_key)
    }

    /// Whether the word, in the singular, is part of any name.
    pub fn has_word(&self, word: &str) -> bool {
        self.keys.iter().any(|key| key.split(' ').any(|part| part == word))
    }

    /// Whether the shop told its names at all.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// How many tokens from the start spell a name that needs protection: one that holds a number or a word of the lexicon.
    fn matching(&self, tokens: &[Token]) -> usize {
        if !self.heads.contains(&noun::tokens_key(&tokens[..1])) {
            return 0;
        }
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
    tell_with_inversions(&mut lexemes);
    lexemes
}

/// "het ek" asks where it leads; after a time or an item it tells.
fn tell_with_inversions(lexemes: &mut [Lexeme]) {
    let leads = |lexeme: &Lexeme| {
        let is_said = lexeme.is_open() || lexeme.when.is_some() || lexeme.number().is_some() || lexeme.verb.is_some();
        !is_said
            && (lexeme.kind != Kind::Word
                || lexeme.has(Class::Filler)
                || lexeme.has(Class::Hello)
                || lexeme.has(Class::No))
    };
    let asks = lexemes.iter().any(|lexeme| {
        lexeme.is_mark('?') || (lexeme.has(Class::Question) && !lexicon().inversions.contains(&lexeme.key))
    });
    let Some(first) = lexemes.iter().position(|lexeme| !leads(lexeme)).filter(|_| !asks) else { return };
    for lexeme in lexemes.iter_mut().skip(first + 1).filter(|lexeme| lexicon().inversions.contains(&lexeme.key)) {
        lexeme.classes = Classes::only(Class::Filler);
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

/// Makes one verb of "voeg ... by": the head gets the meaning, the particle none. Reads each line from its end, so that the
/// last particle of the line is known when its head is met.
fn join_separable(lexemes: &mut [Lexeme]) {
    let mut particles: HashMap<&str, usize> = HashMap::new();
    for index in (0..lexemes.len()).rev() {
        if lexemes[index].kind == Kind::Newline {
            particles.clear();
            continue;
        }
        let pairs = lexicon().separable_by(&lexemes[index].key);
        let found = pairs.iter().find_map(|pair| Some((pair, *particles.get(pair.particle.as_str())?)));
        if let Some((pair, particle)) = found {
            lexemes[index].verb = Some(pair.verb);
            lexemes[index].classes = Classes::default();
            lexemes[particle].verb = None;
            lexemes[particle].unit = None;
            lexemes[particle].classes = Classes::only(Class::Filler);
        }
        if let Some(particle) = lexicon().particle(&lexemes[index].key) {
            particles.entry(particle).or_insert(index);
        }
    }
}
