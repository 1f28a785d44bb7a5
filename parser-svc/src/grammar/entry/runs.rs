//! A list without commas, cut into its lines.

use crate::grammar::lexicon::{Class, lexicon};
use crate::grammar::tag::Lexeme;
use crate::grammar::token::Kind;

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
