//! Who did it, and the words around a verb that say nothing of stock.

use super::Part;
use crate::domain::Span;
use crate::grammar::adjunct::Adjuncts;
use crate::grammar::entry::Entry;
use crate::grammar::lexicon::{Class, Verb, lexicon};
use crate::grammar::noun;
use crate::grammar::tag::Lexeme;
use crate::grammar::token::Kind;
use crate::grammar::verb::VerbHit;

/// Who did it, said before the verb: "Mam Thandi took 2 bread".
pub(super) fn take_subject(lexemes: &mut Vec<Lexeme>, verb: &VerbHit, adjuncts: &mut Adjuncts) {
    let Some(at) = lexemes.iter().position(|lexeme| verb.covers(lexeme)) else { return };
    let after = &lexemes[at + 1..];
    let has_line =
        after.iter().any(|lexeme| lexeme.number().is_some() || lexeme.has(Class::Article) || lexeme.has(Class::Couple))
            && after.iter().any(|lexeme| lexeme.is_open() || lexeme.unit.is_some());
    let before = &lexemes[..at];
    // "my wife sold 2": who, not what.
    let is_somebody = |lexeme: &Lexeme| {
        lexeme.has(Class::Determiner)
            || (lexeme.is_open() && !lexeme.is_catalogued && !lexicon().is_noun(&noun::singular(&lexeme.key)))
    };
    let is_bare = after.iter().any(|lexeme| lexeme.number().is_some()) && !after.iter().any(Lexeme::is_open);
    if is_bare && before.len() == 2 && before[0].has(Class::Determiner) && is_somebody(&before[1]) {
        lexemes.drain(..at);
        return;
    }
    let is_subject = has_line
        && before.iter().all(|lexeme| lexeme.kind == Kind::Word && lexeme.number().is_none())
        && before.iter().any(Lexeme::is_open);
    if is_subject {
        let words: Vec<&str> = before
            .iter()
            .enumerate()
            .filter(|(at, _)| names_somebody(before, *at))
            .map(|(_, lexeme)| lexeme.text.as_str())
            .collect();
        let names_nobody = |lexeme: &Lexeme| !lexeme.is_open() || lexicon().subjects.contains(&lexeme.key);
        if before.iter().all(names_nobody) && !before.iter().any(|lexeme| lexeme.has(Class::Determiner)) {
            lexemes.drain(..at);
            return;
        }
        // An unknown word without a capital may be "barely" as well as a name.
        let is_named = before.iter().any(|lexeme| {
            lexeme.has(Class::Determiner) || (lexeme.is_open() && lexeme.written.starts_with(char::is_uppercase))
        });
        let takes_party = matches!(verb.verb, Verb::Sale | Verb::Remove | Verb::Gift | Verb::Add | Verb::ReturnIn);
        if takes_party && is_named && words.len() <= 3 {
            adjuncts.party = words.join(" ");
        } else if !is_named || words.len() > 3 {
            adjuncts.uncovered.extend(before.iter().filter(|lexeme| lexeme.is_open()).map(|lexeme| lexeme.span));
        }
        let about: Vec<Lexeme> = lexemes.drain(..at).filter(|lexeme| lexeme.has(Class::About)).collect();
        lexemes.extend(about);
    }
}

/// A word of a name, or the address before one: "Ma Zodwa".
fn names_somebody(before: &[Lexeme], at: usize) -> bool {
    let is_capital = |lexeme: &Lexeme| lexeme.written.starts_with(char::is_uppercase);
    let addresses = before[at].has(Class::Filler)
        && is_capital(&before[at])
        && before.get(at + 1).is_some_and(|next| next.is_open() && is_capital(next));
    before[at].is_open() || addresses
}

/// Names whoever stands before the number: "gave my son 2 bread". Returns the words that are nobody.
pub(super) fn place_leading(entry: &mut Entry, part: &Part) -> Vec<Span> {
    let leading = std::mem::take(&mut entry.leading);
    let is_outgoing = part
        .verb
        .as_ref()
        .is_some_and(|verb| matches!(verb.verb, Verb::Gift | Verb::Sale | Verb::ReturnOut | Verb::Remove));
    let is_gift = part.verb.as_ref().is_some_and(|verb| verb.verb == Verb::Gift);
    let is_outgoing = is_outgoing && (is_gift || entry.has_named_leading);
    let is_person = |name: &str| !name.split(' ').any(|word| lexicon().is_noun(&noun::singular(word)));
    let words: Vec<&str> = leading.iter().map(|(word, _)| word.as_str()).collect();
    let name = words.join(" ");
    if is_outgoing && !name.is_empty() && is_person(&name) {
        entry.line.party = name;
        return Vec::new();
    }
    leading.into_iter().map(|(_, span)| span).collect()
}

/// "is" before a deed says when, not what: "5 bread are sold".
pub(super) fn drop_auxiliaries(lexemes: &mut Vec<Lexeme>) {
    let mut at = 1;
    while at < lexemes.len() {
        if lexemes[at].verb.is_some() && lexicon().auxiliaries.contains(&lexemes[at - 1].key) {
            lexemes.remove(at - 1);
        } else {
            at += 1;
        }
    }
}

/// "i want to add" is an order to this system; "i want to sell" is a hope.
pub(super) fn wants_to_sell(lexemes: &[Lexeme]) -> bool {
    let sells = |lexeme: &Lexeme| matches!(lexeme.verb, Some(Verb::Sale | Verb::Gift | Verb::ReturnOut));
    lexemes.windows(2).any(|pair| pair[0].has(Class::Wanting) && sells(&pair[1]))
        || (lexemes.iter().any(|lexeme| lexeme.has(Class::Wanting)) && lexemes.last().is_some_and(sells))
}
