//! What stands around a line of stock: when, from whom, to whom, where, on credit.

use super::lexicon::{Class, Verb, lexicon};
use super::noun;
use super::tag::Lexeme;
use super::token::Kind;
use crate::domain::{Line, Span};
use rust_decimal::Decimal;

/// What was found around the lines of a clause.
#[derive(Debug, Clone, Default)]
pub struct Adjuncts {
    /// When, in canonical English.
    pub when: Option<String>,
    /// Whether day and month could be the other way round.
    pub is_date_loose: bool,
    /// From or to whom, lower case.
    pub party: String,
    /// Where in the shop.
    pub location: String,
    /// Whether it went to the party: "returned 5 milk to Clover".
    pub is_sent: bool,
    /// Whether on credit.
    pub credit: bool,
    /// How it was paid.
    pub payment: String,
    /// Words nobody could place.
    pub uncovered: Vec<Span>,
}

impl Adjuncts {
    /// Writes them into a line.
    pub fn apply(&self, line: &mut Line) {
        line.when.clone_from(&self.when);
        if line.party.is_empty() {
            line.party.clone_from(&self.party);
        }
        line.location.clone_from(&self.location);
        line.credit |= self.credit;
        if line.payment.is_empty() {
            line.payment.clone_from(&self.payment);
        }
    }

    /// Takes what is missing here from another.
    pub fn fill_from(&mut self, other: &Self) {
        if self.when.is_none() {
            self.when.clone_from(&other.when);
            self.is_date_loose |= other.is_date_loose;
        }
        for (mine, theirs) in [
            (&mut self.party, &other.party),
            (&mut self.location, &other.location),
            (&mut self.payment, &other.payment),
        ] {
            if mine.is_empty() {
                mine.clone_from(theirs);
            }
        }
        self.credit |= other.credit;
        self.is_sent |= other.is_sent;
    }

    /// Takes everything of another.
    pub fn absorb(&mut self, other: Self) {
        self.fill_from(&other);
        self.uncovered.extend(other.uncovered);
    }

    /// Whether anything was found.
    pub fn says_something(&self) -> bool {
        self.when.is_some()
            || !self.party.is_empty()
            || !self.location.is_empty()
            || self.credit
            || !self.uncovered.is_empty()
    }

    /// The same without the words nobody could place, for the lines that inherit it.
    pub fn without_uncovered(&self) -> Self {
        Self { uncovered: Vec::new(), ..self.clone() }
    }
}

/// Takes the adjuncts out of a clause.
pub fn split_adjuncts(lexemes: &[Lexeme], verb: Option<Verb>) -> (Vec<Lexeme>, Adjuncts) {
    let mut found = Adjuncts::default();
    let mut rest: Vec<Lexeme> = Vec::with_capacity(lexemes.len());
    let mut at = 0;
    while at < lexemes.len() {
        let lexeme = &lexemes[at];
        let taken = time(lexemes, at, &mut rest, &mut found)
            .or_else(|| if lexeme.is_catalogued { None } else { relation(lexemes, at, verb, &rest, &mut found) });
        if let Some(length) = taken {
            if matches!(lexeme.kind, Kind::Clock(_) | Kind::Slashed(..)) || lexeme.when.is_some() {
                drop_preposition(&mut rest);
            }
            at += length;
        } else {
            rest.push(lexeme.clone());
            at += 1;
        }
    }
    (rest, found)
}

fn drop_preposition(rest: &mut Vec<Lexeme>) {
    if rest.last().is_some_and(|last| last.has(Class::Preposition) || last.has(Class::For)) {
        rest.pop();
    }
}

fn time(lexemes: &[Lexeme], at: usize, rest: &mut Vec<Lexeme>, found: &mut Adjuncts) -> Option<usize> {
    let lexeme = &lexemes[at];
    if let Some(unit) = lexeme.when.as_deref().and_then(|when| when.strip_suffix(" ago")) {
        let number = rest.pop_if(|last| last.number().is_some()).and_then(|last| last.number());
        found.when = Some(time_ago(number.unwrap_or(Decimal::ONE), unit));
        return Some(1);
    }
    if let Some(when) = lexeme.when.as_ref().filter(|_| !lexeme.is_catalogued) {
        found.when = Some(found.when.take().map_or_else(|| when.clone(), |before| join_times(&before, when)));
        return Some(1);
    }
    if let Kind::Clock(clock) = &lexeme.kind {
        let day = found.when.take().unwrap_or_else(|| "today".to_owned());
        found.when = Some(format!("{day} {clock}"));
        return Some(1);
    }
    let month_of = |at: usize| lexemes.get(at).and_then(|lexeme| lexicon().months.get(&lexeme.key));
    let day = match lexeme.kind {
        Kind::Number(value) if value.fract().is_zero() => u32::try_from(value).ok(),
        Kind::Ordinal(value) => Some(value),
        _ => None,
    };
    if let Some(day) = day.filter(|day| (1..=31).contains(day))
        && let Some(month) = month_of(at + 1)
    {
        found.when = Some(format!("{day} {month}"));
        return Some(2);
    }
    let is_dated = at > 0 && lexemes[at - 1].has(Class::Preposition);
    let is_fraction = matches!(lexeme.kind, Kind::Number(_)) && lexeme.text.contains('/');
    let slashed = match &lexeme.kind {
        Kind::Slashed(day, month) => Some((*day, *month)),
        Kind::Number(_) if is_fraction && is_dated => {
            let (day, month) = lexeme.text.split_once('/')?;
            Some((day.parse().ok()?, month.parse().ok()?))
        }
        _ => None,
    };
    let (day, month) = slashed?;
    let name = MONTHS.get(usize::try_from(month).ok()?.checked_sub(1)?)?;
    if !(1..=31).contains(&day) {
        return None;
    }
    found.when = Some(format!("{day} {name}"));
    // Day first is the custom here, but not everybody's.
    found.is_date_loose = day <= 12 && day != month;
    Some(1)
}

/// "2 days ago" in canonical English.
fn time_ago(number: Decimal, unit: &str) -> String {
    let is = |value: u32| number == Decimal::from(value);
    match unit {
        "hours" => "today".to_owned(),
        "days" if is(1) => "yesterday".to_owned(),
        "days" if is(2) => "day before yesterday".to_owned(),
        "weeks" if is(1) => "last week".to_owned(),
        unit => format!("{number} {unit} ago"),
    }
}

/// The months in canonical English.
pub const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

fn join_times(before: &str, after: &str) -> String {
    if before.contains(after) { before.to_owned() } else { format!("{before} {after}") }
}

/// "from Makro", "to Clover", "for Gogo", "on a job".
fn relation(lexemes: &[Lexeme], at: usize, verb: Option<Verb>, rest: &[Lexeme], found: &mut Adjuncts) -> Option<usize> {
    let lexeme = &lexemes[at];
    if lexeme.has(Class::Credit) {
        found.credit = true;
        return Some(1);
    }
    let verb = verb?;
    if let Some(length) = giver(lexemes, at, verb, rest, found) {
        return Some(length);
    }
    let is_relation =
        [Class::From, Class::To, Class::For, Class::Preposition].into_iter().any(|class| lexeme.has(class));
    if !is_relation || lexeme.verb.is_some() {
        return None;
    }
    let words = phrase_after(lexemes, at + 1);
    if words == 0 {
        // "back from Makro with 12 oil"
        let leads_goods = lexeme.has(Class::Preposition)
            && !found.party.is_empty()
            && lexemes.get(at + 1).is_some_and(|next| next.number().is_some());
        return leads_goods.then_some(1);
    }
    let range = &lexemes[at + 1..at + 1 + words];
    if !range.iter().any(|lexeme| lexeme.is_open() || lexeme.has(Class::Person)) {
        return None;
    }
    let text = || range.iter().map(|lexeme| lexeme.text.as_str()).collect::<Vec<_>>().join(" ");
    let is_incoming = matches!(verb, Verb::Add | Verb::ReturnIn);
    let is_outgoing = matches!(verb, Verb::Sale | Verb::Gift | Verb::ReturnOut | Verb::Remove);
    let has_line = rest.iter().any(|lexeme| lexeme.is_open() || lexeme.number().is_some());
    if lexeme.has(Class::To) && verb == Verb::ReturnIn && has_line {
        found.party = text();
        found.is_sent = true;
    } else if names_party(lexeme, is_incoming, is_outgoing && has_line, has_line) {
        found.party = text();
    } else if lexeme.has(Class::From) {
        found.location = text();
    } else if (lexeme.has(Class::For) || lexeme.has(Class::Preposition) || is_purpose(lexemes, at))
        && verb == Verb::OwnUse
        && has_line
    {
        // What it was used for is not stock.
    } else if lexeme.key == "by" && is_outgoing && has_line {
        // Who did it is not stock either.
    } else if lexeme.has(Class::Preposition) && is_outgoing && has_line {
        found.uncovered.extend(range.iter().map(|lexeme| lexeme.span));
    } else {
        return None;
    }
    Some(1 + words)
}

/// "30 brood gekry van die bakkery": "of the" means "from the" where goods came in and what follows is not stock.
fn giver(lexemes: &[Lexeme], at: usize, verb: Verb, rest: &[Lexeme], found: &mut Adjuncts) -> Option<usize> {
    let (from, article) = lexemes[at].key.split_once(' ').filter(|_| lexemes[at].has(Class::Of))?;
    let is_from = lexicon().word(from).is_some_and(|entry| entry.classes.has(Class::From));
    let has_line = rest.iter().any(Lexeme::is_open) && rest.iter().any(|lexeme| lexeme.number().is_some());
    let words = phrase_after(lexemes, at + 1);
    let range = &lexemes[at + 1..at + 1 + words];
    let is_stock = range.iter().any(|lexeme| lexeme.is_catalogued || lexicon().is_noun(&noun::singular(&lexeme.key)));
    if !is_from || !has_line || words == 0 || is_stock || verb != Verb::Add || !range.iter().any(Lexeme::is_open) {
        return None;
    }
    let name: Vec<&str> = range.iter().map(|lexeme| lexeme.text.as_str()).collect();
    found.party = format!("{article} {}", name.join(" "));
    Some(1 + words)
}

/// "to clean the shop": ends the line, and counts nothing.
fn is_purpose(lexemes: &[Lexeme], at: usize) -> bool {
    lexemes[at].has(Class::To) && !lexemes[at..].iter().any(|lexeme| lexeme.number().is_some())
}

fn names_party(lexeme: &Lexeme, is_incoming: bool, goes_out: bool, has_line: bool) -> bool {
    (lexeme.has(Class::From) && is_incoming)
        || ((lexeme.has(Class::To) || lexeme.has(Class::For)) && goes_out)
        || (lexeme.has(Class::Preposition) && is_incoming && has_line)
}

/// How many words a name of a person, firm or place takes.
fn phrase_after(lexemes: &[Lexeme], from: usize) -> usize {
    lexemes[from..]
        .iter()
        .enumerate()
        .take_while(|(index, lexeme)| {
            let is_word = lexeme.kind == Kind::Word && lexeme.verb.is_none() && lexeme.when.is_none();
            let ends = [
                Class::And,
                Class::Credit,
                Class::Cash,
                Class::From,
                Class::To,
                Class::For,
                Class::Preposition,
                Class::Repair,
                Class::Filler,
            ]
            .into_iter()
            .any(|class| lexeme.has(class));
            // "tannie Sarie", "boss Themba": an address that a name follows is part of it.
            let addresses = lexeme.has(Class::Filler)
                && lexemes
                    .get(from + index + 1)
                    .is_some_and(|next| next.is_open() && next.written.starts_with(char::is_uppercase));
            is_word && (!ends || addresses || lexeme.is_catalogued)
        })
        .take(8)
        .count()
}
