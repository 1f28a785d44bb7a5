//! What a line costs, and what that is for.

use rust_decimal::Decimal;

use super::Entry;
use crate::domain::{Price, PriceBasis};
use crate::grammar::lexicon::Class;
use crate::grammar::tag::Lexeme;

/// Reads the words around a price that say what it is for.
pub(super) fn read_price(amount: Decimal, lexemes: &[Lexeme], at: usize, entry: &mut Entry) -> usize {
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

pub(super) fn set_price(entry: &mut Entry, amount: Decimal, basis: Option<PriceBasis>) {
    entry.line.price.get_or_insert(Price { amount, basis });
}
