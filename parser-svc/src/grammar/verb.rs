//! Which word of a clause is its verb, misspelt ones included.

use super::lexicon::{Class, Verb, lexicon};
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
            let is_at_end = !lexemes[at + 1..].iter().any(|lexeme| lexeme.is_open() || lexeme.number().is_some());
            match &mut hit {
                None => {
                    hit = Some(Self { verb, span: lexeme.span, spans: vec![lexeme.span], is_at_end, is_guess: false });
                }
                Some(first) => {
                    let is_vaguer = matches!(first.verb, Verb::Remove | Verb::Sale)
                        && matches!(verb, Verb::Waste | Verb::Theft | Verb::OwnUse | Verb::Gift);
                    if is_vaguer {
                        first.verb = verb;
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
    let mut guess = None;
    for (phrase, entry) in &lexicon().phrases {
        let Some(verb) = entry.verb.filter(|_| !phrase.contains(' ') && phrase.len() >= 3) else { continue };
        if phrase.len().abs_diff(first.key.len()) > 1 || !phrase.starts_with(&first.key[..1]) {
            continue;
        }
        let distance = strsim::osa_distance(phrase, &first.key);
        if distance > 1 {
            continue;
        }
        let is_sure = noun::consonants(phrase) == skeleton;
        match guess {
            Some((best, best_is_sure)) if best != verb && best_is_sure == is_sure => return None,
            Some((_, true)) if !is_sure => {}
            _ => guess = Some((verb, is_sure)),
        }
    }
    let (verb, is_sure) = guess?;
    Some(VerbHit { verb, span: first.span, spans: vec![first.span], is_at_end: false, is_guess: !is_sure })
}
