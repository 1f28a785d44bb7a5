//! Which word of a clause is its verb, misspelt ones included.

use super::lexicon::{Class, Verb, VerbWord, lexicon};
use super::noun;
use super::tag::{Lexeme, Names};
use crate::domain::Span;

/// A verb found in a clause.
#[derive(Debug, Clone)]
pub struct VerbHit {
    /// What it says about stock.
    pub verb: Verb,
    /// Where it stands.
    pub span: Span,
    /// Every span that belongs to it.
    spans: Vec<Span>,
    /// Whether nothing of the line follows it: "3 bread sold".
    pub is_at_end: bool,
    /// Whether it is a guess at a misspelt word that could be another word.
    pub is_guess: bool,
}

impl VerbHit {
    /// Finds the verb of a clause. Of several that agree, the one that says why counts: "took out 4, broke".
    pub fn find(lexemes: &[Lexeme]) -> Option<Self> {
        let mut hit: Option<Self> = None;
        for (at, lexeme) in lexemes.iter().enumerate() {
            let Some(verb) = lexeme.verb.filter(|_| !lexeme.is_catalogued) else { continue };
            let turned =
                lexicon().by_others.get(&lexeme.key).filter(|_| is_said_of_others(&lexemes[..at], &lexemes[at + 1..]));
            let verb = turned.copied().unwrap_or(verb);
            // "we returned 2 bread" went out; without a subject nobody knows.
            let speaks = lexemes[..at].iter().any(|lexeme| lexicon().speakers.contains(&lexeme.key));
            let verb =
                if verb == Verb::ReturnIn && speaks && !lexeme.key.contains(' ') { Verb::ReturnOut } else { verb };
            let verb = if verb == Verb::ReturnIn && came_with_goods(&lexemes[at + 1..]) { Verb::Add } else { verb };
            let is_at_end = !lexemes[at + 1..].iter().any(|lexeme| lexeme.is_open() || lexeme.number().is_some());
            let before = &lexemes[..at];
            // "Thabo gave 5 bread": to whom? "the plumber bought 5": from whom?
            let is_guess = match turned {
                None if verb == Verb::Gift => is_said_of_others(before, &lexemes[at + 1..]),
                None => lexicon().by_others.contains_key(&lexeme.key) && is_said_of_somebody(before),
                Some(_) => false,
            };
            match &mut hit {
                None => {
                    hit = Some(Self { verb, span: lexeme.span, spans: vec![lexeme.span], is_at_end, is_guess });
                }
                Some(first) => {
                    let is_vaguer = first.verb == Verb::Has
                        || matches!(first.verb, Verb::Remove | Verb::Sale)
                            && matches!(verb, Verb::Waste | Verb::Theft | Verb::OwnUse | Verb::Gift);
                    if is_vaguer {
                        first.verb = verb;
                    } else if is_incoming(first.verb) != is_incoming(verb) && verb != Verb::Has {
                        // "the 3 bread i sold came back": two deeds, one number.
                        first.is_guess = true;
                    }
                    first.spans.push(lexeme.span);
                }
            }
        }
        hit
    }

    /// A verb that was said elsewhere.
    pub fn inherited(verb: Verb, span: Span) -> Self {
        Self { verb, span, spans: Vec::new(), is_at_end: false, is_guess: false }
    }

    /// Whether the lexeme is the verb, or part of it.
    pub fn covers(&self, lexeme: &Lexeme) -> bool {
        self.spans.contains(&lexeme.span)
    }
}

/// "came back from Makro with 12 oil": the person came back, and the goods came in.
fn came_with_goods(after: &[Lexeme]) -> bool {
    let number = after.iter().position(|lexeme| lexeme.number().is_some());
    let from_somewhere = after.first().is_some_and(|first| first.has(Class::From));
    from_somewhere && number.is_some_and(|at| at > 1 && after[at - 1].has(Class::Preposition))
}

/// Whether the letters of a word stand in another in the same order: "recvd" in "received".
fn is_subsequence(word: &str, of: &str) -> bool {
    let mut letters = of.chars();
    word.chars().all(|letter| letters.any(|other| other == letter))
}

fn is_incoming(verb: Verb) -> bool {
    matches!(verb, Verb::Add | Verb::ReturnIn)
}

/// Whether somebody else than the shop is the subject: "someone bought", "Albany dropped".
fn is_said_of_others(before: &[Lexeme], after: &[Lexeme]) -> bool {
    let has_line = after.iter().any(|lexeme| lexeme.number().is_some()) && after.iter().any(Lexeme::is_open);
    let is_other = |lexeme: &Lexeme| {
        (lexeme.has(Class::Person) && !lexicon().speakers.contains(&lexeme.key))
            || lexicon().subjects.contains(&lexeme.key)
            || (lexeme.is_open()
                && lexeme.written.starts_with(char::is_uppercase)
                && (has_line || !lexicon().is_noun(&lexeme.key)))
    };
    before.iter().any(is_other) && !before.iter().any(|lexeme| lexicon().speakers.contains(&lexeme.key))
}

/// Whether a word of no meaning, "the plumber", stands before the verb.
fn is_said_of_somebody(before: &[Lexeme]) -> bool {
    let is_somebody =
        |lexeme: &Lexeme| lexeme.is_open() && !lexeme.is_catalogued && !lexicon().is_noun(&noun::singular(&lexeme.key));
    before.first().is_some_and(|first| first.has(Class::Determiner)) && before.last().is_some_and(is_somebody)
}

/// Finds a misspelt verb: an unknown first word before a number and a name, one edit from a verb.
///
/// With the same consonants ("sld", "recieved") it is taken; otherwise ("sod") it is a guess that wants a yes.
pub fn misspelt_verb(lexemes: &[Lexeme], names: &Names) -> Option<VerbHit> {
    let is_noise =
        |lexeme: &&Lexeme| [Class::Filler, Class::Person, Class::Hello].into_iter().any(|class| lexeme.has(class));
    let mut words = lexemes.iter().skip_while(is_noise);
    let first = words.next()?;
    let is_candidate = first.is_open()
        && !first.is_catalogued
        && first.key.is_ascii()
        && first.key.bytes().all(|byte| byte.is_ascii_alphabetic())
        && first.key.len() >= 2
        && !lexicon().is_noun(&noun::singular(&first.key))
        && !names.holds(&noun::singular(&first.key));
    let has_line = words.next()?.number().is_some() && words.any(Lexeme::is_open);
    if !is_candidate || !has_line {
        return None;
    }
    let skeleton = noun::consonants(&first.key);
    let is_abbreviation = first.key.len() >= 3 && !first.key.contains(['a', 'e', 'i', 'o', 'u']);
    let mut found: Vec<(Verb, bool)> = Vec::new();
    for VerbWord { word: known, skeleton: known_skeleton, verb } in lexicon().verbs_like(&first.key) {
        let has_skeleton = *known_skeleton == skeleton;
        // "rcvd", "recvd": the vowels left out on purpose.
        let is_longer = known.len() > first.key.len() + 2 && is_subsequence(&first.key, known);
        let is_short = first.key.len() >= 3 && (is_abbreviation || is_longer) && has_skeleton;
        let is_close = known.len().abs_diff(first.key.len()) <= 1 && strsim::osa_distance(known, &first.key) <= 1;
        if is_short || is_close {
            found.push((*verb, has_skeleton));
        }
    }
    let is_sure = found.iter().any(|(_, is_sure)| *is_sure);
    let mut verbs = found.iter().filter(|(_, sure)| *sure == is_sure).map(|(verb, _)| *verb);
    // Two verbs that fit equally well are no verb.
    let verb = verbs.next().filter(|first| verbs.all(|verb| verb == *first))?;
    Some(VerbHit { verb, span: first.span, spans: vec![first.span], is_at_end: false, is_guess: !is_sure })
}
