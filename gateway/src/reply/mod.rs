//! The words. First line the fact, then the balance, then at most one way on; digits, names as the shop wrote them.

mod number;
mod words;

pub(crate) use words::{Language, Outcome, PostedLine, apology, buttons_for, render, title};
