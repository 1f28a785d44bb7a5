//! The words. First line the fact, then the balance, then at most one way on; digits, names as the shop wrote them.

mod language;
mod limit;
mod number;
mod outcome;
mod people;
mod posted;
mod saying;
mod stock;
mod tampering;
mod unit;

pub(crate) use language::Language;
pub(crate) use limit::{cut, shorten};
pub(crate) use outcome::{Outcome, PostedLine, render};
pub(crate) use saying::{apology, buttons_for, list_title, title};
