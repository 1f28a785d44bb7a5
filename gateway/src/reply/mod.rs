//! The words. First line the fact, then the balance, then at most one way on; digits, names as the shop wrote them.

mod catalogue;
mod count;
mod draft;
mod language;
mod limit;
mod media;
mod media_numbers;
mod number;
mod outcome;
mod people;
mod posted;
mod report;
mod saying;
mod stock;
mod talk;
mod tampering;
mod unit;
mod upkeep;

pub(crate) use count::{Counted, CountedLine, Difference};
pub(crate) use draft::{Found, PaperOutcome, answered_in_words};
pub(crate) use language::Language;
pub(crate) use limit::{BODY_MAX, BODY_WITH_CHOICES_MAX, cut, shorten, units};
pub(crate) use media::six_lines;
pub(crate) use outcome::{Outcome, PostedLine, render};
pub(crate) use report::{Reported, Sold, Told, Total};
pub(crate) use saying::{apology, buttons_for, list_title, title};
pub(crate) use upkeep::{Event, LowItem, Upkept};

/// Reads the catalogue, so that the first answer does not wait for it.
pub(crate) fn load_words() {
    catalogue::load();
}
