//! What was read off a photo: the head of an invoice or delivery note, its lines, and the sums under them.

use rust_decimal::Decimal;

use super::entry;
use super::lexicon::lexicon;
use super::suspicion::sentences;
use super::tag::{Names, tag};
use super::token::{Kind, Token};
use crate::domain::{Action, AddReason, Intent, Line, Price, PriceBasis, Span};

/// What stands at the head of a paper.
#[derive(Debug, Default)]
struct Head {
    supplier: String,
    number: String,
}

/// Reads the tokens as a printed paper, if they are one: a head with its number, or lines of "2 x MILK 1L" and nothing else that
/// says what became of them. Every line is a draft to approve. On a paper with orders to the reader what is no line is left out.
#[must_use]
pub fn read(tokens: &[Token], names: &Names, is_forged: bool) -> Option<Vec<Action>> {
    let mut head = Head::default();
    let mut actions = Vec::new();
    let mut has_head = false;
    for line in sentences(tokens) {
        let line = without_ends(line);
        if line.is_empty() {
            continue;
        }
        if let Some(found) = head_in(line) {
            head = Head { supplier: if found.supplier.is_empty() { head.supplier } else { found.supplier }, ..found };
            has_head = true;
        } else if is_footer(line) {
        } else if let Some(action) = goods(line, names) {
            actions.push(action);
        } else if actions.is_empty() && line.iter().all(|token| !matches!(token.kind, Kind::Number(_))) {
            head.supplier = joined(line);
        } else if !is_forged {
            return None;
        }
    }
    let says_deed = tokens.iter().any(|token| lexicon().word(&token.key).is_some_and(|entry| entry.verb.is_some()));
    if actions.is_empty() || (says_deed && !has_head && !is_forged) {
        return None;
    }
    for action in &mut actions {
        if let Some(line) = action.intent.line_mut() {
            line.party.clone_from(&head.supplier);
            line.document_number.clone_from(&head.number);
        }
    }
    Some(actions)
}

fn without_ends(line: &[Token]) -> &[Token] {
    let is_end = |token: &Token| matches!(token.kind, Kind::Newline | Kind::Mark('.' | '!'));
    let from = line.iter().position(|token| !is_end(token)).unwrap_or(line.len());
    let to = line.iter().rposition(|token| !is_end(token)).map_or(from, |at| at + 1);
    &line[from..to]
}

/// "JUMBO CASH & CARRY Inv 88213": who issued it and its number.
fn head_in(line: &[Token]) -> Option<Head> {
    let at = (0..line.len()).find(|at| paper_words(&line[*at..]) > 0)?;
    let words = paper_words(&line[at..]);
    let number = line[at + words..].iter().find(|token| {
        matches!(token.kind, Kind::Number(_) | Kind::Barcode | Kind::Phone)
            || (token.kind == Kind::Word && token.key.bytes().any(|byte| byte.is_ascii_digit()))
    })?;
    Some(Head { supplier: joined(&line[..at]), number: number.text.clone() })
}

/// How many tokens name a kind of paper at the start.
fn paper_words(tokens: &[Token]) -> usize {
    let begins = |phrase: &&Vec<String>| {
        phrase.len() <= tokens.len() && phrase.iter().zip(tokens).all(|(word, token)| *word == token.key)
    };
    lexicon().papers.iter().filter(begins).map(Vec::len).max().unwrap_or_default()
}

/// "TOTAL 332.50": sums, taxes and addresses count no goods.
fn is_footer(line: &[Token]) -> bool {
    line.iter().any(|token| lexicon().paper_ends.contains(&token.key))
}

fn joined(tokens: &[Token]) -> String {
    let words = tokens.iter().filter(|token| !matches!(token.kind, Kind::Mark(':' | '#' | '-' | '.' | ',')));
    words.map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// "10 x ALBANY BRN 700G @ 14.25 142.50": how much of what, the price of one, and the sum that only repeats it.
fn goods(line: &[Token], names: &Names) -> Option<Action> {
    let money = |token: &Token| match token.kind {
        Kind::Number(value) | Kind::Price(value) => Some(value),
        _ => None,
    };
    let quantity =
        line.first().and_then(|first| if let Kind::Number(value) = first.kind { Some(value) } else { None })?;
    let from = 1 + usize::from(line.get(1).is_some_and(|token| matches!(token.kind, Kind::Mark('x'))));
    let at_sign = line.iter().position(|token| token.kind == Kind::Mark('@'));
    let sums = line[from..].iter().rev().take_while(|token| money(token).is_some_and(has_cents)).count();
    let to = at_sign.unwrap_or(line.len() - sums).max(from);
    let entry = entry::read(&tag(&line[from..to], names), names);
    let item = entry.line.item.filter(|item| !item.everything)?;
    if entry.line.quantity.is_some_and(|value| Some(value) != entry.line.pack_size) || !entry.uncovered.is_empty() {
        return None;
    }
    let price = match at_sign {
        Some(at) => line.get(at + 1).and_then(money),
        None => line[to..].first().and_then(money),
    };
    let unit = if entry.line.pack_size.is_some() { "pack".to_owned() } else { entry.line.unit };
    let basis = if unit.is_empty() { PriceBasis::Each } else { PriceBasis::Unit };
    let line_of_stock = Line {
        item: Some(item),
        quantity: Some(quantity),
        pack_size: entry.line.pack_size,
        unit,
        price: price.map(|amount| Price { amount, basis: Some(basis) }),
        ..Line::default()
    };
    let span = line.iter().map(|token| token.span).reduce(Span::joined)?;
    let intent = Intent::Add { line: line_of_stock, reason: AddReason::Receipt };
    Some(Action { span, ..Action::new(intent).confirmed_first() })
}

fn has_cents(value: Decimal) -> bool {
    value.scale() == 2
}
