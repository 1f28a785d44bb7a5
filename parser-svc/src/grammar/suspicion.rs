//! Text that speaks to the reader instead of the shop: instructions, code, forged answers, links. It is cut out and flagged.

use super::lexicon::lexicon;
use super::token::{Kind, Token};
use crate::domain::Flag;

/// Signs that our own answers begin with.
pub const FORGED: [char; 7] = ['✅', '↩', '📦', '⚠', '❓', '☑', '✔'];

/// What is left of a text, and why it needs care.
pub struct Inspected {
    /// The tokens that may speak of stock.
    pub tokens: Vec<Token>,
    /// Why the text needs care.
    pub flags: Vec<Flag>,
}

/// Cuts out every sentence or line that holds something suspicious, and every link.
#[must_use]
pub fn inspect(tokens: &[Token]) -> Inspected {
    let mut flags = Vec::new();
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    for sentence in sentences(tokens) {
        if is_suspicious(sentence) {
            if !flags.contains(&Flag::Injection) {
                flags.push(Flag::Injection);
            }
            // The line break stays, so that its neighbours do not become one line.
            kept.extend(sentence.iter().filter(|token| token.kind == Kind::Newline).cloned());
        } else {
            kept.extend_from_slice(sentence);
        }
    }
    if kept.iter().any(|token| token.kind == Kind::Link) {
        flags.push(Flag::Link);
        kept = without_links(kept);
    }
    Inspected { tokens: kept, flags }
}

/// Cuts text at line ends and at full stops, question and exclamation marks that end something.
pub fn sentences(tokens: &[Token]) -> Vec<&[Token]> {
    let mut sentences = Vec::new();
    let mut from = 0;
    for at in 0..tokens.len() {
        let next_is_apart =
            tokens.get(at + 1).is_none_or(|next| !next.is_glued || matches!(next.kind, Kind::Newline | Kind::Mark(_)));
        let after_number = at > from && at - from == 1 && matches!(tokens[from].kind, Kind::Number(_));
        let ends = match tokens[at].kind {
            Kind::Newline => true,
            Kind::Mark('.' | '!' | '?') => {
                next_is_apart
                    && !after_number
                    && !tokens.get(at + 1).is_some_and(|next| matches!(next.kind, Kind::Mark('.' | '!' | '?')))
            }
            _ => false,
        };
        if ends {
            sentences.push(&tokens[from..=at]);
            from = at + 1;
        }
    }
    if from < tokens.len() {
        sentences.push(&tokens[from..]);
    }
    sentences
}

fn is_suspicious(tokens: &[Token]) -> bool {
    holds_phrase(tokens) || is_code(tokens) || is_forged_answer(tokens)
}

fn holds_phrase(tokens: &[Token]) -> bool {
    let words: Vec<&str> = tokens
        .iter()
        .filter(|token| token.kind == Kind::Word || matches!(token.kind, Kind::Mark(':' | ';')))
        .map(|token| token.key.as_str())
        .collect();
    let begins = |rest: &[&str], phrase: &[String]| {
        phrase.len() <= rest.len() && rest.iter().zip(phrase).all(|(word, wanted)| word == wanted)
    };
    (0..words.len()).any(|at| {
        let phrases = lexicon().suspicious.get(words[at]);
        phrases.is_some_and(|phrases| phrases.iter().any(|phrase| begins(&words[at..], phrase)))
    })
}

/// JSON, SQL comments, markup, statement ends after a bracket or a quote.
fn is_code(tokens: &[Token]) -> bool {
    let is = |at: usize, mark: char| tokens.get(at).is_some_and(|token| token.kind == Kind::Mark(mark));
    (0..tokens.len()).any(|at| {
        let is_json = is(at, '{') || is(at, '}') || (is(at, '"') && is(at + 1, ':'));
        let is_sql =
            is(at, ';') && is(at + 1, '-') && is(at + 2, '-') || is(at, '\'') && (is(at + 1, ')') || is(at + 1, ';'));
        let is_markup = is(at, '<') && tokens.get(at + 1).is_some_and(|next| next.is_glued);
        let is_fence = is(at, '\'') && is(at + 1, '\'') && is(at + 2, '\'');
        is_json || is_sql || is_markup || is_fence
    })
}

/// Our own answers begin with a tick or a box; a person who types one is copying, or forging.
fn is_forged_answer(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| matches!(&token.kind, Kind::Mark(mark) if FORGED.contains(mark)))
        && tokens.iter().any(|token| matches!(token.kind, Kind::Number(_)))
}

/// Takes links out, with the label of a Markdown link.
fn without_links(tokens: Vec<Token>) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        if token.kind != Kind::Link {
            kept.push(token);
            continue;
        }
        // "[label](link": drop back to the opening bracket.
        if kept.last().is_some_and(|last| last.kind == Kind::Mark('('))
            && kept.iter().rev().nth(1).is_some_and(|token| token.kind == Kind::Mark(']'))
            && let Some(open) = kept.iter().rposition(|token| token.kind == Kind::Mark('['))
        {
            kept.truncate(open);
        }
    }
    kept.retain(|token| !matches!(token.kind, Kind::Mark('(' | ')' | '[' | ']')));
    kept
}
